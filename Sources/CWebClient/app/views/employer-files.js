// The record as files: a table for spreadsheets, and a report to print or to send to a committee.

import { h, replace } from '../dom.js';
import { language, t } from '../i18n.js';
import { field, section } from '../ui.js';
import { record } from '../session.js';

const statuses = ['published', 'overdue', 'answered', 'planned', 'underway', 'done', 'stopped'];

export function show() {
    return h('div', {}, h('p', {}, h('a', { href: '#/employer' }, t('employer.all'))), h('h1', {}, t('employer.files')),
        h('p', {}, t('employer.files.rules')), tables(), report(record()));
}

function tables() {
    const links = h('ul', { 'aria-live': 'polite' });
    const status = field(t('employer.files.which'), {
        tag: 'select', value: '', options: [['', t('employer.files.every')], ...statuses.map((one) => [one, t(`status.${one}`)])],
        onchange: () => draw(),
    });
    const draw = () => {
        const of = (bom) => {
            const query = new URLSearchParams({ ...(status.input.value ? { status: status.input.value } : {}), ...(bom ? { bom: 'true' } : {}) });
            return `/v1${record()}/recommendations.csv${query.size > 0 ? `?${query}` : ''}`;
        };
        replace(links,
            h('li', {}, h('a', { href: of(true), download: '' }, t('csv.excel')), `: ${t('csv.excel.what')}`),
            h('li', {}, h('a', { href: of(false), download: '' }, t('csv.plain')), `: ${t('csv.plain.what')}`));
    };
    draw();
    return section(t('employer.files.table'), status.box, links, h('p.hint', {}, t('employer.files.chain')));
}

/**
 * The report in the reader's choice of language and time.
 * @param {string} base the path of what it is of: the record, or the network
 */
export function report(base) {
    const links = h('ul', { 'aria-live': 'polite' });
    const draw = () => {
        const of = (format) => {
            const query = new URLSearchParams({ format, language: words.input.value });
            if (from.input.value) query.set('from', from.input.value);
            if (to.input.value) query.set('to', to.input.value);
            return `/v1${base}/report?${query}`;
        };
        replace(links,
            h('li', {}, h('a', { href: of('html'), target: '_blank', rel: 'noopener' }, t('report.page')), `: ${t('report.page.what')}`),
            h('li', {}, h('a', { href: of('md'), download: 'report.md' }, t('report.markdown')), `: ${t('report.markdown.what')}`));
    };
    const words = field(t('report.language'), {
        tag: 'select', value: language() === 'en' ? 'en' : 'de', options: [['de', 'Deutsch'], ['en', 'English']],
        onchange: draw,
    });
    const from = field(t('report.from'), { type: 'date', isOptional: true, onchange: draw });
    const to = field(t('report.to'), { type: 'date', isOptional: true, onchange: draw });
    draw();
    return section(t('report'), h('p', {}, t('report.what')), h('div.row', {}, words.box, from.box, to.box), links);
}
