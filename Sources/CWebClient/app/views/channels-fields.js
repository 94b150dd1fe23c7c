// What a message consists of. Only the text has to be there.

import { t } from '../i18n.js';
import { choice, field } from '../ui.js';

/** Nothing here is remembered by the browser or sent to a spelling aid. */
const silent = { autocomplete: 'off', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off', translate: 'no' };

/** The fields of a message; each keeps what is typed in the draft. @returns {HTMLElement[]} */
export function inputs(channel, units, draft) {
    const bind = (member) => (event) => { draft[member] = event.target.value; };
    const text = field(t('message'), {
        tag: 'textarea', rows: 8, required: true, maxlength: 10_000, hint: t('message.hint'), value: draft.text, ...silent,
        oninput: bind('text'),
    });
    const select = (label, member, options, hint) => field(label, {
        tag: 'select', options, hint, value: draft[member], autocomplete: 'off', oninput: bind(member), isOptional: member !== 'language',
    }).box;
    const boxes = [text.box];
    if (channel.themes.length > 0) {
        boxes.push(select(t('theme'), 'theme', [['', t('theme.none')], ...channel.themes.map((one) => [one.id, one.name])]));
    }
    if (units.length > 0) {
        boxes.push(select(t('unit'), 'unit', [['', t('unit.none')], ...units.map((one) => [one.id, one.name])], t('unit.hint')));
    }
    if (channel.kind === 'feedback') {
        const marks = ['1', '2', '3', '4', '5'].map((one) => [one, t(`mood.${one}`)]);
        const rating = choice(t('mood'), [['', t('mood.none')], ...marks], { value: draft.rating ?? '', hint: t('mood.hint') });
        rating.box.addEventListener('input', () => { draft.rating = rating.value() || null; });
        boxes.push(rating.box);
    }
    boxes.push(select(t('message.language'), 'language', tongues(draft.language)));
    return boxes;
}

/** Languages that are spoken in town halls, named in the reader's; any that a draft has beside them. */
function tongues(chosen) {
    const names = new Intl.DisplayNames([document.documentElement.lang.slice(0, 2)], { type: 'language' });
    const all = new Set(['ar', 'bg', 'de', 'el', 'en', 'es', 'fa', 'fr', 'hr', 'it', 'ku', 'pl', 'pt', 'ro', 'ru', 'sq', 'sr', 'tr', 'uk', 'vi', chosen]);
    return [...all].map((one) => [one, names.of(one)]).sort((one, other) => one[1].localeCompare(other[1]));
}
