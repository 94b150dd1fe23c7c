// A dialogue as its author reads it: where it stands, what was said, what is due, and what one can do.

import { h, replace } from '../dom.js';
import { day, t } from '../i18n.js';
import { action, announce, field, form, prose, sure } from '../ui.js';
import { drop, keep, kept } from '../unsent.js';

const states = ['queued', 'inReview', 'open', 'closed', 'unknown'];

/**
 * @param {object} visit `found` as the inbox answered, `code`, `said` as replies that are under way
 * @param {object} acts `client` of the network, `again` to look once more, `done` to clear the view
 * @returns {HTMLElement}
 */
export function dialogue(visit, acts) {
    const { found } = visit;
    const state = states.includes(found.state) ? found.state : 'unknown';
    return h('div', {},
        h('h2', {}, t(`inbox.${state}`)), h('p', {}, t(`inbox.${state}.what`)),
        found.clock ? clock(found.clock) : null,
        found.messages.length + visit.said.length === 0 ? null : said(visit),
        state === 'open' || state === 'inReview' ? reply(visit, acts) : null,
        h('p.actions', {},
            action(t('inbox.again'), acts.again),
            h('button', { type: 'button', onclick: acts.done }, t('inbox.done')),
            state === 'unknown' ? null : withdrawal(visit, acts)),
        h('p.hint', {}, t('inbox.done.what')));
}

const today = () => new Date().toLocaleDateString('sv-SE');

/** What a legal reporting point owes, by when. */
function clock({ acknowledgeBy, acknowledgedOn, answerBy }) {
    const isLate = (by) => by < today();
    const acknowledged = acknowledgedOn
        ? t('clock.acknowledged', { day: day(acknowledgedOn) })
        : t(isLate(acknowledgeBy) ? 'clock.acknowledge.late' : 'clock.acknowledge', { day: day(acknowledgeBy) });
    const late = (!acknowledgedOn && isLate(acknowledgeBy)) || isLate(answerBy);
    return h('section.card', {}, h('h3', {}, t('clock')), h('ul', {},
        h('li', {}, acknowledged), h('li', {}, t(isLate(answerBy) ? 'clock.answer.late' : 'clock.answer', { day: day(answerBy) }))),
    late ? h('p.notice', {}, t('clock.late.do')) : null);
}

const said = ({ found, said: waiting }) => h('section', {}, h('h3', {}, t('inbox.dialogue')), h('ol.dialogue', {},
    found.messages.map((one) => h(`li${one.from === 'team' ? '.team' : ''}`, {},
        h('p', {}, h('strong', {}, t(`from.${one.from}`)), ` · ${day(one.day)}`), h('div', { translate: 'no' }, prose(one.text)))),
    waiting.map((text) => h('li', {},
        h('p', {}, h('strong', {}, t('from.author')), ` · ${t('reply.waits')}`), h('div', { translate: 'no' }, prose(text))))));

function reply(visit, { client, again }) {
    const draft = kept('reply') ?? { text: '', isWorthKeeping() { return this.text.trim() !== ''; } };
    keep('reply', draft);
    const text = field(t('reply'), {
        tag: 'textarea', rows: 4, maxlength: 10_000, required: true, hint: t('message.hint'), value: draft.text,
        autocomplete: 'off', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off', translate: 'no',
        oninput: (event) => { draft.text = event.target.value; },
    });
    return h('section', {}, h('h3', {}, t('reply.write')), form({
        fields: [text.box], submit: t('reply.send'), kept: t('kept.draft'), name: t('reply.write'),
        act: async () => {
            await (await client()).reply(visit.code, draft.text);
            visit.said.push(draft.text);
            drop('reply');
            await again();
            announce(t('reply.sent'));
        },
    }));
}

function withdrawal(visit, { client, done }) {
    const button = action(t('withdraw'), async () => {
        if (!await sure(t('withdraw.sure'), t('withdraw'))) return;
        await (await client()).withdraw(visit.code);
        const box = button.closest('main > div') ?? button.parentElement;
        done();
        const note = h('p.notice', { tabindex: '-1' }, t('withdrawn.what'));
        box.querySelector('h1').after(note);
        note.focus();
        announce(t('withdrawn'));
    });
    return button;
}
