import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changes, flat, isBelow, move, takeOut } from '../../Sources/CWebClient/app/views/desk-tree.js';

const unit = (id, parent = null, name = id) => ({ id, parent, name });
const town = () => [unit('a'), unit('b'), unit('a1', 'a'), unit('a2', 'a'), unit('a11', 'a1')];
const names = (units) => flat(units).map(({ unit: { id }, depth }) => `${depth}${id}`);

test('a tree reads from above, each unit before those below it', () => {
    assert.deepEqual(names(town()), ['0a', '1a1', '2a11', '1a2', '0b']);
    assert.ok(isBelow(town(), 'a11', 'a') && !isBelow(town(), 'a', 'a11') && !isBelow(town(), 'b', 'a'));
});

test('a unit changes places with its neighbour only, and stays at an edge', () => {
    const units = town();
    assert.equal(move(units, units.find(({ id }) => id === 'a2'), -1), 1);
    assert.deepEqual(names(units), ['0a', '1a2', '1a1', '2a11', '0b']);
    assert.equal(move(units, units.find(({ id }) => id === 'a2'), -1), 0);
    assert.deepEqual(names(units), ['0a', '1a2', '1a1', '2a11', '0b']);
});

test('what lay below a unit that is taken out is not lost', () => {
    const units = town();
    takeOut(units, units.find(({ id }) => id === 'a1'));
    assert.deepEqual(names(units), ['0a', '1a2', '1a11', '0b']);
});

test('before saving it is said what would change', () => {
    assert.equal(changes(town(), town()).isAny, false);
    const after = town();
    after[1].name = 'Bauen';
    after[3].parent = 'b';
    after.push(unit('c'));
    takeOut(after, after.find(({ id }) => id === 'a11'));
    const found = changes(town(), after);
    const ids = Object.fromEntries(['added', 'renamed', 'moved', 'removed'].map((kind) => [kind, found[kind].map(({ id }) => id)]));
    assert.deepEqual(ids, { added: ['c'], renamed: ['b'], moved: ['a2'], removed: ['a11'] });
});
