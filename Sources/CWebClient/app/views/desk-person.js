// One member: roles, unit, a new way in for who forgot the password, and the end of the membership.

import { h } from '../dom.js';
import { get, patch, post, remove } from '../api.js';
import { day, t } from '../i18n.js';
import { action, announce, field, form, sure, tick } from '../ui.js';
import { home } from '../session.js';
import { once } from './desk-once.js';

/** Nobody may remove the last coordinator; the server only says that it is not possible. */
function plainly(error) {
    if (error.code === 'state-conflict') error.code = 'last-coordinator';
    throw error;
}

/** @param {object} one the membership @param {object} context `units`, `roles`, `draw` shows it anew, `gone` takes it away */
export function person(one, { units, roles, draw, gone }) {
    const path = `${home()}/memberships/${one.id}`;
    return [standing(one, path, units, roles, draw), reset(one, path), end(one, path, gone)];
}

function standing(one, path, units, roles, draw) {
    const boxes = roles.map((role) => ({ role, ...tick(h('span', {}, h('strong', {}, t(`role.${role}`)), ` – ${t(`role.${role}.may`)}`),
        { checked: one.roles.includes(role), member: 'roles' }) }));
    const unit = field(t('unit'), { tag: 'select', value: one.unit ?? '', member: 'unit', hint: t('people.unit.hint'),
        options: [['', t('unit.none')], ...units.map((each) => [each.id, each.name])] });
    return form({
        name: t('people.standing', { name: one.displayName }), submit: t('save'),
        fields: [h('fieldset', {}, h('legend', {}, t('roles')), h('p.hint', {}, t('people.roles.hint')), boxes.map(({ box }) => box)),
            units.length > 0 ? unit.box : null],
        act: async () => {
            const chosen = boxes.filter(({ input }) => input.checked).map(({ role }) => role);
            if (chosen.length === 0) throw Object.assign(new Error(), { errors: [{ pointer: '/roles', detail: t('people.roles.none') }] });
            const powerful = ['coordinator', 'hr'].find((role) => chosen.includes(role) && !one.roles.includes(role));
            if (powerful && !await sure(t(`role.${powerful}.sure`, { name: one.displayName }), t('save'))) return;
            // What was read last is what is changed: somebody else may have been here meanwhile.
            const now = await get(path);
            if (now.version !== one.version) {
                Object.assign(one, now);
                throw Object.assign(new Error(), { code: 'stale' });
            }
            Object.assign(one, await patch(path, { roles: chosen, unit: unit.input.value || null }).catch(plainly));
            draw();
            announce(t('saved'));
        },
    });
}

/** Handed over in person: a mail would tell the office's mail server who is in the network. */
function reset(one, path) {
    const box = h('div', {});
    return h('div', {}, h('h4', {}, t('people.reset')), h('p', {}, t('people.reset.what')),
        h('p.actions', {}, action(t('people.reset.make'), async () => {
            if (!await sure(t('people.reset.sure', { name: one.displayName }), t('people.reset.make'))) return;
            const made = await post(`${path}/password-reset`).catch((error) => {
                throw error.status === 404 || error.status === 405 ? Object.assign(error, { code: 'not-here' }) : error;
            });
            once(box, {
                title: t('people.reset.code', { name: one.displayName }), codes: [made.code],
                what: t('people.reset.hand', { day: day(made.expiresOn), have: t('reset.have') }),
            });
        })), box);
}

function end(one, path, gone) {
    return h('div', {}, h('h4', {}, t('ending')), h('p', {}, t('ending.what')),
        h('p.actions', {}, action(t('ending.do'), async () => {
            if (!await sure(t('ending.sure', { name: one.displayName }), t('ending.do'))) return;
            await remove(path).catch(plainly);
            gone(one, t('ending.done', { name: one.displayName }));
        }, { kind: 'danger' })));
}
