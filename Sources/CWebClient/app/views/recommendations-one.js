// One recommendation: what is asked, on what it rests, what the employer says, and what became of it.

import { h } from '../dom.js';
import { get, put, remove } from '../api.js';
import { files } from '../digests.js';
import { load } from '../integrity.js';
import { day, number, percent, t } from '../i18n.js';
import { action, announce, badge, failure, prose, section, sure } from '../ui.js';
import { bars } from '../charts.js';
import { home, is, isInsider, network } from '../session.js';
import { about } from './drafts-places.js';
import { stay } from './drafts-stay.js';
import { due, source, standing } from './recommendations.js';
import { sourced } from './recommendations-provenance.js';
import { adoptions, comparison, earlierTexts, timeline } from './recommendations-after.js';

export async function show(id, context) {
    const path = `${source()}/recommendations/${id}`;
    const [one, texts, numbers, towns] = await Promise.all([
        get(path), earlierTexts(path), comparison(path), isInsider() ? adoptions(path, context) : null,
    ]);
    return h('article.document', {}, h('p.no-print', {}, h('a', { href: '#/recommendations' },
        t('recommendations.back'))),
        h('p.print-only', {}, `${network().name} · ${network().employer}`),
        h('h1', {}, `${number(one.number)}. ${one.title}`),
        h('p', {}, standing(one), due(one)),
        facts(one, await about(one)), acts(one, context),
        section(t('recommendation.text'), sourced(one.text, one)),
        section(t('measure'), prose(one.measure)),
        evidence(one), section(t('support'), await endorsed(one), support(one)), answer(one), outcomes(one), numbers,
            opinions(one), texts, timeline(one), towns);
}

const facts = (one, subject) => h('p.soft', {}, subject ? `${subject} · ` : null,
    t('recommendation.published', { day: day(one.publishedOn) }),
    one.revision > 1 && one.revisedOn
        ? ` ${t('recommendation.revised', { number: number(one.revision), day: day(one.revisedOn) })}` : null);

// MARK: What can be done

function acts(one, context) {
    return h('p.actions', {}, isInsider() ? follow(one) : null,
        h('button', { type: 'button', onclick: () => print() }, t('print')),
        is('hr') ? h('a.button', { href: `#/employer/${one.id}` }, t(one.answer ? 'answer.change' : 'answer.give'))
            : null,
        is('coordinator') ? action(t('revision.begin'), async () => {
            const draft = await put(`${home()}/recommendations/${one.id}/revision`);
            context.go(`drafts/${draft.id}/edit`);
        }) : null,
        is('coordinator') && one.endorsement === 'open' ? closing(one, context) : null);
}

function closing(one, context) {
    return action(t('endorsement.close'), async () => {
        if (!await sure(t('endorsement.close.sure'), t('endorsement.close'))) return;
        const found = await put(`${home()}/recommendations/${one.id}/endorsement-closure`);
        await stay(context, t('support'), found.releasedAfter ? t('endorsement.close.later') : t('saved'));
    });
}

/** Nobody else learns who follows. */
function follow(one) {
    const path = `${home()}/recommendations/${one.id}/follow`;
    const text = () => t(one.following ? 'follow.end' : 'follow');
    const act = action(text(), async () => {
        await (one.following ? remove(path) : put(path));
        one.following = !one.following;
        act.querySelector('button').textContent = text();
        announce(t(one.following ? 'follow.on' : 'follow.off'));
    });
    return h('span', { title: t('follow.hint') }, act);
}

/** The anonymous yes or no, where this browser can give it; without it the rest is still there to be read. */
async function endorsed(one) {
    if (!isInsider() || !('endorsement.js' in files)) return null;
    try {
        return await (await load('endorsement.js')).endorsement(one);
    } catch (error) {
        return failure(error);
    }
}

// MARK: What it rests on, and what others say

function evidence(one) {
    if (one.evidence.length === 0) return null;
    const rows = one.evidence.map((cell) => ({ ...cell, label: nameOf(cell) }));
    const releases = [...new Map(one.evidence.map((cell) => [cell.release, cell.releaseNumber]))];
    return section(t('evidence'), h('p.hint', {}, t('evidence.what'), ' ',
        releases.map(([id, name], index) => [index > 0 ? ', ' : null,
        h('a', { href: `#/numbers/${id}` }, t('evidence.from', { number: number(name) }))])),
    bars(rows, `${one.title}: ${t('evidence')}`, { name: `chorus-recommendation-${one.number}`,
        columns: [{ name: t('release'), of: (row) => row.releaseNumber }] }));
}

/** A released cell in words. */
export const nameOf = (cell) => [cell.itemText, cell.unitName].filter(Boolean).join(' · ') || t('numbers.total');

function support(one) {
    if (!one.support) return one.endorsement === 'open' ? null : h('p.empty', {}, t('support.none'));
    const { yes, no, abstain, atLeast } = one.support;
    return h('p', {}, t('support.is', { yes: percent(yes), no: percent(no), atLeast: number(atLeast) }),
        ' ', t('support.abstain', { abstain: percent(abstain) }));
}

function answer(one) {
    const { answer: found } = one;
    if (!found) return section(t('answer'), h(one.overdue ? 'p.notice.late' : 'p.notice', {},
        one.overdue ? t('answer.overdue') : t('answer.none')));
    return section(t('answer'),
        h('p', {}, badge(t(`decision.${found.decision}`), { accepted: 'good', declined: 'bad' }[found.decision] ?? ''),
            t('answer.on', { day: day(found.answeredOn) })),
        found.revision < one.revision ? h('p.notice', {}, t('answer.earlier', { number: number(found.revision) }))
            : null,
        found.text.trim() === '' ? null : h('blockquote', {}, prose(found.text)),
        h('dl', {}, h('dt', {}, t('responsible')), h('dd', {}, found.responsible),
            h('dt', {}, t('dueOn')), h('dd', {}, found.dueOn ? day(found.dueOn) : t('dueOn.none'))));
}

function outcomes(one) {
    if (one.outcomes.length === 0) return one.answer ? section(t('outcomes'), h('p.empty', {}, t('outcomes.none')))
        : null;
    return section(t('outcomes'), h('ol.timeline', {}, one.outcomes.toSorted((first, second) =>
        first.on.localeCompare(second.on)).map((each) => h('li', {},
        h('p', {}, badge(t(`status.${each.status}`), { done: 'good', stopped: 'bad' }[each.status] ?? ''),
            day(each.on)), prose(each.text)))));
}

/** The expert panel and the advisory bodies. */
function opinions(one) {
    if (!one.review && one.consultation.length === 0) return null;
    return section(t('opinions'),
        one.review ? [h('h3', {}, t('review')), one.review.votes === null ? h('p', {}, t('review.few'))
            : h('p', {}, t('review.result', {
            votes: number(one.review.votes), quality: number(one.review.quality), effect: number(one.review.effect) })),
        one.review.ofEarlierText ? h('p.hint', {}, t('review.earlier')) : null] : null,
        one.consultation.map((each) => [h('h3', {}, each.body), h('p.soft', {}, day(each.on)),
            h('blockquote', {}, prose(each.text))]));
}
