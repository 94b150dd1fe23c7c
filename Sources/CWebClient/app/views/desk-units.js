// The tree of units. The API takes the whole tree at once, so nothing is lost in between: changes stay here until saved.

import { h, replace } from '../dom.js';
import { get, list, putRead } from '../api.js';
import { number, t } from '../i18n.js';
import { announce, form, sure } from '../ui.js';
import { home, me } from '../session.js';
import { changes, flat, isBelow, move, takeOut } from './desk-tree.js';

/** What has not been saved yet outlives a look elsewhere; another person and another network have their own. */
const kept = { owner: '', units: null };

export async function show() {
    const path = `${home()}/units`;
    const [{ items: saved }, members] = await Promise.all([get(path), list(`${home()}/memberships`, 100_000)]);
    const owner = `${me().id} ${home()}`;
    if (kept.owner !== owner) Object.assign(kept, { owner, units: null });
    const people = Map.groupBy(members, (one) => one.unit);
    const state = { saved, units: kept.units ?? structuredClone(saved), people };
    const box = h('div', {}), news = h('p', { role: 'status' });
    const draw = (focused) => {
        const change = changes(state.saved, state.units);
        kept.units = change.isAny ? state.units : null;
        replace(news, change.isAny ? t('units.unsaved') : '');
        replace(box, rows(state, draw));
        if (focused) box.querySelector(focused)?.focus();
    };
    draw();
    guard();
    const tree = form({
        fields: [box, h('p.actions', {}, h('button', { type: 'button', onclick: () => add(state, null, draw) }, t('unit.add')))],
        submit: t('units.save'), kept: t('units.kept'), act: () => save(state, path, draw),
        secondary: [h('button', { type: 'button', onclick: () => undo(state, draw) }, t('units.undo'))],
    });
    tree.classList.add('wide');
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.units')), h('p', {}, t('units.what')), news, tree);
}

/** A closed tab would lose what is not saved; the browser asks. */
let isGuarded = false;
function guard() {
    if (isGuarded) return;
    isGuarded = true;
    addEventListener('beforeunload', (event) => { if (kept.units) event.preventDefault(); });
}

function add(state, parent, draw) {
    const unit = { id: crypto.randomUUID(), name: '', parent };
    const place = parent === null ? state.units.length : state.units.findIndex((one) => one.id === parent) + 1;
    state.units.splice(place, 0, unit);
    draw(`[data-unit="${unit.id}"] input`);
}

async function undo(state, draw) {
    if (!changes(state.saved, state.units).isAny) return;
    if (!await sure(t('units.undo.sure'), t('units.undo'))) return;
    state.units = structuredClone(state.saved);
    draw();
    announce(t('units.undone'));
}

async function save(state, path, draw) {
    const change = changes(state.saved, state.units);
    if (!change.isAny) return announce(t('units.same'));
    const lost = change.removed.reduce((sum, one) => sum + (state.people.get(one.id)?.length ?? 0), 0);
    const parts = ['added', 'renamed', 'moved', 'removed'].filter((one) => change[one].length > 0)
        .map((one) => t(`units.change.${one}`, { count: change[one].length }));
    const question = [
        t('units.sure', { changes: parts.join(', ') }), lost > 0 ? t('units.sure.people', { count: lost }) : '', t('units.sure.rounds'),
    ];
    if (!await sure(question.filter(Boolean).join(' '), t('units.save'))) return undefined;
    const { items } = await putRead(path, { items: state.units.map(({ id, name, parent }) => ({ id, name: name.trim(), parent })) });
    Object.assign(state, { saved: items, units: structuredClone(items) });
    await get(path);
    draw();
    return announce(t('saved'));
}

function rows(state, draw) {
    if (state.units.length === 0) return h('p.empty', {}, t('units.none'));
    return h('ul.tree', {}, flat(state.units).map(({ unit, depth }) => row(unit, depth, state, draw)));
}

function row(unit, depth, state, draw) {
    const named = unit.name || t('unit.new');
    const name = h('input', { value: unit.name, required: true, maxlength: 200, 'aria-label': t('unit.name', { unit: named }),
        oninput: (event) => { unit.name = event.target.value; }, onchange: () => draw(`[data-unit="${unit.id}"] select`) });
    const parent = h('select', { 'aria-label': t('unit.parent', { unit: named }), onchange: (event) => {
        unit.parent = event.target.value || null;
        draw(`[data-unit="${unit.id}"] select`);
    } }, h('option', { value: '' }, t('unit.top')), state.units.filter((one) => one.id !== unit.id && !isBelow(state.units, one.id, unit.id))
        .map((one) => h('option', { value: one.id, selected: one.id === unit.parent }, t('unit.in', { unit: one.name || t('unit.new') }))));
    const step = (by, sign, label) => h('button', { type: 'button', 'aria-label': t(label, { unit: named }), 'data-step': by, onclick: () => {
        const place = move(state.units, unit, by);
        draw(`[data-unit="${unit.id}"] [data-step="${by}"]`);
        announce(place ? t('unit.moved', { unit: named, place: number(place) }) : t('unit.edge', { unit: named }));
    } }, sign);
    const count = state.people.get(unit.id)?.length ?? 0;
    const item = h('li', { 'data-unit': unit.id }, h('div.row', {}, name, parent,
        h('span.soft', {}, t('unit.people', { count, number: number(count) })),
        h('span.actions', {}, step(-1, '↑', 'unit.up'), step(1, '↓', 'unit.down'),
            h('button', { type: 'button', 'aria-label': t('unit.add.below', { unit: named }), onclick: () => add(state, unit.id, draw) }, '＋'),
            h('button.danger', { type: 'button', 'aria-label': t('unit.remove', { unit: named }), onclick: () => {
                const next = state.units[state.units.indexOf(unit) + 1] ?? state.units[0];
                takeOut(state.units, unit);
                draw(`[data-unit="${next.id}"] input`);
                announce(t('unit.removed', { unit: named }));
            } }, '×'))));
    item.style.marginInlineStart = `${Math.min(depth, 4) * 1.2}rem`;
    return item;
}
