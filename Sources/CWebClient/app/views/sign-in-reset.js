// A forgotten password: a code of the coordinator's lets somebody choose a new one.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { post } from '../api.js';
import { field, form } from '../ui.js';
import * as session from '../session.js';
import { secondCode } from './sign-in-code.js';
import { password } from './sign-in-password.js';

export function reset(arrive) {
    const email = field(t('email'), { type: 'email', member: 'email', autocomplete: 'email', required: true, maxlength: 254 });
    const code = field(t('reset.code'), {
        member: 'code', required: true, maxlength: 120, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'characters', hint: t('reset.code.hint'),
    });
    const fresh = password(t('password.new'), {
        member: 'password', autocomplete: 'new-password', minlength: 12, required: true, hint: t('password.hint'),
    });
    const second = secondCode();
    const isReset = { done: false };
    return h('div', {}, h('h1', {}, t('reset.have')), h('p.lead', {}, t('reset.what')),
        h('ol', {}, ['call', 'code', 'choose'].map((step) => h('li', {}, t(`reset.step.${step}`)))),
        form({
            fields: [email.box, code.box, fresh.box, second.box], submit: t('reset.do'),
            act: async () => {
                const [address, text] = [email.input.value.trim(), fresh.input.value];
                if (!isReset.done) await post('/password-resets', { email: address, code: code.input.value.trim(), password: text }).catch(refused);
                // The code is used up now; a reset leaves the second factor, whose code may have to be typed more than once.
                isReset.done = true;
                try {
                    await session.signIn(address, text, second.value());
                } catch (error) {
                    second.isAskedFor(error);
                    throw error;
                }
                await arrive();
            },
        }), h('p', {}, h('a', { href: '#/sign-in' }, t('signIn.back'))));
}

/** An unknown address and a wrong code are refused alike, so that nobody can find out who has an account. */
function refused(error) {
    if (error.status >= 400 && error.status < 500 && error.status !== 429 && error.errors.length === 0) error.code = 'reset';
    throw error;
}
