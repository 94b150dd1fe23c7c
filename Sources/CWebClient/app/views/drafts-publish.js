// Publication: what is missing is named, each with the place where it is mended, before the button works.

import { h } from '../dom.js';
import { ask, get } from '../api.js';
import { day, number, t } from '../i18n.js';
import { field, form, section, sure } from '../ui.js';
import { home } from '../session.js';
import { paragraphs } from '../difference.js';
import { standingOf } from './drafts-people.js';
import { windows } from './drafts-review.js';
import { arrive } from './drafts-stay.js';

/** Two texts under one number are endorsed by nearly the same people; so many days lie between them. */
const leastDays = 28;
const plus = (days, from = Date.now()) => new Date(from + days * 86_400_000).toISOString().slice(0, 10);

export async function show(page, context) {
    const { draft, path } = page;
    const [[review, consultation], approvals, earlier] = await Promise.all([
        windows(path), get(`${path}/approvals`),
            draft.revises ? get(`${home()}/recommendations/${draft.revises}`) : null,
    ]);
    const needs = [...windowNeeds(review, consultation), ...benchNeeds(draft, approvals.items), sourceNeed(draft),
        ...(earlier ? [dayNeed(earlier)] : [])];
    const missing = needs.filter((one) => !one.isDone);
    return [
        section(t('publish.needs'), h('ul.plain.needs', {}, needs.map((one) => need(one, draft.id)))),
        section(t('publish'), missing.length > 0 ? h('p.notice', {}, t('publish.missing', { count: missing.length }))
            : publication(page, earlier, context)),
    ];
}

const need = ({ isDone, text, page }, id) => h('li', {},
    h('span.icon', { 'aria-hidden': 'true' }, isDone ? '✓' : '✗'),
    h('span.visually-hidden', {}, `${t(isDone ? 'publish.has' : 'publish.lacks')}: `), text,
    isDone || !page ? null : [' ', h('a', { href: `#/drafts/${id}/${page}` }, t('publish.mend'))]);

const windowNeeds = (review, consultation) => [['review', review], ['consultation', consultation]]
    .filter(([, one]) => one !== null)
    .map(([name, { isOpen, until }]) => ({
        isDone: !isOpen, page: 'review', text: t(`publish.${name}.${isOpen ? 'open' : 'done'}`, { day: day(until) }),
    }));

const benchNeeds = (draft, approvals) => draft.benches.map((bench) => {
    const { kind } = standingOf(bench, { draft, approvals });
    const text = `${t(`bench.${bench}`)}: ${t(`approval.${kind}`)}`;
    return { isDone: ['given', 'publishing'].includes(kind), page: 'people', text };
});

/** The rule of the contract: evidence is enough until somebody names a source; then each paragraph needs one. */
function sourceNeed({ text, provenance, evidence }) {
    const isWhole = provenance.some((one) => one.paragraph === null);
    const known = new Set(provenance.map((one) => one.paragraph));
    const lacking = isWhole || (provenance.length === 0 && evidence.length > 0) ? []
        : paragraphs(text).map((_, index) => index + 1).filter((one) => !known.has(one));
    if (lacking.length === 0) return { isDone: true, text: t('publish.sources.done') };
    const named = lacking.slice(0, 10).map((one) => number(one)).join(', ') + (lacking.length > 10 ? ' …' : '');
    const lacks = t('publish.sources.missing', { count: lacking.length, paragraphs: named });
    return { isDone: false, page: 'sources', text: lacks };
}

function dayNeed(earlier) {
    const first = plus(leastDays, Date.parse(earlier.revisedOn ?? earlier.publishedOn));
    const isDone = first <= plus(0);
    return { isDone, text: t(isDone ? 'publish.days.done' : 'publish.days.wait', { day: day(first) }) };
}

/** Something has changed since this page was drawn: its kind says enough, and the list above says the rest. */
async function published(path, body, version) {
    try {
        await ask('PUT', `${path}/publication`, body, { headers: { 'If-Match': `"${version}"` } });
    } catch (error) {
        if (error.status === 409) error.errors = [];
        throw error;
    }
}

/** A later text leaves the day of the answer as it is. */
function publication({ draft, path }, earlier, context) {
    const due = earlier ? null : field(t('answer.until'), { type: 'date', required: true, min: plus(1), value: plus(56),
        member: 'answerDueOn', hint: t('publish.due.hint') });
    return form({ fields: [h('p', {}, t('publish.what', { number: number(draft.version) })),
        earlier ? h('p', {}, t('publish.due.same', { day: day(earlier.answerDueOn) })) : due.box],
        submit: t('publish.do'), act: async () => {
            if (!await sure(t('publish.sure'), t('publish.do'))) return;
            const body = { answerDueOn: earlier?.answerDueOn ?? due.input.value };
            await published(path, body, draft.version);
            await arrive(context, `recommendations/${draft.revises ?? draft.id}`, t('publish.done'));
        } });
}
