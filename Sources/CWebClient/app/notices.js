// What is said to people, seen and heard.

import { h, replace } from './dom.js';
import { has, t } from './i18n.js';

let timer = 0;

/**
 * Says something: heard at once, and seen for a while unless it is urgent, for then it stands where it belongs.
 * @param {string} text @param {boolean} [isUrgent]
 * @param {{isSeen?: boolean}} [options] not seen when the page shows the same
 */
export function announce(text, isUrgent = false, { isSeen = true } = {}) {
    const region = document.getElementById(isUrgent ? 'alerts' : 'status');
    if (!region) return;
    if (!isUrgent) region.classList.toggle('visually-hidden', !isSeen);
    replace(region, text);
    const other = document.getElementById(isUrgent ? 'status' : 'alerts');
    if (other) replace(other);
    clearTimeout(timer);
    timer = setTimeout(() => replace(region), 7_000);
}

/** In the reader's language; the server's own words only where there are no others, a program's never. */
function explained(error) {
    const known = `error.${error.code ?? 'unexpected'}`;
    if (has(known)) return t(known);
    return (error.code && error.message) || t('error.unexpected');
}

/**
 * What happened, what was kept, and what to do next.
 * @param {Error} error
 * @param {string} [kept] what the person need not do again
 */
export function failure(error, kept = '') {
    const text = [explained(error), kept].filter(Boolean).join(' ');
    announce(text, true);
    return h('p.failure', { role: 'note' }, icon('!'), text);
}

/** A sign beside words; it says nothing to those who hear the words. */
export const icon = (sign) => h('span.icon', { 'aria-hidden': 'true' }, sign);
