// By which providers somebody signs in: linked with the password, and ended here.

import { h } from '../dom.js';
import { get, remove } from '../api.js';
import { day, t } from '../i18n.js';
import { action, announce, badge, form, icon, section, sure } from '../ui.js';
import { password } from './sign-in-password.js';
import { leaveFor } from './sign-in-provider.js';

/** @returns {Promise<HTMLElement|null>} nothing where no network has a provider */
export async function providers(again) {
    const { items } = await get('/me/provider-links').catch((error) => {
        if (error.status === 401) throw error;
        return { items: [] };
    });
    if (items.length === 0) return null;
    const [linked, open] = [items.filter((one) => one.linkedOn), items.filter((one) => !one.linkedOn)];
    return section(t('providers'), h('p', {}, t('providers.what')),
        linked.length > 0 ? h('ul.cards', {}, linked.map((one) => h('li', {}, card(one, again)))) : null, open.map(link));
}

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

function link({ slug, name }) {
    const secret = password(t('password'), { member: 'password', autocomplete: 'current-password', required: true });
    return h('div.card', {}, h('h3', {}, t('providers.link', { name })), h('p', {}, icon('⚠'), t('providers.learns', { name })),
        form({
            fields: [secret.box], submit: t('providers.link', { name }), kept: '', name: t('providers'),
            act: () => leaveFor(slug, { purpose: 'link', password: secret.input.value }),
        }));
}
