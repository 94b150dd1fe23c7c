// Password, and where somebody is signed in.

import { h } from '../dom.js';
import { get, put, remove } from '../api.js';
import { day, t } from '../i18n.js';
import { action, announce, badge, form, section, sure } from '../ui.js';
import { password } from './sign-in-password.js';
import { secondFactor } from './me-factor.js';
import { providers } from './me-providers.js';
import { tokens } from './me-tokens.js';

export async function security({ show: again }) {
    return [section(t('password'), h('p', {}, t('password.change.what')), passwordForm(again)), await secondFactor(again), await providers(again), await sessions(again), await tokens()];
}

function passwordForm(again) {
    const current = password(t('password.current'), { member: 'current', autocomplete: 'current-password', required: true });
    const fresh = password(t('password.new'), { member: 'password', autocomplete: 'new-password', minlength: 12, required: true, hint: t('password.hint') });
    return form({
        fields: [current.box, fresh.box], submit: t('password.change'), name: t('password'),
        act: async () => {
            await put('/me/password', { current: current.input.value, password: fresh.input.value });
            await again();
            announce(t('password.changed'));
        },
    });
}

async function sessions(again) {
    const found = await get('/me/sessions').catch((error) => {
        if (error.status === 401) throw error;
        return null;
    });
    if (!found) return null;
    const others = found.items.filter((one) => !one.isCurrent);
    const end = async (path) => {
        await remove(path);
        await again();
        announce(t('session.ended'));
    };
    return section(t('sessions'), h('p', {}, t('sessions.what')),
        h('ul.cards', {}, found.items.map((one) => h('li', {},
            h('p', {}, one.isCurrent ? badge(t('session.current'), 'good') : null, t('session.since', { day: day(one.createdOn) }), ' ',
                one.lastUsedOn ? t('session.used', { day: day(one.lastUsedOn) }) : null),
            one.isCurrent ? null : h('p.actions', {}, action([t('session.end'), h('span.visually-hidden', {}, `: ${day(one.createdOn)}`)], () => end(`/me/sessions/${one.id}`)))))),
        others.length > 1 ? h('p.actions', {}, action(t('sessions.end'), async () => {
            if (await sure(t('sessions.end.sure'), t('sessions.end'))) await end('/me/sessions');
        }, { kind: 'danger' })) : null);
}
