// Something that is shown once: an address or a token, with a way to take it along.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { announce, field } from '../ui.js';

/** @param {string} label @param {string} text @param {string} why nobody sees it again @returns {HTMLElement} */
export function secret(label, text, why) {
    const one = field(label, { value: text, readonly: true, translate: 'no', spellcheck: 'false', autocomplete: 'off', hint: why });
    const button = h('button', { type: 'button', onclick: async () => {
        one.input.select();
        try {
            await navigator.clipboard.writeText(text);
            announce(t('copied'));
            button.textContent = t('copied');
        } catch {
            announce(t('copy.yourself'), true);
        }
    } }, t('copy'));
    const line = h('div.beside', {});
    one.input.replaceWith(line);
    line.append(one.input, button);
    return h('div.card', {}, one.box);
}
