// Channels: what is under way from here, and where one can write. While somebody writes, address and title say nothing.

import { h } from '../dom.js';
import { get, list } from '../api.js';
import { number, t } from '../i18n.js';
import { badge, items } from '../ui.js';
import { home } from '../session.js';
import { hasDraft, write } from './channels-write.js';
import { outbox } from './channels-outbox.js';

export async function show([id], { go }) {
    const channels = await list(`${home()}/channels`);
    if (!id) return overview(channels, go);
    const channel = channels.find((one) => one.id === id);
    if (!channel) throw Object.assign(new Error(t('error.not-found')), { code: 'not-found' });
    return write(channel, (await get(`${home()}/units`)).items);
}

const overview = async (channels, go) => h('div', {},
    h('h1', {}, t('channels')), h('p.lead', {}, t('channels.what')),
    await outbox(go),
    h('h2', {}, t('channels.where')), h('p.notice', {}, t('device')), items(channels, card, t('channels.none')),
    h('h2', {}, t('channels.replies')), h('p', {}, h('a', { href: '#/inbox' }, t('channels.inbox'))));

const card = (channel) => h('article', {},
    h('h3', {}, channel.name), h('p', {}, badge(t(`channel.${channel.kind}`)), channel.description),
    channel.clock ? h('p.hint', {}, clock(channel)) : null,
    h('p', {}, h('a', { href: `#/channels/${channel.id}` },
        t(hasDraft(channel) ? 'channel.goOn' : 'channel.write', { name: channel.name }))));

/** What a legal reporting point promises. */
const clock = (channel) => t('channel.clock', {
    acknowledge: number(channel.clock.acknowledgeDays), answer: number(channel.clock.answerDays),
});
