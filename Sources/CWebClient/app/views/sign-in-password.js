// A password that can be looked at: whoever types blindly on a telephone types wrong.

import { h, replace } from '../dom.js';
import { t } from '../i18n.js';
import { field } from '../ui.js';

/** @param {string} label @param {object} props as of `field` @returns {{box: HTMLElement, input: HTMLInputElement}} */
export function password(label, props) {
    const one = field(label, { type: 'password', spellcheck: 'false', autocapitalize: 'off', maxlength: 256, ...props });
    const button = h('button', { type: 'button', 'aria-pressed': 'false', onclick: () => {
        const isShown = one.input.type === 'text';
        one.input.type = isShown ? 'password' : 'text';
        button.setAttribute('aria-pressed', String(!isShown));
    } }, t('password.show'));
    const line = h('div.beside', {});
    one.input.replaceWith(line);
    replace(line, one.input, button);
    return one;
}
