// The employer's desk: which answers are owed and until when, what is being done, and ways to take the record along.

import { h } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, t } from '../i18n.js';
import { badge, items, section } from '../ui.js';
import { load } from '../integrity.js';
import { record } from '../session.js';
import { daysUntil } from './desk-days.js';

const parts = { files: 'views/employer-files.js', systems: 'views/employer-webhooks.js' };

export async function show([part], context) {
    if (part) return (await load(parts[part] ?? 'views/employer-recommendation.js')).show(part, context);
    const [all, duty] = await Promise.all([list(`${record()}/recommendations`), get(`${record()}/answer-duty`)]);
    const owed = all.filter((one) => !one.answer).toSorted(byDay((one) => one.answerDueOn));
    const answered = all.filter((one) => one.answer);
    const running = answered.filter((one) => !isOver(one)).toSorted(byDay((one) => one.answer.dueOn ?? '9999'));
    const over = answered.filter(isOver).toSorted((a, b) => b.number - a.number);
    return h('div', {}, h('h1', {}, t('employer')),
        h('p.lead', {}, duties(duty)), h('p', {}, t('employer.what')),
        section(t('employer.owed'), items(owed, owedCard, t('employer.owed.none'))),
        section(t('employer.running'), items(running, runningCard, t('employer.running.none'))),
        over.length > 0 ? section(t('employer.over'), items(over, runningCard, '')) : null,
        section(t('employer.more'), h('ul', {},
            h('li', {}, h('a', { href: '#/employer/files' }, t('employer.files')), `: ${t('employer.files.what')}`),
            h('li', {}, h('a', { href: '#/employer/systems' }, t('webhooks')), `: ${t('webhooks.short')}`),
            h('li', {}, h('a', { href: '#/numbers' }, t('numbers')), `: ${t('employer.numbers.what')}`))));
}

const byDay = (of) => (a, b) => of(a).localeCompare(of(b)) || a.number - b.number;
const isOver = (one) => one.answer.decision === 'declined' || ['done', 'stopped'].includes(one.status);

/** What the town owes, in one sentence. */
function duties({ owed, overdue, soon, longestDelayDays }) {
    if (owed === 0) return t('employer.duty.none');
    return [t('employer.duty.owed', { count: owed }),
        overdue > 0 ? t('employer.duty.overdue', { count: overdue, days: number(longestDelayDays) }) : null,
        soon > 0 ? t('employer.duty.soon', { count: soon }) : null].filter(Boolean).join(' ');
}

const link = (one) => h('h3', {}, h('a', { href: `#/employer/${one.id}` }, `${number(one.number)}. ${one.title}`));

/** How long there is still time, in words. @param {string} until `YYYY-MM-DD` */
export function deadline(until) {
    const left = daysUntil(until);
    if (left < 0) return badge(t('days.late', { count: -left }), 'bad');
    return badge(left === 0 ? t('days.today') : t('days.left', { count: left }), left <= 3 ? 'bad' : '');
}

function owedCard(one) {
    const isEscalated = one.reminders.some((each) => each.step === 'escalated');
    return h('article', {}, link(one), h('p', {}, deadline(one.answerDueOn), t('answer.due', { day: day(one.answerDueOn) })),
        isEscalated ? h('p.hint', {}, t('employer.escalated')) : null);
}

function runningCard(one) {
    const last = one.outcomes.at(-1);
    const isOpen = !isOver(one);
    return h('article', {}, link(one),
        h('p', {}, badge(t(`decision.${one.answer.decision}`)), badge(t(`status.${one.status}`), one.status === 'done' ? 'good' : ''),
            isOpen && one.answer.dueOn ? [deadline(one.answer.dueOn), t('employer.promised', { day: day(one.answer.dueOn) })] : null),
        last ? h('p.hint', {}, t('employer.last', { day: day(last.on), text: last.text.slice(0, 140) }))
            : isOpen ? h('p.hint', {}, t('employer.silent')) : null);
}
