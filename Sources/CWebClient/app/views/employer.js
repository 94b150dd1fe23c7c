// The employer's desk: what was asked, the answer to it, and what is being done.

import { h } from '../dom.js';
import { get, list, post, put } from '../api.js';
import { day, number, t } from '../i18n.js';
import { announce, badge, field, form, items, prose, section } from '../ui.js';
import { record } from '../session.js';

export async function show([id], context) {
    if (id) return detail(id, context);
    const all = await list(`${record()}/recommendations`);
    const [waiting, answered] = [all.filter((one) => !one.answer), all.filter((one) => one.answer)];
    return h('div', {}, h('h1', {}, t('employer')), h('p.hint', {}, t('employer.what')),
        section(t('home.waiting'), items(waiting, card, t('home.waiting.none'))),
        section(t('employer.answered'), items(answered, card, t('employer.answered.none'))),
        section(t('exports'), h('p', {}, h('a', { href: `/v1${record()}/recommendations.csv`, download: 'recommendations.csv' }, t('export.csv')))));
}

const card = (one) => h('article', {}, h('h3', {}, h('a', { href: `#/employer/${one.id}` }, `${number(one.number)}. ${one.title}`)),
    h('p', {}, badge(t(`status.${one.status}`), one.overdue ? 'bad' : ''), t('answer.due', { day: day(one.answerDueOn) })));

async function detail(id, { show: again }) {
    const path = `${record()}/recommendations/${id}`;
    const one = await get(path);
    const decision = field(t('decision'), { tag: 'select', value: one.answer?.decision, options: ['accepted', 'partly', 'declined'].map((each) => [each, t(`decision.${each}`)]) });
    const text = field(t('answer.text'), { tag: 'textarea', rows: 6, maxlength: 20_000, value: one.answer?.text ?? '', hint: t('answer.text.hint') });
    const responsible = field(t('responsible'), { maxlength: 300, required: true, value: one.answer?.responsible ?? '' });
    const due = field(t('dueOn'), { type: 'date', value: one.answer?.dueOn ?? '' });
    const status = field(t('status'), { tag: 'select', options: ['planned', 'underway', 'done', 'stopped'].map((each) => [each, t(`status.${each}`)]) });
    const what = field(t('outcome.text'), { tag: 'textarea', rows: 3, maxlength: 20_000, required: true });
    const on = field(t('day'), { type: 'date', required: true, value: new Date().toISOString().slice(0, 10) });
    return h('article', {}, h('h1', {}, `${number(one.number)}. ${one.title}`),
        h('p', {}, badge(t(`status.${one.status}`), one.overdue ? 'bad' : ''), t('answer.due', { day: day(one.answerDueOn) })),
        prose(one.text), section(t('measure'), prose(one.measure)),
        section(t('answer'), form({ fields: [decision.box, text.box, responsible.box, due.box], submit: t('answer.give'), act: async () => {
            await put(`${path}/answer`, { decision: decision.input.value, text: text.input.value, responsible: responsible.input.value, dueOn: due.input.value || null });
            announce(t('saved'));
            await again();
        } })),
        section(t('outcomes'), h('ol', {}, one.outcomes.map((each) => h('li', {}, badge(t(`status.${each.status}`)), day(each.on), prose(each.text)))),
            one.answer ? form({ fields: [status.box, what.box, on.box], submit: t('outcome.add'), act: async () => {
                await post(`${path}/outcomes`, { status: status.input.value, text: what.input.value, on: on.input.value });
                await again();
            } }) : null));
}
