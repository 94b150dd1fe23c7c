import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import * as client from '../../Sources/CWebClient/anonymous.js';
import { fakeServer, makeChain, makeClient, makeKey, network, unsound } from './issuer.mjs';

const sound = makeKey();
const bytes = client.unbase64url(sound.shown.n);
const changed = (change) => {
    const copy = Uint8Array.from(bytes);
    change(copy);
    return client.base64url(copy);
};

test('T3: a sound key is accepted', () => client.checkKey(sound.shown));

// The keyId is right in each: only the named fault is there to refuse it for.
for (const [name, code, key] of [
    ['e = 3', 'key-exponent', unsound(sound.shown.n, 'Aw')],
    ['e = 65537 with a leading zero', 'key-exponent', unsound(sound.shown.n, 'AAEAAQ')],
    ['e = 4294967297', 'key-exponent', unsound(sound.shown.n, 'AQAAAAE')],
    ['an even modulus', 'key-even', unsound(changed((n) => { n[255] &= 0xfe; }))],
    ['a modulus of 1024 bits', 'key-size', unsound(client.base64url(bytes.slice(0, 127).map((b, i) => i ? b : b | 128)
        .reduce((all, b) => [...all, b], []).concat(bytes[255])))],
    ['a modulus of 2047 bits', 'key-size', unsound(changed((n) => { n[0] &= 0x7f; }))],
    ['a modulus of 2056 bits', 'key-size', unsound(client.base64url([0x81, ...bytes]))],
    ['a modulus of 255 bytes', 'key-size', unsound(client.base64url([bytes[0], ...bytes.slice(2)]))],
    ['no modulus', 'key-size', { ...sound.shown, n: '' }],
    ['a modulus that is no base64url', 'key-size', { ...sound.shown, n: '*'.repeat(342) }],
    ['a keyId that is not of the key', 'key-id', { ...sound.shown, keyId: makeKey().shown.keyId }],
    ['another modulus under the same keyId', 'key-id', { ...sound.shown, n: changed((n) => { n[100] ^= 1; }) }],
    ['no key at all', 'key-exponent', null],
]) {
    test(`T3: ${name} is refused, alone and in a directory`, async () => {
        await assert.rejects(client.checkKey(key), { name: 'DirectoryError', code });
        if (!key) return;
        const { shown } = await makeChain([[sound.shown], [{ ...key, epoch: '2026-W48' }]]);
        await assert.rejects(client.verifyDirectory(shown, network), { name: 'DirectoryError', code });
    });
}

const other = makeKey();
for (const [name, change] of [
    ['random bytes', () => client.base64url(randomBytes(256))],
    ['a signature of another key', (_, value) => {
        const below = client.unbase64url(value);
        // The other modulus may be the smaller one.
        below[0] = 0;
        return client.base64url(other.sign(below));
    }],
    ['a flipped bit', (signature) => {
        const copy = client.unbase64url(signature);
        copy[17] ^= 4;
        return client.base64url(copy);
    }],
    ['a signature that is too short', (signature) => client.base64url(client.unbase64url(signature).slice(1))],
    ['the signature of the next token', (_, __, index, all) => all[(index + 1) % all.length]],
    ['a signature with a zero before it', (signature) => client.base64url([0, ...client.unbase64url(signature)])],
    ['a missing signature', () => undefined],
]) {
    test(`T3: ${name} instead of a blind signature is refused, and no token is stored`, async () => {
        const server = await fakeServer();
        const { client: member } = makeClient(server);
        const issue = server.issue;
        server.issue = (request) => {
            const answer = issue(request);
            return { ...answer, ok: true, status: 200, text: async () => {
                const json = JSON.parse(await answer.text());
                const { keyId, blindSignatures } = json.results[0];
                const { blinded } = request.requests[0];
                const forged = blindSignatures.map((one, index) => change(one, blinded[index], index, blindSignatures));
                // Only the last one of three is forged: one bad signature spoils the answer.
                const mixed = [...blindSignatures.slice(0, 2), forged[2]];
                return JSON.stringify({ results: [{ keyId, blindSignatures: mixed }] });
            } };
        };
        await assert.rejects(member.prefetchTokens('bearer'), { name: 'DirectoryError', code: 'bad-signature' });
        assert.equal(await member.tokenCount(), 0);
        server.issue = issue;
        assert.equal((await member.prefetchTokens('bearer')).granted, 3, 'an honest answer is still taken');
    });
}

test('T3: one bad key in an answer of several spoils them all', async () => {
    const server = await fakeServer([makeKey(), makeKey({ kind: 'ballot', scope: 'r', epoch: 'round' })]);
    const { client: member } = makeClient(server);
    const { sign } = server.keys[1];
    server.keys[1].sign = () => randomBytes(256);
    await assert.rejects(member.prefetchTokens('bearer'), { code: 'bad-signature' });
    assert.equal(await member.tokenCount(), 0);
    server.keys[1].sign = sign;
    assert.equal((await member.prefetchTokens('bearer')).granted, 6);
});
