// One round: whether it may be asked, in plain words before it opens, and the two steps that cannot be undone.

import { h, replace } from '../dom.js';
import { get, list, put } from '../api.js';
import { language, number, t, when } from '../i18n.js';
import { announce, badge, failure, section, sure } from '../ui.js';
import { home, network } from '../session.js';
import { admission, refused } from './desk-admission.js';

export async function show(id, { show: again }) {
    const path = `${home()}/rounds/${id}`;
    const [round, channels] = await Promise.all([get(path), list(`${home()}/channels`)]);
    const event = round.audience.event ? await get(`${home()}/events/${round.audience.event}`).catch(() => null) : null;
    const themes = new Map(channels.flatMap((one) => one.themes).map((one) => [one.id, one]));
    return h('div', {}, h('p', {}, h('a', { href: '#/desk/rounds' }, t('rounds.all'))), h('h1', { tabindex: '-1' }, round.title),
        h('p', {}, badge(t(`round.${round.state}`), round.state === 'open' ? 'good' : ''),
            t('round.times', { from: when(round.opensAt), to: when(round.closesAt) })),
        h('dl', {}, h('dt', {}, t('round.audience')),
            h('dd', {}, round.audience.kind === 'network' ? t('round.audience.network') : t('round.audience.guests', { title: event?.title ?? '' })),
            h('dt', {}, t('round.scheme')), h('dd', {}, t(`round.scheme.${round.scheme}`), h('p.hint', {}, t(`round.scheme.${round.scheme}.what`)))),
        h('details', { open: round.state === 'draft' }, h('summary', {}, t('round.items.count', { count: round.items.length })),
            h('ol', {}, round.items.map((one) => h('li', {}, one.text, themeOf(one, themes))))),
        ['draft', 'open'].includes(round.state) ? h('p', {}, h('a', {
            href: `/v1${path}/notice?language=${language()}`, target: '_blank', rel: 'noopener',
        }, t('round.notice')), `: ${t('round.notice.what')}`) : null,
        await step(round, path, again));
}

function themeOf({ theme }, themes) {
    const found = themes.get(theme);
    return found ? [' ', badge(found.name), found.sensitive ? badge(t('theme.sensitive')) : null] : null;
}

function step(round, path, again) {
    if (round.state === 'draft') return opening(round, path, again);
    if (round.state === 'open') return closing(path, again);
    if (round.state === 'closing') return section(t('round.closing'), h('p.notice', {}, t('desk.round.counting')));
    return section(t('round.closed'), round.release ? h('p', {}, h('a', { href: `#/numbers/${round.release}` }, t('desk.round.numbers')))
        : h('p.empty', {}, t('round.closed.empty')));
}

async function opening(round, path, again) {
    const { k, d, minSet } = network().thresholds;
    const check = await admission(path, again);
    const result = h('div', {});
    const button = h('button.primary', { type: 'button', 'aria-disabled': check.isRefused ? 'true' : null, onclick: async () => {
        if (button.getAttribute('aria-disabled') === 'true') return check.isRefused ? announce(t('round.open.refused'), true) : undefined;
        if (!await sure(t('round.open.sure'), t('round.open.now'))) return undefined;
        button.setAttribute('aria-disabled', 'true');
        replace(result);
        try {
            await put(`${path}/opening`);
            await again();
            return announce(t('round.opened'));
        } catch (error) {
            replace(result, failure(error), refused(error));
            button.removeAttribute('aria-disabled');
            return button.focus();
        }
    } }, t('round.open.now'));
    return section(t('round.before'), h('p', {}, t('round.before.what')), check.box,
        h('h3', {}, t('thresholds')), h('p', {}, t('round.thresholds', { k: number(k), d: number(d), minSet: number(minSet) })),
        result, h('p.actions', {}, button));
}

function closing(path, again) {
    const result = h('div', {});
    return section(t('round.ending'), h('p', {}, t('round.ending.what')), result, h('p.actions', {}, h('button.primary', {
        type: 'button', onclick: async (event) => {
            if (!await sure(t('round.close.sure'), t('round.close.do'))) return;
            try {
                const found = await put(`${path}/closure`);
                await again();
                announce(found.releasedAfter ? t('round.close.later') : t('round.close.done'));
            } catch (error) {
                replace(result, failure(error));
                event.target.focus();
            }
        },
    }, t('round.close.do'))));
}
