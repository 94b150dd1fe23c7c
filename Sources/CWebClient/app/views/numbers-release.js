// One release: its tables as charts, by question, by unit, or both.

import { h, replace } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, t } from '../i18n.js';
import { announce, field } from '../ui.js';
import { bars, reach } from '../charts.js';
import { kinds, source } from './numbers.js';
import { meaning } from './numbers-meaning.js';

const tables = ['total', 'item', 'unit', 'item-unit'];

export async function show(id) {
    const one = (await list(`${source()}/releases`)).find((each) => each.id === id);
    if (!one) throw Object.assign(new Error(), { code: 'not-found' });
    const found = await Promise.all(tables.map((name) => get(`${source()}/releases/${id}/tables/${name}`)));
    const cells = Object.fromEntries(tables.map((name, index) => [name, found[index].cells]));
    const content = h('div', {});
    const views = viewsOf(one, cells);
    const choice = field(t('numbers.view'), {
        tag: 'select', options: views.map((view) => [view.id, view.name]),
        onchange: () => { draw(choice.input.value); announce(t('numbers.shown')); },
    });
    const draw = (name) => replace(content, views.find((view) => view.id === name).draw());
    if (views.length > 0) draw(views[0].id);
    return h('div', {}, h('p', {}, h('a', { href: '#/numbers' }, t('numbers.all'))),
        h('h1', {}, `${number(one.number)}. ${one.title}`),
        h('p', {}, kinds(one), t('release.of', { day: day(one.closedOn), k: number(one.k) })),
        views.length > 1 ? choice.box : null,
        views.length > 0 ? content : h('p.empty', {}, t('numbers.empty')),
        meaning({ k: one.k, isStrict: one.scheme === 'S2' }));
}

/** What can be looked at: a table that has no cell is not offered. */
function viewsOf(one, cells) {
    const isThemes = one.kind === 'themes';
    const chart = chartOf(one);
    const all = (name, rows) => () => section(name, chart(rows, `${one.title}: ${name}`));
    const byUnit = Map.groupBy(cells['item-unit'], (cell) => cell.unit ?? '');
    const byItem = t(isThemes ? 'numbers.byTheme' : 'numbers.byItem'),
        each = t(isThemes ? 'numbers.eachTheme' : 'numbers.eachItem');
    return [
        cells.item.length > 0 ? { id: 'item', name: byItem, draw: all(byItem, named(cells.item, itemOf)) } : null,
        cells['item-unit'].length > 0 ? { id: 'item-unit', name: each, draw: () => eachItem(cells['item-unit'], chart) }
            : null,
        cells.unit.length > 0 ? { id: 'unit', name: t('numbers.byUnit'),
            draw: all(t('numbers.byUnit'), named(cells.unit, unitOf)) } : null,
        cells.total.length > 0 ? { id: 'total', name: t('numbers.total'),
            draw: all(t('numbers.total'), named(cells.total, () => t('numbers.total'))) } : null,
        ...[...byUnit].filter(([unit]) => unit !== '').map(([unit, some]) => {
            const name = t('numbers.unit', { unit: unitOf(some[0]) });
            return { id: `unit:${unit}`, name, draw: all(name, named(some, itemOf)) };
        }),
    ].filter(Boolean);
}

const itemOf = (cell) => cell.itemText ?? t('numbers.total');
const unitOf = (cell) => cell.unitName ?? t('unit.rest');
const named = (cells, name) => cells.map((cell) => ({ ...cell, label: name(cell) }));
const section = (name, ...content) => h('section', { 'aria-label': name }, h('h2', {}, name), content);

/** The same reach for all, so that one chart can be held against another. */
function eachItem(cells, chart) {
    const extent = reach(cells);
    return [...Map.groupBy(cells, itemOf)].map(([text, some]) =>
        section(text, chart(named(some, unitOf), text, extent)));
}

/** Charts whose files say which release they are of. */
const chartOf = (one) => (rows, title, extent) => bars(rows, title, {
    extent, name: `chorus-${one.number}-${slug(title)}`,
    columns: [{ name: t('release'), of: () => one.number }, { name: t('day'), of: () => one.closedOn }],
});

/** What may stand in the name of a file anywhere. */
export const slug = (text) => text.toLowerCase().replaceAll('ä', 'ae').replaceAll('ö', 'oe').replaceAll('ü',
    'ue').replaceAll('ß', 'ss')
    .replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 40);
