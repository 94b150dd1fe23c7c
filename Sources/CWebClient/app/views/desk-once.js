// Secrets that are shown once: nothing keeps them, so the person has to, now.

import { h, replace } from '../dom.js';
import { t } from '../i18n.js';
import { action, announce } from '../ui.js';

/**
 * Shows codes, and puts the attention there.
 * @param {HTMLElement} box where they stand
 * @param {object} shown `title`, `what` to do with them, `codes`, further `buttons`
 */
export function once(box, { title, what, codes, buttons = [] }) {
    const heading = h('h3', { tabindex: '-1' }, title);
    const copy = () => navigator.clipboard.writeText(codes.join('\n'));
    replace(box, h('div.card', {}, heading, h('p', {}, what),
        codes.length === 1 ? h('p.code', { translate: 'no' }, codes[0])
            : h('ol.codes', {}, codes.map((one) => h('li', {}, h('code.code', { translate: 'no' }, one)))),
        h('p.actions', {}, navigator.clipboard ? action(t('once.copy'), copy, { done: t('once.copied') }) : null, buttons,
            h('button', { type: 'button', onclick: () => {
                replace(box);
                announce(t('once.gone'));
                document.querySelector('h1')?.focus();
            } }, t('once.done')))));
    heading.focus();
}
