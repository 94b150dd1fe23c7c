// A ballot: all questions on one page, so that one can skip, compare and go back by thumb as by arrow keys; then a review.

import { h, replace } from '../dom.js';
import { number, t } from '../i18n.js';
import { announce, field, form } from '../ui.js';
import { alarm } from '../alarm.js';
import { keep, kept } from '../unsent.js';
import { rules } from './rounds-rules.js';
import { review } from './rounds-review.js';

const name = (round) => `ballot ${round.id}`;
const empty = () => ({
    step: 'rules', answers: new Map(), unit: '', isWorthKeeping() { return this.answers.size > 0; },
});

/** @param {object} round @param {object[]} units @returns {Promise<HTMLElement>} */
export async function ballot(round, units) {
    const draft = kept(name(round)) ?? empty();
    keep(name(round), draft);
    const box = h('div', {});
    /** Draws the step that the ballot is at; `item` is the question that gets the attention, else it is the heading. */
    const draw = async (step, item = null, isFirst = false) => {
        draft.step = step;
        const parts = { name: name(round), round, units, draft, draw, box };
        const stopped = await alarm(() => draw(step));
        replace(box, h('h1', {}, round.title), stopped ?? await steps[step](parts));
        if (isFirst) return;
        const group = item === null ? null : box.querySelector(`[data-item="${item}"]`);
        const target = group ? group.querySelector('input:checked, input') : box.querySelector('h2, h1');
        if (!group) target.setAttribute('tabindex', '-1');
        target.focus();
        announce('');
        if (group) group.scrollIntoView({ block: 'center' });
        else scrollTo(0, 0);
    };
    await draw(draft.step, null, true);
    return box;
}

const steps = {
    rules: ({ round, draft, draw }) => rules(round, () => draw('ask'), draft.answers.size > 0),
    ask: (parts) => questions(parts),
    review: (parts) => review(parts),
};

function questions({ round, units, draft, draw }) {
    const all = round.items.length;
    const bar = h('progress', { max: all, value: draft.answers.size, 'aria-label': t('round.progress') });
    const line = h('span', {});
    const tell = () => {
        bar.value = draft.answers.size;
        replace(line, t('round.done', { done: number(draft.answers.size), all: number(all) }));
    };
    tell();
    const place = field(t('unit'), {
        tag: 'select', options: [['', t('unit.none')], ...units.map((one) => [one.id, one.name])], value: draft.unit,
        hint: t('unit.ballot.hint'), autocomplete: 'off', isOptional: true, oninput: (event) => { draft.unit = event.target.value; },
    });
    return h('div', {}, h('h2', {}, t('ballot.answer')), h('p.hint', {}, t('ballot.how')),
        form({
            fields: [
                round.items.map((item, index) => question(item, index, draft, tell)), units.length > 0 ? place.box : null,
                h('div.progress', {}, bar, line),
            ],
            submit: t('ballot.review'), kept: t('kept.ballot'), name: round.title, act: async () => {
                if (draft.answers.size === 0) throw Object.assign(new Error(t('ballot.empty')), { code: 'ballot-empty' });
                await draw('review');
            },
            secondary: [h('button', { type: 'button', onclick: () => draw('rules') }, t('ballot.rules'))],
        }));
}

function question(item, index, draft, tell) {
    const answer = (rating) => {
        if (rating === null) draft.answers.delete(item.id);
        else draft.answers.set(item.id, rating);
        tell();
    };
    const option = (rating, text) => h('label', {}, h('input', {
        type: 'radio', name: `item-${index}`, value: rating ?? '', checked: rating !== null && draft.answers.get(item.id) === rating,
        autocomplete: 'off', oninput: (event) => { if (event.target.checked) answer(rating); },
    }), h('span', {}, text));
    return h('fieldset.question', { 'data-item': item.id },
        h('legend', {}, h('span.soft', {}, `${number(index + 1)}. `), item.text),
        h('div.scale', {}, [1, 2, 3, 4, 5].map((rating) => option(rating, t(`rating.${rating}`))), option(null, t('ballot.skip'))));
}
