// The evidence picker: nothing but released cells can be chosen.

import { h, replace } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, percent, t } from '../i18n.js';
import { announce, field, failure } from '../ui.js';
import { home, is } from '../session.js';
import { source } from './drafts-places.js';

const most = 50;
const key = (cell) => [cell.release, cell.table, cell.item ?? '', cell.unit ?? ''].join('|');
/** A released cell in words. */
export const nameOf = (cell) => [cell.itemText, cell.unitName].filter(Boolean).join(' · ') || t('numbers.total');
const shares = (cell) => [`${percent(cell.negative)} ${t('negative')}`, `${percent(cell.positive)} ${t('positive')}`,
    t('voices', { count: cell.atLeast })].join(', ');

/** What this browser has seen of cells, by their id: a draft names cells by ids alone. */
const seen = new Map();

/**
 * The cells that a draft rests on, where they can be found: from its suggestion, or from the text that it revises.
 * @param {Map<string, number>} numbers of releases by id
 * @returns {Promise<object[]|null>} null when one cannot be found
 */
export async function resolved(draft, numbers) {
    if (draft.evidence.length === 0) return [];
    // Where they cannot be read, they are not known, and that is said.
    const known = await elsewhere(draft).catch(() => []);
    // The server keeps their order.
    if (known.length === draft.evidence.length
        && known.every((cell, index) => cell.release === draft.evidence[index].release)) remember(draft.evidence,
            known);
    const found = draft.evidence.map((one) => seen.get(one.cell));
    return found.includes(undefined) ? null
        : found.map((cell) => ({ releaseNumber: numbers.get(cell.release), ...cell }));
}

async function elsewhere(draft) {
    if (draft.revises) return (await get(`${home()}/recommendations/${draft.revises}`)).evidence;
    if (!is('coordinator')) return [];
    const suggestions = await list(`${home()}/suggestions?state=drafted`);
    return suggestions.find((one) => one.recommendation === draft.id)?.cells ?? [];
}

/** Of what was saved the server says the ids, in the order in which it was sent. */
export const remember = (evidence, cells) => evidence.forEach((one, index) => seen.set(one.cell, cells[index]));

/**
 * @param {object[]} releases @param {object[]|null} before what the draft has; null when its cells are not known here
 * @param {object[]|null} chosen what was chosen and not saved @param {function(object[]): void} done with each change
 */
export function picker(releases, before, chosen, done) {
    const state = { cells: chosen ?? before ?? [] };
    const shown = h('div', {}), table = h('div', {});
    // Nothing chosen leaves what there is, where that is not known here.
    const set = (cells) => { state.cells = cells; done(cells.length === 0 && before === null ? null : cells); draw(); };
    const take = (cell) => {
        set(state.cells.filter((one) => key(one) !== key(cell)));
        for (const one of table.querySelectorAll('input')) if (one.value === key(cell)) one.checked = false;
        (shown.querySelector('button') ?? table.parentElement?.querySelector('summary'))?.focus();
        announce(t('evidence.removed'));
    };
    const row = (cell) => h('li', {}, h('strong', {}, nameOf(cell)), h('br'),
        `${t('release.short', { number: number(cell.releaseNumber ?? 0) })}: ${shares(cell)} `,
        h('button', { type: 'button', onclick: () => take(cell) },
            t('remove'), h('span.visually-hidden', {}, `: ${nameOf(cell)}`)));
    const draw = () => replace(shown, state.cells.length > 0 ? h('ul.plain', {}, state.cells.map(row))
        : h('p.empty', {}, t(before === null ? 'evidence.unknown' : 'evidence.none')));
    draw();
    if (releases.length === 0) return [shown, h('p.hint', {}, t('numbers.none'))];
    return [shown, chooser(releases, table, state, set)];
}

function chooser(releases, table, state, set) {
    const release = field(t('release'), { tag: 'select', onchange: () => show(),
        options: releases.map((one) => [one.id, `${number(one.number)}. ${one.title} (${day(one.closedOn)})`]) });
    const kind = field(t('evidence.table'), { tag: 'select', onchange: () => show(),
        options: ['item', 'item-unit', 'unit', 'total'].map((one) => [one, t(`table.${one}`)]) });
    const show = async () => {
        const one = releases.find((each) => each.id === release.input.value);
        try {
            const { cells } = await get(`${source()}/releases/${one.id}/tables/${kind.input.value}`);
            const all = cells.map((cell) => ({ ...cell, release: one.id, releaseNumber: one.number,
                table: kind.input.value }));
            replace(table, all.length === 0 ? h('p.empty', {}, t('numbers.empty'))
                : h('fieldset', {}, h('legend', {}, t('evidence.choose')),
                all.map((cell) => box(cell, state, set))));
        } catch (error) { replace(table, failure(error)); }
    };
    return h('details.card', { ontoggle: (event) => { if (event.target.open && !table.firstChild) show(); } },
        h('summary', {}, t('evidence.pick')), release.box, kind.box, table);
}

function box(cell, state, set) {
    const input = h('input', {
        type: 'checkbox', value: key(cell), checked: state.cells.some((one) => key(one) === key(cell)),
            onchange: () => {
            if (!input.checked) return set(state.cells.filter((one) => key(one) !== key(cell)));
            if (state.cells.length < most) return set([...state.cells, cell]);
            input.checked = false;
            return announce(t('evidence.most', { most: number(most) }), true);
        },
    });
    return h('label.check', {}, input, h('span', {}, nameOf(cell), h('br'), h('span.soft', {}, shares(cell))));
}
