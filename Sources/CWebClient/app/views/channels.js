// Channels: the policy first, then the words. While somebody writes, address and title say nothing.

import { h, replace } from '../dom.js';
import { get, list } from '../api.js';
import { number, t } from '../i18n.js';
import { failure, field, items, prose, section } from '../ui.js';
import { receipt } from '../receipt.js';
import { voice } from '../voice.js';
import { home, is } from '../session.js';

export async function show([id]) {
    const channels = await list(`${home()}/channels`);
    if (id) return write(channels.find((one) => one.id === id), await list(`${home()}/units`));
    return h('div', {}, h('h1', {}, t('channels')), h('p', {}, t('channels.what')),
        h('p.notice', {}, t('device')),
        await outbox(),
        items(channels, (one) => h('article', {},
            h('h3', {}, one.name), h('p', {}, one.description),
            one.clock ? h('p.hint', {}, t('channel.clock', { acknowledge: number(one.clock.acknowledgeDays), answer: number(one.clock.answerDays) })) : null,
            h('p', {}, h('a', { href: `#/channels/${one.id}` }, t('channel.write', { name: one.name })))), t('channels.none')),
        h('p', {}, h('a', { href: '#/inbox' }, t('channels.inbox'))));
}

/** What is under way from this device; it stays until it is known to have arrived. */
async function outbox() {
    const client = await voice();
    let waiting = await client.outbox();
    if (waiting.length > 0) waiting = await client.flush().catch(() => waiting);
    if (waiting.length === 0) return null;
    return section(t('outbox'), h('ul', {}, waiting.map((one) => h('li', {}, t(`outbox.${one.state}`),
        one.problem ? ` ${t(`error.${one.problem}`)}` : '',
        one.state === 'refused' ? [prose(one.content.text ?? ''), h('button', { type: 'button', onclick: async (event) => {
            await client.discard(one.id);
            event.target.closest('li').remove();
        } }, t('outbox.discard'))] : null))));
}

async function write(channel, units) {
    if (!channel) throw Object.assign(new Error(t('error.not-found')), { code: 'not-found' });
    // The way back leads to the start, and says nothing of this page.
    history.replaceState(null, '', '/');
    document.title = 'Chorus';
    const client = await voice();
    const box = h('div', {});
    const themes = [['', t('theme.none')], ...channel.themes.map((one) => [one.id, one.name])];
    const places = [['', t('unit.none')], ...units.map((one) => [one.id, one.name])];
    // No spelling aid that sends text to somebody, and nothing that a browser remembers.
    const text = field(t('message'), { tag: 'textarea', rows: 8, required: true, maxlength: 20_000, autocomplete: 'off', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' });
    const theme = field(t('theme'), { tag: 'select', options: themes });
    const unit = field(t('unit'), { tag: 'select', options: places, hint: t('unit.hint') });
    const language = field(t('message.language'), { tag: 'select', options: ['de', 'en', 'tr', 'ar', 'uk', 'ru', 'pl', 'fr'].map((one) => [one, new Intl.DisplayNames([document.documentElement.lang.slice(0, 2)], { type: 'language' }).of(one)]) });
    const result = h('div', {});
    const next = h('button.primary', { type: 'button', onclick: async () => {
        if (text.input.value.trim() === '') { text.input.focus(); return; }
        if (await client.tokenCount() === 0) return replace(result, failure(Object.assign(new Error(), { code: 'no-token' }), t('kept.draft')));
        const content = { message: {
            channel: channel.id, theme: theme.input.value || null, unit: unit.input.value || null, showUnit: unit.input.value !== '',
            rating: null, text: text.input.value, language: language.input.value,
        } };
        replace(result, receipt(async (code) => {
            const entry = await client.submit(content, code);
            replace(box, h('h1', {}, t('sent')), h('p', {}, t(`outbox.${entry.state}`)), h('p', {}, t('sent.next')),
                h('p', {}, h('a', { href: '#/' }, t('home'))));
        }, t('message.send')));
    } }, t('continue'));
    replace(box, h('h1', {}, channel.name), h('p', {}, channel.description),
        section(t('policy'), prose(channel.policy)),
        h('p.notice', {}, t('device')),
        section(t('message'), h('p.hint', {}, t('message.hint')), text.box, theme.box, unit.box, language.box, h('p.actions', {}, next), result));
    return box;
}
