// The key directory: a short code that must be the same for everybody, and the versions that led to it.

import { h, replace } from '../dom.js';
import { day, number, t } from '../i18n.js';
import { failure } from '../ui.js';
import { shortCode, verifyChain, verifyDirectory } from '../../anonymous.js';
import { network } from '../session.js';

/** Without the cookie: whoever asks for keys must look like everybody else. */
async function fetchOpen(path) {
    const response = await fetch(`/v1/anonymous/${path}`, { credentials: 'omit', cache: 'no-store', referrerPolicy: 'no-referrer' });
    if (!response.ok) throw Object.assign(new Error(), { code: response.status === 429 ? 'rate-limited' : 'unexpected' });
    return response.json();
}

async function versions() {
    const found = [];
    for (let after = ''; ;) {
        const page = await fetchOpen(`directory/versions?network=${network().id}&limit=200${after}`);
        found.push(...page.items);
        if (page.next === null) return found;
        after = `&after=${encodeURIComponent(page.next)}`;
    }
}

/** The code alone, for whoever hands it on: the poster, the coordinator's desk. @returns {Promise<string>} */
export async function currentCode() {
    return shortCode((await fetchOpen(`directory?network=${network().id}`)).digest);
}

/** @returns {HTMLElement} filled once the directory has been checked */
export function directory() {
    const box = h('div', {}, h('p', {}, t('loading')));
    const start = async () => {
        const [shown, all] = await Promise.all([fetchOpen(`directory?network=${network().id}`), versions()]);
        const fault = await verifyDirectory(shown, network().id.toLowerCase()).then(() => verifyChain(all, shown, null))
            .then(() => null, (error) => error);
        replace(box, h('p', {}, t('council.code.what')), h('p.code', { translate: 'no' }, shortCode(shown.digest)),
            h('p', {}, t('council.code.where')),
            fault ? h('div.failure', { role: 'alert' }, h('p', {}, t('council.directory.broken')), h('p', {}, `${fault.code ?? ''} ${fault.message}`))
                : h('p.notice', {}, t('council.directory.holds', { count: all.length, seq: number(shown.seq) })),
            keys(shown), history(all));
    };
    start().catch((error) => replace(box, failure(error)));
    return box;
}

function keys({ keys: all }) {
    const table = h('table', {}, h('caption', {}, t('keys.valid')),
        h('thead', {}, h('tr', {}, ['keys.for', 'keys.epoch', 'keys.redeem', 'keys.granted'].map((one) => h('th', { scope: 'col' }, t(one))))),
        h('tbody', {}, all.map((one) => h('tr', {}, h('th', { scope: 'row' }, t(`keys.${one.kind}`)), h('td', { translate: 'no' }, one.epoch),
            h('td', {}, day(one.redeemTo)), h('td.number', {}, t('keys.of', { granted: number(one.granted), minSet: number(one.minSet) }))))));
    return h('details', {}, h('summary', {}, t('keys.valid.count', { count: all.length })), h('p', {}, t('keys.what')),
        h('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t('keys.valid') }, table));
}

function history(all) {
    const list = all.toReversed().map((one) => h('li', {},
        h('strong', {}, t('directory.version', { seq: number(one.seq) })), ' ',
        h('code', { translate: 'no' }, shortCode(one.digest)), ' ', t('directory.added', { count: one.keys.length }),
        one.keys.length > 0 ? h('p.hint', {}, one.keys.map((key) => `${t(`keys.${key.kind}`)} (${key.epoch})`).join(', ')) : null));
    return h('details', {}, h('summary', {}, t('directory.versions', { count: all.length })), h('p', {}, t('directory.versions.what')),
        h('ol.timeline', {}, list));
}
