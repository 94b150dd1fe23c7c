// How somebody wants to be told that there is news.

import { h } from '../dom.js';
import { get, put } from '../api.js';
import { t } from '../i18n.js';
import { announce, choice, form, section, tick } from '../ui.js';
import { consentText } from './me-consent-text.js';

export async function notices({ show: again }) {
    const [now, text] = await Promise.all([get('/me/notifications'), consentText('mail')]);
    const mail = choice(t('notices.mail'), ['weekly', 'daily', 'atOnce', 'none'].map((one) => [one, t(`notices.${one}`)]), {
        value: now.mail, member: 'mail', hint: t('notices.mail.hint'),
    });
    const alarms = tick(t('notices.alarms'), { checked: now.calendarAlarms, member: 'calendarAlarms', hint: t('notices.alarms.hint') });
    const give = async () => {
        await put('/me/consents/mail', { textVersion: text.version });
        await again();
        announce(t('consent.given'));
    };
    return [
        h('p', {}, t('notices.here')),
        now.mailConsent ? null : section(t('consent.mail'), h('p.notice', {}, t('notices.noConsent')), text.box,
            form({ fields: [], submit: t('consent.mail.give'), kept: '', act: give })),
        section(t('notices.how'), form({
            fields: [mail.box, alarms.box], submit: t('save'), name: t('notices.how'),
            act: async () => {
                await put('/me/notifications', { mail: mail.value(), calendarAlarms: alarms.input.checked });
                announce(t('saved'));
            },
        })),
    ];
}
