// A picture with its table, and both as files. A file carries its own colours: bright ones, whatever the screen shows.

import { append, h, s } from './dom.js';
import { number, percent, t } from './i18n.js';

const styles = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'font-size', 'font-weight'];

/** Lines of at most so many letters, broken between words. */
export function wrap(text, most) {
    return text.split(/\s+/).reduce((lines, word) => {
        const last = lines.at(-1);
        if (last !== '' && last.length + 1 + word.length > most) return [...lines, word];
        return [...lines.slice(0, -1), last === '' ? word : `${last} ${word}`];
    }, ['']);
}

/**
 * @param {object} chart `rows` of numbers, `title`, `name` of files, `columns` in front of the saved table's own,
 *     `draw(picture, width)`, which answers the height
 * @returns {HTMLElement}
 */
export function figure(chart) {
    const picture = s('svg.chart', { role: 'img', 'aria-label': `${chart.title}. ${t('chart.table')}` });
    const width = Math.max(240, Math.min(900, innerWidth - 32));
    paint(picture, chart, width);
    const element = h('figure.numbers', {}, h('figcaption.visually-hidden', {}, chart.title), picture,
        h('details', {}, h('summary', {}, t('asTable')), table(chart), files(chart)));
    follow(element, picture, chart, width);
    return element;
}

function paint(picture, chart, width) {
    picture.replaceChildren();
    const height = chart.draw(picture, width);
    picture.setAttribute('viewBox', `0 0 ${width} ${height}`);
}

/** Draws anew when the page gets another width: a telephone is turned, letters are made larger. */
function follow(element, picture, chart, first) {
    let drawn = first;
    new ResizeObserver(([entry]) => {
        const width = Math.round(entry.contentRect.width);
        if (width < 200 || Math.abs(width - drawn) < 8) return;
        drawn = width;
        paint(picture, chart, width);
    }).observe(element);
}

/** The table's columns: what it is, the shares, and the noise where there is some. */
function columnsOf(chart) {
    const share = (name) => ({ name: t(name), of: (row) => row[name], show: (row) => percent(row[name]),
        isNumber: true });
    const hasNoise = chart.rows.some((row) => row.noise);
    return [
        { name: t('what'), of: (row) => row.label, show: (row) => row.label },
        share('negative'), share('neutral'), share('positive'),
        { name: t('mean'), of: (row) => row.mean, show: (row) => number(row.mean, 1), isNumber: true },
        { name: t('atLeast'), of: (row) => row.atLeast, show: (row) => number(row.atLeast), isNumber: true },
        ...(hasNoise ? [{ name: t('noise.error'), of: (row) => row.noise?.error ?? '', isNumber: true,
            show: (row) => (row.noise ? `± ${number(row.noise.error)}` : '') }] : []),
    ];
}

function table(chart) {
    const columns = columnsOf(chart);
    return h('div.scroll', { tabindex: '0', role: 'region', 'aria-label': t('table.of', { title: chart.title }) },
        h('table', {}, h('caption.visually-hidden', {}, chart.title),
            h('thead', {}, h('tr', {}, columns.map((one) => h(one.isNumber ? 'th.number' : 'th', { scope: 'col' },
                one.name)))),
            h('tbody', {}, chart.rows.map((row) => h('tr', {}, columns.map((one, index) => (index === 0
                ? h('th', { scope: 'row' }, one.show(row)) : h('td.number', {}, one.show(row)))))))));
}

const files = (chart) => h('p.actions', {},
    h('button', { type: 'button', onclick: () => save(csv(chart), 'text/csv;charset=utf-8', `${chart.name}.csv`) },
        t('saveTable')),
    h('button', { type: 'button', onclick: () => save(svgText(chart), 'image/svg+xml', `${chart.name}.svg`) },
        t('savePicture')),
    h('button', { type: 'button', onclick: () => png(chart) }, t('savePNG')));

/** RFC 4180, with a mark for spreadsheets; what begins like a formula is text. */
function csv(chart) {
    const quote = (value) => `"${String(value ?? '').replace(/^([=+\-@\t\r])/, "'$1").replaceAll('"', '""')}"`;
    const columns = [...chart.columns, ...columnsOf(chart)];
    const all = [columns.map((one) => one.name), ...chart.rows.map((row) => columns.map((one) => one.of(row)))];
    return `\ufeff${all.map((one) => one.map(quote).join(',')).join('\r\n')}\r\n`;
}

/** The picture by itself: with its title, on white, and with the colours that a style sheet gave it. */
function svgText(chart) {
    const width = 760, title = wrap(chart.title, 84);
    const picture = s('svg.chart.file');
    document.body.append(picture);
    const height = chart.draw(picture, width) + 22;
    for (const one of [picture, ...picture.querySelectorAll('*')]) {
        const style = getComputedStyle(one);
        for (const name of styles) one.setAttribute(name, style.getPropertyValue(name));
    }
    const top = title.length * 22 + 12;
    picture.remove();
    const shown = s('g', { transform: `translate(20 ${top + 12})` }, [...picture.childNodes],
        s('text', { x: 0, y: height - 6, 'font-size': '12px', fill: '#4c565f' }, t('chart.source')));
    append(picture, [s('rect', { width: '100%', height: '100%', fill: '#ffffff' }),
        title.map((words, index) => s('text', {
        x: 20, y: 28 + index * 22, 'font-size': '17px', 'font-weight': '700', fill: '#1b1f23',
    }, words)), shown]);
    for (const [name, value] of Object.entries({ width: width + 40, height: height + top + 24,
        viewBox: `0 0 ${width + 40} ${height + top + 24}`,
        'font-family': 'Helvetica, Arial, sans-serif' })) picture.setAttribute(name, value);
    picture.removeAttribute('class');
    return new XMLSerializer().serializeToString(picture);
}

async function png(chart) {
    const text = svgText(chart);
    const [, width, height] = text.match(/viewBox="0 0 (\d+) ([\d.]+)"/).map(Number);
    const image = new Image(width * 2, height * 2);
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = h('canvas', { width: width * 2, height: Math.ceil(height * 2) });
    canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(blob, 'image/png', `${chart.name}.png`));
}

/** Hands a file to the browser. @param {string|Blob} content @param {string} type @param {string} name */
export function save(content, type, name) {
    const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
    h('a', { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
