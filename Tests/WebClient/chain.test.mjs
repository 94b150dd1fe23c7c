import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { compareNote, followChain } from '../../Sources/CWebClient/app/chain.js';

const network = '6c422e34-2caf-416e-9a75-8cd6775ee997';

/** RFC 8785 for what entries hold: texts, whole numbers, lists and objects; written apart from the client's. */
const written = (value) => Array.isArray(value) ? `[${value.map(written)}]`
    : value !== null && typeof value === 'object'
        ? `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${written(value[name])}`)}}` : JSON.stringify(value);

/** A chain of so many entries, made as a server does. */
function chain(count) {
    const items = [];
    let previous = '0'.repeat(64);
    for (let position = 1; position <= count; position += 1) {
        const entry = { position, previous, day: '2026-11-22', kind: 'release', content: { number: position, texts: ['ä', '\u20ac'] } };
        const hash = createHash('sha256').update(written({ ...entry, network, v: 1 })).digest('hex');
        items.push({ ...entry, hash });
        previous = hash;
    }
    return { items, head: { position: count, hash: previous } };
}

test('a whole chain is followed to its end, an empty one too', async () => {
    assert.deepEqual(await followChain(chain(5), network.toUpperCase()), { checked: 5, broken: null });
    assert.deepEqual(await followChain(chain(0), network), { checked: 0, broken: null });
});

test('whatever is changed is found at its position', async () => {
    for (let place = 0; place < 5; place += 1) {
        for (const change of [
            (entry) => { entry.day = '2026-11-23'; }, (entry) => { entry.kind = 'answer'; },
            (entry) => { entry.content.number += 1; }, (entry) => { entry.hash = entry.hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')); },
        ]) {
            const broken = chain(5);
            change(broken.items[place]);
            const found = await followChain(broken, network);
            assert.deepEqual(found, { checked: place, broken: { position: place + 1, why: 'hash' } });
        }
    }
});

test('what is left out, put in another order or of another network is found', async () => {
    const [middle, order, end] = [chain(5), chain(5), chain(5)];
    middle.items.splice(2, 1);
    assert.deepEqual((await followChain(middle, network)).broken, { position: 3, why: 'order' });
    [order.items[1], order.items[2]] = [order.items[2], order.items[1]];
    assert.deepEqual((await followChain(order, network)).broken, { position: 2, why: 'order' });
    end.items.pop();
    assert.deepEqual((await followChain(end, network)).broken, { position: 5, why: 'head' });
    const link = chain(5);
    link.items[3].previous = link.items[0].hash;
    assert.deepEqual((await followChain(link, network)).broken, { position: 4, why: 'link' });
    assert.equal((await followChain(chain(5), '00000000-2caf-416e-9a75-8cd6775ee997')).broken.position, 1);
});

test('a note of an earlier visit is compared, however it was written down', () => {
    const { items } = chain(3);
    const { hash } = items[1];
    assert.equal(compareNote(items, 2, `${hash.slice(0, 8)} ${hash.slice(8, 16)}`.toUpperCase()), 'same');
    assert.equal(compareNote(items, 2, items[0].hash), 'other');
    assert.equal(compareNote(items, 4, hash), 'missing');
});
