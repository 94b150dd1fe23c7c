// Posts an anonymous message as a member's browser would: node post.mjs ORIGIN NETWORK CHANNEL BEARER…, the first of whom posts.
import * as client from '../../Sources/CWebClient/anonymous.js';

const [origin, network, channel, ...bearers] = process.argv.slice(2);
const members = bearers.map((bearer) => ({
    bearer, client: new client.AnonymousClient({ origin, network, delay: 0, store: client.memoryStore() }),
}));
// A key is good once twenty members have tokens of it.
await Promise.all(members.map((member) => member.client.prefetchTokens(member.bearer)));
const message = { channel, theme: null, unit: null, showUnit: false, rating: null, text: 'Es zieht im Flur.', language: 'de' };
const entry = await members[0].client.submit({ message }, client.newReceiptCode());
if (entry.state !== 'acknowledged') throw new Error(`${entry.state}: ${entry.problem}`);
