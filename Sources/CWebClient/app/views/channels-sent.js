// After sending: what happened, whether one may close the page, and what comes next.

import { h } from '../dom.js';
import { has, t, time } from '../i18n.js';

/** Why an entry waits or was refused, in words. */
export function why({ state, problem, arrived }) {
    const known = [arrived && `outbox.why.${problem}.arrived`, `outbox.why.${problem}`].find((key) => key && has(key));
    return t(known ?? (state === 'refused' ? 'outbox.why.refused' : 'outbox.why.waiting'));
}

/** @param {object} entry of the outbox, not refused */
export const sent = (entry) => h('div', {},
    h('h1', {}, t(entry.state === 'waiting' ? 'sent.waiting' : 'sent')),
    entry.state === 'waiting'
        ? [h('p.notice', {}, why(entry)), h('p', {}, t('outbox.waiting.what'))]
        : [h('p', {}, t('sent.next')), entry.mixedAfter ? h('p', {}, t('outbox.mixed', { time: time(entry.mixedAfter) })) : null],
    h('p', {}, t('sent.code')),
    h('p.actions', {}, h('a.button', { href: '#/channels' }, t('channels.back')), h('a.button', { href: '#/' }, t('home'))));

/** @param {object} entry that was refused at once @param {function(): void} back to the text, which is still there */
export const refused = (entry, back) => h('div', {},
    h('h1', {}, t('sent.refused')), h('p.failure', {}, why(entry)), h('p', {}, t('sent.refused.kept')),
    h('p.actions', {}, h('button.primary', { type: 'button', onclick: back }, t('write.back'))));
