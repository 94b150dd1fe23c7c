// The start page of those who read the record only: what waits for the employer, and what was published last.

import { h } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, t } from '../i18n.js';
import { items, section } from '../ui.js';
import { is, record } from '../session.js';
import { news } from './home-news.js';
import { owed } from './home-duty.js';
import { card as recommendationCard } from './recommendations.js';

export async function forReaders(context) {
    const [recommendations, releases, duty, fresh] = await Promise.all([
        list(`${record()}/recommendations`), list(`${record()}/releases`), get(`${record()}/answer-duty`), news(context),
    ]);
    const waiting = recommendations.filter((one) => one.answer === null)
        .toSorted((one, other) => one.answerDueOn.localeCompare(other.answerDueOn));
    const last = releases.toSorted((one, other) => other.number - one.number).slice(0, 3);
    return [
        h('p.lead', {}, t('home.record')),
        h('div.columns.wide-first', {},
            section(t('home.waiting'), owed(duty), items(waiting, (one) => recommendationCard(one), t('home.waiting.none')),
                h('p.actions', {}, is('hr') ? h('a.button.primary', { href: '#/employer' }, t('home.hr')) : null,
                    is('council') ? h('a.button.primary', { href: '#/council' }, t('home.council')) : null,
                    is('council') ? h('a.button', { href: '#/drafts' }, t('drafts')) : null)),
            h('div', {}, fresh,
                section(t('home.released'), items(last, (one) => [
                    h('h3', {}, h('a', { href: `#/numbers/${one.id}` }, `${number(one.number)}. ${one.title ?? t('numbers')}`)),
                    h('p', {}, t('release.of', { day: day(one.closedOn), k: number(one.k) })),
                ], t('numbers.none'))))),
    ];
}
