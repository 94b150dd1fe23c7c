// Whether a round may be opened, rule by rule and in plain words: the server decides, here stands what it means.

import { h } from '../dom.js';
import { get } from '../api.js';
import { number, t, has } from '../i18n.js';
import { announce, failure, icon } from '../ui.js';
import { network } from '../session.js';

/** In plain words, with this network's numbers; a rule that is not known here says itself what it is. */
function meaning(rule, detail) {
    const { k, minSet } = network().thresholds;
    return has(`admission.${rule}`) ? t(`admission.${rule}`, { minSet: number(minSet), double: number(2 * k) }) : detail;
}

/**
 * @param {string} path of the round
 * @param {function} again draws the view anew
 * @returns {Promise<{box: HTMLElement, isRefused: boolean}>}
 */
export async function admission(path, again) {
    let found;
    try {
        found = await get(`${path}/admission`);
    } catch (error) {
        // A server without the check still checks when it opens, and says then what is wrong.
        const box = error.status === 404 ? h('p.notice', {}, t('admission.later')) : failure(error);
        return { box, isRefused: false };
    }
    const broken = found.rules.filter((one) => !one.holds);
    const line = (one) => h('li', {}, icon(one.holds ? '✓' : '✗'), h('strong', {}, t(`admission.${one.holds ? 'holds' : 'broken'}`)), ' ',
        meaning(one.rule, one.detail), one.detail && has(`admission.${one.rule}`) ? h('p.hint', {}, one.detail) : null);
    const box = h('div', {}, h(found.admitted ? 'p.notice' : 'p.failure', { role: 'status' },
        found.admitted ? t('admission.yes') : t('admission.no', { count: broken.length })),
    h('ul.plain.rules', {}, found.rules.toSorted((a, b) => Number(a.holds) - Number(b.holds)).map(line)),
    found.admitted ? null : h('p', {}, t('admission.advice')),
    found.networkOnlyItems?.length > 0 ? h('p', {}, t('admission.network', { count: found.networkOnlyItems.length })) : null,
    leaves(found.leaves ?? []),
    h('p.actions', {}, h('button', { type: 'button', onclick: async () => {
        await again();
        announce(t('admission.checked'));
    } }, t('admission.again'))));
    return { box, isRefused: !found.admitted };
}

/** Which units would have numbers, and where the small ones go. */
function leaves(all) {
    const units = all.filter((one) => one.unit !== null);
    if (units.length === 0) return null;
    const names = new Map(units.map((one) => [one.unit, one.unitName]));
    const counted = (one) => (one.isUsed ? t('admission.own')
        : one.foldsInto === null ? t('admission.folds.network') : t('admission.folds', { unit: names.get(one.foldsInto) ?? '' }));
    return h('details', {}, h('summary', {}, t('admission.leaves')), h('p', {}, t('admission.leaves.what')),
        h('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t('admission.leaves') }, h('table', {},
            h('thead', {}, h('tr', {}, ['unit', 'admission.population', 'admission.counted'].map((one) => h('th', { scope: 'col' }, t(one))))),
            h('tbody', {}, units.map((one) => h('tr', {}, h('th', { scope: 'row' }, one.unitName),
                h('td.number', {}, number(one.population)), h('td', {}, counted(one))))))));
}

/** Which rules a refused opening broke. @param {Error} error */
export function refused(error) {
    const rules = (error.errors ?? []).map(({ detail }) => ({ rule: detail.match(/^R\d/)?.[0], detail }));
    return rules.map(({ rule, detail }) => h('p', {}, rule ? meaning(rule, detail) : detail, rule ? h('span.hint', {}, ` (${detail})`) : null));
}
