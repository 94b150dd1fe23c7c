// Signing in, and the ways for those who cannot yet or who need not.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { announce, field, form, icon } from '../ui.js';
import { picture } from '../pictures.js';
import { load } from '../integrity.js';
import * as session from '../session.js';
import { forgetTicks } from './events-ticks.js';
import { secondCode } from './sign-in-code.js';
import { invitation } from './sign-in-invitation.js';
import { password } from './sign-in-password.js';
import { reset } from './sign-in-reset.js';

/** The ways by a provider, which most people do not take. */
const byProvider = { provider: 'provider', join: 'join', refused: 'refused' };

export async function show([part, ...what], context) {
    // Whoever was here before has signed out, or the sign-in has ended: what lay on this device for them goes.
    if (session.me() === null) forgetTicks();
    const arrive = () => arrived(context);
    if (part === 'invitation') return invitation(arrive);
    if (part === 'reset') return reset(arrive);
    // Whoever could not link is told so while they are signed in.
    if (byProvider[part] && (part === 'refused' || !session.me())) return (await load('views/sign-in-provider.js'))[byProvider[part]](...what);
    return session.me() ? already() : start(arrive);
}

/** Where somebody wanted to go, or home. */
async function arrived({ go, show: again }) {
    announce(t('signedIn'), false, { isSeen: false });
    if (/^#\/sign-in/.test(location.hash)) return go('');
    return again();
}

const already = () => h('div', {}, h('h1', {}, t('signIn')),
    h('p.notice', {}, t('signIn.already', { name: session.me().displayName })), h('p', {}, h('a', { href: '#/' }, t('home'))));

function start(arrive) {
    const email = field(t('email'), { type: 'email', member: 'email', autocomplete: 'email', required: true, maxlength: 254 });
    const secret = password(t('password'), { member: 'password', autocomplete: 'current-password', required: true });
    const elsewhere = session.elsewhere();
    const code = secondCode();
    return h('div', {}, h('h1', {}, t('signIn')), h('p.lead', {}, t('signIn.what')),
        elsewhere ? h('p.notice', {}, icon('⚠'), t('provider.still', { name: elsewhere.name }), ' ', h('a', { href: elsewhere.signOutUrl }, t('provider.signOut', { name: elsewhere.name }))) : null,
        h('div.columns', {},
            h('div.card', {}, form({
                fields: [email.box, secret.box, code.box], submit: t('signIn'), kept: '', name: t('signIn'),
                act: async () => {
                    try {
                        await session.signIn(email.input.value.trim(), secret.input.value, code.value());
                    } catch (error) {
                        // Which of the two is wrong, nobody says.
                        if (!code.isAskedFor(error) && error.status === 401) error.errors = [{ pointer: '/password', detail: t('error.sign-in') }];
                        throw error;
                    }
                    await arrive();
                },
            }), h('p', {}, h('a', { href: '#/sign-in/reset' }, t('reset.have')))),
            h('div', {},
                way('✉', 'inbox', '#/inbox', t('signIn.inbox'), t('signIn.inbox.what')),
                way('⇄', 'key', '#/sign-in/provider', t('provider'), t('provider.way')),
                way('＋', 'key', '#/sign-in/invitation', t('invitation.have'), t('invitation.have.what')),
                h('p.notice', {}, icon('⚠'), t('signIn.device')))));
}

const way = (sign, name, href, title, what) => h('div.card.way', {}, h('h2', {}, picture(name) ?? icon(sign), h('a', { href }, title)), h('p', {}, what));
