// For those who check: the audit chain, followed in this browser, and the short code of the key directory.

import { h, replace } from '../dom.js';
import { list } from '../api.js';
import { day, number, t } from '../i18n.js';
import { section } from '../ui.js';
import { canonicalJSON, hex, sha256, shortCode, verifyDirectory } from '/anonymous.js';
import { home, network } from '../session.js';

export async function show() {
    const chain = h('div', {}, h('p', {}, t('loading')));
    follow().then((found) => replace(chain, found), (error) => replace(chain, h('p.failure', {}, error.message)));
    // Without the cookie: whoever asks for keys must look like everybody else.
    const directory = await (await fetch(`/v1/anonymous/directory?network=${network().id}`, { credentials: 'omit' })).json();
    const isSound = await verifyDirectory(directory, network().id.toLowerCase()).then(() => true, () => false);
    return h('div', {}, h('h1', {}, t('council')),
        section(t('council.code'), h('p', {}, t('council.code.what')),
            h('p.code', { translate: 'no' }, shortCode(directory.digest).replace(/(\d{4})(?=\d)/g, '$1 ')),
            isSound ? null : h('p.failure', {}, t('council.directory.broken'))),
        section(t('council.chain'), chain));
}

/** Computes every hash again; the server is not asked whether they are right. */
async function follow() {
    const entries = await list(`${home()}/audit`, 100_000);
    let previous = '0'.repeat(64), broken = null;
    for (const [index, entry] of entries.entries()) {
        const { hash, ...rest } = entry;
        const bytes = canonicalJSON({ ...rest, network: network().id, v: 1 });
        const isNext = entry.position === index + 1 && entry.previous === previous;
        if (!isNext || hex(await sha256(bytes)) !== hash) { broken = index + 1; break; }
        previous = hash;
    }
    return [
        broken === null ? h('p.notice', {}, t('chain.holds', { count: entries.length })) : h('p.failure', {}, t('chain.broken', { position: number(broken) })),
        h('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t('council.chain') }, h('table', {},
            h('thead', {}, h('tr', {}, ['position', 'day', 'what'].map((name) => h('th', { scope: 'col' }, t(name))))),
            h('tbody', {}, entries.toReversed().map((one) => h('tr', {}, h('td', {}, number(one.position)), h('td', {}, day(one.day)),
                h('td', {}, t(`audit.${one.kind}`), h('details', {}, h('summary', {}, t('details')), h('code', {}, JSON.stringify(one.content))))))))),
    ];
}
