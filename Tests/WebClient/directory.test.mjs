import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '../../Sources/CWebClient/anonymous.js';
import { fakeServer, makeChain, makeClient, makeKey, message, network } from './issuer.mjs';

const rounds = ['a', 'b', 'c', 'd'].map((scope) => makeKey({ scope, kind: 'ballot', epoch: 'round' }));
const keys = [makeKey(), ...rounds].map((key) => key.shown);

/** A client that has accepted the first three versions, and its server. */
async function pinned() {
    const server = await fakeServer();
    server.chain = await makeChain(keys.slice(0, 3).map((key) => [key]));
    const made = makeClient(server);
    await made.client.directory();
    return { server, ...made };
}

async function refuses({ client: member, store }, code) {
    const before = await store.get('directory');
    await assert.rejects(member.directory(), { name: 'DirectoryError', code });
    assert.deepEqual(await store.get('directory'), before, 'the pin stays');
    // It stops: nothing is sent under its keys, even if an honest directory is shown afterwards.
    for (const stopped of [member.directory(), member.prefetchTokens('bearer'), member.flush()]) {
        await assert.rejects(stopped, { name: 'DirectoryError', code });
    }
    await assert.rejects(member.submit(message(), '0000 0000 0000 0000 0000'), { name: 'DirectoryError', code });
}

test('T8: an honest directory and its extensions are accepted, over several pages too', async () => {
    const { server, client: member, store } = await pinned();
    const first = await store.get('directory');
    assert.equal(first.seq, 3);
    server.pageSize = 2;
    server.chain = await makeChain(keys.map((key) => [key]));
    assert.equal((await member.directory()).seq, 5);
    assert.equal((await store.get('directory')).prev, server.chain.links[3].digest);
    const asked = server.sent('/versions').length;
    await member.directory();
    assert.equal(server.sent('/versions').length, asked, 'what is pinned is not looked up again');
    for (const { init } of server.requests) {
        const { method, credentials, referrerPolicy, cache, redirect, mode } = init;
        assert.deepEqual(
            [method, credentials, referrerPolicy, cache, redirect, mode],
            ['GET', 'omit', 'no-referrer', 'no-store', 'error', 'cors']);
        assert.deepEqual(init.headers, {});
    }
});

test('T8: a chain may begin with a later version, and may have grown since the directory was read', async () => {
    const { links, shown } = await makeChain(keys.slice(0, 3).map((key) => [key]), 4);
    const grown = await makeChain(keys.map((key) => [key]), 4);
    await client.verifyChain(links, shown, null);
    await client.verifyChain(grown.links, shown, null);
    await client.verifyChain(grown.links, grown.shown, { seq: 6, digest: shown.digest });
});

test('T8: a version without new keys, of another web client, is an extension', async () => {
    const { links, shown } = await makeChain([[keys[0]], [], [keys[1]]]);
    await client.verifyChain(links, shown, { seq: 2, digest: links[1].digest });
});

test('T8: the request for the chain does not tell what is pinned', async () => {
    const { server, client: member } = await pinned();
    const urls = [];
    const { fetch } = server;
    member.fetch = (url, init) => { urls.push(url); return fetch(url, init); };
    server.chain = await makeChain(keys.map((key) => [key]));
    await member.directory();
    const asked = urls.map((url) => new URL(url)).filter((url) => url.pathname.endsWith('/versions'));
    assert.deepEqual(asked.map((url) => url.searchParams.get('after')), [null]);
});

for (const [name, code, chain] of [
    ['a forked directory with the same number', 'another-history',
        () => makeChain([[keys[0]], [keys[1]], [keys[3]]])],
    ['a fork that has grown past the pin', 'another-history',
        () => makeChain([[keys[0]], [keys[1]], [keys[3]], [keys[4]]])],
    ['a history with a version less', 'another-history', () => makeChain([[keys[0]], [keys[1]]])],
    ['a history that begins after the pin', 'another-history', () => makeChain([[keys[0]], [keys[1]]], 4)],
    ['a second key for a scope and epoch', 'two-keys',
        () => makeChain([...keys.slice(0, 3).map((key) => [key]), [makeKey().shown]])],
    ['one key for two scopes', 'two-keys',
        () => makeChain([...keys.slice(0, 3).map((key) => [key]), [{ ...keys[0], scope: 'z' }]])],
    ['a rewritten key', 'another-history', () => makeChain(
        [[{ ...keys[0], redeemTo: '2099-01-01' }], [keys[1]], [keys[2]], [keys[3]]])],
    ['another key in the place of an old one', 'another-history',
        () => makeChain([[makeKey().shown], [keys[1]], [keys[2]], [keys[3]]])],
    ['another web client in an old version', 'another-history',
        () => makeChain(keys.slice(0, 4).map((key) => [key]), 1, 'cd'.repeat(32))],
    ['a directory of another network', 'malformed', async () => {
        const { links, shown } = await makeChain(keys.slice(0, 4).map((key) => [key]));
        return { links, shown: { ...shown, network: '00000000-0000-0000-0000-000000000000' } };
    }],
    ['a key that lets a million values be blinded', 'malformed',
        () => makeChain([...keys.slice(0, 3).map((key) => [key]), [{ ...keys[3], tokensPerMember: 1e6 }]])],
]) {
    test(`T8: ${name} is refused even with right digests, and the client stops`, async () => {
        const made = await pinned();
        made.server.chain = await chain();
        await refuses(made, code);
    });
}

for (const [name, code, change] of [
    ['an altered digest of the directory', 'wrong-digest', ({ shown }) => { shown.digest = 'ab'.repeat(32); }],
    ['a key in the directory that is not in its digest', 'wrong-digest', ({ shown }) => { shown.keys.push(keys[4]); }],
    ['a key that is hidden from the directory', 'wrong-digest', ({ shown }) => { shown.keys.pop(); }],
    ['other days in the directory', 'wrong-digest', ({ shown }) => { shown.keys[0].redeemTo = '2099-01-01'; }],
    ['an altered digest in the chain', 'wrong-digest', ({ links }) => { links[1].digest = 'ab'.repeat(32); }],
    ['a dropped version', 'out-of-order', ({ links }) => { links.splice(1, 1); }],
    ['a dropped first version', 'broken', ({ links }) => { links.shift(); }],
    ['a dropped last version', 'fork', ({ links }) => { links.pop(); }],
    ['versions in another order', 'out-of-order', ({ links }) => { links.splice(1, 2, links[2], links[1]); }],
    ['a version that does not name the one before', 'broken', ({ links }) => { links[2].prev = '0'.repeat(64); }],
    ['a version without its key', 'wrong-digest', ({ links }) => { links[2].keys = []; }],
    ['a version with another key', 'wrong-digest', ({ links }) => { links[2].keys = [keys[4]]; }],
    ['a rewritten key in an old version', 'wrong-digest', ({ links }) => { links[0].keys[0].minSet = 1; }],
    ['another web client in a version', 'wrong-digest', ({ links }) => { links[1].bundleSHA256 = 'cd'.repeat(32); }],
    ['a chain without versions', 'malformed', ({ links }) => { links.splice(0); }],
]) {
    test(`T8: ${name} is refused, and the client stops`, async () => {
        const made = await pinned();
        const chain = await makeChain(keys.slice(0, 4).map((key) => [key]));
        // Lists of their own, so that a change of one is no change of the other.
        made.server.chain = JSON.parse(JSON.stringify(chain));
        change(made.server.chain);
        await refuses(made, code);
    });
}

test('T8: a directory that is not in the chain that others are shown is a fork', async () => {
    const made = await pinned();
    const honest = await makeChain(keys.slice(0, 4).map((key) => [key]));
    const { shown } = await makeChain([...keys.slice(0, 3), keys[4]].map((key) => [key]));
    made.server.chain = { links: honest.links, shown };
    await refuses(made, 'fork');
});

test('T8: a stopped client goes on only when somebody lets it, with the pin that it had', async () => {
    const made = await pinned();
    const honest = made.server.chain;
    made.server.chain = await makeChain([[keys[0]], [keys[1]], [keys[3]]]);
    await refuses(made, 'another-history');
    await made.client.resume();
    await assert.rejects(made.client.directory(), { code: 'another-history' });
    await made.client.resume();
    made.server.chain = honest;
    assert.equal((await made.client.directory()).seq, 3);
});

test('T8: a lost answer is no reason to stop', async () => {
    const { server, client: member } = await pinned();
    const { fetch } = server;
    member.fetch = async () => { throw new TypeError('fetch failed'); };
    await assert.rejects(member.directory(), { name: 'RequestError', status: 0, code: 'unreachable' });
    member.fetch = fetch;
    assert.equal((await member.directory()).network, network);
});

test('T8: the short code is that of the server', () => {
    // Computed by DirectoryChain.shortCode: 0x0123456789abcdef = 81985529216486895.
    assert.equal(client.shortCode(`0123456789abcdef${'0'.repeat(48)}`), '5292 1648 6895');
    assert.equal(client.shortCode(`${'0'.repeat(15)}7${'f'.repeat(48)}`), '0000 0000 0007');
});
