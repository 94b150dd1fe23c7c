// One event: what it is, my answer, and for its organisers what they can do.

import { h, replace } from '../dom.js';
import { get, list, put, remove } from '../api.js';
import { t, when } from '../i18n.js';
import { action, announce, badge, failure, icon, prose, section, sure } from '../ui.js';
import { picture } from '../pictures.js';
import { home, is, me, network } from '../session.js';
import { answered, said, seats, span } from './events-card.js';

export async function detail(id, { show: again }) {
    const path = `${home()}/events/${id}`;
    const state = { event: await get(path) };
    const [facts, mine] = [h('div', {}), h('div', {})];
    const draw = () => {
        replace(facts, about(state.event));
        replace(mine, ...answer(state, path, draw));
    };
    draw();
    const { event } = state;
    return h('article', {},
        h('p.no-print', {}, h('a', { href: '#/events' }, `← ${t('events')}`)), h('h1', {}, event.title), facts,
        prose(event.description ?? ''),
        section(t('rsvp'), mine),
        h('p.actions', {}, h('a.button', { href: `/v1${path}.ics`, download: 'chorus.ics' }, t('event.calendar'))),
        h('p.hint.no-print', {}, t('event.calendar.hint'), ' ', h('a', { href: '#/me/calendar' }, t('calendar'))),
        is('organiser') ? organising(event, path, again) : null);
}

const signs = { 'event.when': 'when', 'event.where': 'where', 'event.online': 'online', 'event.seats': 'seats', 'event.people': 'desk', 'event.deadline': 'when' };

const fact = (name, ...what) => h('div', {}, h('dt', {}, picture(signs[name]), t(name)), h('dd', {}, what));

function about(event) {
    const people = [
        t('event.going', { count: event.going }),
        event.maybe > 0 ? t('event.maybe', { count: event.maybe }) : null,
        event.waitlisted > 0 ? t('event.waiting', { count: event.waitlisted }) : null,
    ].filter(Boolean).join(' ');
    return [
        h('p', {}, badge(t(`kind.${event.kind}`)), event.series ? badge(t('event.series')) : null, event.cancelled ? answered(event) : null),
        event.cancelled ? h('p.failure', {}, t('event.cancelled.what')) : null,
        h('dl.facts.card', {}, fact('event.when', span(event)),
            event.location ? fact('event.where', event.location) : null,
            event.onlineUrl ? fact('event.online', h('a', { href: event.onlineUrl, rel: 'noreferrer noopener', target: '_blank' }, event.onlineUrl)) : null,
            fact('event.seats', event.capacity === null ? t('event.open') : t('event.capacity', { count: event.capacity }), ' ', seats(event)),
            fact('event.people', people),
            event.rsvpUntil ? fact('event.deadline', when(event.rsvpUntil)) : null),
    ];
}

/** As organisers read it. */
const ownName = () => me().memberships.find((one) => one.network === network().id)?.displayName ?? me().displayName;

/** Why nobody can answer any more, or null. */
function closed(event) {
    if (event.cancelled) return 'event.cancelled.what';
    if (new Date(event.endsAt) < new Date()) return 'rsvp.past';
    if (event.rsvpUntil && new Date(event.rsvpUntil) < new Date()) return 'error.rsvp-closed';
    return null;
}

function answer(state, path, draw) {
    const { event } = state;
    const rsvp = event.myRsvp;
    const status = rsvp ? h('p.notice', {}, icon(rsvp.status === 'going' ? '✓' : '•'), h('strong', {}, said(rsvp)), ' ', h('span', {}, next(event))) : null;
    const why = closed(event);
    if (why) return [event.cancelled ? null : status, h('p.empty', {}, t(why))];
    const result = h('div', {});
    const save = async (act, text) => {
        try {
            await act();
            state.event = await get(path);
            const pressed = document.activeElement?.dataset.answer;
            draw();
            document.querySelector(`[data-answer="${pressed ?? 'going'}"]`)?.focus();
            announce(text(), false, { isSeen: false });
        } catch (error) {
            replace(result, failure(error, t('rsvp.kept')));
        }
    };
    const sentence = () => [said(state.event.myRsvp).replace(/\.$/, ''), next(state.event)].filter(Boolean).join('. ');
    const isFull = event.capacity !== null && event.going >= event.capacity && rsvp?.status !== 'going';
    const buttons = ['going', 'maybe', 'declined'].map((name) => h('button', {
        type: 'button', 'data-answer': name, 'aria-pressed': String(rsvp?.answer === name),
        onclick: () => save(() => put(`${path}/rsvp`, { answer: name }), sentence),
    }, name === 'going' && isFull ? t('rsvp.do.waiting') : t(`rsvp.do.${name}`)));
    return [
        status, isFull && !rsvp ? h('p', {}, t('rsvp.full')) : null,
        h('div.actions', { role: 'group', 'aria-label': t('rsvp') }, buttons,
            rsvp ? h('button', { type: 'button', 'data-answer': 'none', onclick: () => save(() => remove(`${path}/rsvp`), () => t('rsvp.withdrawn')) }, t('rsvp.withdraw')) : null),
        result,
        h('p.hint', {}, t('rsvp.secret'), ' ', t('rsvp.name', { name: ownName() }), ' ', h('a', { href: '#/me' }, t('rsvp.name.change'))),
    ];
}

/** What happens after an answer, when that is not plain. */
function next(event) {
    const { status } = event.myRsvp;
    if (status === 'waitlisted') return t('rsvp.waitlisted.next');
    if (status === 'going' && event.onlineUrl) return t('rsvp.going.online');
    return '';
}

function organising(event, path, again) {
    const stop = async (events, question) => {
        if (!await sure(question, t('event.cancel.do'))) return;
        for (const one of events) await remove(`${home()}/events/${one.id}`);
        announce(t('event.cancelled.done'));
        await again();
    };
    const following = async () => {
        const all = await list(`${home()}/events?from=${encodeURIComponent(event.startsAt)}`, 1_000);
        const rest = all.filter((one) => one.series === event.series && !one.cancelled);
        await stop(rest, t('event.cancel.series.sure', { count: rest.length }));
    };
    const isOver = event.cancelled || new Date(event.endsAt) < new Date();
    return h('div.no-print', {}, section(t('event.organise'),
        h('p.actions', {}, h('a.button', { href: `#/events/${event.id}/attendees` }, t('attendees')),
            isOver ? null : [
                h('a.button', { href: `#/events/${event.id}/edit` }, t('event.edit')),
                action(t('event.cancel'), () => stop([event], t('event.cancel.sure', { title: event.title })), { kind: 'danger' }),
                event.series ? action(t('event.cancel.series'), following, { kind: 'danger' }) : null,
            ]),
        event.series && !isOver ? h('p.hint', {}, t('event.series.hint')) : null));
}
