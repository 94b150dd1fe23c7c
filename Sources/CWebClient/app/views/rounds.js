// Rounds: what is asked and by which rules, then the questions. While somebody answers, address and title say nothing.

import { h } from '../dom.js';
import { get, list } from '../api.js';
import { day, t } from '../i18n.js';
import { badge, items } from '../ui.js';
import { home } from '../session.js';
import { voice, watch } from '../voice.js';
import { ballot } from './rounds-ballot.js';
import { standing } from './rounds-rules.js';

export async function show([id]) {
    if (id) return ballot(await get(`${home()}/rounds/${id}`), (await get(`${home()}/units`)).items);
    const rounds = (await list(`${home()}/rounds`)).filter((one) => one.state !== 'draft').toReversed();
    const isOpen = (one) => one.state === 'open';
    const open = await cards(rounds.filter(isOpen));
    const over = await cards(rounds.filter((one) => !isOpen(one)));
    return h('div', {}, h('h1', {}, t('rounds')), h('p.lead', {}, t('rounds.what')),
        h('h2', {}, t('rounds.open')), items(open, (one) => one, t('rounds.open.none')),
        over.length > 0 ? [h('h2', {}, t('rounds.over')), items(over, (one) => one, '')] : null);
}

const cards = (rounds) => Promise.all(rounds.map(card));

async function card(round) {
    const isOpen = round.state === 'open';
    return h('article', {}, h('h3', {}, round.title),
        h('p', {}, badge(t(`round.${round.state}`), isOpen ? 'good' : ''),
            t(isOpen ? 'round.until' : 'round.since', { day: day(round.closesAt.slice(0, 10)) })),
        isOpen ? await mine(round) : h('p', {}, t(round.release ? 'round.counted' : `round.${round.state}.what`)),
        isOpen ? h('p', {}, h('a', { href: `#/rounds/${round.id}`, 'aria-label': `${t('round.look')}: ${round.title}` }, t('round.look'))) : null,
        round.release ? h('p', {}, h('a', { href: `#/numbers/${round.release}` }, t('round.numbers'))) : null);
}

/** Whether there is a ballot here. */
async function mine(round) {
    const line = h('p', {});
    const draw = async () => { line.textContent = standing(await (await voice()).standing('ballot', round.id)); };
    await draw();
    return watch(line, draw);
}
