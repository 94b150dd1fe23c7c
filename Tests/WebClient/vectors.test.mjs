import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as client from '../../Sources/CWebClient/anonymous.js';

const vectors = JSON.parse(readFileSync(new URL('Fixtures/rfc9474.json', import.meta.url)));
const integer = (text) => BigInt(`0x${text}`);

function power(base, exponent, modulus) {
    let result = 1n;
    for (let rest = exponent, square = base; rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
        if (rest & 1n) result = (result * square) % modulus;
    }
    return result;
}

/** The blinding factor, of which the RFC prints the inverse and the primes: Euler's theorem gives it back. */
function factorOf(vector) {
    const [p, q] = [integer(vector.p), integer(vector.q)];
    return power(integer(vector.inv), (p - 1n) * (q - 1n) - 1n, p * q);
}

assert.equal(vectors.length, 4);

for (const vector of vectors) {
    test(`T1: ${vector.name} gives every value of RFC 9474, appendix A`, async () => {
        const key = { n: client.base64url(client.unhex(vector.n)), e: client.base64url(client.unhex(vector.e)) };
        const salt = client.unhex(vector.salt);
        const randomized = vector.name.endsWith('Randomized');
        const prepared = client.prepare(
            client.unhex(vector.msg), { randomized, prefix: client.unhex(vector.msg_prefix ?? '') });
        assert.equal(client.hex(prepared), vector.prepared_msg);
        if (vector.encoded_msg) {
            assert.equal(client.hex(await client.encodePSS(prepared, 4095, salt)), vector.encoded_msg);
        }
        const { blinded, inverse } = await client.blind(key, prepared, { salt, r: factorOf(vector) });
        assert.equal(integer(inverse), integer(vector.inv));
        assert.equal(client.hex(blinded), vector.blinded_msg);
        const signature = await client.finalise(
            key, prepared, client.unhex(vector.blind_sig), vector.inv, salt.length);
        assert.equal(client.hex(signature), vector.sig);
        assert.ok(await client.verify(key, prepared, signature, salt.length));
        signature[100] ^= 1;
        assert.ok(!await client.verify(key, prepared, signature, salt.length));
    });
}

test('T1: without vectors every blinding and every preparation is another', async () => {
    const vector = vectors[0];
    const key = { n: client.base64url(client.unhex(vector.n)), e: 'AQAB' };
    const input = new Uint8Array(98);
    const blinded = [await client.blind(key, input), await client.blind(key, input)];
    assert.notDeepEqual(blinded[0].blinded, blinded[1].blinded);
    assert.notEqual(blinded[0].inverse, blinded[1].inverse);
    assert.notDeepEqual(
        client.prepare(input, { randomized: true }), client.prepare(input, { randomized: true }));
    assert.deepEqual(client.prepare(input), input);
});

test('T1: a message that shares a factor with the modulus is not blinded', async () => {
    const key = { n: client.base64url(client.unhex(vectors[0].n)), e: 'AQAB' };
    const r = integer(vectors[0].p);
    await assert.rejects(client.blind(key, new Uint8Array(98), { r }), { code: 'not-invertible' });
});

test('canonical JSON is that of RFC 8785, and refuses what it has no form for', () => {
    const value = { 'ö': 1, a: [null, true, 'x"\n\u0007€'], '\u{1F600}': {}, '\uFB33': -5, B: '' };
    assert.equal(
        client.canonicalJSON(value),
        '{"B":"","a":[null,true,"x\\"\\n\\u0007€"],"ö":1,"\u{1F600}":{},"\uFB33":-5}');
    for (const bad of [0.5, 2 ** 60, undefined, NaN, [undefined], 1n]) {
        assert.throws(() => client.canonicalJSON(bad), TypeError);
    }
});

test('base64url has one form for each value', () => {
    for (const length of [0, 1, 2, 3, 32, 98, 256]) {
        const bytes = Uint8Array.from({ length }, (_, index) => 251 * index);
        const text = client.base64url(bytes);
        assert.equal(text, Buffer.from(bytes).toString('base64url'));
        assert.deepEqual(client.unbase64url(text), bytes);
    }
    for (const bad of ['AA==', 'A', 'AB', '+/8', 'A A', 'AAB']) {
        assert.throws(() => client.unbase64url(bad), SyntaxError, bad);
    }
});
