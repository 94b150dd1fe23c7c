import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '../../Sources/CWebClient/anonymous.js';
import { fakeServer, makeClient, message, network } from './issuer.mjs';

const code = '0123 4567 8901 2345 6789';

test('T11: a sealed store shows neither texts nor receipts nor tokens to who has not its secret', async () => {
    const disk = client.memoryStore();
    const server = await fakeServer();
    const { client: member } = makeClient(server, client.sealedStore(disk, 'account-1', network));
    await member.prefetchTokens('bearer');
    await member.submit(message('Geheimer Text'), code);
    const [{ body }] = server.sent('/submissions');
    const items = await disk.entries();
    assert.ok(items.some(([name]) => name.startsWith('outbox:')));
    for (const [, item] of items) {
        const seen = Buffer.from(item.sealed).toString('latin1');
        for (const secret of ['Geheimer', body.receiptId, body.token.input, body.token.signature, 'account-1']) {
            assert.ok(!seen.includes(secret));
        }
    }
    await assert.rejects(client.sealedStore(disk, 'account-2', network).entries());
    await assert.rejects(client.sealedStore(disk, 'account-1', 'another').entries());
    const { client: restarted } = makeClient(server, client.sealedStore(disk, 'account-1', network));
    assert.equal((await restarted.outbox())[0].content.text, 'Geheimer Text');
});

test('a sealed item cannot be put in the place of another, and no two are sealed alike', async () => {
    const disk = client.memoryStore();
    const store = client.sealedStore(disk, 'account-1', network);
    await store.set('a', { value: 1 });
    await store.set('b', { value: 1 });
    const [a, b] = [await disk.get('a'), await disk.get('b')];
    assert.notDeepEqual(new Uint8Array(a.sealed), new Uint8Array(b.sealed));
    await disk.set('b', a);
    await assert.rejects(store.get('b'));
    assert.deepEqual(await store.get('a'), { value: 1 });
    assert.equal(await store.get('c'), undefined);
    await store.delete('a');
    assert.equal(await store.get('a'), undefined);
});
