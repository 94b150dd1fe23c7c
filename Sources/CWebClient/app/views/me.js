// What is known of me, and what I can do about it.

import { h, replace } from '../dom.js';
import { ask, get, patch, post, put, remove } from '../api.js';
import { t } from '../i18n.js';
import { action, announce, field, form, section } from '../ui.js';
import * as session from '../session.js';

export async function show(_, { go, show: again }) {
    const me = await get('/me');
    const name = field(t('displayName'), { value: me.displayName, required: true, maxlength: 100 });
    const current = field(t('password.current'), { type: 'password', autocomplete: 'current-password', required: true });
    const fresh = field(t('password.new'), { type: 'password', autocomplete: 'new-password', minlength: 12, required: true, hint: t('password.hint') });
    const key = h('div', {});
    return h('div', {}, h('h1', {}, t('me')),
        section(t('account'), h('p', {}, me.email), form({ fields: [name.box], submit: t('save'), act: async () => {
            await patch('/me', { displayName: name.input.value });
            await session.resume();
            announce(t('saved'));
        } })),
        section(t('password'), form({ fields: [current.box, fresh.box], submit: t('save'), act: async () => {
            await put('/me/password', { current: current.input.value, new: fresh.input.value });
            announce(t('saved'));
        } })),
        section(t('calendar'), h('p', {}, t('calendar.what')), action(t('calendar.make'), async () => {
            const made = await post('/me/calendar-key', {});
            const address = `${location.origin}/v1${session.home()}/calendar.ics?key=${encodeURIComponent(made.key)}`;
            replace(key, h('p', {}, t('calendar.once')), h('code', {}, address));
        }), action(t('calendar.end'), async () => { await remove('/me/calendar-key'); replace(key); }, { done: t('saved') }), key),
        section(t('data'), h('p', {}, h('a', { href: '/v1/me/export', download: 'chorus.json' }, t('data.export'))),
            h('p', {}, t('data.erase.what')), action(t('data.erase'), async () => {
                if (!confirm(t('data.erase.sure'))) return;
                await ask('DELETE', '/me');
                await session.resume();
                go('sign-in');
                await again();
            })));
}
