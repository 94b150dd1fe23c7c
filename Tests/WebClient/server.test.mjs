import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import * as client from '../../Sources/CWebClient/anonymous.js';

const chorus = process.env.TEST_SERVER_BINARY;
const run = promisify(execFile);
// Of the 75 message tokens of 25 members, 50 are spent; 20 members are the least that a key needs.
const size = 25;
const town = {};

/** A made-up town in a directory that is gone afterwards, with new members who have fetched nothing yet. */
before(async () => {
    assert.ok(chorus, 'TEST_SERVER_BINARY is the path of the chorus executable.');
    town.folder = mkdtempSync(join(tmpdir(), 'chorus-web-'));
    // PostgreSQL runs as another user than root, and has to pass.
    chmodSync(town.folder, 0o711);
    town.data = join(town.folder, 'town');
    const log = join(town.folder, 'server.log');
    const parts = ['demo', '--json', '--port', '0', '--data', town.data, '--mix-every', '1h', '--password-cost', '15'];
    town.server = spawn(chorus, parts, { stdio: ['ignore', 'pipe', openSync(log, 'w')] });
    town.ended = new Promise((resolve) => town.server.once('exit', resolve));
    process.once('exit', () => town.server.kill());
    const first = new Promise((resolve) => createInterface(town.server.stdout).once('line', resolve));
    const line = await Promise.race([first, town.ended]);
    assert.equal(typeof line, 'string', readFileSync(log, 'utf8'));
    Object.assign(town, JSON.parse(line));
    const [roster, made] = [join(town.folder, 'roster.csv'), join(town.folder, 'tokens.csv')];
    const people = Array.from({ length: size }, (_, n) => `web${n}@musterhafen.example,Web ${n},,de`);
    writeFileSync(roster, ['email,displayName,unit,locale', ...people, ''].join('\n'));
    await run(chorus, ['account', 'import', roster, '--network', town.network, '--tokens', made, '--data', town.data]);
    const rows = readFileSync(made, 'utf8').trim().split(/\r?\n/).slice(1);
    town.parts = { origin: town.url, network: town.network, delay: 0 };
    town.members = rows.map((row) => {
        const store = client.memoryStore();
        const member = new client.AnonymousClient({ ...town.parts, store });
        return { bearer: row.split(',')[1], store, client: member, codes: [] };
    });
    const headers = { authorization: `Bearer ${town.members[0].bearer}` };
    const channels = await fetch(`${town.url}/v1/networks/${town.network}/channels`, { headers });
    [town.channel] = (await channels.json()).items;
}, { timeout: 50_000 });

after(async () => {
    const isRunning = town.server?.exitCode === null && town.server.signalCode === null;
    if (isRunning) {
        town.server.kill('SIGTERM');
        await town.ended;
    }
    if (town.folder) rmSync(town.folder, { recursive: true, force: true });
}, { timeout: 30_000 });

const message = (text) => ({
    message: { channel: town.channel.id, theme: null, unit: null, showUnit: false, rating: null, text, language: 'de' },
});

async function submit(member, text) {
    const code = client.newReceiptCode();
    member.codes.push(code);
    return member.client.submit(message(text), code);
}

test('T8: the directory of the server is accepted, with the short code that the server computes', async () => {
    const directory = await town.members[0].client.directory();
    const address = `${town.url}/v1/anonymous/directory?network=${town.network}`;
    const { stdout } = await run(chorus, ['directory', 'verify', address]);
    assert.ok(stdout.includes(client.shortCode(directory.digest)), stdout);
});

test('T2, T6: all tokens that the server signs are good, after a lost answer too', async () => {
    // The first member's first answer is lost: the same bytes again get the same answer.
    const [{ client: first, bearer }] = town.members;
    await assert.rejects(first.prefetchTokens(async (url, init) => {
        init.headers.authorization = `Bearer ${bearer}`;
        assert.equal((await fetch(url, init)).status, 200);
        throw new TypeError('fetch failed');
    }), { code: 'unreachable' });
    const told = await Promise.all(town.members.map((member) => member.client.prefetchTokens(member.bearer)));
    const counts = await Promise.all(town.members.map((member) => member.client.tokenCount(town.network)));
    assert.ok(counts.every((count) => count === 3), `${counts}`);
    assert.ok(told.reduce((sum, { granted }) => sum + granted, 0) >= 50);
});

test('T6: other bytes for a key get no second tokens', async () => {
    const [{ client: honest, bearer }] = town.members;
    const again = new client.AnonymousClient({ ...town.parts, store: client.memoryStore() });
    const { granted, refused } = await again.prefetchTokens(bearer);
    assert.equal(granted, 0);
    assert.ok(refused.length >= 1 && refused.every(({ problem }) => problem === 'already-granted'));
    assert.equal(await honest.tokenCount(town.network), 3);
});

test('T2: fifty submissions with their tokens are accepted', { timeout: 30_000 }, async () => {
    const entries = await Promise.all(town.members.map(async (member, index) => [
        await submit(member, `Nummer ${index}`), await submit(member, `Lang, Nummer ${index}. ${'ä'.repeat(2_000)}`),
    ]));
    const told = entries.flat().map(({ state, problem }) => [state, problem]);
    assert.deepEqual(told, Array(2 * size).fill(['acknowledged', null]));
});

/** What a token may be tampered with; byte 2 is in the nonce, 34 in the context, 66 in the key, 0 in the type. */
for (const [name, part, byte, problem] of [
    ['signature', 'signature', 200, 'invalid-token'], ['nonce', 'input', 2, 'invalid-token'],
    ['context', 'input', 34, 'invalid-token'], ['key', 'input', 66, 'invalid-token'], ['type', 'input', 0, 'invalid'],
]) {
    test(`T2: a token with a flipped bit in its ${name} is refused`, async () => {
        const member = town.members[1];
        const entries = await member.store.entries();
        const [key, record] = entries.find(([name, { key }]) => name.startsWith('key:') && key.scope === town.network);
        const used = (await member.client.outbox()).length;
        assert.equal(used, 2);
        const tokens = record.tokens.map((token) => {
            const bytes = client.unbase64url(token[part]);
            bytes[byte] ^= 1;
            return { ...token, [part]: client.base64url(bytes) };
        });
        // The third one is not in the outbox, whatever the first two are changed to.
        await member.store.set(key, { ...record, tokens: tokens.slice(2) });
        const entry = await submit(member, 'Gefälscht');
        assert.deepEqual([entry.state, entry.problem], ['refused', problem]);
        await member.client.discard(entry.id);
        await member.store.set(key, record);
    });
}

test('T2: the untampered token is still good', async () => {
    assert.equal((await submit(town.members[1], 'Echt')).state, 'acknowledged');
});

test('T11: what is sent again while it waits is acknowledged again', async () => {
    const member = town.members[2];
    for (const [name, entry] of await member.store.entries()) {
        if (name.startsWith('outbox:')) await member.store.set(name, { ...entry, state: 'waiting' });
    }
    assert.deepEqual((await member.client.flush()).map(({ state }) => state), ['acknowledged', 'acknowledged']);
});

test('a token that was used for something else is spent', async () => {
    const member = town.members[3];
    const [name, entry] = (await member.store.entries()).find(([name]) => name.startsWith('outbox:'));
    const { pad: _, ...body } = JSON.parse(entry.body);
    body.message.text = 'Etwas anderes';
    await member.store.set(name, { ...entry, body: client.pad(body), state: 'waiting' });
    const told = (await member.client.flush()).find(({ id }) => name === `outbox:${id}`);
    assert.deepEqual([told.state, told.problem], ['refused', 'token-spent']);
});

test('T14: an unknown receipt and a waiting one are answered', async () => {
    const { client: member, codes } = town.members[0];
    assert.equal((await member.inbox(codes[0])).state, 'queued');
    assert.deepEqual((await member.inbox(client.newReceiptCode())).messages, []);
});

test('after the mix the inbox shows every message, and outbox and tokens are gone', { timeout: 30_000 }, async () => {
    await run(chorus, ['mix', '--now', '--data', town.data]);
    const left = await Promise.all(town.members.map((member) => member.client.flush()));
    assert.deepEqual(left.flat().filter(({ state }) => state !== 'refused'), []);
    const { client: member, codes } = town.members[0];
    const { state, messages } = await member.inbox(codes[0]);
    assert.equal(state, 'inReview');
    assert.equal(messages[0].text, 'Nummer 0');
    assert.equal(await member.tokenCount(town.network), 1);
});
