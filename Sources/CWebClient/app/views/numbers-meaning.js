// What the numbers say and what they do not: k, rounding, missing cells, noise.

import { h } from '../dom.js';
import { number, t } from '../i18n.js';

/**
 * @param {object} of `k` people at least, or null; `isStrict` when noise was added; `isOpen` to show it at once
 * @returns {HTMLElement}
 */
export function meaning({ k = null, isStrict = false, isOpen = false } = {}) {
    const points = ['rounding', 'missing', 'total', 'unit', 'frozen', ...(isStrict ? ['noise'] : [])];
    return h('details.meaning', { open: isOpen }, h('summary', {}, t('meaning')),
        h('dl', {}, h('dt', {}, t('meaning.k')),
            h('dd', {}, k ? t('meaning.k.what', { k: number(k) }) : t('numbers.note')),
            points.map((name) => [h('dt', {}, t(`meaning.${name}`)), h('dd', {}, t(`meaning.${name}.what`))])));
}
