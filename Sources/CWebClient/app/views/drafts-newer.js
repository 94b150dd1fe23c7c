// Somebody else has saved while I was writing: what is newer beside what is mine.

import { append, h, replace } from '../dom.js';
import { number, t } from '../i18n.js';
import { announce } from '../ui.js';
import { compare, difference, merge } from '../difference.js';

const names = () => ({ from: t('newer.theirs'), to: t('newer.mine') });
const label = { title: 'title', text: 'recommendation.text', measure: 'measure', theme: 'theme', unit: 'draft.unit' };

/**
 * Shows what is newer, and lets each field be decided; afterwards saving says what the fields say.
 * @param {HTMLElement} place where it is shown @param {{base: object, values: object}} state what was typed, and on what
 * @param {object} found the draft as it is now @param {object} fields by name @param {function} store reads the fields
 */
export function newer(place, state, found, fields, store) {
    const heading = h('h2', { tabindex: '-1' }, t('newer.title', { number: number(found.version) }));
    const box = h('section.card.newer', {}, heading, h('p', {}, t('newer.what')));
    for (const [name, { input }] of Object.entries(fields)) {
        const [base, mine, theirs] = [state.base, state.values, found].map((one) => one[name] ?? '');
        if (theirs === base || theirs === mine) continue;
        const set = (value) => { input.value = value; store(); };
        const isMine = mine !== base;
        if (!isMine) { set(theirs); append(box, [h('h3', {}, t(label[name])),
            h('p', {}, t('newer.taken'))]); continue; }
        append(box, [h('h3', {}, t(label[name])), conflict(name, { base, mine, theirs }, set)]);
    }
    state.base = found;
    store();
    replace(place, box);
    heading.focus();
    announce(t('newer.title', { number: number(found.version) }), true);
}

/** Two people have changed the same: paragraph by paragraph if they did so in different ones, else one chooses. */
function conflict(name, { base, mine, theirs }, set) {
    const both = name === 'text' || name === 'measure' ? merge(base, mine, theirs) : null;
    const said = h('p', { role: 'status' }, both === null ? t('newer.mine.kept') : t('newer.merged'));
    if (both !== null) set(both);
    const button = (text, value, then) => h('button', { type: 'button',
        onclick: () => { set(value); replace(said, then); } }, text);
    return [said,
        input(name) ? difference(compare(theirs, mine), names()) : null,
        h('p.actions', {}, both === null ? null : button(t('newer.both'), both, t('newer.merged')),
            button(t('newer.take.mine'), mine, t('newer.mine.kept')),
                button(t('newer.take.theirs'), theirs, t('newer.theirs.taken')))];
}

/** A theme or a unit is an id, which says nothing beside another. */
const input = (name) => ['title', 'text', 'measure'].includes(name);
