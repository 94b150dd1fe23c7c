// The receipt code: shown once, typed back once, and nowhere kept.

import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { announce, field, form } from './ui.js';
import { newReceiptCode, normaliseReceiptCode } from './voice.js';

/**
 * Shows a fresh code and asks for it.
 * @param {function(string): Promise<void>} act gets the code when it was typed right
 * @param {string} submit the button's text
 * @returns {HTMLElement}
 */
export function receipt(act, submit) {
    const code = newReceiptCode();
    const box = h('div', {});
    const shown = h('p.code', { translate: 'no' }, code);
    const typed = field(t('code.type'), { inputmode: 'numeric', autocomplete: 'off', spellcheck: 'false', hint: t('code.hint'), required: true });
    replace(box, h('h2', {}, t('code')), h('p', {}, t('code.why')), shown,
        form({
            fields: [typed.box], submit, kept: t('kept.draft'),
            act: async () => {
                let same = false;
                try { same = normaliseReceiptCode(typed.input.value) === normaliseReceiptCode(code); } catch { same = false; }
                if (!same) throw Object.assign(new Error(t('code.wrong')), { code: 'wrong-code' });
                await act(code);
                announce(t('sent'));
            },
        }));
    return box;
}
