// What the network asks for, what the employer says, and what came of it.

import { h } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, percent, t } from '../i18n.js';
import { badge, items, prose, section } from '../ui.js';
import { bars } from '../charts.js';
import { home, isInsider, record } from '../session.js';

const base = () => (isInsider() ? home() : record());

export async function show([id]) {
    if (id) return detail(id);
    const [all, duty] = await Promise.all([list(`${base()}/recommendations`), get(`${base()}/answer-duty`)]);
    return h('div', {}, h('h1', {}, t('recommendations')),
        h('p.notice', {}, duty.overdue > 0
            ? t('duty.overdue', { count: duty.overdue, days: number(duty.longestDelayDays) })
            : t('duty.owed', { count: duty.owed })),
        items(all.toReversed(), card, t('recommendations.none')));
}

/** A recommendation in a list. */
export const card = (one) => h('article', {},
    h('h3', {}, h('a', { href: `#/recommendations/${one.id}` }, `${number(one.number)}. ${one.title}`)),
    h('p', {}, badge(t(`status.${one.status}`), one.overdue ? 'bad' : ''), due(one)));

const due = (one) => (one.answer ? t('answer.on', { day: day(one.answer.answeredOn) }) : t('answer.due', { day: day(one.answerDueOn) }));

async function detail(id) {
    const one = await get(`${base()}/recommendations/${id}`);
    const timeline = isInsider() ? (await get(`${home()}/recommendations/${id}/timeline`)).items : [];
    const rows = one.evidence.map((cell) => ({ ...cell, label: [cell.itemText, cell.unitName].filter(Boolean).join(' · ') || t('all') }));
    return h('article', {}, h('h1', {}, `${number(one.number)}. ${one.title}`),
        h('p', {}, badge(t(`status.${one.status}`), one.overdue ? 'bad' : ''), due(one)),
        prose(one.text), section(t('measure'), prose(one.measure)),
        rows.length > 0 ? section(t('evidence'), h('p.hint', {}, t('evidence.from', { number: [...new Set(one.evidence.map((cell) => cell.releaseNumber))].join(', ') })), bars(rows, t('evidence'))) : null,
        section(t('support'), one.support
            ? h('p', {}, t('support.is', { yes: percent(one.support.yes), no: percent(one.support.no), atLeast: number(one.support.atLeast) }))
            : h('p.empty', {}, t('support.none'))),
        section(t('answer'), one.answer
            ? [h('p', {}, badge(t(`decision.${one.answer.decision}`), one.answer.decision === 'declined' ? 'bad' : 'good'), one.answer.responsible), prose(one.answer.text)]
            : h('p.empty', {}, one.overdue ? t('answer.overdue') : t('answer.none'))),
        one.outcomes.length > 0 ? section(t('outcomes'), h('ol', {}, one.outcomes.map((each) => h('li', {}, badge(t(`status.${each.status}`)), day(each.on), prose(each.text))))) : null,
        timeline.length > 0 ? section(t('timeline'), h('ol.timeline', {}, timeline.map((each) => h('li', {}, day(each.on), ': ', t(`event.${each.event}`))))) : null);
}
