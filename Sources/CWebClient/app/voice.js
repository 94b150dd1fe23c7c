// The anonymous side of this browser: one client for each network and account, whose store names nobody.

import { AnonymousClient, browserStore, newReceiptCode, normaliseReceiptCode } from '../anonymous.js';
import { me, network } from './session.js';

let current = null;

/** Opaque: what stands in a browser's storage must not say whose it is. */
async function storeName(networkId, account) {
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`chorus-store\n${networkId}\n${account}`));
    return `chorus-${Array.from(new Uint8Array(bytes).slice(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** @returns {Promise<AnonymousClient>} of the person and the network */
export async function voice() {
    const name = await storeName(network().id, me().id);
    if (current?.name !== name) {
        current = { name, client: new AnonymousClient({ origin: location.origin, network: network().id, store: browserStore(name) }) };
    }
    return current.client;
}

/** The member's side of fetching tokens: with the cookie. */
const member = (path, init) => fetch(path, { ...init, credentials: 'same-origin' });

/** Fetches tokens when an epoch has begun, and never when somebody is about to write; then sends what waits. */
export async function prepare() {
    const client = await voice();
    await client.prefetchTokens(member);
    await client.flush();
}

/** A client that knows a network and no person: for reading replies. @param {string} id of a network */
export function reader(id) {
    return new AnonymousClient({ origin: location.origin, network: id, store: browserStore(`chorus-reader-${id}`) });
}

export { newReceiptCode, normaliseReceiptCode };
