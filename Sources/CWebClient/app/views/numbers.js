// Released numbers: which there are, and what they mean.

import { h } from '../dom.js';
import { list } from '../api.js';
import { load } from '../integrity.js';
import { day, number, t } from '../i18n.js';
import { badge, items } from '../ui.js';
import { home, isInsider, record } from '../session.js';
import { meaning } from './numbers-meaning.js';

/** Where released numbers are read: HR and council have the record, the network its own door to it. */
export const source = () => (isInsider() ? home() : record());

export async function show([id]) {
    if (id === 'trend') return (await load('views/numbers-trend.js')).show();
    if (id) return (await load('views/numbers-release.js')).show(id);
    const all = await list(`${source()}/releases`);
    return h('div', {}, h('h1', {}, t('numbers')), h('p', {}, t('numbers.what')),
        all.length > 1 ? h('p', {}, h('a', { href: '#/numbers/trend' }, t('trend.see'))) : null,
        items(all, card, t('numbers.none')),
        meaning({ k: Math.max(0, ...all.map((one) => one.k)) || null,
            isStrict: all.some((one) => one.scheme === 'S2') }));
}

const card = (one) => h('article', {},
    h('h2', {}, h('a', { href: `#/numbers/${one.id}` }, `${number(one.number)}. ${one.title}`)),
    h('p', {}, kinds(one), t('release.of', { day: day(one.closedOn), k: number(one.k) })));

/** Of what sort a release is, in words. */
export const kinds = (one) => [badge(t(`release.${one.kind}`)), one.scheme === 'S2' ? badge(t('release.S2')) : null];
