// An issuer in node's own cryptography, and a server that can lose answers: the client is tested against other code.

import { constants, createHash, createPublicKey, generateKeyPairSync, privateDecrypt, randomUUID } from 'node:crypto';
import * as client from '../../Sources/CWebClient/anonymous.js';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const days = { issueFrom: '2026-11-16', issueTo: '2026-11-22', redeemTo: '2026-11-29' };

export const network = '3f1c0f0e-58a5-4d0c-9d0e-2f5f6a1f7a11';
/** Noon of a day within `days`, local time. */
export const noon = new Date(2026, 10, 18, 12).getTime();

/** A key pair with its entry in the directory; keyId is computed from the DER that node writes. */
export function makeKey({ scope = network, kind = 'message', epoch = '2026-W47', tokensPerMember = 3, ...rest } = {}) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { n, e } = publicKey.export({ format: 'jwk' });
    const keyId = sha256(publicKey.export({ format: 'der', type: 'spki' }));
    const shown = { keyId, scope, kind, epoch, n, e, tokensPerMember, minSet: 20, granted: 37, ...days, ...rest };
    const sign = (blinded) => privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, blinded);
    return { shown, sign };
}

/** A directory entry whose keyId is right for an unsound `n` and `e`. */
export function unsound(n, e = 'AQAB') {
    const der = createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' }).export({ format: 'der', type: 'spki' });
    return { ...makeKey().shown, n, e, keyId: sha256(der) };
}

/** Versions of a directory with right digests, whatever the keys; one for each list of keys that is added. */
export async function makeChain(additions, first = 1, bundle = 'ab'.repeat(32)) {
    const links = [];
    let keys = [];
    let prev = '0'.repeat(64);
    for (const [index, added] of additions.entries()) {
        keys = [...keys, ...added.map(({ granted: _, ...key }) => key)];
        const version = { seq: first + index, prev, bundleSHA256: bundle };
        const digest = await client.directoryDigest({ v: 1, network, ...version, keys });
        links.push({ ...version, digest, keys: keys.slice(keys.length - added.length) });
        prev = digest;
    }
    return { links, shown: { v: 1, network, ...links.at(-1), keys: keys.map((key) => ({ ...key, granted: 37 })) } };
}

const reply = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers });
export const problem = (status, name, headers, more = {}) =>
    reply(status, { type: `https://chorus.invalid/problems/${name}`, status, title: name, ...more }, headers);

/** What the server would do, in memory; `answer` may be replaced to refuse, and `lose` to lose the next answers. */
export async function fakeServer(keys = [makeKey()]) {
    const server = {
        keys, requests: [], grants: new Map(), inboxes: new Map(), losses: 0, pageSize: 200,
        override: null,
        chain: await makeChain(keys.map((key) => [key.shown])),
        async fetch(url, init) {
            const { pathname, searchParams } = new URL(url);
            const body = init.body === undefined ? undefined : JSON.parse(init.body);
            server.requests.push({ path: pathname, init, text: init.body, body });
            const answer = server.override?.(pathname, body, init) ?? server.route(pathname, searchParams, body);
            if (server.losses > 0 && init.method === 'POST') {
                server.losses -= 1;
                throw new TypeError('fetch failed');
            }
            return answer;
        },
        route(path, query, body) {
            if (path === '/v1/anonymous/directory') return reply(200, server.chain.shown);
            if (path === '/v1/anonymous/directory/versions') {
                const after = Number(query.get('after') ?? 0);
                const rest = server.chain.links.filter((link) => link.seq > after);
                const items = rest.slice(0, server.pageSize);
                return reply(200, { items, next: rest.length > items.length ? `${items.at(-1).seq}` : null });
            }
            if (path.endsWith('/anonymous-tokens')) return server.issue(body);
            if (path === '/v1/anonymous/submissions') {
                server.inboxes.set(body.receiptId, 'queued');
                return reply(202, { status: 'queued', mixedAfter: '2026-11-18T13:00:00+01:00' });
            }
            if (path === '/v1/anonymous/inbox') {
                return reply(200, { state: server.inboxes.get(body.receiptId) ?? 'unknown', messages: [] });
            }
            return reply(202, { status: 'queued', mixedAfter: '2026-11-18T13:00:00+01:00' });
        },
        issue({ directoryDigest, requests }) {
            if (directoryDigest !== server.chain.shown.digest) return problem(412, 'directory-changed');
            const results = requests.map(({ keyId, blinded }) => {
                const key = server.keys.find((key) => key.shown.keyId === keyId);
                const digest = sha256(blinded.join());
                if (server.grants.has(keyId) && server.grants.get(keyId) !== digest) {
                    return { keyId, problem: 'already-granted' };
                }
                server.grants.set(keyId, digest);
                const signatures = blinded.map((value) => client.base64url(key.sign(client.unbase64url(value))));
                return { keyId, blindSignatures: signatures };
            });
            const isAny = results.some((one) => one.blindSignatures);
            return isAny ? reply(200, { results }) : problem(409, 'already-granted');
        },
        mix(state = 'inReview') {
            for (const receipt of server.inboxes.keys()) server.inboxes.set(receipt, state);
        },
        sent: (path) => server.requests.filter((request) => request.path.endsWith(path)),
    };
    return server;
}

/** A client of the fake server, with its store and clock to look at. */
export function makeClient(server, store = client.memoryStore()) {
    const clock = { time: noon, slept: [] };
    const parts = {
        origin: 'https://town.invalid', network, store, fetch: server.fetch, now: () => clock.time,
        sleep: async (time) => void clock.slept.push(time),
    };
    return { client: new client.AnonymousClient(parts), store, clock };
}

export const message = (text = 'Moin') => ({
    message: { channel: randomUUID(), theme: null, unit: null, showUnit: false, rating: null, text, language: 'de' },
});
