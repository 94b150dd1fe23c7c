// How to check without trusting this page, this server, or those who wrote either.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { network } from '../session.js';

const command = (text) => h('pre.raw', { tabindex: '0', translate: 'no' }, text);

/** @returns {HTMLElement[]} */
export function verifying() {
    const { id } = network();
    return [
        h('p', {}, t('verify.why')),
        h('h3', {}, t('verify.stranger')), h('ol', {},
            h('li', {}, t('verify.stranger.save')), h('li', {}, t('verify.stranger.run'), command(`verify ${id} chain.json`)),
            h('li', {}, t('verify.stranger.say'))),
        h('p', {}, t('verify.token')),
        command(`curl -H 'Authorization: Bearer …' '${location.origin}/v1/networks/${id}/audit?limit=200' > chain.json`),
        h('details', {}, h('summary', {}, t('verify.write')), h('p', {}, t('verify.write.what')),
            command('hash = SHA-256(RFC 8785({"content":…,"day":…,"kind":…,"network":…,"position":…,"previous":…,"v":1}))')),
        h('h3', {}, t('verify.operator')), h('p', {}, t('verify.operator.what')),
        command('chorus audit verify\nchorus directory verify'),
        h('h3', {}, t('verify.visit')), h('ol', {}, ['note', 'compare', 'ask'].map((one) => h('li', {}, t(`verify.visit.${one}`)))),
    ];
}
