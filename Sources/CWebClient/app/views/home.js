// What is next, what is new, and where somebody is needed.

import { h, replace } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, t } from '../i18n.js';
import { load } from '../integrity.js';
import { icon, items, section } from '../ui.js';
import { home, is, isInsider, me, network } from '../session.js';
import { picture } from '../pictures.js';
import { card as eventCard } from './events-card.js';
import { owed } from './home-duty.js';
import { joining } from './home-joining.js';
import { news } from './home-news.js';
import { forReaders } from './home-record.js';

export async function show(_, context) {
    const hello = h('h1', {}, t('hello', { name: me().displayName }));
    if (!network()) return h('div', {}, hello, await joining(context));
    return h('div', {}, hello, isInsider() ? await forInsiders(context) : await forReaders(context));
}

async function forInsiders(context) {
    const from = encodeURIComponent(new Date(Date.now() - 4 * 3_600_000).toISOString());
    const [{ items: events }, rounds, duty, fresh, waiting] = await Promise.all([
        get(`${home()}/events?from=${from}&limit=40`), list(`${home()}/rounds`), get(`${home()}/answer-duty`), news(context), requests(),
    ]);
    const isMine = (one) => ['going', 'waitlisted', 'maybe'].includes(one.myRsvp?.status);
    const mine = events.filter(isMine).slice(0, 4);
    const others = events.filter((one) => !one.cancelled && !one.myRsvp).slice(0, mine.length > 0 ? 2 : 3);
    return [
        h('p.lead', {}, mine.length > 0 ? t('home.mine', { count: mine.length }) : t('home.mine.none')),
        consentDue(), waiting, underWay(), voting(rounds.filter((one) => one.state === 'open')),
        h('div.columns.wide-first', {},
            section([picture('events'), t(mine.length > 0 ? 'home.next' : 'home.soon')], items(mine.length > 0 ? mine : others, (event) => eventCard(event), t('events.none')),
                mine.length > 0 && others.length > 0 ? [h('h3', {}, t('home.alsoSoon')), items(others, nested)] : null,
                h('p', {}, h('a', { href: '#/events' }, t('home.allEvents')))),
            h('div', {},
                fresh,
                section([picture('channels'), t('home.write')], h('div.card', {}, h('p', {}, t('home.write.what')),
                    h('p', {}, h('a.button.primary', { href: '#/channels' }, t('channels'))),
                    h('p', {}, h('a', { href: '#/inbox' }, t('channels.inbox'))))),
                section([picture('recommendations'), t('home.duty')], owed(duty), h('p', {}, h('a', { href: '#/recommendations' }, t('home.duty.see')))))),
    ];
}

/** Whoever was let in without a word of theirs, or has agreed to an earlier text, is asked. */
function consentDue() {
    if (!['none', 'outdated'].includes(me().membershipConsent)) return null;
    return h('p.notice', {}, icon('→'), t('consent.due'), ' ', h('a', { href: '#/me/consents' }, t('me.consents')));
}

/** Below a heading of its own. */
const nested = (event) => eventCard(event, 'h4');

function voting(open) {
    if (open.length === 0) return null;
    return section([picture('rounds'), t('home.rounds')], h('ul.cards.rounds', {}, open.map((round) => h('li', {},
        h('h3', {}, h('a', { href: `#/rounds/${round.id}` }, round.title)),
        h('p', {}, t('home.round', { count: round.items.length, day: day(round.closesAt.slice(0, 10)) }))))));
}

/** What this device still has to send is asked after the page is there: it needs the anonymous side, which is large. */
function underWay() {
    const box = h('div', {});
    load('under-way.js').then(async (module) => replace(box, await module.underWay())).catch(() => {});
    return box;
}

/** Only a coordinator sees who wants to join. */
async function requests() {
    if (!is('coordinator')) return null;
    const open = (await list(`${home()}/join-requests`)).filter((one) => one.decision === null);
    if (open.length === 0) return null;
    return h('p.notice', {}, icon('→'), t('home.requests', { count: open.length, shown: number(open.length) }), ' ', h('a', { href: '#/desk' }, t('desk')));
}
