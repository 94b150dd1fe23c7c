// Events: what comes, month by month, and one event with the own answer.

import { h, replace } from '../dom.js';
import { get, list, post, put, remove } from '../api.js';
import { month, number, t, time, when } from '../i18n.js';
import { action, announce, badge, field, form, items, prose, section } from '../ui.js';
import { home, is } from '../session.js';

const kinds = ['meeting', 'empowerment', 'training', 'coaching', 'consultation', 'hearing', 'conference', 'information'];

export async function show([id, part], context) {
    if (id === 'new') return create(context);
    if (id) return part === 'attendees' ? attendees(id) : detail(id, context);
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const events = await list(`${home()}/events?from=${encodeURIComponent(from)}`, 400);
    const months = Map.groupBy(events, (event) => event.startsAt.slice(0, 7));
    return h('div', {}, h('h1', {}, t('events')),
        is('organiser', 'coordinator') ? h('p', {}, h('a', { href: '#/events/new' }, t('event.new'))) : null,
        events.length === 0 ? h('p.empty', {}, t('events.none')) : null,
        [...months].map(([name, some]) => section(month(new Date(`${name}-01T00:00:00Z`)), items(some, card))));
}

/** An event in a list. */
export const card = (event) => h('article', {},
    h('h3', {}, h('a', { href: `#/events/${event.id}` }, event.title)),
    h('p', {}, when(event.startsAt), event.location ? ` · ${event.location}` : ''),
    h('p', {}, badge(t(`kind.${event.kind}`)), answered(event)));

function answered(event) {
    if (event.cancelled) return badge(t('event.cancelled'), 'bad');
    if (!event.myRsvp) return null;
    const place = event.myRsvp.waitlistPosition;
    return badge(place ? t('rsvp.waitlisted', { place: number(place) }) : t(`rsvp.${event.myRsvp.status}`), 'good');
}

async function detail(id, { show: again }) {
    const path = `${home()}/events/${id}`;
    const event = await get(path);
    const mine = h('div', {});
    const draw = (rsvp) => replace(mine, rsvp ? h('p.notice', {}, badge(said(rsvp), 'good')) : null, choices(rsvp));
    const said = (rsvp) => (rsvp.waitlistPosition ? t('rsvp.waitlisted', { place: number(rsvp.waitlistPosition) }) : t(`rsvp.${rsvp.status}`));
    const choices = (rsvp) => h('p.actions', { role: 'group', 'aria-label': t('rsvp') },
        ['going', 'maybe', 'declined'].map((answer) => h('button', {
            type: 'button', 'aria-pressed': String(rsvp?.answer === answer), onclick: async () => {
                try {
                    const now = await put(`${path}/rsvp`, { answer });
                    draw(now);
                    announce(said(now));
                } catch (error) {
                    announce(error.message, true);
                    await again();
                }
            },
        }, t(`rsvp.do.${answer}`))),
        rsvp ? action(t('rsvp.withdraw'), async () => { await remove(`${path}/rsvp`); draw(null); announce(t('rsvp.withdrawn')); }) : null);
    draw(event.myRsvp);
    const seats = event.capacity === null ? t('event.open') : t('event.capacity', { count: event.capacity });
    return h('article', {}, h('h1', {}, event.title),
        h('p', {}, badge(t(`kind.${event.kind}`)), event.cancelled ? badge(t('event.cancelled'), 'bad') : null),
        h('dl', {},
            h('dt', {}, t('event.when')), h('dd', {}, `${when(event.startsAt)} – ${time(event.endsAt)}`),
            event.location ? [h('dt', {}, t('event.where')), h('dd', {}, event.location)] : null,
            event.onlineUrl ? [h('dt', {}, t('event.online')), h('dd', {}, h('a', { href: event.onlineUrl, rel: 'noreferrer' }, event.onlineUrl))] : null,
            h('dt', {}, t('event.seats')), h('dd', {}, `${seats} ${t('event.going', { count: event.going })}`)),
        prose(event.description ?? ''),
        event.cancelled ? null : section(t('rsvp'), mine, h('p.hint', {}, t('rsvp.secret'))),
        h('p', {}, h('a', { href: `/v1${path}.ics`, download: 'chorus.ics' }, t('event.calendar'))),
        is('organiser', 'coordinator') ? h('p', {}, h('a', { href: `#/events/${id}/attendees` }, t('attendees'))) : null);
}

async function attendees(id) {
    const [event, people] = await Promise.all([get(`${home()}/events/${id}`), list(`${home()}/events/${id}/attendees`)]);
    const groups = Map.groupBy(people, (one) => one.status);
    return h('div', {}, h('h1', {}, t('attendees.of', { title: event.title })), h('p.hint', {}, t('attendees.who')),
        people.length === 0 ? h('p.empty', {}, t('attendees.none')) : null,
        [...groups].map(([status, some]) => section(t(`rsvp.${status}`), h('ul', {}, some.map((one) => h('li', {},
            status === 'going' ? checkIn(one.name) : one.name))))));
}

/** Who is there is ticked on this screen only: a list of who came would be one more thing that could leak. */
function checkIn(name) {
    return h('label', {}, h('input', { type: 'checkbox' }), ' ', name);
}

function create({ go }) {
    const title = field(t('title'), { required: true, maxlength: 200 });
    const kind = field(t('event.kind'), { tag: 'select', options: kinds.map((one) => [one, t(`kind.${one}`)]) });
    const starts = field(t('event.starts'), { type: 'datetime-local', required: true });
    const ends = field(t('event.ends'), { type: 'datetime-local', required: true });
    const place = field(t('event.where'), { maxlength: 300 });
    const seats = field(t('event.seats'), { type: 'number', min: 1, max: 100_000, hint: t('event.seats.hint') });
    const text = field(t('description'), { tag: 'textarea', rows: 6, maxlength: 10_000 });
    return h('div', {}, h('h1', {}, t('event.new')), form({
        fields: [title, kind, starts, ends, place, seats, text].map((one) => one.box), submit: t('event.make'),
        act: async () => {
            const made = await post(`${home()}/events`, {
                title: title.input.value, kind: kind.input.value, description: text.input.value, location: place.input.value,
                startsAt: new Date(starts.input.value).toISOString(), endsAt: new Date(ends.input.value).toISOString(),
                capacity: seats.input.value === '' ? null : Number(seats.input.value),
            });
            go(`events/${made.id}`);
        },
    }));
}
