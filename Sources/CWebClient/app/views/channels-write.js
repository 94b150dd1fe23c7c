// Writing: the policy first, then the words, then the code; what is typed stays in memory until it is in the outbox.

import { h, replace } from '../dom.js';
import { language, number, t } from '../i18n.js';
import { action, announce, form, prose, section, sure } from '../ui.js';
import { noteCode, typeCode } from '../receipt.js';
import { alarm, isAlarm } from '../alarm.js';
import { isFetching, newReceiptCode, say, voice, watch } from '../voice.js';
import { drop, keep, kept } from '../unsent.js';
import { inputs } from './channels-fields.js';
import { refused, sent } from './channels-sent.js';

const name = (channel) => `message ${channel}`;
const empty = () => ({
    step: 'write', text: '', theme: '', unit: '', rating: null, language: language() === 'en' ? 'en' : 'de', code: null,
    replaces: null, isWorthKeeping() { return this.text.trim() !== ''; },
});

/** Whether somebody has begun to write there. */
export const hasDraft = (channel) => kept(name(channel.id))?.isWorthKeeping() ?? false;

/** Puts a text back to be written anew, in place of an entry of the outbox that was refused. */
export function rewrite({ id, content }) {
    const { channel, theme, unit, rating, language: written, text: refusedText } = content;
    const begun = kept(name(channel))?.text.trim() ?? '';
    // What somebody has begun there meanwhile is not written over.
    const text = begun === '' || begun === refusedText.trim() ? refusedText : `${refusedText}\n\n${begun}`;
    keep(name(channel), Object.assign(empty(), {
        text, theme: theme ?? '', unit: unit ?? '', rating: rating === null ? null : String(rating), language: written, replaces: id,
    }));
}

/** @param {object} channel @param {object[]} units @returns {Promise<HTMLElement>} */
export async function write(channel, units) {
    const draft = kept(name(channel.id)) ?? empty();
    keep(name(channel.id), draft);
    const box = h('div', {});
    const steps = { write: compose, note, type };
    /** Draws the step that the draft is at; the attention goes to its heading. */
    const draw = async (step, isFirst = false) => {
        draft.step = step;
        const stopped = await alarm(() => draw(step));
        replace(box, h('h1', {}, channel.name), stopped ?? await steps[step]({ channel, units, draft, draw, box }));
        if (isFirst) return;
        const heading = box.querySelector(step === 'write' ? 'h1' : 'h2');
        heading.setAttribute('tabindex', '-1');
        heading.focus();
        announce('');
    };
    await draw(draft.step, true);
    return box;
}

const stepHeading = (step, text) => h('h2', {}, h('span.soft', {}, t('write.step', { step: number(step) })), ' ', text);

async function compose({ channel, units, draft, draw }) {
    const fields = inputs(channel, units, draft);
    const had = draft.isWorthKeeping();
    return h('div', {},
        h('p.lead', {}, channel.description),
        section(t('policy'), prose(channel.policy),
            channel.clock ? h('p', {}, t('channel.clock', {
                acknowledge: number(channel.clock.acknowledgeDays), answer: number(channel.clock.answerDays),
            })) : null,
            h('p', {}, t('write.seen'))),
        h('p.notice', {}, t('device')),
        h('section', {}, stepHeading(1, t('write.step.1')), await readiness(channel),
            had ? h('p.hint', {}, t('write.draft')) : null,
            form({
                fields, submit: t('continue'), kept: t('kept.draft'), name: t('message'),
                secondary: had ? [action(t('write.draft.drop'), () => clear(channel, draft, draw))] : [],
                act: async () => {
                    requireShort(draft.text);
                    await requireReady(channel);
                    draft.code ??= newReceiptCode();
                    await draw('note');
                },
            })));
}

async function clear(channel, draft, draw) {
    if (!await sure(t('outbox.discard.sure'), t('write.draft.drop'))) return;
    Object.assign(draft, empty());
    await draw('write');
}

/** How many messages are left, or why there is none; it is drawn anew when that changes. */
async function readiness(channel) {
    const line = h('p.hint', { role: 'status' });
    const draw = async () => {
        const { state, tokens } = await (await voice()).standing('message', channel.id);
        line.className = state === 'ready' ? 'hint' : 'notice';
        const text = state === 'ready' ? t('write.left', { count: tokens }) : t(`write.${isFetching() ? 'fetching' : state}`);
        if (line.textContent !== text) replace(line, text);
    };
    await draw();
    return watch(line, draw);
}

async function requireReady(channel) {
    const { state } = await (await voice()).standing('message', channel.id);
    if (state === 'ready') return;
    throw Object.assign(new Error(t(`write.${isFetching() ? 'fetching' : state}`)), { code: 'no-message-left' });
}

/** What is sent has one of three sizes; of some scripts fewer letters fit into the largest. */
function requireShort(text) {
    if (new TextEncoder().encode(JSON.stringify(text)).length > 31_000) throw Object.assign(new Error(), { code: 'too-long' });
}

const note = ({ draft, draw }) => h('section', {}, stepHeading(2, t('write.step.2')),
    noteCode(draft.code, () => draw('type'), () => draw('write')));

const type = ({ channel, draft, draw, box }) => h('section', {}, stepHeading(3, t('write.step.3')),
    h('p', {}, t('code.type.why')),
    typeCode(draft.code, { submit: t('message.send'), again: () => draw('note'), act: () => send(channel, draft, draw, box) }));

async function send(channel, draft, draw, box) {
    const message = {
        channel: channel.id, theme: draft.theme || null, unit: draft.unit || null, showUnit: draft.unit !== '',
        rating: draft.rating === null ? null : Number(draft.rating), text: draft.text, language: draft.language,
    };
    let entry;
    try {
        entry = await say({ message }, draft.code);
    } catch (error) {
        if (isAlarm(error)) return draw('type');
        throw error;
    }
    if (draft.replaces) await (await voice()).discard(draft.replaces).catch(() => {});
    draft.replaces = null;
    if (entry.state === 'refused') {
        draft.replaces = entry.id;
        // The code belongs to what was refused; the next attempt has its own.
        draft.code = null;
        draft.step = 'write';
        replace(box, refused(entry, () => draw('write')));
    } else {
        drop(name(channel.id));
        replace(box, sent(entry));
    }
    const heading = box.querySelector('h1');
    heading.setAttribute('tabindex', '-1');
    heading.focus();
    announce('');
    return undefined;
}
