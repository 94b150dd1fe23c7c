// What came after publication: later texts, later numbers, the days, and other towns.

import { h } from '../dom.js';
import { get, put } from '../api.js';
import { day, number, percent, t } from '../i18n.js';
import { badge, field, form, prose, section } from '../ui.js';
import { bars } from '../charts.js';
import { changedLine, difference } from '../difference.js';
import { is, network } from '../session.js';
import { stay } from './drafts-stay.js';
import { sourced } from './recommendations-provenance.js';

// MARK: Texts

/** Earlier texts under the same number, and what each later one changed; nothing when there is one text only. */
export async function earlierTexts(path) {
    const { items } = await get(`${path}/revisions`);
    if (items.length < 2) return null;
    return section(t('revisions'), h('p.hint', {}, t('revisions.what')),
        items.toReversed().map((one) => h('details', {},
        h('summary', {}, t('revision.of', { number: number(one.revision), day: day(one.publishedOn) })),
        one.support ? h('p', {}, t('support.is', { yes: percent(one.support.yes), no: percent(one.support.no),
            atLeast: number(one.support.atLeast) })) : null,
        one.difference ? changes(one) : [h('h3', {}, one.title), sourced(one.text,
            { provenance: one.provenance, evidence: [] }),
            h('h4', {}, t('measure')), prose(one.measure)])));
}

function changes({ difference: found, revision }) {
    const names = { from: t('revision.number', { number: number(revision - 1) }),
        to: t('revision.number', { number: number(revision) }) };
    const part = (rows) => difference(rows, names);
    return [changedLine(found.title), h('h3', {}, t('recommendation.text')), part(found.text),
        h('h3', {}, t('measure')), part(found.measure)];
}

// MARK: Numbers

/** The same question before and after, with how much rounding and noise alone could make. */
export async function comparison(path) {
    const { items } = await get(`${path}/comparison`);
    if (items.length === 0) return null;
    const some = items.filter((one) => one.comparisons.length > 0);
    return section(t('comparison'), some.length === 0 ? h('p.empty', {}, t('comparison.none'))
        : [h('p.hint', {}, t('comparison.what')), some.map(compared)]);
}

function compared({ evidence, comparisons }) {
    const name = [evidence.itemText, evidence.unitName].filter(Boolean).join(' · ') || t('numbers.total');
    const at = (cell) => t('release.named', { number: number(cell.releaseNumber), day: day(cell.closedOn) });
    const rows = [{ ...evidence, label: t('comparison.before', { release: at(evidence) }) },
        ...comparisons.map(({ later }) => ({ ...later, label: t('comparison.after', { release: at(later) }) }))];
    const { change } = comparisons.at(-1);
    return [h('h3', {}, name), ['positive', 'negative'].map((kind) => h('p', {}, moved(kind, change[kind]))),
        bars(rows, `${name}: ${t('comparison')}`,
            { name: 'chorus-comparison', columns: [{ name: t('release'), of: (row) => row.releaseNumber }] })];
}

function moved(kind, { points, margin, isClear }) {
    const values = { kind: t(kind), points: number(Math.abs(points)), margin: number(margin) };
    if (!isClear) return t('comparison.unclear', values);
    return t(points > 0 ? 'comparison.up' : 'comparison.down', values);
}

// MARK: Days

/** What happened when: the record has it all, so HR and council see the same. */
export function timeline(one) {
    const event = (reminder) => (['overdue', 'escalated'].includes(reminder.step) ? reminder.step : 'reminded');
    const moments = [
        { on: one.publishedOn, event: 'published' }, { on: one.answerDueOn, event: 'answer-due' },
        one.revisedOn ? { on: one.revisedOn, event: 'revised' } : null,
        one.answer ? { on: one.answer.answeredOn, event: one.answer.decision } : null,
        ...one.reminders.map((each) => ({ on: each.on, event: event(each) })),
        ...one.outcomes.map((each) => ({ on: each.on, event: each.status })),
    ].filter(Boolean).toSorted((first, second) => first.on.localeCompare(second.on));
    return section(t('timeline'), h('ol.timeline', {}, moments.map((each) =>
        h('li', {}, h('strong', {}, day(each.on)), ': ', t(`event.${each.event}`)))));
}

// MARK: Towns

const stages = ['draft', 'pilot', 'standard'];

/** Which towns have taken it, and how far. */
export async function adoptions(path, context) {
    const { items } = await get(`${path}/adoptions`);
    const own = stages.indexOf(items.findLast((one) => one.network === network().id)?.stage ?? 'draft');
    return section(t('adoptions'), h('p.hint', {}, t('adoptions.what')),
        items.length === 0 ? h('p.empty', {}, t('adoptions.none')) : h('ul.plain', {}, items.map((one) => h('li', {},
            badge(t(`stage.${one.stage}`), one.stage === 'standard' ? 'good' : ''), h('strong', {}, one.town), ', ',
                day(one.on)))),
        is('coordinator') ? [own < 2 ? stageForm(path, own, context) : null,
            h('p.actions', {}, h('a.button', { href: `/v1${path}/package`, download: 'recommendation.json' },
                t('package.save'))), h('p.hint', {}, t('package.what'))] : null);
}

function stageForm(path, own, context) {
    const choice = field(t('stage'), { tag: 'select', hint: t('stage.hint'), member: 'stage',
        options: stages.slice(own + 1).map((one) => [one, t(`stage.${one}`)]) });
    return form({ fields: [choice.box], submit: t('stage.set'), kind: '', act: async () => {
        await put(`${path}/stage`, { stage: choice.input.value });
        await stay(context, t('adoptions'), t('saved'));
    } });
}
