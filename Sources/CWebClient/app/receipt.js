// The receipt code: shown once, typed back once, and nowhere kept.
//
// There is no button that copies or prints it: clipboards and print queues of office machines remember, and what is typed
// from paper has been written down. Pasting is not forbidden: who cannot type twenty digits has their own way of keeping them.

import { h } from './dom.js';
import { t } from './i18n.js';
import { field, form } from './ui.js';
import { normaliseReceiptCode } from './voice.js';

/** A code to look at; who hears it hears digit by digit. */
const digits = (code) => [
    h('p.code', { translate: 'no', 'aria-hidden': 'true' }, code),
    h('p.visually-hidden', { translate: 'no' }, code.split(' ').map((group) => group.split('').join(' ')).join(', ')),
];

/**
 * Shows a code to be written down.
 * @param {string} code @param {function(): void} next @param {function(): void} back
 */
export function noteCode(code, next, back) {
    return h('div.no-print', {},
        h('p', {}, t('code.why')), h('div.card.sheet', {}, digits(code)), h('p.hint', {}, t('code.copy')),
        h('p.notice', {}, t('code.unsent')),
        h('p.actions', {},
            h('button.primary', { type: 'button', onclick: next }, t('code.noted')),
            h('button', { type: 'button', onclick: back }, t('write.back'))));
}

/**
 * Asks for a code that was shown.
 * @param {string} code
 * @param {object} parts `act` when it was typed right, `again` to see it once more, `submit` as the button's text
 */
export function typeCode(code, { act, again, submit }) {
    const typed = field(t('code.type'), {
        inputmode: 'numeric', autocomplete: 'off', autocorrect: 'off', autocapitalize: 'off', spellcheck: 'false',
        hint: t('code.hint'), required: true, maxlength: 60, member: 'code',
    });
    return form({
        fields: [typed.box], submit, kept: t('kept.draft'),
        secondary: [h('button', { type: 'button', onclick: again }, t('code.again'))],
        act: async () => {
            if (!isSame(typed.input.value, code)) throw wrong('/code', t('code.wrong'));
            await act();
        },
    });
}

/** An error that is shown at a field. */
const wrong = (pointer, detail) => Object.assign(new Error(detail), { code: 'wrong-code', errors: [{ pointer, detail }] });

function isSame(typed, code) {
    try {
        return normaliseReceiptCode(typed) === normaliseReceiptCode(code);
    } catch {
        return false;
    }
}
