// The client's side of the anonymous protocol: everything that must hold even if the server lies is in this one file.
// It depends on nothing but the platform and runs unchanged in browsers and in node (18 or later).

// Node 18 has no global `crypto`; a browser never comes to the import.
const crypto = globalThis.crypto ?? (await import('node:crypto')).webcrypto;
const utf8 = new TextEncoder();

/** An error with a `code` that a program can tell apart. */
const failure = (code, message, Type = Error) => Object.assign(new Type(message), { code });

/** The key directory does not hold together: members could be told apart by it, so nothing is sent under its keys. */
export class DirectoryError extends Error {
    /** @param {string} code such as `fork` or `two-keys` @param {string} message for a person */
    constructor(code, message) {
        super(message);
        this.name = 'DirectoryError';
        this.code = code;
    }
}

/** The server refused, or could not be reached (`status` 0). */
export class RequestError extends Error {
    /**
     * @param {string} path what was asked
     * @param {number} status of HTTP
     * @param {object} problem the answer's body (RFC 9457)
     * @param {number} retryAfter in milliseconds
     */
    constructor(path, status, problem = {}, retryAfter = 0) {
        super(problem.detail ?? `${path} answered ${status}.`);
        this.name = 'RequestError';
        this.code = String(problem.type ?? (status === 0 ? 'unreachable' : `http-${status}`)).split('/').pop();
        Object.assign(this, { path, status, problem, retryAfter });
    }
}

// MARK: Bytes and texts

/** @param {Iterable<number>} bytes @returns {string} lower-case hexadecimal digits */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** @param {string} text hexadecimal digits in pairs @returns {Uint8Array} @throws {SyntaxError} for anything else */
export function unhex(text) {
    if (!/^([0-9a-fA-F]{2})*$/.test(text)) throw new SyntaxError('These are no pairs of hexadecimal digits.');
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** Writes base64url without padding (RFC 4648, section 5). @param {Iterable<number>} bytes @returns {string} */
export function base64url(bytes) {
    const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Reads base64url strictly, so that one value has one form. @param {string} text @throws {SyntaxError} otherwise */
export function unbase64url(text) {
    if (/^[A-Za-z0-9_-]*$/.test(text) && text.length % 4 !== 1) {
        const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
        if (base64url(bytes) === text) return bytes;
    }
    throw new SyntaxError('This is no base64url without padding.');
}

/**
 * Writes JSON in the one way of RFC 8785, so that it can be hashed; numbers are integers, as in all our protocols.
 *
 * @param {*} value what `JSON.parse` gives
 * @throws {TypeError} for fractions, numbers beyond 2^53 and what is not JSON
 */
export function canonicalJSON(value) {
    if (Array.isArray(value)) return `[${value.map(canonicalJSON).join(',')}]`;
    if (typeof value === 'object' && value !== null) {
        // The default order of JavaScript is by UTF-16 code units, which section 3.2.3 asks for.
        const names = Object.keys(value).sort();
        return `{${names.map((name) => `${JSON.stringify(name)}:${canonicalJSON(value[name])}`).join(',')}}`;
    }
    const isWritable = value === null || ['string', 'boolean'].includes(typeof value) || Number.isSafeInteger(value);
    if (!isWritable) throw new TypeError('Canonical JSON has no such value.');
    return JSON.stringify(value);
}

const join = (...parts) => Uint8Array.from(parts.flatMap((part) => Array.from(part)));
const random = (count) => crypto.getRandomValues(new Uint8Array(count));
const digest = async (name, bytes) => new Uint8Array(await crypto.subtle.digest(name, bytes));

/** @param {Uint8Array|string} data text is taken as UTF-8 @returns {Promise<Uint8Array>} 32 bytes */
export const sha256 = (data) => digest('SHA-256', typeof data === 'string' ? utf8.encode(data) : data);

// MARK: Blind signatures (RFC 9474). BigInt takes no constant time, but what it handles stays on the member's machine.

const integer = (bytes) => BigInt(`0x${hex(bytes) || '0'}`);
const octets = (number, size) => unhex(number.toString(16).padStart(2 * size, '0'));

function power(base, exponent, modulus) {
    let result = 1n;
    for (let rest = exponent, square = base % modulus; rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
        if (rest & 1n) result = (result * square) % modulus;
    }
    return result;
}

/** The inverse by Euclid's extended algorithm. @throws {RangeError} `not-invertible` */
function inverseOf(number, modulus) {
    let [a, b, x, y] = [modulus, number % modulus, 0n, 1n];
    while (b !== 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y];
    if (a !== 1n) throw failure('not-invertible', 'The number shares a factor with the modulus.', RangeError);
    return x < 0n ? x + modulus : x;
}

/** Prepares a message (section 4.1): as it is, or with 32 random bytes before it; `prefix` is only for test vectors. */
export const prepare = (message, { randomized = false, prefix = random(32) } = {}) =>
    randomized ? join(prefix, message) : message;

/** EMSA-PSS-ENCODE of RFC 8017, section 9.1.1 with SHA-384 and MGF1. @param {number} bits of the encoded message */
export async function encodePSS(message, bits, salt) {
    const size = Math.ceil(bits / 8);
    if (size < 48 + salt.length + 2) throw failure('key-too-short', 'The key is too short to sign.', RangeError);
    const hash = await digest('SHA-384', join(new Uint8Array(8), await digest('SHA-384', message), salt));
    const block = join(new Uint8Array(size - salt.length - 50), [1], salt);
    for (let start = 0; start < block.length; start += 48) {
        const mask = await digest('SHA-384', join(hash, [0, 0, 0, start / 48]));
        for (let i = start; i < Math.min(start + 48, block.length); i++) block[i] ^= mask[i - start];
    }
    block[0] &= 0xff >> (8 * size - bits);
    return join(block, hash, [0xbc]);
}

function uniformBelow(limit, size) {
    for (;;) {
        const number = integer(random(size));
        if (number > 0n && number < limit) return number;
    }
}

/**
 * Blinds a prepared message (section 4.2).
 *
 * @param {{n: string, e: string}} key of the issuer, as in a JWK
 * @param {Uint8Array} prepared
 * @param {{salt: ?Uint8Array, r: ?bigint}} chosen only for test vectors: whoever knows `r` can link the signature
 * @returns {Promise<{blinded: Uint8Array, inverse: string}>} what is sent, and what is kept to finish with
 * @throws {RangeError} `not-invertible` when the message has a factor of the modulus, `key-too-short`
 */
export async function blind(key, prepared, { salt = random(48), r = null } = {}) {
    const [bytes, e] = [unbase64url(key.n), integer(unbase64url(key.e))];
    const n = integer(bytes);
    const encoded = integer(await encodePSS(prepared, n.toString(2).length - 1, salt));
    inverseOf(encoded, n);
    const factor = r ?? uniformBelow(n, bytes.length);
    const inverse = inverseOf(factor, n);
    return { blinded: octets((encoded * power(factor, e, n)) % n, bytes.length), inverse: inverse.toString(16) };
}

/** Whether a signature is one of a prepared message (RFC 9474, section 4.5), by the platform's own RSA-PSS. */
export async function verify(key, prepared, signature, saltLength = 48) {
    const algorithm = { name: 'RSA-PSS', hash: 'SHA-384', saltLength };
    const jwk = { kty: 'RSA', n: key.n, e: key.e };
    return crypto.subtle.verify(
        algorithm, await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']), signature, prepared);
}

/**
 * Unblinds the issuer's answer and tests it (section 4.4).
 *
 * @returns {Promise<Uint8Array>} the signature
 * @throws {DirectoryError} `bad-signature`: a wrong one would mark whoever spends it
 */
export async function finalise(key, prepared, blindSignature, inverse, saltLength = 48) {
    const bytes = unbase64url(key.n);
    const n = integer(bytes);
    if (blindSignature.length === bytes.length) {
        const signature = octets((integer(blindSignature) * BigInt(`0x${inverse}`)) % n, bytes.length);
        if (await verify(key, prepared, signature, saltLength)) return signature;
    }
    throw new DirectoryError('bad-signature', 'The server signed with another key than it shows, or not at all.');
}

/** A SubjectPublicKeyInfo with rsaEncryption (RFC 8017, A.1) up to the 256 bytes of the modulus, and after them. */
const spki = [unhex('30820122300d06092a864886f70d01010105000382010f003082010a0282010100'), unhex('0203010001')];

/**
 * Checks a key of the directory before anything is blinded for it.
 *
 * @param {{n: string, e: string, keyId: string}} key
 * @throws {DirectoryError} `key-exponent` (of a small one a forger could take roots), `key-size`, `key-even`, `key-id`
 */
export async function checkKey(key) {
    const demand = (holds, what) => {
        if (!holds) throw new DirectoryError(`key-${what}`, `Key ${key?.keyId} is not sound (${what}).`);
    };
    demand(key?.e === 'AQAB', 'exponent');
    demand(/^[A-Za-z0-9_-]{342}$/.test(key.n), 'size');
    const n = unbase64url(key.n);
    demand(n.length === 256 && n[0] >= 0x80, 'size');
    demand(n[255] % 2 === 1, 'even');
    demand(hex(await sha256(join(spki[0], n, spki[1]))) === key.keyId, 'id');
}

// MARK: Tokens

/** What is signed for a token, 98 bytes in the layout of RFC 9578, section 6.1: type 2, nonce, context, key. */
export async function tokenInput(network, { scope, epoch, keyId }, nonce = random(32)) {
    const context = await sha256(canonicalJSON({ v: 1, network, scope, epoch }));
    return join([0, 2], nonce, context, unhex(keyId));
}

// MARK: The key directory (the idea of RFC 9162: a log that everybody can recompute)

const beginning = '0'.repeat(64);

/** SHA-256, in hexadecimal digits, of the canonical form without the digest and without the counts, which move. */
export async function directoryDigest({ digest: _, ...directory }) {
    const keys = directory.keys.map(({ granted: _, ...key }) => key);
    return hex(await sha256(canonicalJSON({ ...directory, keys })));
}

/** @throws {DirectoryError} `malformed`, `two-keys`, `wrong-digest` or one of `checkKey` */
export async function verifyDirectory(directory, network) {
    const isOne = directory?.v === 1 && directory.network === network && Array.isArray(directory.keys);
    if (!isOne) throw new DirectoryError('malformed', 'This is no key directory of the network.');
    const places = new Set();
    for (const key of directory.keys) {
        await checkKey(key);
        if (!(key.tokensPerMember >= 1 && key.tokensPerMember <= 20)) {
            throw new DirectoryError('malformed', `Key ${key.keyId} has no sensible number of tokens.`);
        }
        for (const place of [canonicalJSON([key.scope, key.epoch]), key.keyId]) {
            if (places.has(place)) throw new DirectoryError('two-keys', `There is a second key for ${place}.`);
            places.add(place);
        }
    }
    if (directory.digest !== await directoryDigest(directory)) {
        throw new DirectoryError('wrong-digest', 'The digest of the key directory is not that of its keys.');
    }
}

/**
 * Checks that a directory ends a chain in which every version follows from the one before, through the pinned one.
 *
 * @param {AsyncIterable<object>|Iterable<object>} links versions from the first, each with the keys that came with it
 * @param {object} shown a directory that `verifyDirectory` has passed
 * @param {?{seq: number, digest: string}} pin what was accepted last
 * @throws {DirectoryError} `out-of-order`, `broken`, `wrong-digest`, `fork`, `another-history`, `malformed`
 */
export async function verifyChain(links, shown, pin) {
    const { v, network } = shown;
    let last = { seq: 0, digest: beginning };
    let isPinned = !pin;
    const keys = [];
    for await (const { seq, prev, bundleSHA256, digest, keys: added } of links) {
        if (!Number.isSafeInteger(seq) || !Array.isArray(added)) {
            throw new DirectoryError('malformed', 'This is no version of a key directory.');
        }
        // The first may have any number: networks that are older than their chain begin later.
        if (seq < 1 || last.seq > 0 && seq !== last.seq + 1) {
            throw new DirectoryError('out-of-order', `Version ${seq} stands in the place of version ${last.seq + 1}.`);
        }
        if (prev !== last.digest) throw new DirectoryError('broken', `Version ${seq} does not follow the one before.`);
        keys.push(...added);
        if (digest !== await directoryDigest({ v, network, seq, prev, bundleSHA256, keys })) {
            throw new DirectoryError('wrong-digest', `The digest of version ${seq} is not that of its keys.`);
        }
        last = { seq, digest };
        if (seq === pin?.seq) {
            if (digest !== pin.digest) throw new DirectoryError('another-history', `Version ${seq} was another.`);
            isPinned = true;
        }
        // Versions that began since belong to the next look.
        if (seq >= shown.seq) break;
    }
    if (last.digest !== shown.digest) throw new DirectoryError('fork', 'The directory shown is not in the chain.');
    if (!isPinned) throw new DirectoryError('another-history', 'The directory does not continue what it was before.');
}

/** Twelve digits that people can read to each other: the first 8 bytes of a digest, modulo 10^12. */
export function shortCode(digest) {
    const digits = (BigInt(`0x${digest.slice(0, 16)}`) % 10n ** 12n).toString().padStart(12, '0');
    return digits.replace(/(\d{4})(?=\d)/g, '$1 ');
}

// MARK: Receipts

/** 20 uniform decimal digits in 5 groups of 4: all that leads back to a message. */
export function newReceiptCode() {
    let digits = '';
    while (digits.length < 20) {
        const [byte] = random(1);
        // 250 is the greatest multiple of ten: with more, small digits would come more often.
        if (byte < 250) digits += byte % 10;
    }
    return digits.replace(/(\d{4})(?=\d)/g, '$1 ');
}

/** @param {string} text as typed @returns {string} 20 digits @throws {RangeError} `bad-code` */
export function normaliseReceiptCode(text) {
    const digits = text.replace(/[\s\p{Pd}]/gu, '');
    if (!/^[0-9]{20}$/.test(digits)) throw failure('bad-code', 'A receipt code has 20 digits.', RangeError);
    return digits;
}

/**
 * What the server is shown of a receipt: PBKDF2 (RFC 8018), so that trying codes is slow, then HKDF (RFC 5869).
 *
 * @returns {Promise<Uint8Array>} 32 bytes
 * @throws {RangeError} `bad-code`
 */
export async function receiptId(code, network) {
    const imported = (bytes, name) => crypto.subtle.importKey('raw', bytes, name, false, ['deriveBits']);
    const password = await imported(utf8.encode(normaliseReceiptCode(code)), 'PBKDF2');
    const salt = utf8.encode(`receipt-v1:${network.toLowerCase()}`);
    const slow = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 600_000 };
    const master = await imported(await crypto.subtle.deriveBits(slow, password, 256), 'HKDF');
    const id = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: utf8.encode('id') };
    return new Uint8Array(await crypto.subtle.deriveBits(id, master, 256));
}

// MARK: Requests

/** The sizes of anonymous bodies in bytes: whoever watches the line learns nothing from a length. */
export const sizes = [2_048, 8_192, 32_768];

/** @returns {string} JSON that the member `pad` fills up to one of `sizes` @throws {RangeError} `too-long` */
export function pad(body) {
    const length = utf8.encode(JSON.stringify({ ...body, pad: '' })).length;
    const size = sizes.find((size) => size >= length);
    if (size === undefined) throw failure('too-long', `This is ${length - sizes.at(-1)} bytes too long.`, RangeError);
    return JSON.stringify({ ...body, pad: '0'.repeat(size - length) });
}

/** In bits. More than this takes a telephone minutes; only a hostile server would ask for it. */
const hardest = 22;

/**
 * Works for a challenge: SHA-256(challenge + "." + counter) begins with `difficulty` zero bits.
 *
 * @returns {Promise<string>} the value of the header `Chorus-Proof`
 * @throws {RangeError} `too-difficult`
 */
export async function solve(challenge, difficulty) {
    const isFair = Number.isInteger(difficulty) && difficulty >= 0 && difficulty <= hardest;
    if (!isFair) throw failure('too-difficult', 'The server asks for too much work.', RangeError);
    // In batches that are awaited, so that a page does not freeze.
    for (let start = 0; ; start += 256) {
        const proofs = Array.from({ length: 256 }, (_, index) => `${challenge}.${start + index}`);
        const hashes = await Promise.all(proofs.map(sha256));
        const found = hashes.findIndex((hash) => integer(hash.subarray(0, 4)) >> BigInt(32 - difficulty) === 0n);
        if (found >= 0) return proofs[found];
    }
}

/** Milliseconds that a `Retry-After` asks for (RFC 9110, section 10.2.3): seconds or a date. */
function retryAfter(answer, now) {
    const text = answer.headers.get('retry-after') ?? '';
    const wait = /^\d+$/.test(text) ? 1_000 * Number(text) : Date.parse(text) - now;
    return wait > 0 ? wait : 0;
}

// MARK: The client

const submissions = '/v1/anonymous/submissions';
const withdrawals = '/v1/anonymous/inbox/withdrawal';
const kinds = ['message', 'ballot', 'endorsement'];
/** An answer that never comes must not hold up whatever waits behind it. */
const patience = () => AbortSignal.timeout(60_000);
const isShown = (state) => ['inReview', 'open', 'closed'].includes(state);

/**
 * What one member's program does with a network: it keeps tokens and an outbox in its store, and nobody's name.
 *
 * The store holds `directory` (the pin), `stop`, `key:…` (tokens of a key) and `outbox:…` under random names.
 */
export class AnonymousClient {
    #tails = new Map();

    /**
     * @param {object} parts
     * @param {string} parts.origin of the anonymous routes, such as `https://…`
     * @param {string} parts.memberOrigin of the others; the same by default
     * @param {string} parts.network its id
     * @param {object} parts.store `memoryStore()` or `browserStore(name)`
     * @param {function} parts.fetch
     * @param {function} parts.now in milliseconds
     * @param {function} parts.sleep for milliseconds
     * @param {number} parts.delay the longest wait before tokens are fetched, in milliseconds; a minute by default
     */
    constructor({
        origin, memberOrigin = origin, network, store, delay = 60_000, now = Date.now,
        fetch = (...request) => globalThis.fetch(...request),
        sleep = (time) => new Promise((wake) => setTimeout(wake, time)),
    }) {
        Object.assign(this, { origin, memberOrigin, network: network.toLowerCase(), store, fetch, now, sleep, delay });
    }

    /**
     * Fetches the directory and accepts it if it continues the pinned one; if not, the client stops until `resume`.
     *
     * @throws {DirectoryError} what is wrong, to be shown @throws {RequestError}
     */
    directory() {
        return this.#alone('directory', async () => {
            await this.#refuseIfStopped();
            const shown = await this.#send(`/v1/anonymous/directory?network=${this.network}`);
            const pin = await this.store.get('directory');
            try {
                await verifyDirectory(shown, this.network);
                if (shown.digest !== pin?.digest) await verifyChain(this.#versions(), shown, pin);
            } catch (error) {
                const { code, message } = error;
                if (error instanceof DirectoryError) await this.store.set('stop', { code, message });
                throw error;
            }
            await this.store.set('directory', shown);
            return shown;
        });
    }

    /** Lets a stopped client try again, when a person has looked into it; the pin stays what it was. */
    resume() { return this.store.delete('stop'); }

    /**
     * Fetches tokens of every open key without, in one call after a random wait: never at the moment of writing.
     *
     * @param {string|function} member a bearer token, or a `fetch` that sends the member's sign-in
     * @returns {Promise<{granted: number, refused: {keyId: string, problem: string}[]}>} tokens, and keys without
     * @throws {DirectoryError} `bad-signature`; then no token is stored @throws {RequestError}
     */
    async prefetchTokens(member) {
        if (await this.#wanted(await this.directory()) === 0) return { granted: 0, refused: [] };
        await this.sleep(this.delay * Number(integer(random(4))) / 2 ** 32);
        for (let attempt = 1; ; attempt++) {
            const directory = await this.directory();
            const asked = await this.#blind(directory);
            const requests = asked.map(({ key: { keyId }, items }) => (
                { keyId, blinded: items.map((one) => one.blinded) }));
            try {
                const answer = await this.#issue(member, { directoryDigest: directory.digest, requests });
                return await this.#finalise(asked, answer.results);
            } catch (error) {
                if (error.code === 'directory-changed' && attempt === 1) continue;
                if (error.status !== 409) throw error;
                await this.#noteProblems(asked.map(({ key }) => ({ key, problem: error.code })));
                return { granted: 0, refused: requests.map(({ keyId }) => ({ keyId, problem: error.code })) };
            }
        }
    }

    /** @param {?string} scope of all by default @returns {Promise<number>} tokens that can be spent today */
    async tokenCount(scope) {
        return (await this.#free()).filter((token) => scope === undefined || token.key.scope === scope).length;
    }

    /**
     * What can be said of one kind from here today, by what the store knows; nothing is asked of the server.
     *
     * @param {string} kind `message`, `ballot` or `endorsement`
     * @param {string} about the channel, the round or the endorsement's scope
     * @returns {Promise<{state: string, tokens: number, key: ?object}>} the key as in the directory; `ready`, `waiting`
     *     (something is in the outbox), `refused` (the same, for good), `used`, `elsewhere` (another device has the tokens, or
     *     they are gone), `not-eligible`, `unfetched` (a key is open, its tokens come with the next start), `closed`
     */
    async standing(kind, about) {
        const scope = await this.#scope(kind, { channel: about, round: about, recommendation: about });
        const tokens = (await this.#free()).filter(({ key }) => key.kind === kind && key.scope === scope).length;
        const { keys = [] } = await this.store.get('directory') ?? {};
        const mine = keys.filter((key) => key.scope === scope && key.kind === kind && key.redeemTo >= this.#today());
        const key = mine.sort((a, b) => (a.issueFrom < b.issueFrom ? -1 : 1)).find((one) => one.issueTo >= this.#today());
        const state = tokens > 0 ? 'ready' : await this.#lack(kind, about, mine);
        return { state, tokens, key: key ?? mine.at(-1) ?? null };
    }

    /** Why there is no free token. */
    async #lack(kind, about, keys) {
        const sent = (await this.outbox()).filter((one) => one.kind === kind);
        const same = sent.find(({ content }) => [content.round, content.recommendation].includes(about));
        if (same) return same.state === 'refused' ? 'refused' : 'waiting';
        const records = await Promise.all(keys.map(({ keyId }) => this.store.get(`key:${keyId}`)));
        const last = records.filter(Boolean).at(-1);
        if (last?.problem) return last.problem === 'already-granted' ? 'elsewhere' : last.problem;
        if (last?.tokens) return 'used';
        return keys.some((key) => key.issueTo >= this.#today()) ? 'unfetched' : 'closed';
    }

    /**
     * Writes something into the outbox, whole and padded, and only then sends it.
     *
     * @param {object} content with one of `message`, `ballot` and `endorsement`
     * @param {string} code the receipt code; it is not stored
     * @returns {Promise<object>} the entry, as in `outbox()`
     * @throws {Error} `no-token` @throws {RangeError} `too-long`, `bad-code` @throws {DirectoryError} when stopped
     */
    async submit(content, code) {
        await this.#refuseIfStopped();
        const [kind, ...others] = kinds.filter((name) => content[name]);
        if (!kind || others.length) throw new TypeError('Exactly one of message, ballot and endorsement can be sent.');
        const receipt = base64url(await receiptId(code, this.network));
        const id = base64url(random(16));
        await this.#alone('tokens', async () => {
            const scope = await this.#scope(kind, content[kind]);
            const [free] = (await this.#free()).filter(({ key }) => key.kind === kind && key.scope === scope);
            if (!free) throw failure('no-token', 'There is no token for this; tokens are fetched beforehand.');
            const body = pad({ v: 1, token: free.token, receiptId: receipt, [kind]: content[kind] });
            const use = { keyId: free.key.keyId, input: free.token.input };
            const entry = { kind, receiptId: receipt, use, body, state: 'waiting', problem: null };
            await this.store.set(`outbox:${id}`, entry);
        });
        return (await this.flush(id)).find((entry) => entry.id === id) ?? { id, kind, state: 'done', problem: null };
    }

    /**
     * Takes every entry of the outbox a step further: sends it, or asks whether it has come out of the mix.
     *
     * @param {?string} only one entry; all by default
     * @returns {Promise<object[]>} what is left, as in `outbox()`
     */
    flush(only) {
        return this.#alone('outbox', async () => {
            await this.#refuseIfStopped();
            for (const [name, entry] of await this.#entries('outbox:')) {
                const isTurn = entry.state !== 'refused' && !(entry.notBefore > this.now());
                if (!isTurn || only !== undefined && name !== `outbox:${only}`) continue;
                try { await this.#advance(name, entry); } catch (error) { await this.#note(name, entry, error); }
            }
            return this.outbox();
        });
    }

    /**
     * What is not known to be published or counted yet.
     *
     * @returns {Promise<object[]>} entries with `id`, `kind`, `content`, `problem` and `state`, which is `waiting`,
     *     `acknowledged`, `withdrawn` or `refused`; of the last a person must be told. `mixedAfter` is when the mix may
     *     bring an acknowledged one out; `arrived` says of a refused one that the server had acknowledged it before
     */
    async outbox() {
        return (await this.#entries('outbox:')).map(([name, { kind, body, state, problem, ...more }]) => ({
            id: name.slice(7), kind, content: JSON.parse(body)[kind], state: more.isWithdrawn ? 'withdrawn' : state,
            problem, mixedAfter: more.mixedAfter ?? null, arrived: more.arrived ?? false,
        }));
    }

    /** Gives a refused entry up, when its writer was told; a token that is still good can be used again. */
    discard(id) {
        return this.#alone('outbox', async () => {
            const entry = await this.store.get(`outbox:${id}`);
            if (entry?.state !== 'refused') throw failure('not-refused', 'Only what was refused can be given up.');
            await this.#finish(`outbox:${id}`, entry, ['invalid', 'too-large'].includes(entry.problem));
        });
    }

    /** @returns {Promise<{state: string, messages: object[]}>} what a code leads to @throws {RangeError} `bad-code` */
    async inbox(code) {
        return this.#inbox(base64url(await receiptId(code, this.network)));
    }

    /** Adds to the dialogue; the same text again is taken once as long as it waits. @throws {RequestError} */
    async reply(code, text) {
        const receipt = base64url(await receiptId(code, this.network));
        return this.#send('/v1/anonymous/inbox/replies', pad({ receiptId: receipt, text }));
    }

    /** Withdraws a message and its dialogue; what was to be sent of it is not. @throws {RequestError} repeat it then */
    async withdraw(code) {
        const receipt = base64url(await receiptId(code, this.network));
        return this.#alone('outbox', () => this.#withdraw(receipt));
    }

    /** Withdraws a message that is still in the outbox: the entry knows its receipt. @throws {RequestError} as above */
    recall(id) {
        return this.#alone('outbox', async () => {
            const entry = await this.store.get(`outbox:${id}`);
            if (entry?.kind !== 'message') throw failure('not-recallable', 'Only a message can be taken back.');
            // What never arrived is unknown there, and need not be taken back.
            return this.#withdraw(entry.receiptId).catch((error) => this.#finishUnknown(`outbox:${id}`, entry, error));
        });
    }

    // MARK: The outbox

    async #withdraw(receipt) {
        const mine = (await this.#entries('outbox:')).filter(([, entry]) => entry.receiptId === receipt);
        // Noted first: after a lost answer it must not be sent once more.
        for (const [name, entry] of mine) await this.store.set(name, { ...entry, isWithdrawn: true });
        const answer = await this.#send(withdrawals, pad({ receiptId: receipt }));
        for (const [name, entry] of mine) await this.#finish(name, entry);
        return answer;
    }

    async #finishUnknown(name, entry, error) {
        if (error.status !== 404) throw error;
        return this.#finish(name, entry);
    }

    async #advance(name, entry) {
        if (entry.isWithdrawn) {
            return this.#withdraw(entry.receiptId).catch((error) => this.#finishUnknown(name, entry, error));
        }
        if (entry.state === 'acknowledged') {
            const { state } = await this.#inbox(entry.receiptId);
            if (isShown(state) || entry.kind !== 'message' && state !== 'queued') return this.#finish(name, entry);
            // A message that was acknowledged and is unknown is sent again: the server may have lost it with its disk.
            if (state === 'queued') return undefined;
        }
        let answer;
        try {
            answer = await this.#send(submissions, entry.body);
        } catch (error) {
            const isSpent = error.code === 'token-spent' && entry.kind === 'message';
            // After a lost answer the token is spent on this very message, if the inbox shows it.
            if (isSpent && isShown((await this.#inbox(entry.receiptId)).state)) return this.#finish(name, entry);
            throw error;
        }
        const { mixedAfter = null } = answer;
        const now = { state: 'acknowledged', arrived: true, mixedAfter, problem: null, notBefore: 0 };
        return this.store.set(name, { ...entry, ...now });
    }

    /** Notes why a step failed: for good only if the submission itself was refused; otherwise it is tried again. */
    async #note(name, entry, error) {
        if (!(error instanceof RequestError)) throw error;
        const isFinal = error.path === submissions && error.status >= 400 && error.status < 500;
        const isRefused = isFinal && ![408, 425, 429].includes(error.status);
        const state = isRefused ? 'refused' : entry.state;
        const notBefore = error.retryAfter && this.now() + error.retryAfter;
        await this.store.set(name, { ...entry, state, problem: error.code, notBefore });
    }

    /** Forgets the token, then the entry: in the other order a crash would make a used token free again. */
    async #finish(name, { use }, isTokenGood = false) {
        await this.#alone('tokens', async () => {
            const record = await this.store.get(`key:${use.keyId}`);
            if (record?.tokens && !isTokenGood) {
                const tokens = record.tokens.filter((token) => token.input !== use.input);
                await this.store.set(`key:${use.keyId}`, { ...record, tokens });
            }
            await this.store.delete(name);
        });
    }

    #inbox(receipt) { return this.#send('/v1/anonymous/inbox', pad({ receiptId: receipt })); }

    // MARK: Tokens. A record is blinded at first, and replaced by its tokens in one write.

    /** Tokens that are in no entry of the outbox, those that expire first in front. */
    async #free() {
        const used = new Set((await this.#entries('outbox:')).map(([, entry]) => entry.use.input));
        const records = (await this.#entries('key:')).map(([, record]) => record);
        return records.filter(({ key }) => key.redeemTo >= this.#today())
            .sort((a, b) => (a.key.redeemTo < b.key.redeemTo ? -1 : 1))
            .flatMap(({ key, tokens = [] }) => tokens.map((token) => ({ key, token })))
            .filter(({ token }) => !used.has(token.input));
    }

    /** What a token must be for: a restricted channel has keys of its own. */
    async #scope(kind, content) {
        if (kind !== 'message') return kind === 'ballot' ? content.round : content.recommendation;
        const { keys = [] } = await this.store.get('directory') ?? {};
        const isRestricted = keys.some((key) => key.scope === content.channel && key.redeemTo >= this.#today());
        return isRestricted ? content.channel : this.network;
    }

    async #open(directory) {
        const today = this.#today();
        const open = directory.keys.filter((key) => key.issueFrom <= today && today <= key.issueTo);
        return Promise.all(open.map(async (key) => [key, await this.store.get(`key:${key.keyId}`)]));
    }

    async #wanted(directory) {
        return (await this.#open(directory)).filter(([, record]) => !record?.tokens).length;
    }

    /** Blinds for every open key, and stores that before it is sent: a lost answer is had with the same bytes only. */
    #blind(directory) {
        return this.#alone('tokens', async () => {
            for (const [name, record] of await this.#entries('key:')) {
                if (record.key.redeemTo < this.#today()) await this.store.delete(name);
            }
            const asked = [];
            for (const [key, record] of await this.#open(directory)) {
                if (record?.tokens) continue;
                const items = record?.blinded ?? [];
                while (items.length < key.tokensPerMember) {
                    const input = await tokenInput(this.network, key);
                    const { blinded, inverse } = await blind(key, input);
                    items.push({ input: base64url(input), blinded: base64url(blinded), inverse });
                }
                if (!record) await this.store.set(`key:${key.keyId}`, { key, blinded: items });
                asked.push({ key, items });
            }
            return asked;
        });
    }

    async #issue(member, body) {
        const send = typeof member === 'function' ? member : this.fetch;
        const path = `/v1/networks/${this.network}/anonymous-tokens`;
        const init = { method: 'POST', redirect: 'error', cache: 'no-store', body: JSON.stringify(body) };
        init.headers = { 'content-type': 'application/json' };
        if (send !== member) Object.assign(init.headers, { authorization: `Bearer ${member}` });
        return this.#read(path, send(this.memberOrigin + path, { ...init, signal: patience() }));
    }

    /** Tests every signature before the first token is stored. */
    async #finalise(asked, results = []) {
        const finished = await Promise.all(asked.map(async ({ key, items }) => {
            const { blindSignatures, problem } = results.find((result) => result.keyId === key.keyId) ?? {};
            if (!blindSignatures) return { key, problem: problem ?? 'no-answer' };
            return { key, items, tokens: await Promise.all(items.map(async ({ input, inverse }, index) => {
                const blindSignature = unbase64url(blindSignatures[index] ?? '');
                const signature = await finalise(key, unbase64url(input), blindSignature, inverse);
                return { input, signature: base64url(signature) };
            })) };
        }));
        await this.#alone('tokens', async () => {
            for (const { key, problem, tokens = [] } of finished) {
                // Another page may have been faster, and spent some since.
                const isWaiting = (await this.store.get(`key:${key.keyId}`))?.blinded;
                if (isWaiting && (!problem || problem === 'already-granted')) {
                    await this.store.set(`key:${key.keyId}`, { key, tokens, ...(problem && { problem }) });
                }
            }
        });
        await this.#noteProblems(finished);
        return {
            granted: finished.reduce((sum, { tokens = [] }) => sum + tokens.length, 0),
            refused: finished.filter((one) => one.problem).map(({ key: { keyId }, problem }) => ({ keyId, problem })),
        };
    }

    /** Notes beside what still waits for tokens why none came, so that a person can be told. */
    #noteProblems(results) {
        return this.#alone('tokens', async () => {
            for (const { key, problem } of results) {
                const record = await this.store.get(`key:${key.keyId}`);
                if (problem && record?.blinded) await this.store.set(`key:${key.keyId}`, { ...record, problem });
            }
        });
    }

    // MARK: Requests

    /** Reads the chain from its first version always: to ask for less would tell the server what is pinned. */
    async* #versions() {
        const path = `/v1/anonymous/directory/versions?network=${this.network}&limit=200`;
        for (let next = ''; next !== null;) {
            const page = await this.#send(next ? `${path}&after=${encodeURIComponent(next)}` : path);
            if (!page.items?.length) throw new DirectoryError('malformed', 'A page of the key directory is empty.');
            yield* page.items;
            next = page.next || null;
        }
    }

    /**
     * Sends to an anonymous route, with nothing that says who sends; works for the server when it asks for that.
     *
     * @param {string} path
     * @param {?string} body already padded; without one it is a GET
     */
    async #send(path, body) {
        const headers = body === undefined ? {} : { 'content-type': 'application/json' };
        const init = {
            method: body === undefined ? 'GET' : 'POST', body, headers, mode: 'cors', credentials: 'omit',
            referrerPolicy: 'no-referrer', cache: 'no-store', redirect: 'error',
        };
        for (let challenges = 0; ; challenges++) {
            try {
                return await this.#read(path, this.fetch(this.origin + path, { ...init, signal: patience() }));
            } catch (error) {
                if (error.code !== 'challenge-required' || error.status !== 429 || challenges === 3) throw error;
                const { challenge, difficulty } = error.problem;
                headers['Chorus-Proof'] = await solve(challenge, difficulty).catch(() => { throw error; });
            }
        }
    }

    async #read(path, sent) {
        let [answer, text] = [];
        try {
            answer = await sent;
            text = await answer.text();
        } catch { throw new RequestError(path, 0); }
        let json = {};
        try { json = JSON.parse(text) ?? {}; } catch { if (answer.ok && text.trim()) throw new RequestError(path, 0); }
        if (!answer.ok) throw new RequestError(path, answer.status, json, retryAfter(answer, this.now()));
        return json;
    }

    // MARK: The store

    async #refuseIfStopped() {
        const stop = await this.store.get('stop');
        if (stop) throw new DirectoryError(stop.code, stop.message);
    }

    async #entries(prefix) { return (await this.store.entries()).filter(([name]) => name.startsWith(prefix)); }

    /** The day here; where the network has another, a key is refused as closed and asked for again. */
    #today() {
        const day = new Date(this.now());
        return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((n) => String(n).padStart(2, '0')).join('-');
    }

    /** One at a time, among all pages of a browser too: two must not take the same token. */
    #alone(name, work) {
        const run = (this.#tails.get(name) ?? Promise.resolve()).then(() => {
            const locks = globalThis.navigator?.locks;
            return locks ? locks.request(`chorus ${this.network} ${name}`, work) : work();
        });
        this.#tails.set(name, run.catch(() => {}));
        return run;
    }
}

// MARK: Stores

/** A store that is gone with the program. */
export function memoryStore() {
    const items = new Map();
    return {
        get: async (name) => structuredClone(items.get(name)),
        set: async (name, value) => void items.set(name, structuredClone(value)),
        delete: async (name) => void items.delete(name),
        entries: async () => [...items].map(([name, value]) => [name, structuredClone(value)]),
    };
}

/** A store in IndexedDB. @param {string} name of the database; one for each network and sign-in */
export function browserStore(name) {
    const settled = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    let database;
    const transaction = async (mode, work) => {
        if (!database) {
            const request = indexedDB.open(name, 1);
            request.onupgradeneeded = () => request.result.createObjectStore('items');
            database = settled(request);
        }
        // Strict: what is in the outbox must be on the disk before it is sent.
        const open = (await database).transaction('items', mode, { durability: 'strict' });
        const done = new Promise((resolve, reject) => {
            open.oncomplete = resolve;
            open.onabort = () => reject(open.error);
        });
        const [result] = await Promise.all([work(open.objectStore('items')), done]);
        return result;
    };
    return {
        get: (key) => transaction('readonly', (items) => settled(items.get(key))),
        set: (key, value) => transaction('readwrite', (items) => settled(items.put(value, key))),
        delete: (key) => transaction('readwrite', (items) => settled(items.delete(key))),
        entries: () => transaction('readonly', async (items) => {
            const [keys, values] = await Promise.all([settled(items.getAllKeys()), settled(items.getAll())]);
            return keys.map((key, index) => [key, values[index]]);
        }),
    };
}

/**
 * Seals what another store keeps: who uses this device next can open the database, and reads nothing in it.
 *
 * @param {object} store as `browserStore` makes it; it sees the names of items, which say nothing
 * @param {string} secret what this device knows only as long as its owner is signed in
 * @param {string} network its id
 */
export function sealedStore(store, secret, network) {
    const sealing = (async () => {
        const material = await crypto.subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, ['deriveKey']);
        const how = { name: 'HKDF', hash: 'SHA-256', salt: utf8.encode(network), info: utf8.encode('store-v1') };
        return crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    })();
    // The name is sealed along, so that no item can be put in the place of another.
    const parts = (name, iv) => ({ name: 'AES-GCM', iv, additionalData: utf8.encode(name) });
    const open = async (name, item) => {
        if (item === undefined) return undefined;
        const bytes = await crypto.subtle.decrypt(parts(name, item.iv), await sealing, item.sealed);
        return JSON.parse(new TextDecoder().decode(bytes));
    };
    return {
        get: async (name) => open(name, await store.get(name)),
        set: async (name, value) => {
            const iv = random(12);
            const bytes = utf8.encode(JSON.stringify(value));
            return store.set(name, { iv, sealed: await crypto.subtle.encrypt(parts(name, iv), await sealing, bytes) });
        },
        delete: (name) => store.delete(name),
        entries: async () => Promise.all(
            (await store.entries()).map(async ([name, item]) => [name, await open(name, item)])),
    };
}
