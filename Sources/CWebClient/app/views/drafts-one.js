// One draft: who I am in it, and its pages.

import { h } from '../dom.js';
import { get } from '../api.js';
import { load } from '../integrity.js';
import { number, t } from '../i18n.js';
import { badge } from '../ui.js';
import { home, is, me, network } from '../session.js';
import { about } from './drafts-places.js';

/** The pages of a draft, and who finds them. */
const pages = {
    text: () => true,
    edit: (who) => who.isAuthor,
    sources: (who) => who.isAuthor,
    versions: (who) => who.isAuthor,
    people: (who) => who.isAuthor,
    review: () => true,
    publish: (who) => who.isCoordinator,
};

export async function show([id, part = 'text', ...rest], context) {
    const path = `${home()}/recommendations/${id}`;
    const draft = await get(path);
    if (draft.state !== 'draft') return published(draft);
    const [who, subject] = await Promise.all([standing(path), about(draft)]);
    const name = part in pages && pages[part](who) ? part : 'text';
    const page = await load(`views/drafts-${name}.js`);
    const content = await page.show({ draft, path, who, rest }, context);
    return h('article', {}, h('p', {}, h('a', { href: '#/drafts' }, t('drafts.all'))), h('h1', {}, draft.title),
        h('p', {}, badge(t('draft')), draft.revises ? badge(t('draft.later', { number: number(draft.revision) }))
            : null,
            t('version.number', { number: number(draft.version) }), who.bench ? ` · ${t('draft.youAre', { bench: t(`bench.${who.bench}`) })}` : null,
            draft.revises ? [' · ', h('a', { href: `#/recommendations/${draft.revises}` }, t('draft.earlier'))] : null),
        subject ? h('p.soft', {}, subject) : null,
        h('nav', { 'aria-label': t('draft.pages') },
            h('ul.tabs', {}, Object.keys(pages).filter((one) => pages[one](who)).map((one) => h('li', {},
            h('a', { href: `#/drafts/${id}${one === 'text' ? '' : `/${one}`}`, 'aria-current': one === name ? 'page' : null }, t(`draft.${one}`)))))),
        content);
}

/** It was published meanwhile; what is typed stays here until it is thrown away. */
const published = (one) => h('div', {}, h('h1', {}, one.title), h('p.notice', {}, t('draft.published')),
    h('p', {}, h('a', { href: `#/recommendations/${one.id}` }, t('draft.published.see'))));

/** What somebody may do: coordinators and co-authors write, a council that it was put before reads and says what it thinks. */
async function standing(path) {
    const isCoordinator = is('coordinator');
    const own = me().memberships.find((one) => one.network === network().id)?.id;
    try {
        const { items } = await get(`${path}/coauthors`);
        const bench = isCoordinator ? 'network' : items.find((one) => one.membership === own)?.bench ?? null;
        return { isAuthor: true, isCoordinator, isCouncil: is('council'), bench, coauthors: items };
    } catch (error) {
        if (error.status !== 403) throw error;
        return { isAuthor: false, isCoordinator: false, isCouncil: is('council'), bench: null, coauthors: [] };
    }
}
