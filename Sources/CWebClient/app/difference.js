// Two texts beside each other. What was taken out and what was put in is marked, said in words, and never by colour alone.

import { h } from './dom.js';
import { t } from './i18n.js';

/** The paragraphs of a text as the server counts them: lines without an empty one between them. @returns {string[]} */
export function paragraphs(text) {
    const found = [[]];
    let hasGap = false;
    for (const line of text.split('\n')) {
        const isBlank = /^[ \t\r]*$/.test(line), hasText = found.at(-1).some((one) => !/^[ \t\r]*$/.test(one));
        if (isBlank && hasText) { hasGap = true; continue; }
        if (hasGap) { found.push([]); hasGap = false; }
        found.at(-1).push(line);
    }
    return found.map((lines) => lines.join('\n').replace(/[ \t\r\n]+$/, ''));
}

/** More than so many pairs are not compared word by word: a telephone would stand still. */
const most = 4_000_000;

/** The pairs of a longest common subsequence. @returns {[number, number][]} */
function common(one, other) {
    if (one.length * other.length > most) return [];
    const width = other.length + 1, lengths = new Uint32Array((one.length + 1) * width);
    for (let i = one.length - 1; i >= 0; i -= 1) {
        for (let j = other.length - 1; j >= 0; j -= 1) {
            lengths[i * width + j] = one[i] === other[j] ? lengths[(i + 1) * width + j + 1] + 1
                : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
        }
    }
    const pairs = [];
    for (let i = 0, j = 0; i < one.length && j < other.length;) {
        if (one[i] === other[j]) pairs.push([i++, j++]);
        else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) i += 1;
        else j += 1;
    }
    return pairs;
}

/** Goes through two lists at once. @param {function} both of an element that is in both @param {function} between */
function walk(one, other, both, between) {
    let [i, j] = [0, 0];
    for (const [left, right] of [...common(one, other), [one.length, other.length]]) {
        if (i < left || j < right) between(one.slice(i, left), other.slice(j, right), i, j);
        if (left < one.length) both(one[left], left, right);
        [i, j] = [left + 1, right + 1];
    }
}

const split = (text) => text.match(/\S+\s*|\s+/g) ?? [];

/** The words of two texts. @returns {{kind: 'same'|'removed'|'added', text: string}[]} */
export function words(from, to) {
    const pieces = [];
    const add = (kind, list) => { if (list.length > 0) pieces.push({ kind, text: list.join('') }); };
    walk(split(from), split(to), (word) => {
        if (pieces.at(-1)?.kind === 'same') pieces.at(-1).text += word;
        else add('same', [word]);
    }, (removed, added) => { add('removed', removed); add('added', added); });
    return pieces;
}

/** The same rows that the server gives of two versions, for texts that it has not got yet. */
export function compare(from, to) {
    const rows = [];
    const place = (text, index) => ({ paragraph: index + 1, text });
    walk(paragraphs(from), paragraphs(to),
        (text, left, right) => rows.push({ kind: 'same', from: place(text, left), to: place(text, right), words: [] }),
        (removed, added, left, right) => {
            for (let n = 0; n < Math.max(removed.length, added.length); n += 1) {
                const [before, after] = [removed[n], added[n]];
                rows.push({
                    kind: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
                    from: before === undefined ? null : place(before, left + n),
                        to: after === undefined ? null : place(after, right + n),
                    words: before === undefined || after === undefined ? [] : words(before, after),
                });
            }
        });
    return rows;
}

/** What one text changed of another, by paragraphs. */
function hunks(base, text) {
    const found = [];
    walk(paragraphs(base), paragraphs(text), () => {},
        (removed, added, at) => found.push({ at, end: at + removed.length, added }));
    return found;
}

/** Puts two changes of one text together. @returns {string|null} null when both touch the same place */
export function merge(base, mine, theirs) {
    const [own, other] = [hunks(base, mine), hunks(base, theirs)];
    if (own.some((one) => other.some((each) => one.at <= each.end && each.at <= one.end))) return null;
    const merged = paragraphs(base);
    for (const { at, end, added } of [...own, ...other].toSorted((one, each) => each.at - one.at)) merged.splice(at,
        end - at, ...added);
    return merged.join('\n\n');
}

/** Where the paragraphs of one text are in another. @returns {Map<number, number>} */
export const places = (from, to) => new Map(compare(from, to).filter((row) => row.from && row.to)
    .map((row) => [row.from.paragraph, row.to.paragraph]));

/** A piece that was taken out or put in, with the word for it: not every screen reader tells `del` and `ins`. */
function marked(piece) {
    if (piece.kind === 'same') return piece.text;
    const isAdded = piece.kind === 'added';
    return h(isAdded ? 'ins' : 'del', {}, h('span.visually-hidden', {},
        ` [${t(isAdded ? 'difference.added' : 'difference.removed')}: `),
        piece.text, h('span.visually-hidden', {}, '] '));
}

const side = (row, kind) => (row.kind === 'changed' ? row.words.filter((one) => one.kind === 'same'
    || one.kind === kind).map(marked)
    : marked({ kind, text: (kind === 'removed' ? row.from : row.to).text }));

/**
 * Rows as the server gives them (DifferenceRow), or as `compare` does.
 * @param {object[]} rows @param {{from: string, to: string}} names of the two texts
 * @returns {HTMLElement}
 */
export function difference(rows, names) {
    if (rows.every((row) => row.kind === 'same')) return h('p.empty', {}, t('difference.none'));
    const shown = rows.map((row) => {
        if (row.kind === 'same') return h('div.pair.same', {}, h('p', {}, row.to.text));
        const cell = (kind, name, is) => (is ? h(`div.${kind}`, {}, h('p.label', {}, name), h('p', {}, side(row, kind)))
            : h(`div.${kind}.none`, {}));
        return h(`div.pair.${row.kind}`, {}, cell('removed', names.from, row.from !== null),
            cell('added', names.to, row.to !== null));
    });
    return h('div.difference', {}, shown);
}

/** One line that was changed, as a title. */
export const changedLine = ({ from, to }) =>
    (from === to ? null : h('p.difference.line', {}, words(from, to).map(marked)));
