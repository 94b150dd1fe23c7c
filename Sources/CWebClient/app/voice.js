// The anonymous side of this browser: one client for each network and account, whose store names nobody.

import {
    AnonymousClient, browserStore, memoryStore, newReceiptCode, normaliseReceiptCode, sealedStore, shortCode,
} from '../anonymous.js';
import { isInsider, me, network } from './session.js';
import { forgetUnsent } from './unsent.js';
import { changed } from './watch.js';

const minute = 60_000;
let current = null;
let forgetting = 0;

const between = (least, most) => least + (most - least) * crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32;

/** Opaque: what stands in a browser's storage must not say whose it is. */
async function storeName(networkId, account) {
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`chorus-store\n${networkId}\n${account}`));
    return `chorus-${Array.from(new Uint8Array(bytes).slice(0, 12), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Whose voice it is; compared, and never kept. */
const whose = () => (me() && network() ? `${network().id} ${me().id}` : null);

/** The store is sealed with the account's id, which this device knows only while its owner is signed in. */
async function open() {
    const [id, account] = [network().id, me().id];
    const store = sealedStore(browserStore(await storeName(id, account)), `chorus-store\n${account}`, id);
    return new AnonymousClient({ origin: location.origin, network: id, store });
}

/** The voice of who is signed in, made when there is none. */
function mine() {
    if (current?.whose !== whose()) {
        clearTimeout(current?.timer);
        current = { whose: whose(), client: open(), isFetching: false, hasBegun: false, timer: 0 };
    }
    return current;
}

/** @returns {Promise<AnonymousClient>} of the person and the network */
export const voice = () => mine().client;

/** The member's side of fetching tokens: with the cookie. */
const member = (path, init) => fetch(path, { ...init, credentials: 'same-origin' });

/**
 * Fetches tokens when an epoch has begun, and never when somebody is about to write; then sends what waits.
 *
 * To be called whenever a view is shown: it does something only when somebody else is there than before.
 */
export function begin() {
    clearTimeout(forgetting);
    if (whose() === null) {
        clearTimeout(current?.timer);
        current = null;
        // A session that has ended is begun anew by the same person, or by nobody.
        forgetting = setTimeout(forgetUnsent, 10 * minute);
        return undefined;
    }
    const one = mine();
    if (one.hasBegun || !isInsider()) return undefined;
    one.hasBegun = true;
    one.isFetching = true;
    // Views that were drawn before this said that nothing is being fetched.
    changed();
    return void turn(one);
}

/** One round of what is done without anybody asking; what fails is tried again with the next. */
async function turn(one) {
    const client = await one.client;
    const isCurrent = () => current === one && whose() === one.whose;
    let isReached = true;
    try {
        await client.prefetchTokens(member);
    } catch (error) {
        // A directory that does not hold is noted in the store, and shown by the views.
        isReached = !(error.status === 0 || error.status >= 500);
    }
    one.isFetching = false;
    // The digits are those of what was accepted last, also on a page that stays open for days.
    const pin = isReached ? await client.store.get('directory').catch(() => null) : null;
    if (pin) one.digits = client.store.get('stop').then((stop) => (stop ? null : shortCode(pin.digest)));
    changed();
    if (!isCurrent()) return;
    const waiting = await client.outbox().catch(() => []);
    // A while after the start, so that what is asked without a name does not come along with a sign-in.
    if (waiting.length > 0) await new Promise((wake) => setTimeout(wake, between(2_000, 12_000)));
    if (!isCurrent()) return;
    const left = await look(client).catch(() => waiting);
    clearTimeout(one.timer);
    const isSoon = left.length > 0 || !isReached;
    one.timer = setTimeout(() => turn(one), isSoon ? between(2 * minute, 4 * minute) : between(30 * minute, 60 * minute));
}

/** Takes what is under way a step further, and tells the views. @param {AnonymousClient} client */
export async function look(client) {
    try {
        return await client.flush();
    } finally {
        changed();
    }
}

/** Whether tokens are being fetched now: it takes up to a minute, by chance. */
export const isFetching = () => current?.isFetching ?? false;

/**
 * Sends something, by way of the outbox; from there it goes out by itself as long as Chorus is open here.
 *
 * @param {object} content with one of `message`, `ballot` and `endorsement`
 * @param {string} [code] the receipt code; ballots have none that anybody knows, so that nobody can be made to prove a vote
 * @returns {Promise<object>} the entry of the outbox
 */
export async function say(content, code = newReceiptCode()) {
    const one = mine();
    const entry = await (await one.client).submit(content, code);
    if (one.hasBegun) {
        clearTimeout(one.timer);
        one.timer = setTimeout(() => turn(one), between(minute, 3 * minute));
    }
    changed();
    return entry;
}

/** Why this device sends nothing. @returns {Promise<?{code: string, message: string}>} null when all is well */
export async function trouble() {
    return (await (await voice()).store.get('stop')) ?? null;
}

/** Looks at the keys once more, when people have found out what was wrong. */
export async function tryAgain() {
    const client = await voice();
    await client.resume();
    try {
        await client.directory();
    } finally {
        changed();
    }
}

/**
 * Twelve digits that all members must see alike; asked for once in a visit.
 *
 * @returns {Promise<?string>} null when nobody is signed in, or when the keys do not hold together
 */
export async function shortCodeOfDirectory() {
    if (whose() === null) return null;
    const one = mine();
    one.digits ??= one.client.then((client) => client.directory()).then((directory) => shortCode(directory.digest));
    try {
        return await one.digits;
    } catch {
        one.digits = null;
        return null;
    }
}

/** A client that knows a network and no person, and keeps nothing: for reading replies. @param {string} id of a network */
export const reader = (id) => new AnonymousClient({ origin: location.origin, network: id, store: memoryStore() });

export { watch } from './watch.js';
export { newReceiptCode, normaliseReceiptCode };
