// What is wrong with a field, in the reader's language: the browser's own words and the server's details are not always in it.

import { number, t } from './i18n.js';

/** The server's details (English, for programs) by their form, and which text says the same to people. */
const known = [
    [/^must be 12 to 256 characters/, 'password.length'],
    [/^must be (\d+) to (\d+) characters/, 'length'],
    [/^(is required|must be a string|must not be empty)/, 'missing'],
    [/^must be from (-?\d+) to (-?\d+)/, 'range'],
    [/^must be an integer/, 'integer'],
    [/^must be a day to come/, 'day.future'],
    [/^must be a day within the next year/, 'day.year'],
    [/^must be a day within the next two years/, 'day.years'],
    [/^must be (a day|an RFC 3339)/, 'day'],
    [/^must be in the years/, 'day'],
    [/^must be an e-mail address/, 'email'],
    [/^is no code that is good now/, 'code'],
    [/^must not contain the e-mail address/, 'password.email'],
    [/^is on the list of common passwords/, 'password.common'],
    [/^is not the (current password|password of this account)/, 'password.current'],
    [/^must be after startsAt/, 'end'],
    [/^must not be after endsAt/, 'deadline'],
    [/^must begin with startsAt/, 'series.start'],
    [/^must (end before 2100|have at most|be FREQ)/, 'series'],
    [/^must be (an http|percent|https|a public)/, 'address'],
    [/^is taken/, 'taken'],
    [/^(must be one of|must be of|must be a UUID|is no unit)/, 'choice'],
];

/** @param {string} detail as in a problem of RFC 9457 @returns {string} */
export function reason(detail) {
    for (const [form, name] of known) {
        const found = form.exec(detail);
        if (found) return t(`refused.${name}`, { min: number(Number(found[1] ?? 0)), max: number(Number(found[2] ?? 0)) });
    }
    return detail;
}

/** What a field lacks before anything is sent. @param {HTMLInputElement} input @returns {string|null} */
export function fault(input) {
    const { validity, value, type } = input;
    // A browser calls a text too short only once it was typed in, not when a page put it there.
    if (input.minLength > 0 && value !== '' && value.length < input.minLength) {
        return t(type === 'password' ? 'refused.password.length' : 'refused.short', { min: number(input.minLength) });
    }
    if (!validity || validity.valid) return null;
    if (validity.valueMissing) return t(type === 'checkbox' ? 'refused.unchecked' : type === 'radio' ? 'refused.choice' : 'refused.missing');
    if (validity.badInput) return t(type === 'number' ? 'refused.integer' : 'refused.day');
    if (validity.typeMismatch) return t(type === 'email' ? 'refused.email' : 'refused.address');
    if (validity.rangeUnderflow || validity.rangeOverflow) {
        if (type !== 'number') return t('refused.day.range');
        return t('refused.range', { min: number(Number(input.min)), max: number(Number(input.max)) });
    }
    if (validity.tooLong) return t('refused.long', { max: number(input.maxLength) });
    if (validity.patternMismatch) return t('refused.pattern');
    if (validity.stepMismatch) return t('refused.integer');
    return input.validationMessage;
}
