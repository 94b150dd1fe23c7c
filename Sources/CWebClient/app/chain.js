// The audit chain, followed in this browser: every hash is computed again, and the server is not asked whether it is right.

import { get } from './api.js';
import { canonicalJSON, hex, sha256 } from '../anonymous.js';

const beginning = '0'.repeat(64);

/**
 * All pages of the chain, with the end that the last of them names.
 * @param {string} path of the network
 * @returns {Promise<{items: object[], head: {position: number, hash: string}}>}
 */
export async function readChain(path) {
    const items = [];
    for (let after = ''; ;) {
        const page = await get(`${path}/audit?limit=200${after}`);
        items.push(...page.items);
        if (page.next === null) return { items, head: page.head };
        after = `&after=${encodeURIComponent(page.next)}`;
    }
}

/** What an entry's hash is of (RFC 8785, then SHA-256). */
export async function hashOf(entry, network) {
    const { hash, ...rest } = entry;
    return hex(await sha256(canonicalJSON({ ...rest, network: network.toLowerCase(), v: 1 })));
}

/**
 * Follows the chain from its beginning.
 * @param {{items: object[], head: object}} chain
 * @param {string} network its id
 * @returns {Promise<{checked: number, broken: {position: number, why: string}|null}>} `why` is `order`, `link`, `hash` or
 *     `head`; what comes after a break is not looked at, because it hangs on what is broken
 */
export async function followChain({ items, head }, network) {
    let previous = beginning;
    for (const [index, entry] of items.entries()) {
        const position = index + 1;
        const why = entry.position !== position ? 'order' : entry.previous !== previous ? 'link'
            : await hashOf(entry, network) !== entry.hash ? 'hash' : null;
        if (why) return { checked: index, broken: { position, why } };
        previous = entry.hash;
    }
    // Entries that are added while pages are read come with a later head; an end that is missing does not.
    const isWhole = head.position === items.length && head.hash === previous;
    return { checked: items.length, broken: isWhole ? null : { position: items.length + 1, why: 'head' } };
}

/**
 * Whether the chain still goes through what somebody noted at an earlier visit.
 * @param {object[]} items that `followChain` has passed
 * @param {number} position
 * @param {string} hash or its beginning, of at least eight digits
 * @returns {'same'|'other'|'missing'}
 */
export function compareNote(items, position, hash) {
    const entry = items[position - 1];
    if (!entry) return 'missing';
    return entry.hash.startsWith(hash.toLowerCase().replace(/[^0-9a-f]/g, '')) ? 'same' : 'other';
}
