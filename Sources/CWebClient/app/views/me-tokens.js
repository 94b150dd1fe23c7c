// Tokens for programs of one's own: made with an end, shown once, ended at any time.

import { h, replace } from '../dom.js';
import { get, post, remove } from '../api.js';
import { day, t } from '../i18n.js';
import { action, announce, badge, choice, field, form, items, section, sure } from '../ui.js';
import { later, today } from './events-time.js';
import { secret } from './me-secret.js';
import { network } from '../session.js';

const now = () => (network() ? today() : new Date().toISOString().slice(0, 10));

export async function tokens() {
    const all = h('div', {});
    const heading = h('h3', { tabindex: '-1' }, t('tokens.have'));
    const draw = async () => replace(all, items((await get('/me/api-tokens')).items, (one) => h('article', {}, h('h4', {}, one.name),
        h('p', {}, badge(t(`token.${one.scopes.includes('write') ? 'write' : 'read'}`)),
            t(one.expiresOn < now() ? 'token.expired' : 'token.until', { day: day(one.expiresOn) })),
        h('p.actions', {}, action(t('token.end'), async () => {
            if (!await sure(t('token.end.sure', { name: one.name }), t('token.end'))) return;
            await remove(`/me/api-tokens/${one.id}`);
            await draw();
            heading.focus();
            announce(t('token.ended'));
        }))), t('tokens.none')));
    await draw();
    return section(t('tokens'), h('p', {}, t('tokens.what')), heading, all,
        h('details', {}, h('summary', {}, t('token.new')), tokenForm(draw)));
}

function tokenForm(draw) {
    const name = field(t('token.name'), { member: 'name', required: true, maxlength: 120, hint: t('token.name.hint'), autocomplete: 'off' });
    const scope = choice(t('token.scopes'), ['read', 'write'].map((one) => [one, t(`token.${one}`)]), { value: 'read', member: 'scopes' });
    const until = field(t('token.expires'), {
        type: 'date', member: 'expiresOn', required: true, value: later(now(), 90), min: later(now(), 1), max: later(now(), 730), hint: t('token.expires.hint'),
    });
    const made = h('div', {});
    return h('div', {}, form({
        fields: [name.box, scope.box, until.box], submit: t('token.make'), name: t('token.new'),
        act: async () => {
            const scopes = scope.value() === 'write' ? ['read', 'write'] : ['read'];
            const token = await post('/me/api-tokens', { name: name.input.value.trim(), scopes, expiresOn: until.input.value });
            replace(made, secret(t('token.text'), token.token, t('token.once')));
            name.input.value = '';
            await draw();
            made.querySelector('input').focus();
            announce(t('token.made'));
        },
    }), made);
}
