// Others of the town, without a browser: node crowd.mjs ORIGIN NETWORK [ROUND]; their API tokens come as lines.
// All fetch tokens, so that the keys have the company they need; with a round named, each answers all of it.
import { readFileSync } from 'node:fs';
import * as client from '../../Sources/CWebClient/anonymous.js';

const [origin, network, round] = process.argv.slice(2);
const bearers = readFileSync(0, 'utf8').split('\n').filter(Boolean);
const people = bearers.map((bearer) => ({
    bearer, client: new client.AnonymousClient({ origin, network, delay: 0, store: client.memoryStore() }),
}));
await Promise.all(people.map((one) => one.client.prefetchTokens(one.bearer)));
if (round) {
    const headers = { authorization: `Bearer ${bearers[0]}` };
    const { items } = await (await fetch(`${origin}/v1/networks/${network}/rounds/${round}`, { headers })).json();
    await Promise.all(people.map(async (one, place) => {
        // Enough of each opinion, so that a block may be published.
        const answers = items.map((item, index) => ({ item: item.id, rating: [1, 2, 4, 5, 3][(place + index) % 5] }));
        const entry = await one.client.submit({ ballot: { round, unit: null, answers } }, client.newReceiptCode());
        if (entry.state !== 'acknowledged') throw new Error(`${entry.state}: ${entry.problem}`);
    }));
}
