// The members: who they are to the network, what they may do, and the end of it. Seen by coordinators only.

import { h, replace } from '../dom.js';
import { get, list } from '../api.js';
import { number, t } from '../i18n.js';
import { announce, badge, field } from '../ui.js';
import { home } from '../session.js';
import { person } from './desk-person.js';

const perPage = 25;
const roles = ['member', 'organiser', 'moderator', 'coordinator', 'hr', 'council'];

export async function show() {
    const [members, { items: units }] = await Promise.all([list(`${home()}/memberships`, 100_000), get(`${home()}/units`)]);
    members.sort((a, b) => a.displayName.localeCompare(b.displayName));
    const results = h('div', {});
    const wish = { words: '', role: '', unit: '', page: 0 };
    const draw = (changes, isTurn = false) => {
        Object.assign(wish, { page: 0 }, changes);
        fill(results, members, units, wish, draw, isTurn);
    };
    draw({});
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.people')), h('p', {}, t('people.what')), filters(units, draw), results);
}

function filters(units, draw) {
    let pause = 0;
    const words = field(t('people.find'), { type: 'search', autocomplete: 'off', oninput: (event) => {
        clearTimeout(pause);
        pause = setTimeout(() => draw({ words: event.target.value }), 250);
    } });
    const role = field(t('people.role'), { tag: 'select', onchange: (event) => draw({ role: event.target.value }),
        options: [['', t('people.role.any')], ...roles.map((one) => [one, t(`role.${one}`)])] });
    const unit = field(t('unit'), { tag: 'select', onchange: (event) => draw({ unit: event.target.value }),
        options: [['', t('people.unit.any')], ['none', t('unit.none')], ...units.map((one) => [one.id, one.name])] });
    return h('form.row.wide', { role: 'search', 'aria-label': t('people.filters'), onsubmit: (event) => event.preventDefault() },
        words.box, role.box, units.length > 0 ? unit.box : null);
}

const fits = (one, { words, role, unit }) => one.displayName.toLowerCase().includes(words.trim().toLowerCase())
    && (role === '' || one.roles.includes(role)) && (unit === '' || (one.unit ?? 'none') === unit);

function fill(results, members, units, wish, draw, isTurn) {
    const found = members.filter((one) => fits(one, wish));
    const pages = Math.max(1, Math.ceil(found.length / perPage)), page = Math.min(wish.page, pages - 1);
    const heading = h('h2', { tabindex: '-1' }, t('people.count', { count: found.length }));
    const gone = (one, text) => {
        members.splice(members.indexOf(one), 1);
        draw({ page }, true);
        announce(text);
    };
    const turn = (to, label) => (to < 0 || to >= pages ? null
        : h('button', { type: 'button', onclick: () => draw({ page: to }, true) }, t(label)));
    replace(results, heading,
        found.length === 0 ? h('p.empty', {}, t('people.none')) : h('ul.cards', {},
            found.slice(page * perPage, (page + 1) * perPage).map((one) => h('li', {}, card(one, units, gone)))),
        pages === 1 ? null : h('div.actions', { role: 'group', 'aria-label': t('pages') }, turn(page - 1, 'page.previous'),
            h('span', {}, t('page.of', { page: number(page + 1), pages: number(pages) })), turn(page + 1, 'page.next')));
    if (isTurn) heading.focus();
    else if (results.isConnected) announce(heading.textContent);
}

function card(one, units, gone) {
    const facts = h('p', {}), panel = h('div', {});
    const draw = () => replace(facts, one.roles.filter((role) => role !== 'member').map((role) => badge(t(`role.${role}`))),
        one.state === 'suspended' ? badge(t('people.suspended'), 'bad') : null,
        units.find((unit) => unit.id === one.unit)?.name ?? (units.length > 0 ? t('unit.none') : null));
    draw();
    return h('article', {}, h('h3', {}, one.displayName), facts,
        h('details', { ontoggle: (event) => {
            if (event.target.open && panel.childElementCount === 0) replace(panel, person(one, { units, roles, draw, gone }));
        } }, h('summary', {}, t('people.change'), h('span.visually-hidden', {}, `: ${one.displayName}`)), panel));
}
