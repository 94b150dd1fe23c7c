// What is under way from this device; it stays until it is known to have arrived, and is told when it was refused.

import { h, replace } from '../dom.js';
import { t, time } from '../i18n.js';
import { action, announce, badge, section, sure } from '../ui.js';
import { alarm, isAlarm } from '../alarm.js';
import { look, voice } from '../voice.js';
import { changed, watch } from '../watch.js';
import { why } from './channels-sent.js';
import { rewrite } from './channels-write.js';

/** The whole of it, for the channels. @param {function(string): void} go @returns {Promise<HTMLElement>} */
export async function outbox(go) {
    const box = h('div', {});
    let before = null;
    const draw = async () => {
        const stopped = await alarm(draw);
        const entries = await (await voice()).outbox();
        // What somebody has unfolded stays so as long as nothing has happened.
        const now = JSON.stringify([entries, stopped !== null]);
        if (now === before) return;
        before = now;
        const hadFocus = box.contains(document.activeElement);
        replace(box, stopped, entries.length === 0 ? null : section(t('outbox'),
            h('p.hint', {}, t('outbox.what')),
            h('ul.cards', {}, entries.map((one) => h('li', {}, card(one, go)))),
            stopped ? null : h('p.actions', {}, action(t('outbox.look'), lookNow))));
        if (hadFocus) (box.querySelector('button') ?? document.getElementById('main'))?.focus();
    };
    await draw();
    return watch(box, draw);
}

async function lookNow() {
    // An alarm is drawn by what changes.
    const left = await look(await voice()).catch((error) => { if (!isAlarm(error)) throw error; });
    if (left) announce(left.length === 0 ? t('outbox.empty') : left.map((one) => t(`outbox.${one.state}`)).join(' '));
}

function card(entry, go) {
    const { kind, state, mixedAfter } = entry;
    return h('article', {},
        h('h3', {}, t(`outbox.kind.${kind}`)),
        h('p', {}, badge(t(`outbox.${state}`), state === 'refused' ? 'bad' : state === 'acknowledged' ? 'good' : '')),
        state === 'refused' || state === 'waiting' && entry.problem ? h('p', {}, why(entry)) : null,
        h('p', {}, t(kind === 'message' || state !== 'refused' ? `outbox.${state}.what` : 'outbox.refused.vote')),
        state === 'acknowledged' && mixedAfter && Date.parse(mixedAfter) > Date.now()
            ? h('p.hint', {}, t('outbox.mixed', { time: time(mixedAfter) })) : null,
        kind === 'message' ? words(entry.content.text) : null,
        h('p.actions', {}, acts(entry, go)));
}

/** Folded away: somebody may look over the shoulder. */
const words = (text) => h('details', {}, h('summary', {}, t('outbox.text')), h('p.said', { translate: 'no' }, text));

function acts(entry, go) {
    const { kind, state } = entry;
    if (state === 'refused') {
        return [
            kind === 'message' ? action(t('outbox.rewrite'), () => { rewrite(entry); go(`channels/${entry.content.channel}`); }, { kind: 'primary' }) : null,
            action(t('outbox.discard'), async () => {
                if (kind === 'message' && !await sure(t('outbox.discard.sure'), t('outbox.discard'))) return;
                const client = await voice();
                await client.discard(entry.id);
                changed();
                announce(t('outbox.discarded'));
            }),
        ];
    }
    if (kind !== 'message' || state === 'withdrawn') return [];
    return [action(t('outbox.recall'), async () => {
        if (!await sure(t('outbox.recall.sure'), t('outbox.recall'))) return;
        // Also when there was no answer: what is noted here is finished with the next look.
        await (await voice()).recall(entry.id).finally(changed);
        announce(t('withdrawn'));
    })];
}
