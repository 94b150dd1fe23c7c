// The questions of a round: statements that one can agree with, each with its theme, new or asked before.

import { h, replace } from '../dom.js';
import { t } from '../i18n.js';
import { announce, field } from '../ui.js';

/** As many rows as there were, when the page is drawn anew; the words in them come back by themselves. */
const start = () => [{}, {}, {}];
let seeds = start();

/** What was asked has been sent: the next round begins empty. */
export const forgetItems = () => { seeds = start(); };

/** @returns {{box: HTMLElement, value: function(): object[]}} */
export function itemRows(channels, rounds) {
    const rows = h('ol.plain', {});
    const build = (item) => {
        const row = itemRow(channels, item, rows);
        rows.append(row);
        row.count(rows.childElementCount);
        return row;
    };
    const add = (item = {}) => {
        seeds.push(item);
        return build(item);
    };
    const fill = h('button', { type: 'button', onclick: () => add().querySelector('textarea').focus() }, t('round.item.add'));
    seeds.forEach(build);
    return {
        box: h('fieldset', {}, h('legend', {}, t('round.items')), h('p.hint', {}, t('round.items.hint')),
            repeat(rounds, rows, add), rows, h('p.actions', {}, fill)),
        value: () => [...rows.children].map((row) => row.read()).filter((one) => one.text !== ''),
    };
}

function itemRow(channels, item, rows) {
    const text = field('', {
        tag: 'textarea', rows: 2, maxlength: 2_000, value: item.text ?? '', member: item.id ? null : 'items',
    });
    const theme = h('select', {}, h('option', { value: '' }, t('theme.none')),
        channels.filter((one) => one.themes.length > 0).map((one) => h('optgroup', { label: one.name }, one.themes.map((each) => h('option', {
            value: each.id, selected: each.id === item.theme,
        }, each.sensitive ? t('theme.named.sensitive', { theme: each.name }) : each.name)))));
    const remove = h('span.visually-hidden', {});
    const row = h('li', {}, text.box, item.id ? h('p.hint', {}, t('round.item.again')) : null,
        h('p.actions', {}, theme, h('button', { type: 'button', onclick: () => {
            const next = row.nextElementSibling ?? row.previousElementSibling;
            discard(row, rows);
            (next?.querySelector('textarea') ?? rows.closest('fieldset').querySelector('button')).focus();
            announce(t('round.item.removed'));
        } }, t('round.item.remove'), remove)));
    row.count = (number) => {
        replace(text.box.querySelector('label'), t('round.item', { number }));
        theme.setAttribute('aria-label', t('theme.of', { number }));
        replace(remove, `: ${t('round.item', { number })}`);
    };
    // Only the very same words are the same question: a changed one gets an id of its own.
    row.read = () => {
        const words = text.input.value.trim();
        return { text: words, theme: theme.value || null, ...(item.id && words === item.text ? { id: item.id } : {}) };
    };
    return row;
}

function discard(row, rows) {
    seeds.splice([...rows.children].indexOf(row), 1);
    row.remove();
    for (const [index, one] of [...rows.children].entries()) one.count(index + 1);
}

/** Asked again with its id, a question can be followed over time. */
function repeat(rounds, rows, add) {
    const past = rounds.filter((one) => one.state !== 'draft');
    if (past.length === 0) return null;
    const from = field(t('round.repeat'), {
        tag: 'select', options: past.map((one) => [one.id, one.title]), hint: t('round.repeat.hint'),
    });
    return h('details', {}, h('summary', {}, t('round.repeat.open')), from.box, h('p.actions', {}, h('button', { type: 'button', onclick: () => {
        const found = past.find((one) => one.id === from.input.value);
        for (const row of [...rows.children]) if (row.read().text === '') discard(row, rows);
        const known = new Set([...rows.children].map((row) => row.read().text));
        const added = found.items.filter((one) => !known.has(one.text)).map((one) => add(one));
        announce(t('round.repeat.done', { count: added.length }));
        (added[0] ?? rows.firstElementChild)?.querySelector('textarea').focus();
    } }, t('round.repeat.do'))));
}
