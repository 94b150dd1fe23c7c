// At the door: who is expected, ticked off on this device only; and the same list on paper.

import { h, replace } from '../dom.js';
import { get, list } from '../api.js';
import { number, t } from '../i18n.js';
import { action, announce, failure, field, section, sure } from '../ui.js';
import { home } from '../session.js';
import { span } from './events-card.js';
import { digest, forgetTicks, keepTicks, ticks } from './events-ticks.js';

export async function door(id) {
    const event = await get(`${home()}/events/${id}`);
    const back = h('p.no-print', {}, h('a', { href: `#/events/${id}` }, `← ${event.title}`));
    const title = h('h1', {}, t('attendees.of', { title: event.title }));
    let people;
    try {
        people = await list(`${home()}/events/${id}/attendees`);
    } catch (error) {
        return h('div', {}, back, title, error.status === 403 ? h('p.empty', {}, t('attendees.notYours')) : failure(error));
    }
    const named = new Map();
    for (const one of people) {
        // Two people of one name are two lines.
        const count = (named.get(one.name) ?? 0) + 1;
        named.set(one.name, count);
        one.key = await digest(id, `${one.name} ${count}`);
    }
    return h('div', {}, back, title, h('p', {}, span(event), event.location ? ` · ${event.location}` : ''),
        people.length === 0 ? h('p.empty', {}, t('attendees.none')) : lists(id, people));
}

function lists(id, people) {
    const kept = ticks(id);
    const ticked = new Set(kept.ticked);
    const expected = people.filter((one) => one.status === 'going');
    const waiting = people.filter((one) => one.status === 'waitlisted').toSorted((one, other) => one.waitlistPosition - other.waitlistPosition);
    const guests = h('span', {}, number(kept.guests));
    const tally = h('p.tally.no-print', { role: 'status' });
    const count = () => replace(tally, t('door.tally', {
        here: number(ticked.size + kept.guests), expected: number(expected.length),
    }));
    const save = () => { keepTicks(id, { ticked: [...ticked], guests: kept.guests }); count(); };
    const toggle = (key, is) => { if (is) ticked.add(key); else ticked.delete(key); save(); };
    count();
    const rows = [...expected, ...waiting].map((one) => line(one, ticked, toggle));
    const search = field(t('door.search'), { type: 'search', autocomplete: 'off', spellcheck: 'false', oninput: () => {
        const text = search.input.value.trim().toLocaleLowerCase();
        for (const { row, name } of rows) row.hidden = !name.includes(text);
        announce(t('door.found', { count: rows.filter(({ row }) => !row.hidden).length }), false, { isSeen: false });
    } });
    const named = (status) => people.filter((one) => one.status === status);
    return [
        h('p.notice.no-print', {}, t('attendees.who')), h('p.print-only', {}, h('strong', {}, t('door.paper'))),
        h('div.actions', {}, h('button', { type: 'button', onclick: () => print() }, t('door.print')),
            action(t('door.forget'), async () => {
                if (!await sure(t('door.forget.sure'), t('door.forget'))) return;
                forgetTicks(id);
                ticked.clear();
                kept.guests = 0;
                for (const { box } of rows) box.checked = false;
                replace(guests, number(0));
                count();
            })),
        tally, expected.length + waiting.length > 7 ? h('div.no-print', {}, search.box) : null,
        section(t('door.going', { count: expected.length }), h('ul.door', {}, rows.slice(0, expected.length).map(({ row }) => row))),
        waiting.length > 0 ? section(t('door.waiting', { count: waiting.length }), h('ol.door', {}, rows.slice(expected.length).map(({ row }) => row))) : null,
        walkIns(kept, guests, save),
        ['maybe', 'declined'].filter((status) => named(status).length > 0).map((status) => h('details', {},
            h('summary', {}, `${t(`door.${status}`)} (${number(named(status).length)})`), h('ul', {}, named(status).map((one) => h('li', {}, one.name))))),
    ];
}

/** Who comes without having answered is counted, not named. */
function walkIns(kept, shown, save) {
    const button = (by, text) => h('button', { type: 'button', onclick: () => {
        kept.guests = Math.max(0, kept.guests + by);
        replace(shown, number(kept.guests));
        save();
    } }, t(text));
    return h('div.card.no-print', { role: 'group', 'aria-label': t('door.guests') }, h('p', {}, t('door.guests'), ' ', h('strong', {}, shown)),
        h('div.actions', {}, button(-1, 'door.guests.less'), button(1, 'door.guests.more')));
}

function line(one, ticked, toggle) {
    const box = h('input', { type: 'checkbox', checked: ticked.has(one.key), autocomplete: 'off', onchange: () => toggle(one.key, box.checked) });
    const place = one.waitlistPosition ? h('span.soft', {}, ` ${t('door.place', { place: number(one.waitlistPosition) })}`) : null;
    return { box, name: one.name.toLocaleLowerCase(), row: h('li', {}, h('label.check', {}, box, h('span', {}, one.name, place))) };
}
