// For those who are in no network: asking to be let in, having read what membership means.

import { h, replace } from '../dom.js';
import { post, put } from '../api.js';
import { t } from '../i18n.js';
import { announce, field, form, icon, section, tick } from '../ui.js';
import { me } from '../session.js';
import { consentText } from './me-consent-text.js';

export async function joining() {
    const suspended = me().memberships.some((one) => one.state === 'suspended');
    if (suspended) return h('p.notice', {}, t('membership.suspended.what'));
    if (me().isAdmin) return [h('p.lead', {}, t('home.admin')), h('p', {}, h('a', { href: '#/me' }, t('me')))];
    return [h('p.lead', {}, t('home.noNetwork')), await asking()];
}

async function asking() {
    const consent = await consentText('membership');
    const place = field(t('inbox.network'), {
        required: true, pattern: '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}', autocomplete: 'off', spellcheck: 'false', hint: t('inbox.network.hint'),
    });
    const text = field(t('join.text'), { tag: 'textarea', rows: 4, maxlength: 2_000, member: 'text', isOptional: true, hint: t('join.text.hint') });
    const agreed = tick(t('consent.membership.give'), { required: true });
    const box = h('div', {});
    return replace(box, section(t('join'), h('p', {}, t('join.what')), form({
        fields: [place.box, text.box, h('fieldset', {}, h('legend', {}, t('consent.membership')), consent.box, agreed.box)],
        submit: t('join.ask'),
        act: async () => {
            // Before the request: whoever has withdrawn once is not let in without it.
            await put('/me/consents/membership', { textVersion: consent.version });
            await post(`/networks/${place.input.value.trim().toLowerCase()}/join-requests`, { text: text.input.value.trim() });
            const said = h('p.notice', { tabindex: '-1' }, icon('✓'), t('join.asked'));
            replace(box, said);
            said.focus();
            announce(t('join.asked'));
        },
    })));
}
