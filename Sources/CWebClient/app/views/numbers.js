// Released numbers: tables and their charts, and how an item stood from release to release.

import { h } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, t } from '../i18n.js';
import { items, section } from '../ui.js';
import { bars } from '../charts.js';
import { home, isInsider, record } from '../session.js';

const base = () => (isInsider() ? home() : record());

export async function show([id]) {
    if (id === 'trend') return trend();
    if (id) return release(id);
    const all = await list(`${base()}/releases`);
    return h('div', {}, h('h1', {}, t('numbers')), h('p', {}, t('numbers.what')),
        all.length > 1 ? h('p', {}, h('a', { href: '#/numbers/trend' }, t('trend'))) : null,
        items(all, (one) => h('article', {},
            h('h3', {}, h('a', { href: `#/numbers/${one.id}` }, `${number(one.number)}. ${one.title}`)),
            h('p', {}, t('release.of', { day: day(one.closedOn), k: number(one.k) }))), t('numbers.none')));
}

const row = (cell, label) => ({ ...cell, label });

async function release(id) {
    const all = await list(`${base()}/releases`);
    const one = all.find((each) => each.id === id);
    const [byItem, byUnit] = await Promise.all([
        get(`${base()}/releases/${id}/tables/item`), get(`${base()}/releases/${id}/tables/item-unit`),
    ]);
    const units = Map.groupBy(byUnit.cells, (cell) => cell.itemText);
    return h('div', {}, h('h1', {}, `${number(one.number)}. ${one.title}`),
        h('p', {}, t('release.of', { day: day(one.closedOn), k: number(one.k) })),
        h('p.hint', {}, t('numbers.note')),
        section(t('numbers.items'), byItem.cells.length > 0 ? bars(byItem.cells.map((cell) => row(cell, cell.itemText)), t('numbers.items')) : h('p.empty', {}, t('numbers.empty'))),
        [...units].map(([text, cells]) => section(text, bars(cells.map((cell) => row(cell, cell.unitName ?? t('all'))), text))));
}

/** The same question through all releases that have it; questions are the same when their words are. */
async function trend() {
    const releases = (await list(`${base()}/releases`)).toReversed();
    const tables = await Promise.all(releases.map((one) => get(`${base()}/releases/${one.id}/tables/item`)));
    const rows = tables.flatMap((table, index) => table.cells.map((cell) => ({ text: cell.itemText, ...row(cell, day(releases[index].closedOn)) })));
    const texts = [...Map.groupBy(rows, (one) => one.text)].filter(([, some]) => some.length > 1);
    return h('div', {}, h('h1', {}, t('trend')), texts.length === 0 ? h('p.empty', {}, t('trend.none')) : null,
        texts.map(([text, some]) => section(text, bars(some, text))));
}
