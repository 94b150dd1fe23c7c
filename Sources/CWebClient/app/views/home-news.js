// News: what happened that concerns me, what of it I have not read, and until where I have.

import { h, replace } from '../dom.js';
import { get, put } from '../api.js';
import { t, when } from '../i18n.js';
import { action, announce, badge, section } from '../ui.js';
import { picture } from '../pictures.js';
import * as session from '../session.js';

const place = {
    answer: 'recommendations', outcome: 'recommendations', release: 'numbers', 'event-cancelled': 'events', 'event-moved': 'events',
    seat: 'events', 'round-opened': 'rounds', 'round-closing': 'rounds',
};
const few = 5;

/** @param {{go: function(string): void}} context @returns {Promise<HTMLElement>} */
export async function news({ go }) {
    const box = h('div', {});
    const heading = h('h2', { id: 'news', tabindex: '-1' }, picture('news'), t('home.news'));
    let page = await get(`/me/news?limit=${few}`);
    const all = [...page.items];
    const read = async () => {
        // Up to the latest that was shown: what came in the meantime stays new.
        await put('/me/news/read', { until: all[0].at });
        for (const one of all) one.read = true;
        draw();
        heading.focus();
        announce(t('news.read.done'));
    };
    const older = async () => {
        const before = all.length;
        page = await get(`/me/news?limit=20&after=${encodeURIComponent(page.next)}`);
        all.push(...page.items);
        draw();
        box.querySelectorAll('li a, li button')[before]?.focus();
        announce(t('more.came', { count: page.items.length }));
    };
    const draw = () => {
        if (all.length === 0) return replace(box, h('p.empty', {}, t(session.isInsider() ? 'news.none' : 'news.none.record')));
        return replace(box, h('ul.news', {}, all.map((one) => h('li', { class: one.read ? null : 'unread' }, row(one, go)))),
            h('p.actions', {}, all.some((one) => !one.read) ? action(t('news.read'), read) : null, page.next === null ? null : action(t('news.older'), older)));
    };
    draw();
    return h('section', { 'aria-labelledby': 'news' }, heading, box);
}

function row(one, go) {
    // What concerns one's own account has no title, and is where one can act.
    const isOwn = !(one.kind in place);
    const path = isOwn ? 'me/security' : `${place[one.kind]}/${one.subject}`;
    const title = isOwn ? t('news.security') : one.title;
    const isHere = one.network === session.network()?.id;
    const name = session.networks().find((each) => each.id === one.network)?.name;
    return [
        one.read ? null : badge(t('news.new'), 'good'), t(`news.${one.kind}`), h('br'),
        isHere || isOwn ? h('a', { href: `#/${path}` }, title) : h('button', { type: 'button', onclick: async () => {
            await session.enter(one.network);
            go(path);
        } }, title),
        h('span.hint', {}, ` ${[isHere ? null : name, when(one.at)].filter(Boolean).join(' · ')}`),
    ];
}
