// Who is signed in, and in which network. Kept in memory: this device may be used by somebody else next.

import { ask, get, list, post } from './api.js';

const state = { me: null, network: null, membership: null, networks: [] };
/** Where whoever has signed out here is signed in still. */
let still = null;
/** How long the way out at a provider is looked for, in milliseconds. */
const patience = 2_000;

export const me = () => state.me;
export const network = () => state.network;

/** The networks that the person is in. @returns {{id: string, name: string}[]} */
export const networks = () => state.networks;

/** The path of the network. */
export const home = () => `/networks/${state.network.id}`;

/** The path of what the record holds of the network. */
export const record = () => `/hr/networks/${state.network.id}`;

/** @param {...string} roles @returns {boolean} whether the person has one of them in this network */
export const is = (...roles) => roles.some((role) => state.membership?.roles.includes(role));

/** Inside the network; HR and council read the record only. */
export const isInsider = () => is('member', 'organiser', 'moderator', 'coordinator');

/** Finds out who the cookie belongs to. @returns {Promise<boolean>} whether somebody is signed in */
export async function resume() {
    try {
            state.me = await get('/me');
        still = null;
    } catch (error) {
        if (error.status !== 401) throw error;
        forget();
        return false;
    }
    const active = state.me.memberships.filter((one) => one.state === 'active').map((one) => one.network);
    state.networks = active.length > 1 ? (await list('/networks')).filter((one) => active.includes(one.id)) : [];
    await enter(state.network && active.includes(state.network.id) ? state.network.id : active[0]);
    return true;
}

/** Goes into a network. @param {string|undefined} id of one that the person is in */
export async function enter(id) {
    state.membership = state.me.memberships.find((one) => one.network === id) ?? null;
    state.network = state.membership ? await get(`/networks/${id}`) : null;
}

/** @throws {Refusal} `unauthenticated` when e-mail and password do not belong together */
export async function signIn(email, password, totp) {
    await post('/sessions', totp ? { email, password, totp } : { email, password });
    await resume();
}

export async function signOut() {
    // What cannot be found out, or not soon, does not keep anybody here: the server asks the provider, which may hang.
    const links = await Promise.race([
        get('/me/provider-links').then(({ items }) => items).catch(() => []),
        new Promise((done) => { setTimeout(done, patience, []); }),
    ]);
    await ask('DELETE', '/sessions/current');
    forget();
    still = links.find((one) => one.isCurrent && one.signOutUrl) ?? null;
}

/** The provider by which whoever was here has come, and where they sign out there. @returns {{name: string, signOutUrl: string}|null} */
export const elsewhere = () => still;

/** What is known here of the person goes. */
export function forget() { Object.assign(state, { me: null, network: null, membership: null, networks: [] }); }
