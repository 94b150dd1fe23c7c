// Before the first question: who counts, what becomes of the answers, and whether there is a ballot on this device.

import { h, replace } from '../dom.js';
import { day, number, t } from '../i18n.js';
import { section } from '../ui.js';
import { network } from '../session.js';
import { isFetching, voice, watch } from '../voice.js';

/** Where somebody stands with a ballot, in a sentence. @param {{state: string}} found by `AnonymousClient.standing` */
export const standing = ({ state }) => t(`ballot.${state === 'unfetched' && isFetching() ? 'fetching' : state}`);

/** @param {object} round @param {function(): void} start @param {boolean} isBegun whether there are answers already */
export async function rules(round, start, isBegun) {
    const { k, d, minSet } = network().thresholds;
    const rule = (name, values) => h('li', {}, t(`round.rule.${name}`, values));
    return h('div', {},
        h('p.lead', {}, t('round.asks', { count: round.items.length }), ' ', t('round.until', { day: day(round.closesAt.slice(0, 10)) })),
        section(t('round.rules'), h('ul', {},
            rule('once'), rule('final'), rule('k', { k: number(k) }), rule('d', { d: number(d) }),
            rule('minSet', { minSet: number(minSet) }), rule(round.scheme), rule('unit'), rule('hr'))),
        h('p.notice', {}, t('device')),
        await gate(round, start, isBegun));
}

/** The way to the questions, or why there is none; drawn anew when that changes. */
async function gate(round, start, isBegun) {
    const box = h('div', {});
    let before = null;
    const draw = async () => {
        const found = await (await voice()).standing('ballot', round.id);
        const signature = JSON.stringify([standing(found), found.key?.granted]);
        if (signature === before) return;
        before = signature;
        const isSmall = found.key !== null && found.key.granted < found.key.minSet;
        replace(box, h(`p${found.state === 'ready' ? '' : '.notice'}`, { role: 'status' }, standing(found)),
            isSmall && ['ready', 'waiting'].includes(found.state)
                ? h('p.notice', {}, t('ballot.small', { granted: number(found.key.granted), minSet: number(found.key.minSet), day: day(found.key.redeemTo) })) : null,
            found.state === 'ready'
                ? h('p.actions', {}, h('button.primary', { type: 'button', onclick: start }, t(isBegun ? 'round.goOn' : 'round.start')))
                : h('p', {}, h('a', { href: '#/channels' }, t('outbox.home.see'))));
        if (!['ready', 'waiting', 'refused'].includes(found.state)) box.lastChild.remove();
    };
    await draw();
    return watch(box, draw);
}
