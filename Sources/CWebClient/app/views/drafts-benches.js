// The sides of the table: each says yes for itself.

import { h, replace } from '../dom.js';
import { t } from '../i18n.js';
import { tick } from '../ui.js';

/** @type {string[]} as the API names them */
export const benches = ['network', 'administration', 'civilSociety', 'science'];

/** Whose yes a draft needs. @param {string[]} chosen @returns {{box: HTMLElement, value: function(): string[]}} */
export function benchFields(chosen) {
    const ticks = benches.map((one) => [one, tick(t(`bench.${one}`), { checked: chosen.includes(one),
        hint: t(`bench.${one}.what`) })]);
    const refused = h('p.refused', {});
    const value = () => ticks.filter(([, { input }]) => input.checked).map(([one]) => one);
    const check = () => {
        const text = value().length > 0 ? '' : t('benches.atLeast');
        for (const [, { input }] of ticks) input.setCustomValidity(text);
        replace(refused, text);
    };
    return { value, box: h('fieldset', { 'aria-describedby': null, onchange: check },
        h('legend', {}, t('benches.needed')),
        h('p.hint', {}, t('benches.what')), ticks.map(([, { box }]) => box), refused) };
}
