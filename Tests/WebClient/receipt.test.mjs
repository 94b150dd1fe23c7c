import assert from 'node:assert/strict';
import { hkdfSync, pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import * as client from '../../Sources/CWebClient/anonymous.js';
import { network } from './issuer.mjs';

const code = '0123 4567 8901 2345 6789';

/** The same by node's own functions. */
function expected(digits, network) {
    const master = pbkdf2Sync(digits, `receipt-v1:${network}`, 600_000, 32, 'sha256');
    return Buffer.from(hkdfSync('sha256', master, '', 'id', 32)).toString('hex');
}

test('T14: a receipt id is PBKDF2 and HKDF of the digits and the network', async () => {
    const id = client.hex(await client.receiptId(code, network));
    assert.equal(id, expected('01234567890123456789', network));
    // Python: hashlib.pbkdf2_hmac, then HMAC twice.
    assert.equal(id, '166fb5560784dc87ca7c923619511691644edcb09117c41aa375d570bb0c3432');
});

test('a receipt id does not depend on how code and network are written, but on both', async () => {
    const id = client.hex(await client.receiptId(code, network));
    assert.equal(client.hex(await client.receiptId('01234567890123456789', network.toUpperCase())), id);
    assert.notEqual(client.hex(await client.receiptId(code.replace('0', '1'), network)), id);
    assert.notEqual(client.hex(await client.receiptId(code, network.replace('3', '4'))), id);
});

test('a receipt code is 5 groups of 4 digits, and typed back with any spaces and dashes', () => {
    for (let i = 0; i < 100; i++) assert.match(client.newReceiptCode(), /^\d{4}( \d{4}){4}$/);
    for (const typed of [code, '01234567890123456789', ' 0123-4567-8901-2345-6789\n', '0 1 2 3 4567890123456789', '0123–4567—8901 2345 6789']) {
        assert.equal(client.normaliseReceiptCode(typed), '01234567890123456789');
    }
    for (const typed of [
        '', '0123 4567 8901 2345 678', `${code}0`, '0123 4567 8901 2345 678x', '+1234567890123456789',
        '０１２３ 4567 8901 2345 6789',
    ]) {
        assert.throws(() => client.normaliseReceiptCode(typed), { name: 'RangeError', code: 'bad-code' }, typed);
    }
});

test('the digits of receipt codes are uniform', () => {
    const counts = new Array(10).fill(0);
    const rounds = 20_000;
    for (let i = 0; i < rounds; i++) {
        for (const digit of client.newReceiptCode().replaceAll(' ', '')) counts[digit] += 1;
    }
    const mean = 2 * rounds;
    const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    // 9 degrees of freedom: beyond 40 once in 130 000 runs; taking bytes modulo 10 would give about 155.
    assert.ok(chiSquare < 40, `${chiSquare}: ${counts}`);
});
