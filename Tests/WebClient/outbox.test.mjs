import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import * as client from '../../Sources/CWebClient/anonymous.js';
import { fakeServer, makeClient, makeKey, message, network, problem } from './issuer.mjs';

const code = '0123 4567 8901 2345 6789';
const ballot = { ballot: { round: 'round-1', unit: null, answers: [] } };
const keys = [
    makeKey(), makeKey({ scope: 'round-1', kind: 'ballot', epoch: 'round', tokensPerMember: 1 }),
    makeKey({ scope: 'rec-1', kind: 'endorsement', epoch: 'endorsement', tokensPerMember: 1 }),
];

/** A member with tokens of three keys. */
async function withTokens() {
    const server = await fakeServer(keys);
    const made = makeClient(server);
    assert.deepEqual(await made.client.prefetchTokens('bearer'), { granted: 5, refused: [] });
    return { server, ...made };
}

const refusing = (status, name, headers, more) => (path) =>
    (path === '/v1/anonymous/submissions' ? problem(status, name, headers, more) : null);

test('tokens of all open keys come in one call after a random wait, and once', async () => {
    const next = makeKey({ epoch: '2026-W48', issueFrom: '2026-11-23', issueTo: '2026-11-29' });
    const server = await fakeServer([...keys, next]);
    const { client: member, clock } = makeClient(server);
    await member.prefetchTokens('bearer');
    await member.prefetchTokens('bearer');
    const [call, ...others] = server.sent('/anonymous-tokens');
    assert.deepEqual(others, []);
    assert.deepEqual(call.body.requests.map((one) => one.keyId), keys.map((key) => key.shown.keyId));
    assert.equal(call.init.headers.authorization, 'Bearer bearer');
    assert.equal(call.body.directoryDigest, server.chain.shown.digest);
    assert.equal(clock.slept.length, 1);
    assert.ok(clock.slept[0] >= 0 && clock.slept[0] < 60_000);
    assert.equal(await member.tokenCount(), 5);
    assert.equal(await member.tokenCount(network), 3);
});

test('T6: after a lost answer the same bytes are sent again, by a program that was started anew too', async () => {
    const server = await fakeServer(keys);
    const { client: member, store } = makeClient(server);
    server.losses = 1;
    await assert.rejects(member.prefetchTokens('bearer'), { code: 'unreachable' });
    assert.equal(await member.tokenCount(), 0);
    const { client: restarted } = makeClient(server, store);
    assert.equal((await restarted.prefetchTokens('bearer')).granted, 5);
    const [first, second] = server.sent('/anonymous-tokens');
    assert.equal(first.text, second.text);
});

test('the blinding is in the store before it is sent', async () => {
    const server = await fakeServer();
    const { client: member, store } = makeClient(server);
    let stored;
    await member.prefetchTokens(async (url, init) => {
        stored = await store.get(`key:${server.keys[0].shown.keyId}`);
        return server.fetch(url, init);
    });
    const [call] = server.sent('/anonymous-tokens');
    assert.deepEqual(stored.blinded.map((one) => one.blinded), call.body.requests[0].blinded);
    assert.deepEqual(Object.keys(call.init.headers), ['content-type'], 'a fetch of the page brings its own sign-in');
});

test('two pages that fetch at once blind the same values and keep the same tokens', async () => {
    const server = await fakeServer();
    const { client: one, store } = makeClient(server);
    await Promise.all([one.prefetchTokens('bearer'), one.prefetchTokens('bearer')]);
    const [first, second] = server.sent('/anonymous-tokens');
    if (second) assert.equal(first.text, second.text);
    assert.equal(await one.tokenCount(), 3);
    assert.equal((await store.get(`key:${server.keys[0].shown.keyId}`)).tokens.length, 3);
});

test('a late answer does not bring a used token back', async () => {
    const server = await fakeServer();
    const { client: member } = makeClient(server);
    let release;
    const gate = new Promise((resolve) => { release = resolve; });
    const late = member.prefetchTokens(async (url, init) => {
        const answer = await server.fetch(url, init);
        await gate;
        return answer;
    });
    while (server.sent('/anonymous-tokens').length === 0) await new Promise((wake) => setTimeout(wake, 1));
    await member.prefetchTokens('bearer');
    await member.submit(message(), code);
    server.mix();
    await member.flush();
    assert.equal(await member.tokenCount(), 2);
    release();
    await late;
    assert.equal(await member.tokenCount(), 2);
});

test('a directory that changed in between is fetched again, once', async () => {
    const server = await fakeServer();
    const { client: member } = makeClient(server);
    let times = 1;
    server.override = (path) => (path.endsWith('-tokens') && times-- > 0 ? problem(412, 'directory-changed') : null);
    assert.equal((await member.prefetchTokens('bearer')).granted, 3);
    const [first, second] = server.sent('/anonymous-tokens');
    assert.equal(first.text, second.text);
    const other = makeClient(server).client;
    times = 9;
    await assert.rejects(other.prefetchTokens('bearer'), { status: 412, code: 'directory-changed' });
    assert.equal(server.sent('/anonymous-tokens').length, 4);
});

test('keys of which tokens went to another device are told and not asked for again', async () => {
    const { server } = await withTokens();
    const { client: other } = makeClient(server);
    const told = await other.prefetchTokens('bearer');
    assert.equal(told.granted, 0);
    assert.deepEqual(told.refused.map(({ problem }) => problem), Array(3).fill('already-granted'));
    server.grants.delete(keys[0].shown.keyId);
    const { granted, refused } = await other.prefetchTokens('bearer');
    assert.deepEqual([granted, refused.length], [3, 2]);
    const asked = server.sent('/anonymous-tokens').length;
    assert.deepEqual(await other.prefetchTokens('bearer'), { granted: 0, refused: [] });
    assert.equal(server.sent('/anonymous-tokens').length, asked);
});

test('T2: a token is of its key and context, and its signature is good', async () => {
    const { server, client: member } = await withTokens();
    await member.submit(message(), code);
    const { token } = server.sent('/submissions')[0].body;
    const input = client.unbase64url(token.input);
    assert.equal(input.length, 98);
    assert.deepEqual([...input.slice(0, 2)], [0, 2]);
    const key = keys[0].shown;
    assert.deepEqual(input, await client.tokenInput(network, key, input.slice(2, 34)));
    assert.equal(client.hex(input.slice(66)), key.keyId);
    const context = `{"epoch":"2026-W47","network":"${network}","scope":"${network}","v":1}`;
    assert.equal(client.hex(input.slice(34, 66)), client.hex(await client.sha256(context)));
    assert.ok(await client.verify(key, input, client.unbase64url(token.signature)));
});

test('an entry is in the outbox, whole, before it is sent, and its name says nothing', async () => {
    const { server, client: member, store } = await withTokens();
    let seen;
    const { fetch } = member;
    member.fetch = async (url, init) => {
        seen ??= { body: init.body, entries: await store.entries() };
        return fetch(url, init);
    };
    const entry = await member.submit(message('Geheim'), code);
    const [name, stored] = seen.entries.find(([name]) => name.startsWith('outbox:'));
    assert.equal(stored.body, seen.body);
    assert.match(name, /^outbox:[A-Za-z0-9_-]{22}$/);
    assert.equal(name, `outbox:${entry.id}`);
    const everything = JSON.stringify(await store.entries());
    assert.ok(!everything.includes('bearer'));
    assert.ok(!everything.includes('0123') || !everything.replaceAll(' ', '').includes('01234567890123456789'));
    assert.equal(server.sent('/submissions').length, 1);
});

test('T11: after a lost answer a submission is sent again byte for byte, with the same token', async () => {
    const { server, client: member, store } = await withTokens();
    server.losses = 1;
    assert.equal((await member.submit(message(), code)).state, 'waiting');
    assert.equal(await member.tokenCount(network), 2, 'the token is set aside');
    const { client: restarted } = makeClient(server, store);
    assert.equal((await restarted.flush())[0].state, 'acknowledged');
    const [first, second] = server.sent('/submissions');
    assert.equal(first.text, second.text);
});

test('a message stays in the outbox until the inbox shows it; then its token is gone too', async () => {
    const { server, client: member } = await withTokens();
    for (const state of ['inReview', 'open', 'closed']) {
        await member.submit(message(), code);
        for (let i = 0; i < 2; i++) assert.equal((await member.flush())[0].state, 'acknowledged');
        const sent = server.sent('/submissions').length;
        server.mix(state);
        assert.deepEqual(await member.flush(), []);
        assert.equal(server.sent('/submissions').length, sent);
    }
    assert.equal(await member.tokenCount(network), 0);
    await assert.rejects(member.submit(message(), code), { code: 'no-token' });
});

test('a message that was acknowledged and is unknown is sent again', async () => {
    const { server, client: member } = await withTokens();
    await member.submit(message(), code);
    server.inboxes.clear();
    assert.equal((await member.flush())[0].state, 'acknowledged');
    const [first, second] = server.sent('/submissions');
    assert.equal(first.text, second.text);
});

test('a ballot and an endorsement stay until they are no longer queued', async () => {
    const { server, client: member } = await withTokens();
    const endorsement = { endorsement: { recommendation: 'rec-1', support: 'yes' } };
    for (const content of [ballot, endorsement]) {
        assert.equal((await member.submit(content, client.newReceiptCode())).state, 'acknowledged');
    }
    assert.deepEqual((await member.flush()).map((entry) => entry.state), ['acknowledged', 'acknowledged']);
    server.inboxes.clear();
    assert.deepEqual(await member.flush(), []);
    assert.equal(await member.tokenCount('round-1'), 0);
    assert.equal(server.sent('/submissions').length, 2);
});

test('a ballot that was never acknowledged is not taken for counted', async () => {
    const { server, client: member } = await withTokens();
    server.override = (path) => (path.endsWith('/submissions') ? problem(503, 'unavailable') : null);
    await member.submit(ballot, code);
    assert.equal((await member.flush())[0].state, 'waiting');
    assert.equal(server.sent('/inbox').length, 0);
});

test('too few members (425) keep the draft, which goes out later with the same bytes', async () => {
    const { server, client: member } = await withTokens();
    server.override = refusing(425, 'set-too-small');
    const entry = await member.submit(message(), code);
    assert.deepEqual([entry.state, entry.problem], ['waiting', 'set-too-small']);
    server.override = null;
    assert.deepEqual((await member.flush()).map(({ state, problem }) => [state, problem]), [['acknowledged', null]]);
    const [first, second] = server.sent('/submissions');
    assert.equal(first.text, second.text);
});

test('a server that is busy is asked again when it said, in seconds or by a date', async () => {
    for (const [status, name, header] of [
        [429, 'too-many-requests', '120'], [503, 'unavailable', (time) => new Date(time + 120_000).toUTCString()],
    ]) {
        const { server, client: member, clock } = await withTokens();
        const value = typeof header === 'string' ? header : header(clock.time);
        server.override = refusing(status, name, { 'retry-after': value });
        const entry = await member.submit(message(), code);
        assert.deepEqual([entry.state, entry.problem], ['waiting', name]);
        server.override = null;
        clock.time += 119_000;
        await member.flush();
        assert.equal(server.sent('/submissions').length, 1);
        clock.time += 2_000;
        assert.equal((await member.flush())[0].state, 'acknowledged');
    }
});

for (const [status, name, freed] of [
    [409, 'token-spent', 2], [410, 'key-closed', 2], [422, 'invalid', 3], [422, 'invalid-token', 2],
    [400, 'identity-attached', 2],
]) {
    test(`what is refused (${status} ${name}) is kept with its text, told, and not sent again`, async () => {
        const { server, client: member } = await withTokens();
        server.override = refusing(status, name);
        const entry = await member.submit(message('Wichtig'), code);
        assert.deepEqual([entry.state, entry.problem], ['refused', name]);
        server.override = null;
        for (let i = 0; i < 2; i++) {
            const [kept] = await member.flush();
            assert.deepEqual([kept.state, kept.problem, kept.content.text], ['refused', name, 'Wichtig']);
        }
        assert.equal(server.sent('/submissions').length, 1);
        assert.equal(await member.tokenCount(network), 2);
        await member.discard(entry.id);
        assert.deepEqual(await member.outbox(), []);
        assert.equal(await member.tokenCount(network), freed, 'only a token that is still good comes back');
    });
}

test('only what was refused can be given up', async () => {
    const { client: member } = await withTokens();
    const { id } = await member.submit(message(), code);
    await assert.rejects(member.discard(id), { code: 'not-refused' });
    assert.equal((await member.outbox()).length, 1);
});

test('a token that is spent on this very message is no refusal', async () => {
    const { server, client: member } = await withTokens();
    server.losses = 1;
    await member.submit(message(), code);
    server.mix('open');
    server.override = refusing(409, 'token-spent');
    assert.deepEqual(await member.flush(), []);
    assert.equal(await member.tokenCount(network), 2);
});

test('one entry that fails does not hold the others up', async () => {
    const { server, client: member } = await withTokens();
    server.override = refusing(503, 'unavailable');
    for (let i = 0; i < 3; i++) await member.submit(message(`Nummer ${i}`), code);
    server.override = (path, body) =>
        (path.endsWith('/submissions') && body.message.text === 'Nummer 0' ? problem(422, 'invalid') : null);
    const states = (await member.flush()).map((entry) => entry.state);
    assert.deepEqual(states.sort(), ['acknowledged', 'acknowledged', 'refused']);
});

test('an inbox that fails leaves an acknowledged entry as it is', async () => {
    const { server, client: member } = await withTokens();
    await member.submit(message(), code);
    server.override = (path) => (path.endsWith('/inbox') ? problem(404, 'not-found') : null);
    assert.equal((await member.flush())[0].state, 'acknowledged');
});

test('two submissions at once take two tokens', async () => {
    const { server, client: member, store } = await withTokens();
    // Slow enough for the second to look before the first has written.
    member.store = { ...store, entries: async () => {
        const found = await store.entries();
        await new Promise((wake) => setTimeout(wake, 300));
        return found;
    } };
    await Promise.all([member.submit(message('a'), code), member.submit(message('b'), code)]);
    assert.equal(new Set(server.sent('/submissions').map(({ body }) => body.token.input)).size, 2);
});

test('a message for a restricted channel takes a token of the channel, or none', async () => {
    const restricted = makeKey({ scope: 'channel-1', tokensPerMember: 1 });
    const server = await fakeServer([makeKey(), restricted]);
    const { client: member } = makeClient(server);
    await member.prefetchTokens('bearer');
    const content = message();
    content.message.channel = 'channel-1';
    await member.submit(content, code);
    const input = client.unbase64url(server.sent('/submissions')[0].body.token.input);
    assert.equal(client.hex(input.slice(66)), restricted.shown.keyId);
    await assert.rejects(member.submit(content, code), { code: 'no-token' });
});

test('the token that expires first is taken first, and none that has expired', async () => {
    const old = makeKey({ epoch: '2026-W46', redeemTo: '2026-11-22', tokensPerMember: 1 });
    const server = await fakeServer([makeKey({ tokensPerMember: 1 }), old]);
    const { client: member, clock } = makeClient(server);
    await member.prefetchTokens('bearer');
    await member.submit(message(), code);
    const input = client.unbase64url(server.sent('/submissions')[0].body.token.input);
    assert.equal(client.hex(input.slice(66)), old.shown.keyId);
    clock.time += 14 * 86_400_000;
    assert.equal(await member.tokenCount(), 0);
    await assert.rejects(member.submit(message(), code), { code: 'no-token' });
});

test('exactly one thing is said with a token', async () => {
    const { client: member } = await withTokens();
    await assert.rejects(member.submit({ ...message(), ...ballot }, code), TypeError);
    await assert.rejects(member.submit({}, code), TypeError);
    assert.equal(await member.tokenCount(), 5);
});

test('a challenge is solved and the same bytes are sent with the proof', async () => {
    const { server, client: member } = await withTokens();
    let challenges = 0;
    server.override = (path, body, init) => {
        if (path !== '/v1/anonymous/submissions') return null;
        const [, challenge, counter] = /^(.+)\.(\d+)$/.exec(init.headers['Chorus-Proof'] ?? '') ?? [];
        if (challenge === `chal-${challenges}`) {
            server.requests.at(-1).proof = { challenge, counter };
            return null;
        }
        challenges += 1;
        return problem(429, 'challenge-required', {}, { challenge: `chal-${challenges}`, difficulty: 10 });
    };
    assert.equal((await member.submit(message(), code)).state, 'acknowledged');
    const [first, second, ...others] = server.sent('/submissions');
    assert.deepEqual(others, []);
    assert.equal(first.text, second.text);
    const hash = await client.sha256(`${second.proof.challenge}.${second.proof.counter}`);
    assert.equal(hash[0], 0);
    assert.ok(hash[1] < 64);
});

test('after three challenges the entry waits', async () => {
    const { server, client: member } = await withTokens();
    server.override = refusing(429, 'challenge-required', {}, { challenge: 'again', difficulty: 1 });
    const entry = await member.submit(message(), code);
    assert.deepEqual([entry.state, entry.problem], ['waiting', 'challenge-required']);
    assert.equal(server.sent('/submissions').length, 4);
});

test('a challenge that nobody could solve is not tried', async () => {
    for (const difficulty of [64, -1, 'x', undefined, 1.5]) {
        await assert.rejects(client.solve('hard', difficulty), { code: 'too-difficult' });
    }
    const { server, client: member } = await withTokens();
    server.override = refusing(429, 'challenge-required', {}, { challenge: 'hard', difficulty: 64 });
    assert.equal((await member.submit(message(), code)).state, 'waiting');
    assert.equal(await client.solve('none', 0), 'none.0');
});

test('what is withdrawn is not sent again, even if the answer is lost', async () => {
    const { server, client: member } = await withTokens();
    await member.submit(message(), code);
    server.losses = 1;
    await assert.rejects(member.withdraw(code), { code: 'unreachable' });
    server.inboxes.clear();
    await member.flush();
    assert.equal(server.sent('/submissions').length, 1);
    await member.withdraw(code);
    const [first, second] = server.sent('/withdrawal');
    assert.equal(first.text, second.text);
    assert.deepEqual(Object.keys(first.body), ['receiptId', 'pad']);
    assert.deepEqual(await member.outbox(), []);
    assert.equal(await member.tokenCount(network), 2);
});

test('a withdrawal whose answer was lost is finished by the next look at the outbox', async () => {
    const { server, client: member } = await withTokens();
    await member.submit(message(), code);
    server.losses = 1;
    await assert.rejects(member.withdraw(code), { code: 'unreachable' });
    assert.deepEqual((await member.outbox()).map((entry) => entry.state), ['withdrawn']);
    assert.deepEqual(await member.flush(), []);
    assert.equal(server.sent('/withdrawal').length, 2);
    assert.equal(server.sent('/submissions').length, 1);
});

test('what is under way is taken back without its code, also when it never arrived', async () => {
    const { server, client: member } = await withTokens();
    const sent = await member.submit(message(), code);
    await member.recall(sent.id);
    assert.equal(server.sent('/withdrawal')[0].body.receiptId, server.sent('/submissions')[0].body.receiptId);
    server.override = (path) => (path.endsWith('/submissions') ? problem(503, 'unavailable') : null);
    const waiting = await member.submit(message(), client.newReceiptCode());
    server.override = (path) => (path.endsWith('/withdrawal') ? problem(404, 'not-found') : null);
    await member.recall(waiting.id);
    assert.deepEqual(await member.outbox(), []);
    server.override = null;
    const vote = await member.submit(ballot, client.newReceiptCode());
    await assert.rejects(member.recall(vote.id), { code: 'not-recallable' });
});

test('the outbox says when the mix may bring something out, and of what is refused whether it had arrived', async () => {
    const { server, client: member } = await withTokens();
    const { mixedAfter, arrived } = await member.submit(message(), code);
    assert.deepEqual([mixedAfter, arrived], ['2026-11-18T13:00:00+01:00', true]);
    server.inboxes.clear();
    server.override = refusing(410, 'key-closed');
    const [late] = await member.flush();
    assert.deepEqual([late.state, late.arrived], ['refused', true]);
    const never = await member.submit(message(), client.newReceiptCode());
    assert.deepEqual([never.state, never.arrived], ['refused', false]);
});

test('a member is told why there is nothing to say something with', async () => {
    const { server, client: member, clock } = await withTokens();
    const state = async (of, kind, about) => (await of.standing(kind, about)).state;
    const channel = randomUUID();
    assert.deepEqual([await state(member, 'ballot', 'round-1'), await state(member, 'message', channel)], ['ready', 'ready']);
    assert.equal((await member.standing('message', channel)).tokens, 3);
    assert.equal((await member.standing('ballot', 'round-1')).key.granted, 37);
    await member.submit(ballot, code);
    assert.equal(await state(member, 'ballot', 'round-1'), 'waiting');
    server.inboxes.clear();
    await member.flush();
    assert.equal(await state(member, 'ballot', 'round-1'), 'used');
    const { client: other } = makeClient(server);
    await other.directory();
    assert.equal(await state(other, 'ballot', 'round-1'), 'unfetched');
    await other.prefetchTokens('bearer');
    assert.equal(await state(other, 'ballot', 'round-1'), 'elsewhere');
    server.grants.delete(keys[0].shown.keyId);
    await other.prefetchTokens('bearer');
    assert.deepEqual([await state(other, 'endorsement', 'rec-1'), await state(other, 'message', channel)], ['elsewhere', 'ready']);
    clock.time += 30 * 86_400_000;
    assert.equal(await state(member, 'ballot', 'round-1'), 'closed');
});
