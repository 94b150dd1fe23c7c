// One recommendation at the employer's desk: what is asked and on which grounds, the answer, and what became of it.

import { h } from '../dom.js';
import { get } from '../api.js';
import { day, number, percent, t } from '../i18n.js';
import { badge, prose, section } from '../ui.js';
import { bars } from '../charts.js';
import { record } from '../session.js';
import { answering } from './employer-answer.js';
import { deadline } from './employer.js';
import { progress } from './employer-progress.js';

export async function show(id, { show: again }) {
    const path = `${record()}/recommendations/${id}`;
    const one = await get(path);
    return h('div', {}, h('p', {}, h('a', { href: '#/employer' }, t('employer.all'))),
        h('h1', {}, `${number(one.number)}. ${one.title}`),
        h('p', {}, badge(t(`status.${one.status}`), one.overdue ? 'bad' : ''), one.answer ? null : deadline(one.answerDueOn),
            t('answer.due', { day: day(one.answerDueOn) }), ' · ', t('employer.published', { day: day(one.publishedOn) })),
        one.revision > 1 ? h('p.notice', {}, t('employer.revised', { day: day(one.revisedOn), revision: number(one.revision) })) : null,
        section(t('employer.asked'), prose(one.text), h('h3', {}, t('measure')), prose(one.measure)),
        grounds(one),
        h('p', {}, h('a', { href: `#/recommendations/${id}` }, t('employer.whole'))),
        section(t('answer'), answering(one, path, again)),
        section(t('outcomes'), progress(one, path, again)));
}

/** Released numbers, and who stands behind it: never more than what the record shows everybody. */
function grounds({ evidence, support, review, consultation }) {
    if (evidence.length === 0 && !support && !review && consultation.length === 0) return null;
    const rows = evidence.map((one) => ({ ...one, label: [one.itemText, one.unitName].filter(Boolean).join(' – ') || t('employer.total') }));
    return section(t('evidence'),
        rows.length > 0 ? bars(rows, t('evidence')) : null,
        support ? h('p', {}, t('employer.support', {
            atLeast: number(support.atLeast), yes: percent(support.yes), no: percent(support.no), abstain: percent(support.abstain),
        })) : null,
        review?.quality ? h('p', {}, t('employer.review', { quality: number(review.quality), effect: number(review.effect ?? 0) })) : null,
        consultation.map((one) => h('blockquote', {}, h('p.hint', {}, `${one.body}, ${day(one.on)}`), prose(one.text))));
}
