// When a sign-in has ended while somebody was writing: the password, in a dialogue above the page, and nothing is lost.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { announce, form } from '../ui.js';
import * as session from '../session.js';
import { secondCode } from './sign-in-code.js';
import { password } from './sign-in-password.js';

/** Of the same person only: what stands on the page is theirs. @returns {Promise<boolean>} whether they are signed in again */
export function signInAgain() {
    return new Promise((done) => {
        const { email, displayName } = session.me();
        const secret = password(t('password'), { member: 'password', autocomplete: 'current-password', required: true });
        const code = secondCode();
        const dialog = h('dialog', { 'aria-labelledby': 'again', onclose: () => {
            dialog.remove();
            done(dialog.returnValue === 'yes');
        } },
        h('h2', { id: 'again' }, t('signIn.again')), h('p', {}, t('signIn.again.what', { name: displayName })),
        form({
            fields: [secret.box, code.box], submit: t('signIn'), kept: '',
            secondary: h('button', { type: 'button', onclick: () => dialog.close('no') }, t('cancel')),
            act: async () => {
                try {
                    await session.signIn(email, secret.input.value, code.value());
                } catch (error) {
                    if (code.isAskedFor(error) || error.status !== 401) throw error;
                    throw Object.assign(error, { code: 'sign-in', errors: [{ pointer: '/password', detail: t('signIn.again.wrong') }] });
                }
                dialog.close('yes');
                announce(t('signIn.again.done'));
            },
        }));
        document.body.append(dialog);
        dialog.showModal();
    });
}
