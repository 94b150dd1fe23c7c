// The keys do not hold together: what happened, that nothing was sent, and who is to be told.

import { h } from './dom.js';
import { t } from './i18n.js';
import { action, icon, section, sure } from './ui.js';
import { trouble, tryAgain } from './voice.js';

/** Codes of `DirectoryError` by what they mean to people. */
const kinds = {
    fork: 'history', 'another-history': 'history', 'out-of-order': 'history', broken: 'history', 'wrong-digest': 'history',
    'two-keys': 'keys', 'key-exponent': 'keys', 'key-size': 'keys', 'key-even': 'keys', 'key-id': 'keys',
    'bad-signature': 'signature',
};

/** @param {Error} error @returns {boolean} whether this device has stopped because of it */
export const isAlarm = (error) => error?.name === 'DirectoryError';

/**
 * @param {function(): void} [solved] called when the keys were looked at again and hold
 * @returns {Promise<?HTMLElement>} null when all is well
 */
export async function alarm(solved = () => {}) {
    const found = await trouble();
    if (!found) return null;
    const panel = section(t('alarm'),
        h('p.failure', {}, icon('!'), t(`alarm.${kinds[found.code] ?? 'form'}`)),
        h('p', {}, h('strong', {}, t('alarm.kept'))),
        h('p', {}, t('alarm.why')),
        h('p', {}, t('alarm.tell', { code: found.code })),
        h('details', {}, h('summary', {}, t('details')), h('p', { lang: 'en', translate: 'no' }, `${found.code}: ${found.message}`)),
        h('p.actions', {}, action(t('alarm.again'), async () => {
            if (!await sure(t('alarm.again.sure'), t('alarm.again'))) return;
            try {
                await tryAgain();
            } catch (error) {
                if (!isAlarm(error)) throw error;
                throw Object.assign(new Error(t('alarm.still')), { code: 'alarm' });
            }
            panel.remove();
            solved();
        })));
    return panel;
}
