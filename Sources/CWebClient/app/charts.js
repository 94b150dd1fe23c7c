// Pictures of released numbers: bars around a middle line, left what is rejected, right what is agreed to; and lines
// through releases. They are drawn for the width that they have, so that letters keep their size on a telephone.

import { s } from './dom.js';
import { number, percent, t } from './i18n.js';
import { figure, wrap } from './charts-figure.js';

const bar = 28, line = 19, gap = 20;
const kinds = ['negative', 'neutral', 'positive'];

/** How far bars reach from the middle, in shares: the same for charts that are compared with each other. */
export const reach = (rows) => Math.max(0.6, ...rows.map((row) => Math.max(row.negative,
    row.positive) + row.neutral / 2));

/**
 * Stacked diverging bars, each with its words.
 * @param {{label: string, negative: number, neutral: number, positive: number, mean: number, atLeast: number}[]} rows
 * @param {string} title what is shown
 * @param {object} [options] `extent` as of `reach`, `name` of saved files, `columns` in front of the saved table's own
 * @returns {HTMLElement} the picture, its table, and buttons that save both
 */
export function bars(rows, title, { extent = reach(rows), name = 'chorus', columns = [] } = {}) {
    return figure({ rows, title, name, columns, draw: (picture, width) => drawBars(picture, width, rows, extent) });
}

function drawBars(picture, width, rows, extent) {
    const isWide = width >= 620;
    const left = isWide ? Math.round(width * 0.4) : 0;
    const middle = left + (width - left) / 2, scale = (width - left) / 2 / extent;
    let y = 2;
    for (const row of rows) {
        const words = wrap(row.label, Math.floor((isWide ? left - 16 : width) / 8));
        words.forEach((each, index) => picture.append(s('text', { x: 0, y: y + line * (index + 1) - 4 }, each)));
        const top = isWide ? y : y + line * words.length + 3;
        drawBar(picture, row, middle, top, scale);
        picture.append(s('text.note', { x: left, y: top + bar + 17 }, note(row)));
        y = Math.max(top + bar + 20, y + line * words.length) + gap;
    }
    drawAxis(picture, rows, middle, y - gap + 18);
    return y + 12;
}

const note = (row) => `${t('mean')} ${number(row.mean, 1)} · ${t('voices', { count: row.atLeast })}`;

/** What is neither stands half on each side of the middle. */
function drawBar(picture, row, middle, top, scale) {
    let x = middle - (row.negative + row.neutral / 2) * scale;
    for (const kind of kinds) {
        const size = row[kind] * scale;
        if (size > 0) picture.append(s(`rect.${kind}`, { x, y: top, width: size, height: bar },
            s('title', {}, `${row.label}: ${t(kind)} ${percent(row[kind])}`)));
        if (size > 31) picture.append(s('text.share', { x: x + size / 2, y: top + bar * 0.68, 'text-anchor': 'middle' },
            percent(row[kind])));
        x += size;
    }
    for (const [y1, y2] of [[top - 5, top], [top + bar, top + bar + 5]]) picture.append(s('line.axis',
        { x1: middle, x2: middle, y1, y2 }));
}

function drawAxis(picture, rows, middle, y) {
    if (rows.length === 0) return;
    picture.append(s('text', { x: middle - 10, y, 'text-anchor': 'end' }, `← ${t('negative')}`),
        s('text', { x: middle + 10, y }, `${t('positive')} →`));
}

/**
 * Lines of what is agreed to and what is rejected, from release to release.
 * @param {{label: string, short: string, negative: number, neutral: number, positive: number}[]} points in order of time
 * @param {string} title
 * @param {object} [options] as of `bars`
 */
export function lines(points, title, { name = 'chorus', columns = [] } = {}) {
    return figure({ rows: points, title, name, columns, draw: (picture, width) => drawLines(picture, width, points) });
}

function drawLines(picture, width, points) {
    const names = Math.max(...['positive', 'negative'].map((kind) => t(kind).length)) + 6;
    const left = 54, right = width - Math.min(width * 0.4, names * 7.8 + 6), top = 14, bottom = 210;
    const x = (index) => left + 14 + (points.length === 1 ? 0 : index * (right - left - 24) / (points.length - 1));
    const y = (share) => bottom - share * (bottom - top);
    for (const share of [0, 0.25, 0.5, 0.75, 1]) {
        picture.append(s('line.grid', { x1: left, x2: right, y1: y(share), y2: y(share) }),
            s('text.note', { x: left - 8, y: y(share) + 4, 'text-anchor': 'end' }, percent(share)));
    }
    const step = Math.ceil(points.length * 62 / Math.max(1, right - left));
    points.forEach((point, index) => {
        if ((points.length - 1 - index) % step !== 0) return;
        picture.append(s('text.note', { x: x(index), y: bottom + 20, 'text-anchor': 'middle' }, point.short));
    });
    drawLine(picture, points.map((point, index) => [x(index), y(point.negative)]), 'negative');
    drawLine(picture, points.map((point, index) => [x(index), y(point.positive)]), 'positive');
    nameLines(picture, points.at(-1), right + 4, y);
    return bottom + 34;
}

/** Rejection dashed and with squares, agreement whole and with circles: told apart without colours too. */
function drawLine(picture, places, kind) {
    picture.append(s(`polyline.${kind}`, { points: places.map((one) => one.join(',')).join(' ') }));
    for (const [x, y] of places) {
        picture.append(kind === 'positive' ? s(`circle.${kind}`, { cx: x, cy: y, r: 6 })
            : s(`rect.${kind}`, { x: x - 5.5, y: y - 5.5, width: 11, height: 11 }));
    }
}

/** At the end of each line its name; apart from each other where the lines meet. */
function nameLines(picture, last, x, y) {
    const places = [['positive', y(last.positive)],
        ['negative', y(last.negative)]].toSorted((one, other) => one[1] - other[1]);
    const apart = Math.max(0, 20 - (places[1][1] - places[0][1])) / 2;
    places.forEach(([kind, place], index) => picture.append(
        s('text.note', { x, y: place + 5 + (index === 0 ? -apart : apart) }, `${percent(last[kind])} ${t(kind)}`)));
}
