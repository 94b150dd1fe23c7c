// The code beside the password: a field that comes when the server says, after the password was right, that one is needed, or at once
// where the page knows.

import { t } from '../i18n.js';
import { field } from '../ui.js';

/**
 * @param {boolean} [isOn] whether it is known that one is needed
 * @returns {{box: HTMLElement, value: function(): string|undefined, isAskedFor: function(Error): boolean}}
 */
export function secondCode(isOn = false) {
    const { box, input } = field(t('signIn.code'), {
        member: 'totp', autocomplete: 'one-time-code', spellcheck: 'false', autocapitalize: 'characters', maxlength: 60, required: isOn,
        hint: t('signIn.code.hint'),
    });
    box.hidden = !isOn;
    return {
        box,
        value: () => (box.hidden ? undefined : input.value.trim()),
        /** Shows the field, and says at it what is wanted. @param {Error} error of a sign-in @returns {boolean} whether it was about this */
        isAskedFor(error) {
            if (error.code !== 'second-factor-required') return false;
            error.errors = [{ pointer: '/totp', detail: t(box.hidden ? 'signIn.code.needed' : 'signIn.code.wrong') }];
            box.hidden = false;
            input.required = true;
            input.value = '';
            return true;
        },
    };
}
