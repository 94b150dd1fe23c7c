// How many answers the employer owes, in a line.

import { h } from '../dom.js';
import { number, t } from '../i18n.js';
import { icon } from '../ui.js';

/** @param {object} duty as `answer-duty` tells it @returns {HTMLElement} */
export function owed(duty) {
    if (duty.owed === 0) return h('p', {}, icon('✓'), t('duty.none'));
    const late = duty.overdue > 0 ? t('duty.overdue', { count: duty.overdue, days: number(duty.longestDelayDays) }) : null;
    return h(late ? 'p.failure' : 'p', {}, late ?? t('duty.owed', { count: duty.owed }),
        !late && duty.soon > 0 ? ` ${duty.owed === 1 ? t('duty.soon.this') : t('duty.soon', { count: duty.soon })}` : null);
}
