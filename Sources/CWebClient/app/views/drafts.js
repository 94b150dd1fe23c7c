// Drafts: which I may see, and for coordinators what numbers, rules and themes suggest.

import { h } from '../dom.js';
import { list } from '../api.js';
import { load } from '../integrity.js';
import { number, t } from '../i18n.js';
import { badge, items } from '../ui.js';
import { home, is } from '../session.js';

/** What is beside the list: coordinators only, but for themes, which moderators read as well. */
const desk = {
    '': () => is('coordinator', 'moderator'),
    suggestions: () => is('coordinator'),
    rules: () => is('coordinator'),
    catalogue: () => is('coordinator'),
    themes: () => is('coordinator', 'moderator'),
};

export async function show([part = '', ...rest], context) {
    if (part === 'new' && is('coordinator')) return (await load('views/drafts-new.js')).show(rest, context);
    if (part !== '' && part in desk) {
        const content = await (await load(`views/drafts-${part}.js`)).show(rest, context);
        return h('div', {}, h('h1', {}, t(`drafts.${part}`)), tabs(part), content);
    }
    if (part !== '' && part !== 'new') return (await load('views/drafts-one.js')).show([part, ...rest], context);
    return h('div', {}, h('h1', {}, t('drafts')), tabs(''), h('p.lead', {}, t('drafts.what')),
        is('coordinator') ? h('p', {}, h('a.button.primary', { href: '#/drafts/new' }, t('draft.new'))) : null,
        items(await drafts(), card, t(is('coordinator') ? 'drafts.none' : 'drafts.none.forYou')));
}

function tabs(current) {
    const shown = Object.keys(desk).filter((name) => desk[name]());
    if (shown.length === 0) return null;
    return h('nav', { 'aria-label': t('drafts.parts') }, h('ul.tabs', {}, shown.map((name) => h('li', {},
        h('a', { href: `#/drafts${name && `/${name}`}`, 'aria-current': name === current ? 'page' : null }, t(`drafts.tab.${name || 'list'}`))))));
}

/** Whoever writes no draft and has none before them is refused; that is no fault of theirs. */
async function drafts() {
    try {
        return await list(`${home()}/recommendations?state=draft`);
    } catch (error) {
        if (error.status === 403) return [];
        throw error;
    }
}

const card = (one) => h('article', {}, h('h2', {}, h('a', { href: `#/drafts/${one.id}` }, one.title)),
    h('p', {}, one.revises ? badge(t('draft.later', { number: number(one.revision) })) : null,
        t('version.number', { number: number(one.version) }), ' · ',
            one.benches.map((bench) => t(`bench.${bench}`)).join(', ')));
