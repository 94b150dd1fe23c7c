// An event in a list: a leaf of the calendar, what it is, and what I have answered.

import { h } from '../dom.js';
import { day, locale, number, t, time, when } from '../i18n.js';
import { badge } from '../ui.js';
import { later, wall } from './events-time.js';

export const kinds = ['meeting', 'empowerment', 'training', 'coaching', 'consultation', 'hearing', 'conference', 'information'];

const part = (text, options) => new Intl.DateTimeFormat(locale(), { ...options, timeZone: 'UTC' }).format(new Date(`${text}T00:00:00Z`));

/** Seen only; the words beside it say the same. */
export function leaf(text) {
    return h('div.leaf', { 'aria-hidden': 'true' }, h('span.month', {}, part(text, { month: 'short' })),
        h('span.date', {}, String(Number(text.slice(8)))), h('span.weekday', {}, part(text, { weekday: 'short' })));
}

/** From when to when; one that ends past midnight names its last day. */
export function span(event) {
    const [start, end] = [wall(event.startsAt), wall(event.endsAt)];
    const isOneDay = start.day === end.day || (later(start.day, 1) === end.day && end.time < '06:00');
    return `${when(event.startsAt)} ${t('until')} ${isOneDay ? '' : `${day(end.day)}, `}${time(event.endsAt)}`;
}

/** My answer in words. @param {{status: string, waitlistPosition: number|null}} rsvp */
export const said = (rsvp) => (rsvp.waitlistPosition
    ? t('rsvp.waitlisted', { place: number(rsvp.waitlistPosition) }) : t(`rsvp.${rsvp.status}`));

export function answered(event) {
    if (event.cancelled) return badge(t('event.cancelled'), 'bad');
    if (!event.myRsvp) return null;
    return badge(said(event.myRsvp), event.myRsvp.status === 'going' ? 'good' : '');
}

/** Whether there is a seat, in a few words. */
export function seats(event) {
    if (event.cancelled || event.capacity === null || new Date(event.endsAt) < new Date()) return null;
    const free = event.capacity - event.going;
    return free > 0 ? t('event.free', { count: free }) : t('event.full');
}

/** An event in a list. @param {object} event @param {string} [heading] its level there */
export const card = (event, heading = 'h3') => h('article.event', {}, leaf(wall(event.startsAt).day), h('div', {},
    h(heading, {}, h('a', { href: `#/events/${event.id}` }, event.title)),
    h('p', {}, span(event), event.location ? h('span', {}, h('br'), event.location) : null),
    h('p', {}, answered(event), badge(t(`kind.${event.kind}`)), h('span.soft', {}, seats(event)))));
