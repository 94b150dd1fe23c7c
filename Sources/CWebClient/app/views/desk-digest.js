// The weekly mail, seen beforehand: it says that there is something, never what, and never to whom it matters.

import { h } from '../dom.js';
import { get } from '../api.js';
import { day, languages, t } from '../i18n.js';
import { failure, prose, section } from '../ui.js';
import { home } from '../session.js';

const never = ['texts', 'names', 'posts', 'events'];

export async function show() {
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.digest')), h('p', {}, t('digest.what')),
        h('ul', {}, never.map((one) => h('li', {}, t(`digest.never.${one}`)))),
        section(t('digest.preview'), await preview()));
}

async function preview() {
    let found;
    try {
        found = await get(`${home()}/digest`);
    } catch (error) {
        if (error.status === 404) return h('p.notice', {}, t('digest.later'));
        return failure(error);
    }
    const tag = languages.find((one) => one.id === found.language)?.tag;
    return [h('p', {}, found.isMailed ? t('digest.next', { day: day(found.nextOn) }) : t('digest.unmailed')),
        h('div.card', { lang: tag }, h('p', {}, h('strong', {}, `${t('digest.subject')}: ${found.subject}`)), prose(found.text)),
        h('p.hint', {}, t('digest.code'))];
}
