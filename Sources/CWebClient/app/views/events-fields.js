// The fields of an event: from what the server holds, and back into what it takes.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { field } from '../ui.js';
import { kinds } from './events-card.js';
import { instant, later, today, wall } from './events-time.js';

const empty = { title: '', kind: 'meeting', description: '', location: '', onlineUrl: '', capacity: null, rsvpUntil: null, startsAt: null, endsAt: null };

/**
 * @param {object} [event] as read; an empty one by default
 * @returns {{boxes: Node[], day: HTMLInputElement, read: function(): object, fill: function(object): void}}
 */
export function fieldsOf(event = empty) {
    const text = (name, label, props) => field(t(label), { member: name, ...props });
    const all = {
        title: text('title', 'title', { required: true, maxlength: 200 }),
        kind: text('kind', 'event.kind', { tag: 'select', options: kinds.map((one) => [one, t(`kind.${one}`)]) }),
        day: text('startsAt/day', 'event.day', { type: 'date', required: true, min: '1970-01-01', max: '2099-12-30' }),
        from: text('startsAt', 'event.from', { type: 'time', required: true }),
        lastDay: text('endsAt/day', 'event.lastDay', { type: 'date', required: true, min: '1970-01-01', max: '2099-12-30' }),
        to: text('endsAt', 'event.to', { type: 'time', required: true }),
        location: text('location', 'event.where', { maxlength: 500, isOptional: true, autocomplete: 'off' }),
        onlineUrl: text('onlineUrl', 'event.online', { type: 'url', maxlength: 2_000, isOptional: true, hint: t('event.online.hint'), autocomplete: 'off' }),
        capacity: text('capacity', 'event.seats', { type: 'number', min: 1, max: 100_000, step: 1, isOptional: true, hint: t('event.seats.hint') }),
        untilDay: text('rsvpUntil', 'event.deadline.day', { type: 'date', isOptional: true }),
        untilTime: text('rsvpUntil/time', 'event.deadline.time', { type: 'time' }),
        description: text('description', 'description', { tag: 'textarea', rows: 8, maxlength: 10_000, isOptional: true }),
    };
    const input = (name) => all[name].input;
    // Most events end on the day on which they begin.
    let before = '';
    input('day').addEventListener('change', () => {
        if (input('lastDay').value === '' || input('lastDay').value === before) input('lastDay').value = input('day').value;
        before = input('day').value;
    });
    const fill = (from) => {
        const [start, end, until] = [from.startsAt, from.endsAt, from.rsvpUntil].map((one) => (one ? wall(one) : null));
        const first = start ?? { day: later(today(), 7), time: '17:00' };
        const last = end ?? { day: first.day, time: '18:30' };
        before = first.day;
        const values = {
            title: from.title, kind: from.kind, description: from.description, location: from.location, onlineUrl: from.onlineUrl ?? '',
            capacity: from.capacity ?? '', day: first.day, from: first.time, lastDay: last.day, to: last.time,
            untilDay: until?.day ?? '', untilTime: until?.time ?? '',
        };
        for (const [name, value] of Object.entries(values)) input(name).value = value;
    };
    fill(event);
    const trimmed = (name) => input(name).value.trim();
    const read = () => ({
        title: trimmed('title'), kind: input('kind').value, description: input('description').value, location: trimmed('location'),
        onlineUrl: trimmed('onlineUrl') || null, capacity: input('capacity').value === '' ? null : Number(input('capacity').value),
        startsAt: instant(input('day').value, input('from').value), endsAt: instant(input('lastDay').value, input('to').value),
        rsvpUntil: input('untilDay').value ? instant(input('untilDay').value, input('untilTime').value || '23:59') : null,
    });
    const box = (...names) => names.map((name) => all[name].box);
    return {
        day: input('day'), read, fill,
        boxes: [
            ...box('title', 'kind'), h('div.row', {}, box('day', 'from')), h('div.row', {}, box('lastDay', 'to')),
            ...box('location', 'onlineUrl', 'capacity'),
            h('fieldset', {}, h('legend', {}, t('event.deadline')), h('p.hint', {}, t('event.deadline.hint')), h('div.row', {}, box('untilDay', 'untilTime'))),
            ...box('description'),
        ],
    };
}

/** Compared as values: two texts of one instant are one. */
const same = (name, one, other) => (name.endsWith('At') || name === 'rsvpUntil'
    ? (one === null ? null : Date.parse(one)) === (other === null ? null : Date.parse(other)) : (one ?? null) === (other ?? null));

/** Which members differ. @param {object} one @param {object} other @returns {string[]} */
export const differing = (one, other) => Object.keys(one).filter((name) => !same(name, one[name], other[name]));
