// Signing in, and making an account with an invitation.

import { h } from '../dom.js';
import { language, t } from '../i18n.js';
import { post } from '../api.js';
import { field, form, section } from '../ui.js';
import { prepare } from '../voice.js';
import * as session from '../session.js';

export function show(_, { go }) {
    const email = field(t('email'), { type: 'email', autocomplete: 'username', required: true, maxlength: 254 });
    const password = field(t('password'), { type: 'password', autocomplete: 'current-password', required: true });
    return h('div', {}, h('h1', {}, t('signIn')),
        h('p.notice', {}, t('signIn.device')),
        form({
            fields: [email.box, password.box], submit: t('signIn'), kept: '',
            act: async () => {
                await session.signIn(email.input.value.trim(), password.input.value);
                begin();
                go('');
            },
        }),
        h('p', {}, h('a', { href: '#/inbox' }, t('signIn.inbox'))),
        h('details', {}, h('summary', {}, t('invitation.have')), invitation(go)));
}

/** Tokens come now, with the first start of an epoch, not when somebody writes; what fails is tried at the next start. */
function begin() {
    if (session.network() && session.isInsider()) prepare().catch(() => {});
}

function invitation(go) {
    const code = field(t('invitation'), { required: true, autocomplete: 'off', spellcheck: 'false' });
    const name = field(t('displayName'), { required: true, maxlength: 100, hint: t('displayName.hint') });
    const email = field(t('email'), { type: 'email', required: true, maxlength: 254, hint: t('email.hint') });
    const password = field(t('password'), { type: 'password', autocomplete: 'new-password', minlength: 12, required: true, hint: t('password.hint') });
    return section(t('account.make'), form({
        fields: [code.box, name.box, email.box, password.box], submit: t('account.make'),
        act: async () => {
            await post('/accounts', {
                invitation: code.input.value.trim(), email: email.input.value.trim(), password: password.input.value,
                displayName: name.input.value.trim(), locale: language(),
            });
            await session.signIn(email.input.value.trim(), password.input.value);
            go('');
        },
    }));
}
