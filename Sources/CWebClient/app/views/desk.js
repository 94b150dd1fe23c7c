// The coordinator's desk: what waits, and a way to each thing that a network is run with.

import { h } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, t } from '../i18n.js';
import { section } from '../ui.js';
import { load } from '../integrity.js';
import { home, is } from '../session.js';

/** In the order of how often they are needed; what is rarely needed is loaded when it is. */
const parts = ['joining', 'people', 'rounds', 'channels', 'units', 'settings', 'digest', 'papers', 'towns'];

export async function show([part, ...rest], context) {
    if (!parts.includes(part)) return overview();
    const content = await (await load(`views/desk-${part}.js`)).show(rest, context);
    return h('div', {}, rest.length > 0 ? null : h('p.no-print', {}, h('a', { href: '#/desk' }, t('desk.back'))), content);
}

async function overview() {
    const waiting = await tasks();
    const link = (href, name, what) => h('li', {}, h('h3', {}, h('a', { href }, name)), h('p', {}, what));
    return h('div', {}, h('h1', {}, t('desk')),
        section(t('desk.waiting'), waiting.length === 0 ? h('p.empty', {}, t('desk.waiting.none'))
            : h('ul.cards', {}, waiting.map(([href, text]) => h('li', {}, h('a', { href }, text))))),
        section(t('desk.parts'), h('ul.cards.tiles', {},
            parts.map((one) => link(`#/desk/${one}`, t(`desk.${one}`), t(`desk.${one}.what`))),
            link('#/drafts', t('drafts'), t('desk.drafts.what')),
            is('moderator') ? link('#/moderation', t('moderation'), t('desk.moderation.what')) : null,
            link('#/council', t('council'), t('desk.council.what')))));
}

/** What somebody should look at, each with the place where it is done. */
async function tasks() {
    const [requests, rounds, duty] = await Promise.all([
        list(`${home()}/join-requests`, 200), list(`${home()}/rounds`, 200), get(`${home()}/answer-duty`),
    ]);
    const open = requests.filter((one) => one.decision === null).length;
    const past = rounds.filter((one) => one.state === 'open' && Date.parse(one.closesAt) < Date.now());
    return [
        open > 0 ? ['#/desk/joining', t('desk.waiting.requests', { count: open })] : null,
        ...past.map((one) => [`#/desk/rounds/${one.id}`, t('desk.waiting.close', { title: one.title, day: day(one.closesAt.slice(0, 10)) })]),
        ...rounds.filter((one) => one.state === 'draft').map((one) => [`#/desk/rounds/${one.id}`, t('desk.waiting.draft', { title: one.title })]),
        duty.overdue > 0 ? ['#/recommendations', t('desk.waiting.overdue', { count: duty.overdue, days: number(duty.longestDelayDays) })] : null,
    ].filter(Boolean);
}
