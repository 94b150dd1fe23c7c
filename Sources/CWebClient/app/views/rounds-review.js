// Before a ballot is cast: what it says, in one look; afterwards it cannot be changed, by anybody.

import { h, replace } from '../dom.js';
import { day, t, time } from '../i18n.js';
import { announce, form, section } from '../ui.js';
import { isAlarm } from '../alarm.js';
import { say } from '../voice.js';
import { drop } from '../unsent.js';
import { why } from './channels-sent.js';

/** @param {object} parts of a ballot: `round`, `units`, `draft`, `draw`, `box`, `name` */
export function review(parts) {
    const { round, units, draft, draw } = parts;
    const change = (item) => h('button', {
        type: 'button', 'aria-label': `${t('ballot.change')}: ${item.text}`, onclick: () => draw('ask', item.id),
    }, t('ballot.change'));
    const answer = (item) => (draft.answers.has(item.id) ? t(`rating.${draft.answers.get(item.id)}`) : t('ballot.skip'));
    const place = units.find((one) => one.id === draft.unit)?.name ?? t('unit.none');
    const left = round.items.length - draft.answers.size;
    return h('div.no-print', {}, h('h2', {}, t('ballot.check')), h('p', {}, t('ballot.check.what')),
        left > 0 ? h('p.notice', {}, t('ballot.left', { count: left })) : null,
        h('dl.answers', {}, round.items.map((item) => h('div', {}, h('dt', {}, item.text), h('dd', {}, h('strong', {}, answer(item)), change(item)))),
            units.length > 0 ? h('div', {}, h('dt', {}, t('unit')), h('dd', {}, h('strong', {}, place))) : null),
        form({
            fields: [h('p.notice', {}, t('ballot.final'))], submit: t('vote'), kept: t('kept.ballot'), name: t('vote'), act: () => cast(parts),
            secondary: [h('button', { type: 'button', onclick: () => draw('ask') }, t('ballot.back'))],
        }));
}

async function cast({ name, round, draft, draw, box }) {
    const answers = [...draft.answers].map(([item, rating]) => ({ item, rating }));
    let entry;
    try {
        entry = await say({ ballot: { round: round.id, unit: draft.unit || null, answers } });
    } catch (error) {
        if (isAlarm(error)) return draw('review');
        throw error.code === 'no-token' ? Object.assign(error, { code: 'no-ballot' }) : error;
    }
    drop(name);
    replace(box, done(entry, round));
    const heading = box.querySelector('h1');
    heading.setAttribute('tabindex', '-1');
    heading.focus();
    scrollTo(0, 0);
    announce('');
    return undefined;
}

/** What became of it. */
function done(entry, round) {
    const title = { waiting: 'voted.waiting', refused: 'voted.refused' }[entry.state] ?? 'voted';
    return h('div', {}, h('h1', {}, t(title)),
        entry.state === 'waiting' || entry.state === 'refused' ? h('p.notice', {}, why(entry)) : null,
        entry.state === 'waiting' ? h('p', {}, t('voted.waiting.what', { day: day(round.closesAt.slice(0, 10)) })) : null,
        entry.state === 'acknowledged' && entry.mixedAfter ? h('p', {}, t('outbox.mixed', { time: time(entry.mixedAfter) })) : null,
        entry.state === 'refused' ? null : section(t('voted.after'), h('p', {}, t('voted.next')), h('p', {}, t('voted.noCode'))),
        h('p.actions', {}, h('a.button', { href: '#/rounds' }, t('rounds')), h('a.button', { href: '#/' }, t('home'))));
}
