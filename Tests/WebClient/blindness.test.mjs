// T7: an issuer who kept everything could still not tell which blinded value became which token.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '../../Sources/CWebClient/anonymous.js';
import { makeKey, network } from './issuer.mjs';

const number = (bytes) => BigInt(`0x${client.hex(bytes)}`);

function power(base, exponent, modulus) {
    let result = 1n;
    for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n, b = (b * b) % modulus) {
        if (e & 1n) result = (result * b) % modulus;
    }
    return result;
}

function inverse(a, modulus) {
    let [r, next, s, t] = [modulus, a % modulus, 0n, 1n];
    while (next > 0n) {
        const q = r / next;
        [r, next, s, t] = [next, r - q * next, t, s - q * t];
    }
    assert.equal(r, 1n, 'it has an inverse');
    return ((s % modulus) + modulus) % modulus;
}

// For every pair of a blinded value B and a token with signature s there is exactly one blinding factor r with B = m · r^e, where
// m = s^e is the token's padded message: r = B^d / s. So each pairing is as possible as any other (RFC 9474, section 7.1).
test('T7: for all pairs of a blinded value and a token a blinding factor exists', async () => {
    const issuer = makeKey();
    const key = issuer.shown;
    await client.checkKey(key);
    const n = number(client.unbase64url(issuer.shown.n));
    const made = [];
    for (let index = 0; index < 8; index += 1) {
        const prepared = client.prepare(await client.tokenInput(network, issuer.shown));
        const { blinded, inverse: unblinding } = await client.blind(key, prepared);
        const answer = new Uint8Array(issuer.sign(blinded));
        const signature = await client.finalise(key, prepared, answer, unblinding);
        made.push({ blinded: number(blinded), answer: number(answer), signature: number(signature) });
    }
    let pairs = 0;
    for (const value of made) {
        for (const token of made) {
            const message = power(token.signature, 65537n, n);
            const factor = (value.answer * inverse(token.signature, n)) % n;
            inverse(factor, n);
            assert.equal((message * power(factor, 65537n, n)) % n, value.blinded);
            pairs += 1;
        }
    }
    assert.equal(pairs, 64);
    assert.equal(new Set(made.map((value) => value.blinded)).size, 8);
    // Without blinding only a value's own token would fit: the factor of every pair would be 1 or impossible.
    assert.ok(made.every((value) => value.answer !== value.signature));
});
