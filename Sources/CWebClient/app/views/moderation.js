// The moderators' queue: what waits, in the order that is wished, page by page; nothing is known but text, theme and day.

import { h, replace } from '../dom.js';
import { get, list } from '../api.js';
import { number, t } from '../i18n.js';
import { announce, failure, field } from '../ui.js';
import { home } from '../session.js';
import { messageCard } from './moderation-message.js';

/** The states that each choice asks for; `late` asks the server for what is past its day. */
const groups = {
    waiting: ['inReview', 'open'], late: [null], inReview: ['inReview'], open: ['open'], answered: ['answered'],
    closed: ['closed'], rejected: ['rejected'], all: [null],
};
const perPage = 20, most = 1_000;

/** Kept while the page is open, so that a change of language or a look elsewhere finds the same place. */
const wish = { network: '', channel: '', group: 'waiting', theme: '', order: 'oldest', page: 0 };

export async function show([channelId]) {
    const [channels, { items: units }] = await Promise.all([list(`${home()}/channels`), get(`${home()}/units`)]);
    if (channels.length === 0) return h('div', {}, h('h1', {}, t('moderation')), h('p.empty', {}, t('channels.none')));
    if (wish.network !== home()) Object.assign(wish, { network: home(), channel: '', theme: '', page: 0 });
    if (channels.some((one) => one.id === channelId)) wish.channel = channelId;
    const results = h('div', {});
    const again = (changes) => {
        Object.assign(wish, { page: 0 }, changes);
        return fill(results, channels, units, again, 'page' in changes);
    };
    await fill(results, channels, units, again, false);
    return h('div', {}, h('h1', {}, t('moderation')),
        h('p', {}, t('moderation.rules')),
        filters(channels, again), results);
}

function filters(channels, again) {
    const themes = field(t('theme'), { tag: 'select', onchange: (event) => again({ theme: event.target.value }) });
    const offerThemes = () => replace(themes.input, themeOptions(channels));
    const choice = (name, label, options) => field(t(label), {
        tag: 'select', value: wish[name], options, onchange: (event) => {
            if (name === 'channel') { Object.assign(wish, { channel: event.target.value, theme: '' }); offerThemes(); }
            return again({ [name]: event.target.value });
        },
    }).box;
    offerThemes();
    return h('form.row.wide', { 'aria-label': t('moderation.filters'), onsubmit: (event) => event.preventDefault() },
        choice('group', 'state', Object.keys(groups).map((one) => [one, t(`moderation.group.${one}`)])),
        choice('channel', 'channel', [['', t('moderation.channel.all')], ...channels.map((one) => [one.id, one.name])]),
        themes.box,
        choice('order', 'moderation.order', ['oldest', 'newest'].map((one) => [one, t(`moderation.order.${one}`)])));
}

function themeOptions(channels) {
    const shown = channels.filter((one) => wish.channel === '' || one.id === wish.channel);
    const option = (one) => h('option', { value: one.id, selected: one.id === wish.theme }, one.name);
    return [h('option', { value: '' }, t('moderation.theme.all')),
        shown.filter((one) => one.themes.length > 0)
            .map((one) => h('optgroup', { label: one.name }, one.themes.map(option)))];
}

/** @returns {Promise<{messages: object[], isCut: boolean}>} what the filters let through, in the wished order */
async function find(channels) {
    const asked = channels.filter((one) => (wish.channel === '' || one.id === wish.channel)
        && (wish.theme === '' || one.themes.some((each) => each.id === wish.theme)));
    const paths = asked.flatMap((channel) => groups[wish.group].map((state) => {
        const query = new URLSearchParams();
        if (state) query.set('state', state);
        if (wish.group === 'late') query.set('overdue', 'true');
        if (wish.theme) query.set('theme', wish.theme);
        return `${home()}/channels/${channel.id}/messages${query.size > 0 ? `?${query}` : ''}`;
    }));
    const found = await Promise.all(paths.map((path) => list(path, most)));
    // The server gives them in no order, so that none tells who wrote first; within a day they stay in none.
    const sign = wish.order === 'oldest' ? 1 : -1;
    const messages = found.flat().sort((a, b) => sign * a.day.localeCompare(b.day) || a.id.localeCompare(b.id));
    return { messages, isCut: found.some((one) => one.length >= most) };
}

async function fill(results, channels, units, again, isTurn) {
    const turn = results.turn = (results.turn ?? 0) + 1;
    let found;
    try {
        found = await find(channels);
    } catch (error) {
        if (!results.isConnected) throw error;
        return replace(results, failure(error));
    }
    // A slower answer to an earlier choice says nothing any more.
    if (turn !== results.turn) return undefined;
    const pages = Math.max(1, Math.ceil(found.messages.length / perPage));
    const page = Math.min(wish.page, pages - 1);
    const count = t('moderation.count', { count: found.messages.length });
    const heading = h('h2', { tabindex: '-1' }, count);
    replace(results, heading,
        found.isCut ? h('p.notice', {}, t('moderation.cut', { most: number(most) })) : null,
        found.messages.length === 0 ? h('p.empty', {}, t(`moderation.none.${wish.group === 'waiting' ? 'waiting' : 'any'}`))
            : [h('p.hint', {}, t('moderation.keys')), cards(found.messages, page, channels, units), turns(page, pages, again)]);
    if (isTurn) heading.focus();
    if (results.isConnected) announce(count);
    return undefined;
}

function cards(messages, page, channels, units) {
    const shown = messages.slice(page * perPage, (page + 1) * perPage);
    return h('ol.cards', { onkeydown: walk }, shown.map((one) => h('li', {},
        messageCard(one, channels.find((each) => each.id === one.channel), units))));
}

function turns(page, pages, again) {
    if (pages === 1) return null;
    const turn = (to, label) => (to < 0 || to >= pages ? null
        : h('button', { type: 'button', onclick: () => again({ page: to }) }, t(label)));
    return h('div.actions', { role: 'group', 'aria-label': t('pages') },
        turn(page - 1, 'page.previous'), h('span', {}, t('page.of', { page: number(page + 1), pages: number(pages) })),
        turn(page + 1, 'page.next'));
}

/** Arrows go from message to message, only while the focus is on what opens one: nobody is surprised in a text. */
function walk(event) {
    if (!['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) return;
    const openers = [...event.currentTarget.querySelectorAll('.opener')];
    const place = openers.indexOf(event.target);
    if (place < 0) return;
    event.preventDefault();
    const next = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: openers.length - 1 }[event.key];
    openers[Math.max(0, Math.min(next, openers.length - 1))].focus();
}
