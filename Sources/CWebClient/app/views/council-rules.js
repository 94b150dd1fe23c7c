// The rules under which numbers are released, with the thresholds of this network.

import { h } from '../dom.js';
import { number, t } from '../i18n.js';
import { network } from '../session.js';

/** @returns {HTMLElement[]} */
export function rules() {
    const { k, d, minSet, keyNoticeDays } = network().thresholds;
    const row = (name, value) => h('tr', {}, h('th', { scope: 'row' }, t(`threshold.${name}`)), h('td.number', {}, number(value)),
        h('td', {}, t(`threshold.${name}.what`, { value: number(value), double: number(2 * value) })));
    return [
        h('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t('thresholds') }, h('table', {}, h('caption', {}, t('thresholds')),
            h('thead', {}, h('tr', {}, ['threshold', 'threshold.value', 'threshold.meaning'].map((one) => h('th', { scope: 'col' }, t(one))))),
            h('tbody', {}, row('k', k), row('d', d), row('minSet', minSet), row('keyNoticeDays', keyNoticeDays)))),
        h('p', {}, t('thresholds.raise')),
        h('h3', {}, t('rules.numbers')), h('ul', {},
            ['blocks', 'frozen', 'rounded', 'sensitive', 'record', 'unit'].map((one) => h('li', {}, t(`rules.${one}`)))),
        h('h3', {}, t('rules.admission')), h('ul', {}, ['R1', 'R2', 'R3', 'R4', 'R5', 'S2'].map((one) => h('li', {},
            t(`admission.${one}`, { minSet: number(minSet), double: number(2 * k) })))),
        h('p', {}, network().publicRecord
            ? [t('rules.public.yes'), ' ', h('a', { href: `/public/${network().slug}` }, t('rules.public.open'))] : t('rules.public.no')),
    ];
}
