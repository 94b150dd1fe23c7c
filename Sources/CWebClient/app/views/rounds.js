// Rounds: what is asked and by which rules, then one question after the other.

import { h, replace } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, t } from '../i18n.js';
import { badge, items, section } from '../ui.js';
import { receipt } from '../receipt.js';
import { voice } from '../voice.js';
import { home, network } from '../session.js';

export async function show([id]) {
    if (id) return ballot(id);
    const rounds = (await list(`${home()}/rounds`)).filter((one) => one.state !== 'draft').toReversed();
    return h('div', {}, h('h1', {}, t('rounds')), items(rounds, (one) => h('article', {},
        h('h3', {}, one.state === 'open' ? h('a', { href: `#/rounds/${one.id}` }, one.title) : one.title),
        h('p', {}, badge(t(`round.${one.state}`)), t('round.until', { day: day(one.closesAt.slice(0, 10)) })),
        one.release ? h('p', {}, h('a', { href: `#/numbers/${one.release}` }, t('numbers'))) : null), t('rounds.none')));
}

async function ballot(id) {
    const [round, units, client] = [await get(`${home()}/rounds/${id}`), await list(`${home()}/units`), await voice()];
    history.replaceState(null, '', '/');
    document.title = 'Chorus';
    const { k, d, minSet } = network().thresholds;
    const box = h('div', {});
    const canVote = await client.tokenCount(id) > 0;
    const start = h('button.primary', { type: 'button', onclick: () => ask(box, round, units, client) }, t('round.start'));
    return replace(box, h('h1', {}, round.title),
        h('p', {}, t('round.until', { day: day(round.closesAt.slice(0, 10)) })),
        section(t('round.rules'), h('ul', {},
            h('li', {}, t('round.rule.once')), h('li', {}, t('round.rule.k', { k: number(k) })),
            h('li', {}, t('round.rule.d', { d: number(d) })), h('li', {}, t('round.rule.minSet', { minSet: number(minSet) })),
            h('li', {}, t(`round.rule.${round.scheme}`)), h('li', {}, t('round.rule.unit')))),
        h('p.notice', {}, t('device')),
        canVote ? h('p.actions', {}, start) : h('p.failure', {}, t('error.no-ballot')));
}

function ask(box, round, units, client) {
    const answers = new Map();
    const unit = h('select', { id: 'ballot-unit' }, h('option', { value: '' }, t('unit.none')), units.map((one) => h('option', { value: one.id }, one.name)));
    const progress = h('progress', { max: round.items.length, value: 0, 'aria-label': t('round.progress') });
    const done = h('p', { role: 'status' }, t('round.done', { done: 0, all: round.items.length }));
    const questions = round.items.map((item) => h('fieldset', {}, h('legend', {}, item.text),
        h('div.scale', {}, [1, 2, 3, 4, 5].map((rating) => h('label', {},
            h('input', { type: 'radio', name: item.id, value: rating, onchange: () => {
                answers.set(item.id, rating);
                progress.value = answers.size;
                replace(done, t('round.done', { done: answers.size, all: round.items.length }));
            } }), `${rating} ${t(`rating.${rating}`)}`)))));
    const result = h('div', {});
    const next = h('button.primary', { type: 'button', onclick: () => {
        if (answers.size === 0) return questions[0].querySelector('input').focus();
        const content = { ballot: { round: round.id, unit: unit.value || null, answers: [...answers].map(([item, rating]) => ({ item, rating })) } };
        return replace(result, receipt(async (code) => {
            const entry = await client.submit(content, code);
            replace(box, h('h1', {}, t('voted')), h('p', {}, t(`outbox.${entry.state}`)), h('p', {}, t('voted.next')),
                h('p', {}, h('a', { href: '#/' }, t('home'))));
        }, t('vote')));
    } }, t('continue'));
    replace(box, h('h1', { tabindex: '-1' }, round.title), progress, done, questions,
        h('div.field', {}, h('label', { for: 'ballot-unit' }, t('unit')), h('p.hint', {}, t('unit.ballot.hint')), unit),
        h('p.actions', {}, next), result);
    box.querySelector('h1').focus();
}
