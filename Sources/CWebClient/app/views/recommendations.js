// What the network asks for: the list, and how many answers are owed.

import { h } from '../dom.js';
import { get, list } from '../api.js';
import { load } from '../integrity.js';
import { day, language, number, t } from '../i18n.js';
import { badge, items } from '../ui.js';
import { home, isInsider, record } from '../session.js';

/** Where recommendations are read: HR and council have the record, the network its own door to it. */
export const source = () => (isInsider() ? home() : record());

/** Which of them are shown; the name is the last part of the address. */
const filters = {
    all: () => true,
    waiting: (one) => one.answer === null,
    overdue: (one) => one.overdue,
    answered: (one) => one.answer !== null,
    underway: (one) => ['planned', 'underway'].includes(one.status),
    done: (one) => one.status === 'done',
};

export async function show([first, second], context) {
    if (first && first !== 'status') return (await load('views/recommendations-one.js')).show(first, context);
    const name = first === 'status' && second in filters ? second : 'all';
    const [all, duty] = await Promise.all([list(`${source()}/recommendations`), get(`${source()}/answer-duty`)]);
    const found = all.filter(filters[name]);
    const isByDay = ['waiting', 'overdue'].includes(name);
    const sorted = isByDay ? found.toSorted((one, other) => one.answerDueOn.localeCompare(other.answerDueOn))
        : found.toReversed();
    return h('div', {}, h('h1', {}, t('recommendations')), h('p.lead', {}, t('recommendations.what')), owed(duty),
        h('nav.inner', { 'aria-label': t('recommendations.filter') },
            h('ul.tabs', {}, Object.entries(filters).map(([one, is]) => h('li', {},
            h('a', { href: one === 'all' ? '#/recommendations' : `#/recommendations/status/${one}`,
                'aria-current': one === name ? 'page' : null },
                t(`recommendations.${one}`), ` (${number(all.filter(is).length)})`))))),
        items(sorted, (one) => card(one, 'h2'), all.length === 0 ? t('recommendations.none')
            : t('recommendations.none.such')),
        all.length > 0 ? h('p', {}, h('a', { href: report(), target: '_blank', rel: 'noopener' }, t('report.see')), ' ',
            h('span.soft', {}, t('report.what'))) : null);
}

/** What became of all of them, as a page to print for a committee. */
const report = () => `/v1${source()}/report?format=html&language=${language() === 'en' ? 'en' : 'de'}`;

/** How many answers the employer owes; late ones stand out. */
function owed(duty) {
    if (duty.overdue > 0) {
        return h('p.notice.late', {}, h('strong', {}, t('duty.overdue',
            { count: duty.overdue, days: number(duty.longestDelayDays) })),
            duty.escalated > 0 ? ` ${t('duty.escalated', { count: duty.escalated })}` : null);
    }
    if (duty.owed === 0) return h('p.notice', {}, t('duty.none'));
    return h('p.notice', {}, t('duty.owed', { count: duty.owed }),
        duty.soon > 0 ? ` ${duty.owed === 1 ? t('duty.soon.this') : t('duty.soon', { count: duty.soon })}` : null);
}

/** A recommendation in a list. @param {object} one @param {string} [heading] its level there */
export const card = (one, heading = 'h3') => h('article', {},
    h(heading, {}, h('a', { href: `#/recommendations/${one.id}` }, `${number(one.number)}. ${one.title}`)),
    h('p', {}, standing(one), due(one), one.revision > 1 ? h('span.soft', {},
        ` · ${t('revision.number', { number: number(one.revision) })}`) : null));

/** How it stands, in words; late is said beside it when the status says something else. */
export const standing = (one) => [
    one.status === 'answered' ? badge(t(`decision.${one.answer.decision}`),
        { accepted: 'good', declined: 'bad' }[one.answer.decision] ?? '')
        : badge(t(`status.${one.status}`), one.overdue ? 'bad' : one.status === 'done' ? 'good' : ''),
    one.overdue && one.status !== 'overdue' ? badge(t('status.overdue'), 'bad') : null,
];

/** Until when an answer is owed, or since when it is there. */
export const due = (one) => (one.answer ? t('answer.on', { day: day(one.answer.answeredOn) })
    : t('answer.due', { day: day(one.answerDueOn) }));
