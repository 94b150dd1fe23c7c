// The employer's answer: what is decided and why, who is responsible, and what is to be done until when.

import { h, replace } from '../dom.js';
import { post, putPart } from '../api.js';
import { day, number, t } from '../i18n.js';
import { announce, badge, choice, field, form, prose, sure } from '../ui.js';
import { drop, keep } from './desk-typed.js';

const decisions = ['accepted', 'partly', 'declined'];
const most = 12;

/** @param {object} one a recommendation of the record @param {string} path of it @param {function} again draws the view anew */
export function answering(one, path, again) {
    if (!one.answer) return answerForm(one, path, again);
    const { decision, text, responsible, dueOn, answeredOn, version, revision } = one.answer;
    return [
        h('p', {}, badge(t(`decision.${decision}`)), t('employer.answered.on', { day: day(answeredOn), version: number(version) })),
        revision < one.revision ? h('p.notice', {}, t('employer.answered.earlier', { revision: number(revision) })) : null,
        prose(text),
        h('dl', {}, h('dt', {}, t('responsible')), h('dd', {}, responsible),
            dueOn ? [h('dt', {}, t('dueOn')), h('dd', {}, day(dueOn))] : null),
        h('details', {}, h('summary', {}, t('employer.answer.change')), h('p', {}, t('employer.answer.change.what')),
            answerForm(one, path, again)),
    ];
}

function answerForm(one, path, again) {
    const key = `answer-${one.id}`;
    const decision = choice(t('decision'), decisions.map((each) => [each, t(`employer.decision.${each}`)]),
        { value: one.answer?.decision ?? null, member: 'decision', required: true });
    const text = field(t('answer.text'), {
        tag: 'textarea', rows: 7, maxlength: 20_000, member: 'text', value: one.answer?.text ?? '',
        hint: t('answer.text.hint'),
    });
    const responsible = field(t('employer.responsible'), {
        maxlength: 300, required: true, member: 'responsible', value: one.answer?.responsible ?? '',
        hint: t('employer.responsible.hint'),
    });
    const due = field(t('employer.dueOn'), {
        type: 'date', member: 'dueOn', value: one.answer?.dueOn ?? '', isOptional: true,
    });
    const steps = one.answer ? null : measures();
    const rule = () => {
        // Whoever agrees need not say why; whoever does not, must.
        text.input.required = decision.value() !== 'accepted';
        if (steps) steps.box.hidden = decision.value() === 'declined';
    };
    decision.box.addEventListener('change', rule);
    const element = keep(key, form({
        fields: [decision.box, text.box, responsible.box, due.box, steps?.box], submit: t('answer.give'), kept: t('kept.draft'),
        act: async () => {
            if (!await sure(t('employer.answer.sure'), t('answer.give'))) return;
            await putPart(path, 'answer', {
                decision: decision.value(), text: text.input.value, responsible: responsible.input.value, dueOn: due.input.value || null,
            });
            drop(key);
            // An answer that has arrived must not be given again because a measure has not.
            const left = decision.value() === 'declined' ? 0 : await steps?.send(path) ?? 0;
            await again();
            announce(left > 0 ? t('employer.measures.left', { count: left }) : t('employer.answer.given'), left > 0);
        },
    }));
    rule();
    return element;
}

/** Measures with a day each; they become the first entries of the timeline. */
function measures() {
    const rows = h('ol.plain', {});
    const add = () => {
        const what = field(t('employer.measure', { number: number(rows.childElementCount + 1) }), { maxlength: 2_000 });
        const by = field(t('dueOn'), { type: 'date' });
        const pair = () => { by.input.required = what.input.value.trim() !== ''; };
        what.input.addEventListener('input', pair);
        const row = h('li.row', {}, what.box, by.box);
        Object.assign(row, { read: () => ({ text: what.input.value.trim(), on: by.input.value }), key: crypto.randomUUID() });
        rows.append(row);
        if (rows.childElementCount >= most) more.hidden = true;
        return what.input;
    };
    const more = h('button', { type: 'button', onclick: () => add().focus() }, t('employer.measure.add'));
    add();
    return {
        box: h('fieldset', {}, h('legend', {}, t('employer.measures')), h('p.hint', {}, t('employer.measures.hint')), rows, h('p.actions', {}, more)),
        /** @returns {Promise<number>} how many could not be entered */
        async send(path) {
            let left = 0;
            for (const row of rows.children) {
                const { text, on } = row.read();
                if (text === '') continue;
                await post(`${path}/outcomes`, { status: 'planned', text, on }, row.key).catch(() => { left += 1; });
            }
            return left;
        },
    };
}
