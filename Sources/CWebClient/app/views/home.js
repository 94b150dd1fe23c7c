// What is next, and what is new.

import { h } from '../dom.js';
import { list } from '../api.js';
import { day, t } from '../i18n.js';
import { items, section } from '../ui.js';
import { home, isInsider, me, network, record } from '../session.js';
import { card as eventCard } from './events.js';
import { card as recommendationCard } from './recommendations.js';

export async function show() {
    if (!network()) return h('div', {}, h('h1', {}, t('hello', { name: me().displayName })), h('p', {}, t('home.noNetwork')));
    return isInsider() ? forInsiders() : forReaders();
}

async function forInsiders() {
    const from = encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString());
    const [events, rounds, recommendations] = await Promise.all([
        list(`${home()}/events?from=${from}`, 1), list(`${home()}/rounds`), list(`${home()}/recommendations`),
    ]);
    const open = rounds.filter((round) => round.state === 'open');
    return h('div', {}, h('h1', {}, t('hello', { name: me().displayName })),
        open.length > 0 ? section(t('home.rounds'), items(open, (round) => h('article', {},
            h('h3', {}, h('a', { href: `#/rounds/${round.id}` }, round.title)),
            h('p', {}, t('round.until', { day: day(round.closesAt.slice(0, 10)) })))) ) : null,
        section(t('home.next'), items(events.filter((one) => !one.cancelled).slice(0, 3), eventCard, t('events.none'))),
        section(t('home.write'), h('p', {}, t('home.write.what')), h('p', {}, h('a', { href: '#/channels' }, t('channels')))),
        section(t('home.new'), items(recommendations.slice(-3).toReversed(), recommendationCard, t('recommendations.none'))));
}

async function forReaders() {
    const recommendations = await list(`${record()}/recommendations`);
    const waiting = recommendations.filter((one) => one.answer === null);
    return h('div', {}, h('h1', {}, t('hello', { name: me().displayName })), h('p', {}, t('home.record')),
        section(t('home.waiting'), items(waiting, recommendationCard, t('home.waiting.none'))));
}
