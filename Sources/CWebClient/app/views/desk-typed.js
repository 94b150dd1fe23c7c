// What somebody is typing outlives the page that it is typed on: another language, or a list drawn anew, costs no text.

import { me } from '../session.js';

/** In memory only, and of one person: whoever signs in next finds nothing. */
const kept = { owner: null, forms: new Map() };

const fieldsOf = (element) => [...element.querySelectorAll('input, textarea, select')];
const isChoice = (field) => ['checkbox', 'radio'].includes(field.type);

/**
 * Puts back what was typed in a form before it was drawn anew, and keeps what will be.
 * @param {string} key of the form, e.g. of what it changes
 * @param {HTMLElement} element the form, with all its fields
 * @returns {HTMLElement} the form
 */
export function keep(key, element) {
    if (kept.owner !== me()?.id) Object.assign(kept, { owner: me()?.id, forms: new Map() });
    const before = kept.forms.get(key);
    const fields = fieldsOf(element);
    if (before?.length === fields.length) {
        for (const [index, field] of fields.entries()) {
            if (isChoice(field)) field.checked = before[index];
            else field.value = before[index];
        }
    }
    element.addEventListener('input', () => {
        kept.forms.set(key, fieldsOf(element).map((field) => (isChoice(field) ? field.checked : field.value)));
    });
    return element;
}

/** Whether something in the form has not been sent. @param {string} key */
export const isTyped = (key) => kept.owner === me()?.id && kept.forms.has(key);

/** What was typed has arrived, or is not wanted any more. @param {string} key */
export const drop = (key) => kept.forms.delete(key);

/** For texts that may tell of people: nothing of them goes to a spelling service or into a browser's memory. */
export const quiet = { autocomplete: 'off', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' };
