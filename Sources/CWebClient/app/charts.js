// Diverging bars around a middle line: left what is rejected, right what is agreed to. Each chart has its table.

import { h, s } from './dom.js';
import { number, percent, t } from './i18n.js';

const bar = 26, line = 18, gap = 16;

/** Lines of at most so many letters, broken between words. */
function wrap(text, most) {
    return text.split(/\s+/).reduce((lines, word) => {
        const last = lines.at(-1);
        if (last !== '' && last.length + 1 + word.length > most) return [...lines, word];
        return [...lines.slice(0, -1), last === '' ? word : `${last} ${word}`];
    }, ['']);
}

/**
 * Stacked diverging bars, each below its words.
 * @param {{label: string, negative: number, neutral: number, positive: number, mean: number, atLeast: number}[]} rows
 * @param {string} title what is shown
 * @returns {HTMLElement} the picture, its table, and buttons that save both
 */
export function bars(rows, title) {
    // Drawn for the screen that it is on: a picture for a desk has letters of half a size on a telephone.
    const width = Math.max(280, Math.min(680, innerWidth - 48)), middle = width / 2;
    const picture = s('svg.chart', { role: 'img', 'aria-label': title });
    let y = 0;
    for (const row of rows) {
        for (const words of wrap(row.label, Math.floor(width / 8))) picture.append(s('text', { x: 0, y: (y += line) }, words));
        y += 6;
        // What is neither stands half on each side of the middle.
        let x = middle - (row.negative + row.neutral / 2) * middle;
        for (const kind of ['negative', 'neutral', 'positive']) {
            const size = row[kind] * middle;
            const part = s(`rect.${kind}`, { x, y, width: Math.max(0, size), height: bar });
            part.append(s('title', {}, `${row.label}: ${t(kind)} ${percent(row[kind])}`));
            picture.append(part);
            if (size > 34) picture.append(s('text.share', { x: x + size / 2, y: y + bar * 0.7, 'text-anchor': 'middle' }, percent(row[kind])));
            x += size;
        }
        picture.append(s('line.axis', { x1: middle, x2: middle, y1: y - 3, y2: y + bar + 3 }));
        y += bar + gap;
    }
    picture.append(s('text', { x: middle - 8, y: y + 4, 'text-anchor': 'end' }, `← ${t('negative')}`));
    picture.append(s('text', { x: middle + 8, y: y + 4 }, `${t('positive')} →`));
    picture.setAttribute('viewBox', `0 0 ${width} ${y + 12}`);
    return h('figure', {}, h('figcaption.visually-hidden', {}, title), picture, table(rows, title),
        h('p.actions', {},
            h('button', { type: 'button', onclick: () => save(csv(rows), 'text/csv', 'chorus.csv') }, t('saveTable')),
            h('button', { type: 'button', onclick: () => save(svgText(picture), 'image/svg+xml', 'chorus.svg') }, t('savePicture')),
            h('button', { type: 'button', onclick: () => png(picture) }, t('savePNG'))));
}

function table(rows, title) {
    return h('details', {}, h('summary', {}, t('asTable')), h('div.scroll', { tabindex: '0', role: 'region', 'aria-label': title },
        h('table', {}, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, t('what')),
            ['negative', 'neutral', 'positive', 'mean', 'atLeast'].map((name) => h('th.number', { scope: 'col' }, t(name))))),
        h('tbody', {}, rows.map((row) => h('tr', {}, h('th', { scope: 'row' }, row.label),
            ['negative', 'neutral', 'positive'].map((name) => h('td.number', {}, percent(row[name]))),
            h('td.number', {}, number(row.mean, 1)), h('td.number', {}, number(row.atLeast))))))));
}

/** RFC 4180, with a mark for spreadsheets; what begins like a formula is text. */
function csv(rows) {
    const quote = (text) => `"${String(text).replace(/^([=+\-@\t\r])/, "'$1").replaceAll('"', '""')}"`;
    const head = ['what', 'negative', 'neutral', 'positive', 'mean', 'atLeast'];
    const lines = rows.map((row) => [row.label, row.negative, row.neutral, row.positive, row.mean, row.atLeast]);
    return `\ufeff${[head, ...lines].map((line) => line.map(quote).join(',')).join('\r\n')}\r\n`;
}

/** The picture by itself, with the colours that it has here: a file has no style sheet. */
function svgText(picture) {
    const copy = picture.cloneNode(true);
    copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
    const shown = picture.querySelectorAll('*');
    copy.querySelectorAll('*').forEach((element, index) => {
        const style = getComputedStyle(shown[index]);
        for (const name of ['fill', 'stroke', 'font-size', 'font-family']) element.setAttribute(name, style.getPropertyValue(name));
    });
    return new XMLSerializer().serializeToString(copy);
}

async function png(picture) {
    const [, , w, hgt] = picture.getAttribute('viewBox').split(' ').map(Number);
    const image = new Image(w * 2, hgt * 2);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(picture))}`;
    await image.decode();
    const canvas = h('canvas', { width: w * 2, height: hgt * 2 });
    const context = canvas.getContext('2d');
    context.fillStyle = getComputedStyle(document.body).backgroundColor;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(blob, 'image/png', 'chorus.png'));
}

function save(content, type, name) {
    const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
    h('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
