// Signing in where somebody is known already: at the provider of their network, which they find by its short name.

import { h, replace } from '../dom.js';
import { language, t } from '../i18n.js';
import { ask, get } from '../api.js';
import { me } from '../session.js';
import { field, form, icon, tick } from '../ui.js';
import { consentText } from './me-consent-text.js';

const back = () => h('p', {}, h('a', { href: '#/sign-in' }, t('signIn.back')));
const path = (slug) => `/sign-in/${encodeURIComponent(slug)}`;

/** The form of a short name; what a telephone adds to it does not matter. */
const short = (text) => text.trim().toLowerCase().replace(/\s+/g, '-');

/**
 * Leaves for the provider, which sends the browser back.
 * @param {string} slug of the network @param {object} what of `POST /v1/sign-in/{slug}`
 */
export async function leaveFor(slug, what) {
    const { authorizationUrl } = await ask('POST', path(slug), what);
    location.assign(authorizationUrl);
}

/** @param {string|undefined} slug when somebody comes with an address that names their network */
export async function provider(slug) {
    const found = slug ? await get(path(slug)).catch((error) => { if (error.status !== 404) throw error; return null; }) : null;
    return h('div', {}, h('h1', {}, t('provider')), h('p.lead', {}, t('provider.what')),
        found ? offer(found) : search(slug), back());
}

function search(slug) {
    const name = field(t('provider.network'), {
        required: true, minlength: 2, maxlength: 40, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
        value: slug ?? '', hint: t('provider.network.hint'),
    });
    const box = h('div', {}, slug ? h('p.failure', { role: 'note' }, icon('!'), t('error.provider-none')) : null);
    const asked = form({
        fields: [name.box], submit: t('provider.find'), kept: '', name: t('provider'),
        act: async () => {
            try {
                const found = await get(path(short(name.input.value)));
                replace(box, offer(found));
                box.querySelector('button').focus();
            } catch (error) {
                if (error.status === 404) error.code = 'provider-none';
                throw error;
            }
        },
    });
    return h('div', {}, h('div.card', {}, asked), box);
}

function offer({ slug, name, mayJoin }) {
    return h('div.card', {},
        form({ fields: [], submit: t('provider.go', { name }), kept: '', name: t('provider.go', { name }), act: () => leaveFor(slug, { purpose: 'signIn' }) }),
        h('p', {}, icon('⚠'), t('provider.learns', { name })), h('p', {}, t('provider.first')),
        mayJoin ? h('p', {}, h('a', { href: `#/sign-in/join/${slug}` }, t('invitation.have'))) : null);
}

/** Becoming a member without a password; what is agreed to is read before it is given. */
export async function join(slug = '') {
    const [{ name }, consent] = await Promise.all([get(path(slug)), consentText('membership')]);
    const code = field(t('invitation'), {
        member: 'invitation', required: true, minlength: 8, maxlength: 120, autocomplete: 'off', spellcheck: 'false', hint: t('invitation.hint'),
    });
    const own = field(t('displayName'), { member: 'displayName', required: true, maxlength: 120, autocomplete: 'off', hint: t('displayName.hint') });
    const email = field(t('email'), { type: 'email', member: 'email', autocomplete: 'email', required: true, maxlength: 254, hint: t('email.hint') });
    const membership = tick(t('consent.membership.give'), { required: true });
    return h('div', {}, h('h1', {}, t('account.make')), h('p.lead', {}, t('provider.join', { name })),
        h('p.notice', {}, icon('⚠'), t('provider.learns', { name })),
        form({
            fields: [
                code.box, own.box, email.box,
                h('fieldset', {}, h('legend', {}, t('consent.membership')), consent.box, membership.box),
            ],
            submit: t('provider.go', { name }), name: t('account.make'),
            act: async () => {
                const what = { invitation: code.input.value.trim(), email: email.input.value.trim(), displayName: own.input.value.trim(), consent: consent.version };
                try {
                    await leaveFor(slug, { purpose: 'join', locale: language(), ...what });
                } catch (error) {
                    if (error.code === 'invitation-unknown') error.errors = [{ pointer: '/invitation', detail: t('error.invitation-unknown') }];
                    throw error;
                }
            },
        }), back());
}

const reasons = ['begun', 'declined', 'provider', 'unknown', 'role', 'linked', 'invitation', 'session', 'busy'];

/**
 * What went wrong on the way back, and what to do now.
 * @param {string} reason as the server's address says it @param {string|undefined} slug of the network, if they set out from there
 */
export function refused(reason, slug) {
    const known = reasons.includes(reason) ? reason : 'provider';
    const what = [h('h1', {}, t('provider.refused')), h('p.failure', { role: 'note' }, icon('!'), t(`provider.refused.${known}`))];
    // Whoever wanted to link it has not been signed out by that.
    if (me()) {
        return h('div', {}, what, h('p', {}, t('provider.refused.signedIn')), h('p', {}, h('a', { href: '#/me/security' }, t('me.security'))));
    }
    return h('div', {}, what, h('p', {}, t(`provider.refused.${known}.do`)),
        h('ul', {}, h('li', {}, h('a', { href: '#/sign-in' }, t('signIn'))),
            h('li', {}, h('a', { href: `#/sign-in/provider${slug ? `/${slug}` : ''}` }, t('provider'))),
            h('li', {}, h('a', { href: '#/sign-in/invitation' }, t('invitation.have')))));
}
