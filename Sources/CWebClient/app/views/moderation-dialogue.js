// What was said after a message, and an answer to it; both go through the mixer, so that no time tells who reads.

import { h, replace } from '../dom.js';
import { list, post } from '../api.js';
import { day, t, when } from '../i18n.js';
import { announce, failure, field, form, prose } from '../ui.js';
import { drop, keep, quiet } from './desk-typed.js';

/** Answers on their way stand in no list of the server: they are shown until the page is closed. */
const waiting = new Map();

/** @param {object} message @param {string} path of it @returns {HTMLElement} */
export function dialogue(message, path) {
    const talk = h('div', {}, h('p', {}, t('loading')));
    list(`${path}/replies`).then((found) => draw(talk, found, message), (error) => replace(talk, failure(error)));
    return h('div', {}, h('h4', {}, t('dialogue')), talk,
        message.reachable ? answer(message, path, talk) : h('p.empty', {}, t('moderation.unreachable')));
}

function draw(talk, found, message) {
    const arrived = new Set(found.filter((one) => one.from === 'team').map((one) => one.text));
    const still = (waiting.get(message.id) ?? []).filter((one) => !arrived.has(one.text));
    waiting.set(message.id, still);
    if (found.length + still.length === 0) return replace(talk, h('p.empty', {}, t('dialogue.none')));
    return replace(talk, h('ol.dialogue', {},
        found.map((one) => h(`li.${one.from}`, {}, h('p.hint', {}, `${t(`dialogue.from.${one.from}`)}, ${day(one.day)}`), prose(one.text))),
        still.map((one) => h('li.team', {}, h('p.hint', {}, t('dialogue.waits', { when: when(one.after) })), prose(one.text)))));
}

function answer(message, path, talk) {
    const text = field(t('reply'), {
        tag: 'textarea', rows: 4, maxlength: 10_000, required: true, hint: t('reply.hint'), ...quiet,
    });
    // One key until it has arrived: sent again after a lost answer, it is not said twice.
    let key = crypto.randomUUID();
    return keep(`reply-${message.id}`, form({
        fields: [text.box], submit: t('reply.send'), kept: t('kept.draft'),
        act: async () => {
            const queued = await post(`${path}/replies`, { text: text.input.value }, key);
            key = crypto.randomUUID();
            waiting.set(message.id, [...waiting.get(message.id) ?? [], { text: text.input.value, after: queued.mixedAfter }]);
            text.input.value = '';
            drop(`reply-${message.id}`);
            draw(talk, await list(`${path}/replies`), message);
            announce(t('reply.queued'));
        },
    }));
}
