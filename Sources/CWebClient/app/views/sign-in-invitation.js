// Making an account with an invitation: what is agreed to is read before it is given.

import { h } from '../dom.js';
import { language, t } from '../i18n.js';
import { post, put } from '../api.js';
import { announce, field, form, icon, tick } from '../ui.js';
import * as session from '../session.js';
import { consentText } from './me-consent-text.js';
import { password } from './sign-in-password.js';

export async function invitation(arrive) {
    const [memberText, mailText] = await Promise.all(['membership', 'mail'].map((one) => consentText(one)));
    const code = field(t('invitation'), {
        member: 'invitation', required: true, minlength: 8, maxlength: 120, autocomplete: 'off', spellcheck: 'false', hint: t('invitation.hint'),
    });
    const name = field(t('displayName'), { member: 'displayName', required: true, maxlength: 120, autocomplete: 'off', hint: t('displayName.hint') });
    const email = field(t('email'), { type: 'email', member: 'email', autocomplete: 'email', required: true, maxlength: 254, hint: t('email.hint') });
    const secret = password(t('password'), {
        member: 'password', autocomplete: 'new-password', minlength: 12, required: true, hint: t('password.hint'),
    });
    const membership = tick(t('consent.membership.give'), { required: true });
    const mail = tick(t('consent.mail.give'));
    const isMade = { done: false };
    return h('div', {}, h('h1', {}, t('account.make')), h('p.lead', {}, t('account.make.what')),
        h('p.notice', {}, icon('⚠'), t('signIn.device')),
        form({
            fields: [
                code.box, name.box, email.box, secret.box,
                h('fieldset', {}, h('legend', {}, t('consent.membership')), memberText.box, membership.box),
                h('fieldset', {}, h('legend', {}, t('consent.mail')), mailText.box, mail.box),
            ],
            submit: t('account.make'),
            act: async () => {
                const [address, text] = [email.input.value.trim(), secret.input.value];
                const account = { email: address, password: text, displayName: name.input.value.trim(), consent: memberText.version };
                if (!isMade.done) await make({ invitation: code.input.value.trim(), ...account });
                // The code is used up now; what fails from here on is tried again without it.
                isMade.done = true;
                await session.signIn(address, text);
                if (mail.input.checked) await put('/me/consents/mail', { textVersion: mailText.version }).catch(() => announce(t('consent.mail.later'), true));
                await arrive();
            },
        }),
        h('p', {}, h('a', { href: '#/sign-in' }, t('signIn.back'))));
}

async function make(account) {
    try {
        await post('/accounts', { ...account, locale: language() });
    } catch (error) {
        if (error.code === 'invitation-unknown') error.errors = [{ pointer: '/invitation', detail: t('error.invitation-unknown') }];
        throw error;
    }
}
