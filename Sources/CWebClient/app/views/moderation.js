// The moderators' queue: text, theme and day; an answer, a theme, a state, and the summary that may be published.

import { h } from '../dom.js';
import { ask, list, post, put } from '../api.js';
import { day, t } from '../i18n.js';
import { announce, badge, field, form, items, prose } from '../ui.js';
import { home } from '../session.js';

const states = ['inReview', 'open', 'answered', 'closed', 'rejected'];

export async function show([channelId], { go }) {
    const channels = await list(`${home()}/channels`);
    const channel = channels.find((one) => one.id === channelId) ?? channels[0];
    if (!channel) return h('div', {}, h('h1', {}, t('moderation')), h('p.empty', {}, t('channels.none')));
    const path = `${home()}/channels/${channel.id}/messages`;
    const messages = await list(path, 200);
    const choice = field(t('channel'), { tag: 'select', value: channel.id, options: channels.map((one) => [one.id, one.name]), onchange: (event) => go(`moderation/${event.target.value}`) });
    return h('div', {}, h('h1', {}, t('moderation')), h('p.hint', {}, t('moderation.rules')), choice.box,
        items(messages, (one) => message(one, channel, path), t('moderation.none')));
}

function message(one, channel, path) {
    const theme = field(t('theme'), { tag: 'select', value: one.theme ?? '', options: [['', t('theme.none')], ...channel.themes.map((each) => [each.id, each.name])] });
    const state = field(t('state'), { tag: 'select', value: one.state, options: states.map((each) => [each, t(`message.${each}`)]) });
    const reason = field(t('reason'), { value: one.reason ?? '', maxlength: 2_000, hint: t('reason.hint') });
    const reply = field(t('reply'), { tag: 'textarea', rows: 3, maxlength: 10_000, required: true });
    const summary = field(t('summary'), { tag: 'textarea', rows: 3, maxlength: 10_000, value: one.summary ?? '', hint: t('summary.hint'), required: true });
    return h('article', {},
        h('p', {}, badge(t(`message.${one.state}`)), day(one.day)),
        prose(one.text),
        one.clock ? h('p.notice', {}, t('clock.by', { acknowledge: day(one.clock.acknowledgeBy), answer: day(one.clock.answerBy) })) : null,
        h('details', {}, h('summary', {}, t('message.sort')), form({
            fields: [state.box, theme.box, reason.box], submit: t('save'),
            act: async () => {
                await put(`${path}/${one.id}/moderation`, { state: state.input.value, theme: theme.input.value || null, ...(reason.input.value ? { reason: reason.input.value } : {}) });
                announce(t('saved'));
            },
        })),
        one.reachable ? h('details', {}, h('summary', {}, t('reply')), form({
            fields: [reply.box], submit: t('reply.send'), kept: t('kept.draft'),
            act: async () => { await post(`${path}/${one.id}/replies`, { text: reply.input.value }); reply.input.value = ''; announce(t('sent')); },
        })) : null,
        h('details', {}, h('summary', {}, t('summary')), form({
            fields: [summary.box], submit: t('save'),
            act: async () => { await ask('PUT', `${path}/${one.id}/summary`, { text: summary.input.value }); announce(t('saved')); },
        })));
}
