// A month as a grid: on a wide screen with the events in their days, on a narrow one with how many there are.

import { h, replace } from '../dom.js';
import { list } from '../api.js';
import { day as dayText, locale, month as monthText, number, t, time } from '../i18n.js';
import { items } from '../ui.js';
import { home } from '../session.js';
import { card } from './events-card.js';
import { instant, later, today, wall } from './events-time.js';

const first = (name) => `${name}-01`;
const next = (name, by) => {
    const date = new Date(`${first(name)}T00:00:00Z`);
    date.setUTCMonth(date.getUTCMonth() + by);
    return date.toISOString().slice(0, 7);
};
/** Monday is 0. */
const weekday = (text) => (new Date(`${text}T00:00:00Z`).getUTCDay() + 6) % 7;
const name = (text, options) => new Intl.DateTimeFormat(locale(), { ...options, timeZone: 'UTC' }).format(new Date(`${text}T00:00:00Z`));

/** @param {string|undefined} wanted `YYYY-MM` @param {function(string): Node[]} head above it */
export async function month(wanted, head) {
    const shown = /^\d{4}-(0[1-9]|1[0-2])$/.test(wanted ?? '') ? wanted : today().slice(0, 7);
    const start = later(first(shown), -weekday(first(shown)));
    const end = first(next(shown, 1));
    const all = await list(`${home()}/events?from=${encodeURIComponent(instant(start, '00:00'))}`
        + `&to=${encodeURIComponent(instant(later(end, 7), '00:00'))}`, 600);
    const byDay = Map.groupBy(all, (event) => wall(event.startsAt).day);
    const below = h('div', {});
    const pick = (text) => {
        const heading = h('h2', { tabindex: '-1' }, dayText(text));
        replace(below, heading, items(byDay.get(text), (event) => card(event)));
        heading.focus();
    };
    const weeks = [];
    for (let monday = start; monday < end; monday = later(monday, 7)) weeks.push([0, 1, 2, 3, 4, 5, 6].map((by) => later(monday, by)));
    const title = monthText(new Date(`${first(shown)}T00:00:00Z`));
    const table = h('table.month-grid', { onkeydown: walk },
        h('caption', {}, h('span.visually-hidden', {}, t('events.month.how'))),
        h('thead', {}, h('tr', {}, weeks[0].map((text) => h('th', { scope: 'col', abbr: name(text, { weekday: 'long' }) }, name(text, { weekday: 'short' }))))),
        h('tbody', {}, weeks.map((week) => h('tr', {}, week.map((text) => cell(text, shown, byDay.get(text) ?? [], pick))))));
    const count = all.filter((event) => wall(event.startsAt).day.startsWith(shown)).length;
    return h('div', {}, h('h1', {}, t('events.in', { month: title })), head('month'),
        h('nav.actions', { 'aria-label': t('events.month') }, [[-1, 'before'], [1, 'after']].map(([by, which]) =>
            h('a.button', { href: `#/events/month/${next(shown, by)}` }, t(`events.month.${which}`))),
        shown === today().slice(0, 7) ? null : h('a.button', { href: '#/events/month' }, t('events.month.now'))),
        h('p', {}, count === 0 ? t('events.none.month') : t('events.found', { count })), table, below);
}

function cell(text, shown, events, pick) {
    const isNow = text === today();
    return h('td', {
        class: [isNow ? 'today' : '', text.startsWith(shown) ? '' : 'other'].filter(Boolean).join(' ') || null,
        'aria-current': isNow ? 'date' : null, 'data-day': text,
    },
    h('span.date', {}, number(Number(text.slice(8)))),
    events.length === 0 ? null : [
        h('ul', {}, events.map((event) => h('li', {}, h('a', { href: `#/events/${event.id}` },
            event.cancelled ? h('s', {}, event.title) : `${time(event.startsAt)} ${event.title}`,
            event.cancelled ? h('span.visually-hidden', {}, ` ${t('event.cancelled')}`) : null)))),
        h('button', { type: 'button', onclick: () => pick(text) },
            number(Number(text.slice(8))), h('span.dots', { 'aria-hidden': 'true' }, '•'.repeat(Math.min(events.length, 3))),
            h('span.visually-hidden', {}, ` ${name(text, { month: 'long' })}: ${t('events.found', { count: events.length })}`)),
    ]);
}

const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** Arrows lead to the next day in their direction that has something; Tab goes through all of them. */
function walk(event) {
    const by = step[event.key];
    const from = event.target.closest('td')?.dataset.day;
    if (!by || !from) return;
    event.preventDefault();
    const cells = new Map([...event.currentTarget.querySelectorAll('td')].map((one) => [one.dataset.day, one]));
    for (let text = later(from, by); cells.has(text); text = later(text, by)) {
        const target = [...cells.get(text).querySelectorAll('a, button')].find((one) => one.offsetParent !== null);
        if (target) return target.focus();
    }
}
