// A forgotten password: a code of the coordinator's lets somebody choose a new one.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { post } from '../api.js';
import { field, form } from '../ui.js';
import * as session from '../session.js';
import { password } from './sign-in-password.js';

export function reset(arrive) {
    const email = field(t('email'), { type: 'email', member: 'email', autocomplete: 'email', required: true, maxlength: 254 });
    const code = field(t('reset.code'), {
        member: 'code', required: true, maxlength: 120, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'characters', hint: t('reset.code.hint'),
    });
    const fresh = password(t('password.new'), {
        member: 'password', autocomplete: 'new-password', minlength: 12, required: true, hint: t('password.hint'),
    });
    return h('div', {}, h('h1', {}, t('reset.have')), h('p.lead', {}, t('reset.what')),
        h('ol', {}, ['call', 'code', 'choose'].map((step) => h('li', {}, t(`reset.step.${step}`)))),
        form({
            fields: [email.box, code.box, fresh.box], submit: t('reset.do'),
            act: async () => {
                const [address, text] = [email.input.value.trim(), fresh.input.value];
                await post('/password-resets', { email: address, code: code.input.value.trim(), password: text }).catch(refused);
                await session.signIn(address, text);
                await arrive();
            },
        }), h('p', {}, h('a', { href: '#/sign-in' }, t('signIn.back'))));
}

/** An unknown address and a wrong code are refused alike, so that nobody can find out who has an account. */
function refused(error) {
    if (error.status >= 400 && error.status < 500 && error.status !== 429 && error.errors.length === 0) error.code = 'reset';
    throw error;
}
