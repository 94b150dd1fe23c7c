// By which providers somebody signs in: linked with the password, and ended here.

import { h } from '../dom.js';
import { get, remove } from '../api.js';
import { day, t } from '../i18n.js';
import { action, announce, badge, form, icon, section, sure } from '../ui.js';
import { secondCode } from './sign-in-code.js';
import { password } from './sign-in-password.js';
import { leaveFor } from './sign-in-provider.js';

/** @returns {Promise<HTMLElement|null>} nothing where no network has a provider */
export async function providers(again) {
    const [{ items }, factor] = await Promise.all([found('/me/provider-links', { items: [] }), found('/me/second-factor', null)]);
    if (items.length === 0) return null;
    const [linked, open] = [items.filter((one) => one.linkedOn), items.filter((one) => !one.linkedOn)];
    return section(t('providers'), h('p', {}, t('providers.what')),
        linked.length > 0 ? h('ul.cards', {}, linked.map((one) => h('li', {}, card(one, again)))) : null, open.map((one) => link(one, factor?.state === 'on')));
}

/** What is there, or what stands in for it where it cannot be read. */
const found = (path, other) => get(path).catch((error) => {
    if (error.status === 401) throw error;
    return other;
});

const card = (one, again) => [
    h('p', {}, one.isCurrent ? badge(t('session.current'), 'good') : null, h('strong', {}, one.name), ' ', t('providers.since', { day: day(one.linkedOn) })),
    h('p.hint', { translate: 'no' }, one.issuer),
    h('p.actions', {}, action([t('providers.unlink'), h('span.visually-hidden', {}, `: ${one.name}`)], async () => {
        if (!await sure(t('providers.unlink.sure', { name: one.name }), t('providers.unlink'))) return;
        await remove(`/me/provider-links/${one.network}`);
        await again();
        announce(t('providers.unlinked'));
    }, { kind: 'danger' })),
];

function link({ slug, name }, hasFactor) {
    const secret = password(t('password'), { member: 'password', autocomplete: 'current-password', required: true });
    const code = secondCode(hasFactor);
    return h('div.card', {}, h('h3', {}, t('providers.link', { name })), h('p', {}, icon('⚠'), t('providers.learns', { name })),
        form({
            fields: [secret.box, code.box], submit: t('providers.link', { name }), kept: '', name: t('providers'),
            act: async () => {
                try {
                    await leaveFor(slug, { purpose: 'link', password: secret.input.value, totp: code.value() });
                } catch (error) {
                    code.isAskedFor(error);
                    throw error;
                }
            },
        }));
}
