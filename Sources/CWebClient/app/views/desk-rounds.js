// Rounds: which there are, and the way to a new one and to each.

import { h } from '../dom.js';
import { list } from '../api.js';
import { day, number, t } from '../i18n.js';
import { badge, items, section } from '../ui.js';
import { load } from '../integrity.js';
import { home } from '../session.js';

const order = ['draft', 'open', 'closing', 'closed'];

export async function show([id], context) {
    if (id === 'new') return (await load('views/desk-round-new.js')).show(context);
    if (id) return (await load('views/desk-round.js')).show(id, context);
    const all = await list(`${home()}/rounds`);
    all.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.closesAt.localeCompare(a.closesAt));
    const current = all.filter((one) => one.state !== 'closed'), past = all.filter((one) => one.state === 'closed');
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.rounds')), h('p', {}, t('desk.rounds.lead')),
        h('p', {}, h('a.button.primary', { href: '#/desk/rounds/new' }, t('round.new'))),
        section(t('rounds.current'), items(current, card, t('rounds.none'))),
        past.length > 0 ? section(t('rounds.past'), items(past, card, '')) : null);
}

function card(one) {
    return h('article', {}, h('h3', {}, h('a', { href: `#/desk/rounds/${one.id}` }, one.title)),
        h('p', {}, badge(t(`round.${one.state}`), one.state === 'open' ? 'good' : ''),
            t('round.span', {
                from: day(one.opensAt.slice(0, 10)), to: day(one.closesAt.slice(0, 10)),
                count: one.items.length, number: number(one.items.length),
            })),
        one.release ? h('p', {}, h('a', { href: `#/numbers/${one.release}` }, t('desk.round.numbers'))) : null);
}
