// Tokens of many members, as their programs would fetch them: node tokens.mjs ORIGIN NETWORK; bearers come as lines, tokens go as lines.
import { readFileSync } from 'node:fs';
import * as client from '../../../Sources/CWebClient/anonymous.js';

const [origin, network] = process.argv.slice(2);
const bearers = readFileSync(0, 'utf8').split('\n').filter(Boolean);
for (let start = 0; start < bearers.length; start += 8) {
    await Promise.all(bearers.slice(start, start + 8).map(async (bearer) => {
        const store = client.memoryStore();
        await new client.AnonymousClient({ origin, network, delay: 0, store }).prefetchTokens(bearer);
        for (const [name, record] of await store.entries()) {
            if (!name.startsWith('key:') || record.key.kind !== 'message') continue;
            for (const token of record.tokens ?? []) console.log(JSON.stringify(token));
        }
    }));
}
