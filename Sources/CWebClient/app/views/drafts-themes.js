// What moderators have written of messages on a theme: material for drafts, never the messages.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { items, pages, prose } from '../ui.js';
import { home, is } from '../session.js';
import { themes } from './drafts-places.js';

export async function show([id]) {
    const all = await themes();
    if (!id) {
        return [h('p.hint', {}, t('themes.what')),
            items(all, (one) => h('article', {}, h('h2', {}, h('a', { href: `#/drafts/themes/${one.id}` }, one.name)),
            one.sensitive ? h('p.soft', {}, t('theme.protected')) : null), t('themes.none'))];
    }
    const one = all.find((each) => each.id === id);
    return [h('p', {}, h('a', { href: '#/drafts/themes' }, t('themes.all'))), h('h2', {}, one?.name ?? t('theme')),
        h('p.hint', {}, t('summaries.what')),
        is('coordinator') ? h('p', {}, h('a.button', { href: `#/drafts/new/${id}` }, t('theme.draft'))) : null,
        await pages(`${home()}/themes/${id}/summaries`, (each) => h('blockquote', {}, prose(each.text)),
            t('summaries.none'))];
}
