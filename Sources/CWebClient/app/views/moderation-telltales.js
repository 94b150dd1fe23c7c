// What in a summary could lead back to a person. Computed here: nothing of it goes anywhere.

/** So many words in a row are a quotation, and people know each other's way of putting things. */
const row = 6;

const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** @returns {string|null} the first run of words that stands in both texts */
function quotation(text, original) {
    const source = ` ${words(original).join(' ')} `, own = words(text);
    for (let start = 0; start + row <= own.length; start++) {
        let size = row;
        if (!source.includes(` ${own.slice(start, start + size).join(' ')} `)) continue;
        while (start + size < own.length && source.includes(` ${own.slice(start, start + size + 1).join(' ')} `)) size += 1;
        return own.slice(start, start + size).join(' ');
    }
    return null;
}

const months = 'Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember';
const weekdays = 'Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag|Monday|Tuesday|Wednesday|Thursday|Friday';

const patterns = {
    name: /\b(?:Herrn?|Frau|Kollegin|Kollege|Dr\.|Mr\.?|Mrs\.?|Ms\.?) \p{Lu}[\p{L}-]+/u,
    day: new RegExp(`\\b\\d{1,2}\\. ?(?:\\d{1,2}\\.|${months})|\\b\\d{4}-\\d{2}-\\d{2}\\b|\\b(?:${weekdays})\\b`, 'u'),
    address: /[\w.+-]+@[\w-]+\.\w+|\+?\d[\d /-]{6,}\d/u,
    self: /\b(?:ich|mir|mich|meine?[mnrs]?|I|my|me|mine)\b/u,
};

/**
 * @param {string} text the summary
 * @param {string} original what was written
 * @param {{name: string}[]} units of the network
 * @returns {{kind: string, words: string}[]} kinds: quotation, name, day, address, self, unit; at most one of each
 */
export function telltales(text, original, units) {
    const found = [];
    const same = quotation(text, original);
    if (same) found.push({ kind: 'quotation', words: same });
    for (const [kind, pattern] of Object.entries(patterns)) {
        const match = text.match(pattern);
        if (match) found.push({ kind, words: match[0] });
    }
    const unit = units.find((one) => text.toLowerCase().includes(one.name.toLowerCase()));
    if (unit) found.push({ kind: 'unit', words: unit.name });
    return found;
}
