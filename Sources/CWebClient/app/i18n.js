// Texts, numbers and days in the reader's language. One catalogue per language; a test holds them against each other.

import { integrity } from './integrity.js';

/** BCP 47; `de-simple` is private use in the page's own language attribute, which takes registered subtags only. */
export const languages = [
    { id: 'de', name: 'Deutsch', tag: 'de' },
    { id: 'de-simple', name: 'Einfache Sprache', tag: 'de-x-simple' },
    { id: 'en', name: 'English', tag: 'en' },
];

const state = { language: 'de', texts: {}, zone: undefined };

/** The language that is read now. */
export const language = () => state.language;

/** Dates are shown as the clock in the network's town shows them. @param {string} zone an IANA name */
export function setZone(zone) { state.zone = zone; }

/** The first language of the browser that there is a catalogue for. @param {readonly string[]} wanted */
export function choose(wanted) {
    for (const tag of wanted) {
        const low = tag.toLowerCase();
        if (low.startsWith('de-simple') || low === 'de-x-simple') return 'de-simple';
        const found = languages.find(({ id }) => low === id || low.startsWith(`${id}-`));
        if (found) return found.id;
    }
    return 'de';
}

/** Fetches a catalogue and makes it the page's. @param {string} id one of `languages` @returns {Promise<void>} */
export async function speak(id) {
    const found = languages.find((one) => one.id === id) ?? languages[0];
    const path = `texts/${found.id}.json`;
    const response = await fetch(new URL(path, import.meta.url), { credentials: 'same-origin', integrity: integrity(path) });
    state.texts = await response.json();
    state.language = found.id;
    document.documentElement.lang = found.tag;
}

/**
 * A text.
 * @param {string} key of the catalogue
 * @param {object} [values] what stands for `{name}`; a number under `count` chooses between `key.one` and `key.other`
 * @returns {string} the key itself when there is no such text, so that a gap is seen
 */
export function t(key, values = {}) {
    let text = state.texts[key];
    if ('count' in values) {
        const form = new Intl.PluralRules(locale()).select(values.count);
        text = state.texts[`${key}.${form}`] ?? state.texts[`${key}.other`] ?? text;
    }
    if (text === undefined) return key;
    return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/** Whether there is a text. */
export const has = (key) => key in state.texts;

/** As `Intl` knows the language. */
export const locale = () => (state.language === 'en' ? 'en-GB' : 'de-DE');

/** @param {string} instant RFC 3339 */
export const when = (instant) => format(new Date(instant), {
    weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit',
}, state.zone);

/** @param {string} instant RFC 3339 */
export const time = (instant) => format(new Date(instant), { hour: '2-digit', minute: '2-digit' }, state.zone);

/** @param {string} text `YYYY-MM-DD`, a day of no zone */
export const day = (text) => format(new Date(`${text}T00:00:00Z`), { day: 'numeric', month: 'long', year: 'numeric' }, 'UTC');

/** @param {Date} date the first of a month @returns {string} its name and year */
export const month = (date) => format(date, { month: 'long', year: 'numeric' }, 'UTC');

/** @param {number} share 0 to 1 */
export const percent = (share) => new Intl.NumberFormat(locale(), { style: 'percent' }).format(share);

/** @param {number} value @param {number} [digits] behind the point */
export const number = (value, digits = 0) => new Intl.NumberFormat(locale(), {
    minimumFractionDigits: digits, maximumFractionDigits: digits,
}).format(value);

function format(date, options, timeZone) {
    return new Intl.DateTimeFormat(locale(), { ...options, timeZone }).format(date);
}
