// Where each paragraph of a text comes from.

import { h } from '../dom.js';
import { day, number, t } from '../i18n.js';
import { paragraphs } from '../difference.js';

/** A source in words; of a release, the way to its numbers. @param {object} one of a text's provenance @param {Map} releases id → number */
export function origin(one, releases = new Map()) {
    const from = [t(`provenance.${one.kind}`), ' '];
    if (one.kind !== 'release') return [...from, t('quoted', { text: one.reference }), ', ', day(one.on)];
    const name = releases.get(one.reference);
    return [...from, h('a', { href: `#/numbers/${one.reference}` }, name ? t('release.short', { number: number(name) })
        : t('provenance.numbers')), ', ', day(one.on)];
}

/** The releases that are named by number somewhere. */
export const releasesOf = (evidence) => new Map(evidence.filter((one) => one.releaseNumber).map((one) =>
    [one.release, one.releaseNumber]));

const list = (some, releases) => h('p.origin', {}, h('strong', {}, t('provenance.from'), ': '),
    some.map((one, index) => [index > 0 ? '; ' : null, origin(one, releases)]));

/**
 * A text, each paragraph with its source.
 * @param {string} text
 * @param {{provenance: object[], evidence: object[]}} of what says where it comes from
 */
export function sourced(text, { provenance, evidence }) {
    const releases = releasesOf(evidence);
    const whole = provenance.filter((one) => one.paragraph === null);
    return [
        paragraphs(text).map((words, index) => {
            const some = provenance.filter((one) => one.paragraph === index + 1);
            return h('div.paragraph', {}, lines(words), some.length > 0 ? list(some, releases) : null);
        }),
        whole.length > 0 ? h('p.origin', {}, h('strong', {}, t('provenance.whole'), ': '),
            whole.map((one, index) => [index > 0 ? '; ' : null, origin(one, releases)])) : null,
    ];
}

/** A paragraph with its line breaks. */
export const lines = (text) => h('p', {}, text.trim().split('\n').flatMap((line, index) =>
    (index === 0 ? [line] : [h('br'), line])));
