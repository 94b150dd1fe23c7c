// By which providers somebody signs in: linked with the password, and ended here.

import { h } from '../dom.js';
import { get, remove } from '../api.js';
import { day, t } from '../i18n.js';
import { action, announce, badge, form, icon, section, sure } from '../ui.js';
import { network } from '../session.js';
import { password } from './sign-in-password.js';
import { leaveFor } from './sign-in-provider.js';

/** @returns {Promise<HTMLElement|null>} nothing where there is nothing to link and nothing is linked */
export async function providers(again) {
    const here = network();
    const [links, offered] = await Promise.all([
        get('/me/provider-links').then((found) => found.items).catch((error) => { if (error.status === 401) throw error; return []; }),
        here ? get(`/sign-in/${here.slug}`).catch(() => null) : null,
    ]);
    const isOpen = offered && !links.some((one) => one.network === here.id);
    if (links.length === 0 && !isOpen) return null;
    return section(t('providers'), h('p', {}, t('providers.what')),
        links.length > 0 ? h('ul.cards', {}, links.map((one) => h('li', {}, card(one, again)))) : null,
        isOpen ? link(here.slug, offered.name) : null);
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

function link(slug, name) {
    const secret = password(t('password.current'), { member: 'password', autocomplete: 'current-password', required: true });
    return h('div.card', {}, h('h3', {}, t('providers.link', { name })), h('p', {}, icon('⚠'), t('providers.learns', { name })),
        form({
            fields: [secret.box], submit: t('providers.link', { name }), kept: '', name: t('providers'),
            act: () => leaveFor(slug, { purpose: 'link', password: secret.input.value }),
        }));
}
