// Who is reminded beside HR, and whom it concerns when the employer does not answer.

import { h } from '../dom.js';
import { get, putRead } from '../api.js';
import { t } from '../i18n.js';
import { announce, field, form } from '../ui.js';
import { home } from '../session.js';
import { drop, keep } from './desk-typed.js';

const most = 10;

/** Two fields that are both filled or both empty. */
function person(legend, one, member) {
    const name = field(t('contact.name'), {
        maxlength: 120, value: one?.name ?? '', member: `${member}/name`, autocomplete: 'off',
    });
    const email = field(t('contact.email'), {
        type: 'email', maxlength: 254, value: one?.email ?? '', member: `${member}/email`, autocomplete: 'off',
    });
    const pair = () => {
        const isNamed = Boolean(name.input.value.trim() || email.input.value.trim());
        for (const { input } of [name, email]) input.required = isNamed;
    };
    for (const { input } of [name, email]) input.addEventListener('input', pair);
    pair();
    return {
        box: h('fieldset', {}, h('legend', {}, legend), h('div.row', {}, name.box, email.box)),
        value: () => (name.input.value.trim() ? { name: name.input.value.trim(), email: email.input.value.trim() } : null),
    };
}

/** @returns {Promise<HTMLElement[]>} */
export async function contacts() {
    const path = `${home()}/answer-duty-contacts`;
    const one = await get(path);
    const deputy = person(t('duty.deputy'), one.deputy, 'deputy');
    const bodies = [], list = h('div', {});
    const add = (body) => {
        const made = person(t('duty.body', { number: bodies.length + 1 }), body, `bodies/${bodies.length}`);
        bodies.push(made);
        list.append(made.box);
        more.hidden = bodies.length >= most;
        return made.box;
    };
    const more = h('button', { type: 'button', onclick: () => add(null).querySelector('input').focus() }, t('duty.body.add'));
    one.bodies.forEach(add);
    if (one.bodies.length === 0) add(null);
    const grace = field(t('duty.grace'), {
        type: 'number', required: true, min: 0, max: 365, value: String(one.graceDays), member: 'graceDays',
        hint: t('duty.grace.hint'),
    });
    return [h('p', {}, t('duty.what')), h('ol', {}, ['soon', 'last', 'overdue', 'escalated'].map((step) => h('li', {}, t(`duty.step.${step}`)))),
        keep('duty', form({
            name: t('duty'), submit: t('save'),
            fields: [deputy.box, h('p.hint', {}, t('duty.deputy.hint')), list, h('p.hint', {}, t('duty.bodies.hint')),
                h('p.actions', {}, more), grace.box],
            act: async () => {
                await putRead(path, {
                    deputy: deputy.value(), bodies: bodies.map((each) => each.value()).filter(Boolean), graceDays: Number(grace.input.value),
                });
                await get(path);
                drop('duty');
                announce(t('saved'));
            },
        }))];
}
