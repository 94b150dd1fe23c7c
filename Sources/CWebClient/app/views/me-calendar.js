// The address at which a calendar program finds my events.

import { h, replace } from '../dom.js';
import { post, remove } from '../api.js';
import { t } from '../i18n.js';
import { action, announce, section, sure } from '../ui.js';
import { home } from '../session.js';
import { secret } from './me-secret.js';

export function calendar() {
    const shown = h('div', {});
    const make = async () => {
        const { key } = await post('/me/calendar-key', {});
        const address = `${location.origin}/v1${home()}/calendar.ics?key=${encodeURIComponent(key)}`;
        replace(shown, secret(t('calendar.address'), address, t('calendar.once')),
            h('p', {}, h('a', { href: address.replace(/^https?:/, 'webcal:') }, t('calendar.open'))));
        shown.querySelector('input').focus();
    };
    const end = async () => {
        if (!await sure(t('calendar.end.sure'), t('calendar.end'))) return;
        await remove('/me/calendar-key');
        replace(shown);
        announce(t('calendar.ended'));
    };
    return section(t('calendar'), h('p', {}, t('calendar.what')),
        h('ol', {}, ['make', 'paste', 'wait'].map((step) => h('li', {}, t(`calendar.step.${step}`)))),
        h('p.notice', {}, t('calendar.who')),
        h('div.actions', {}, action(t('calendar.make'), make, { kind: 'primary' }), action(t('calendar.end'), end)), shown,
        h('p.hint', {}, t('calendar.new')));
}
