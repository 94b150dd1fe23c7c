import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '../../Sources/CWebClient/anonymous.js';
import { fakeServer, makeClient, message } from './issuer.mjs';

const size = (text) => Buffer.byteLength(text);
const empty = size(JSON.stringify({ text: '', pad: '' }));

test('T14: every body is 2, 8 or 32 KiB, up to the last byte of each', () => {
    for (const [length, expected] of [
        [0, 2_048], [1, 2_048], [2_048 - empty, 2_048], [2_049 - empty, 8_192],
        [8_192 - empty, 8_192], [8_193 - empty, 32_768], [32_768 - empty, 32_768],
    ]) {
        const text = client.pad({ text: 'x'.repeat(length) });
        assert.equal(size(text), expected, `${length}`);
        assert.equal(JSON.parse(text).text.length, length);
        assert.match(JSON.parse(text).pad, /^0*$/);
    }
    assert.throws(() => client.pad({ text: 'x'.repeat(32_769 - empty) }), { name: 'RangeError', code: 'too-long' });
});

test('T14: sizes are of UTF-8 bytes, whatever the text', () => {
    for (const piece of ['ä', '€', '😀', '"', '\n', '\u0007', '\ud800', 'e\u0301', '\u2028']) {
        for (const count of [0, 1, 333, 500, 1_001, 2_047, 4_000]) {
            const text = client.pad({ text: piece.repeat(count) });
            assert.ok(client.sizes.includes(size(text)), `${JSON.stringify(piece)} ${count}: ${size(text)}`);
            assert.equal(JSON.parse(text).text, piece.repeat(count));
        }
    }
    // 8 190 emoji are more than 32 KiB of UTF-8, although only 16 380 characters of JavaScript.
    assert.throws(() => client.pad({ text: '😀'.repeat(8_190) }), { code: 'too-long' });
});

test('T14: what is given as padding is replaced', () => {
    assert.equal(size(client.pad({ pad: 'x'.repeat(3_000) })), 2_048);
});

test('T14: all that a client sends anonymously has one of three sizes, and no sign of who sends', async () => {
    const server = await fakeServer();
    const { client: member } = makeClient(server);
    await member.prefetchTokens('bearer');
    const code = client.newReceiptCode();
    for (const text of ['kurz', 'ä'.repeat(2_500), '€'.repeat(9_000)]) await member.submit(message(text), code);
    await member.inbox(code);
    await member.reply(code, 'Danke, das hilft mir. '.repeat(200));
    await member.withdraw(code);
    const sent = server.requests.filter(({ body, path }) => body && path.startsWith('/v1/anonymous/'));
    assert.deepEqual(sent.map(({ text }) => size(text)), [2_048, 8_192, 32_768, 2_048, 8_192, 2_048]);
    assert.deepEqual(
        sent.map(({ path }) => path.slice('/v1/anonymous/'.length)),
        ['submissions', 'submissions', 'submissions', 'inbox', 'inbox/replies', 'inbox/withdrawal']);
    for (const { init } of sent) {
        const { credentials, referrerPolicy, cache, redirect, mode, headers } = init;
        assert.deepEqual(
            [credentials, referrerPolicy, cache, redirect, mode], ['omit', 'no-referrer', 'no-store', 'error', 'cors']);
        assert.deepEqual(headers, { 'content-type': 'application/json' });
    }
});

test('T14: what is too long is refused before a token is used or anything is sent', async () => {
    const server = await fakeServer();
    const { client: member } = makeClient(server);
    await member.prefetchTokens('bearer');
    await assert.rejects(member.submit(message('x'.repeat(33_000)), client.newReceiptCode()), { code: 'too-long' });
    assert.equal(await member.tokenCount(), 3);
    assert.deepEqual(await member.outbox(), []);
    assert.equal(server.sent('/submissions').length, 0);
});
