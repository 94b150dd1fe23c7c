// Sorting a message, and writing what of it may be published.

import { h, replace } from '../dom.js';
import { put } from '../api.js';
import { t } from '../i18n.js';
import { announce, field, form } from '../ui.js';
import { drop, keep, quiet } from './desk-typed.js';
import { telltales } from './moderation-telltales.js';

const states = ['inReview', 'open', 'answered', 'closed', 'rejected'];

/** A part of a message's panel; no landmark, because many panels may be open and their parts have the same names. */
const part = (title, ...children) => h('div', {}, h('h4', {}, title), children);

/** @param {function(object): void} draw shows the message as it is now, without touching this form */
export function sorting(message, channel, path, draw) {
    const key = `sort-${message.id}`;
    // Nothing goes back into review but what was only opened.
    const next = states.filter((one) => one !== 'inReview' || ['inReview', 'open'].includes(message.state));
    const state = field(t('state'), {
        tag: 'select', value: message.state, options: next.map((one) => [one, t(`message.${one}`)]),
    });
    const theme = field(t('theme'), { tag: 'select', value: message.theme ?? '', options: [['', t('theme.none')],
        ...channel.themes.map((one) => [one.id, one.sensitive ? t('theme.named.sensitive', { theme: one.name }) : one.name])] });
    const reason = field(t('reason'), {
        tag: 'textarea', rows: 2, value: message.reason ?? '', maxlength: 2_000, hint: t('reason.hint'), ...quiet,
    });
    const needsReason = () => { reason.input.required = state.input.value === 'rejected'; };
    state.input.addEventListener('change', needsReason);
    const saved = h('p.hint', {});
    const element = keep(key, form({
        fields: [h('div.row', {}, state.box, theme.box), reason.box, saved], submit: t('moderation.save'),
        act: async () => {
            const words = reason.input.value.trim();
            draw(await put(`${path}/moderation`, {
                state: state.input.value, theme: theme.input.value || null, ...(words ? { reason: words } : {}),
            }));
            drop(key);
            replace(saved, t('moderation.saved', { state: t(`message.${message.state}`) }));
            announce(saved.textContent);
        },
    }));
    needsReason();
    return part(t('message.sort'), element);
}

/** The summary is the only text of a message that may reach the record: what identifies is pointed at, not forbidden. */
export function summarising(message, units, path, draw) {
    const key = `summary-${message.id}`;
    const text = field(t('summary'), {
        tag: 'textarea', rows: 4, maxlength: 10_000, required: true, value: message.summary ?? '',
        hint: t('summary.hint'), ...quiet,
    });
    const found = h('div', { role: 'status' }), saved = h('p.hint', {});
    const look = () => {
        const signs = telltales(text.input.value, message.text, units);
        replace(found, signs.length === 0 ? null : h('div.notice', {}, h('p', {}, t('telltale')),
            h('ul', {}, signs.map((one) => h('li', {}, t(`telltale.${one.kind}`, { words: one.words }))))));
    };
    // When somebody pauses, not at each letter: a screen reader would never fall silent.
    let pause = 0;
    text.input.addEventListener('input', () => { clearTimeout(pause); pause = setTimeout(look, 900); });
    const element = keep(key, form({
        fields: [text.box, found, saved], submit: t('summary.save'), kept: t('kept.draft'),
        act: async () => {
            draw(await put(`${path}/summary`, { text: text.input.value }));
            drop(key);
            look();
            replace(saved, t('summary.saved'));
            announce(saved.textContent);
        },
    }));
    look();
    return part(t('summary'), h('p', {}, t('summary.what')), h('details', {}, h('summary', {}, t('summary.identifies')),
        h('ul', {}, ['names', 'days', 'places', 'tasks', 'words', 'languages'].map((one) => h('li', {}, t(`summary.identifies.${one}`))))), element);
}
