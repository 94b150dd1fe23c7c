// The same question through all releases that have it, and how much of a difference rounding alone could make.

import { h, replace } from '../dom.js';
import { get, list } from '../api.js';
import { day, number, percent, t } from '../i18n.js';
import { announce, failure, field } from '../ui.js';
import { lines } from '../charts.js';
import { source } from './numbers.js';
import { meaning } from './numbers-meaning.js';
import { slug } from './numbers-release.js';

/** So many releases are looked at: older ones say little about today. */
const most = 24;

export async function show() {
    const releases = (await list(`${source()}/releases`, most)).slice(0, most).toReversed();
    const read = (name) => Promise.all(releases.map((one) => get(`${source()}/releases/${one.id}/tables/${name}`)));
    const whole = points(releases, await read('item'));
    const units = await unitsOf(releases);
    const content = h('div', {});
    let parts = null;
    const draw = async (unit) => {
        if (unit) parts ??= points(releases, await read('item-unit'));
        replace(content, charts(unit ? parts.filter((one) => one.unit === unit) : whole));
    };
    const choose = () => draw(choice.input.value).then(() => announce(t('numbers.shown')),
        (error) => replace(content, failure(error)));
    const choice = field(t('trend.of'), { tag: 'select', options: [['', t('trend.all')], ...units], onchange: choose });
    await draw('');
    return h('div', {}, h('p', {}, h('a', { href: '#/numbers' }, t('numbers.all'))), h('h1', {}, t('trend')),
        h('p', {}, t('trend.what')), units.length > 0 ? choice.box : null, content,
        meaning({ k: Math.max(0, ...releases.map((one) => one.k)) || null,
            isStrict: releases.some((one) => one.scheme === 'S2') }));
}

/** Of the newest release that has any: a unit that is gone has no trend to go on. */
async function unitsOf(releases) {
    for (const one of releases.toReversed()) {
        const { cells } = await get(`${source()}/releases/${one.id}/tables/item-unit`);
        const found = new Map(cells.filter((cell) => cell.unit).map((cell) => [cell.unit, cell.unitName]));
        if (found.size > 0) return [...found];
    }
    return [];
}

const points = (releases, tables) => tables.flatMap((table, index) => table.cells.map((cell) => ({
    ...cell, closedOn: releases[index].closedOn, number: releases[index].number, kind: releases[index].kind,
    label: t('release.named', { number: number(releases[index].number), day: day(releases[index].closedOn) }),
    short: t('release.short', { number: number(releases[index].number) }),
})));

/** Questions are the same when their words are: a question asked anew has another id. */
function charts(all) {
    const some = [...Map.groupBy(all, (one) => `${one.kind}\n${one.itemText}`).values()].filter((one) =>
        one.length > 1);
    if (some.length === 0) return h('p.empty', {}, t('trend.none'));
    return some.map((one) => h('section', { 'aria-label': one[0].itemText }, h('h2', {}, one[0].itemText),
        h('p', {}, change(one[0], one.at(-1), 'positive')), h('p', {}, change(one[0], one.at(-1), 'negative')),
        lines(one, one[0].itemText, { name: `chorus-trend-${slug(one[0].itemText)}`, columns: [
            { name: t('release'), of: (row) => row.number }, { name: t('day'), of: (row) => row.closedOn },
            { name: t('question'), of: (row) => row.itemText },
        ] })));
}

/** In words, from the first to the last; small differences may come from rounding and noise alone. */
function change(first, last, kind) {
    const points = Math.round((last[kind] - first[kind]) * 100);
    const margin = Math.ceil((step(first) + step(last)) / 2) + noise(first) + noise(last);
    const values = { kind: t(kind), from: percent(first[kind]), to: percent(last[kind]),
        points: number(Math.abs(points)), margin: number(margin) };
    if (Math.abs(points) <= margin) return t('change.unclear', values);
    return t(points > 0 ? 'change.up' : 'change.down', values);
}

/** Shares are rounded to five points below fifty answers, else to one (the contract of releases). */
const step = (cell) => (cell.atLeast < 50 ? 5 : 1);

/** How many points noise moves a share by at most, in 95 of 100 cases. */
function noise({ noise: found }) {
    if (!found) return 0;
    const count = found.negative + found.neutral + found.positive;
    return count > 0 ? Math.min(100, Math.ceil(100 * found.error / count)) : 100;
}
