// What became of a recommendation: entered by the employer, read by everybody, and never taken out again.

import { h } from '../dom.js';
import { post } from '../api.js';
import { day, t } from '../i18n.js';
import { announce, badge, choice, field, form, prose } from '../ui.js';
import { today } from './desk-days.js';
import { drop, keep } from './desk-typed.js';

const statuses = ['planned', 'underway', 'done', 'stopped'];

/** @param {object} one a recommendation of the record @param {string} path of it @param {function} again draws the view anew */
export function progress(one, path, again) {
    if (!one.answer) return h('p.empty', {}, t('employer.progress.first'));
    const timeline = one.outcomes.toSorted((a, b) => a.on.localeCompare(b.on)).map((each) => h('li', {},
        badge(t(`status.${each.status}`), each.status === 'done' ? 'good' : ''), day(each.on), prose(each.text)));
    return [timeline.length > 0 ? h('ol.timeline', {}, timeline) : h('p.empty', {}, t('employer.progress.none')),
        h('h3', {}, t('outcome.add')), entry(one, path, again)];
}

function entry(one, path, again) {
    const key = `outcome-${one.id}`;
    const status = choice(t('status'), statuses.map((each) => [each, t(`employer.status.${each}`)]),
        { value: one.outcomes.length > 0 ? 'underway' : 'planned', member: 'status', required: true });
    const text = field(t('outcome.text'), {
        tag: 'textarea', rows: 4, maxlength: 20_000, required: true, member: 'text', hint: t('employer.outcome.hint'),
    });
    const on = field(t('employer.outcome.on'), {
        type: 'date', required: true, member: 'on', value: today(), hint: t('employer.outcome.on.hint'),
    });
    const idempotency = crypto.randomUUID();
    return keep(key, form({
        fields: [status.box, text.box, on.box], submit: t('outcome.add'), kept: t('kept.draft'),
        act: async () => {
            await post(`${path}/outcomes`, { status: status.value(), text: text.input.value, on: on.input.value }, idempotency);
            drop(key);
            await again();
            announce(t('employer.outcome.saved'));
        },
    }));
}
