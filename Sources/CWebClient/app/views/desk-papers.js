// What goes out on paper: the poster, the short code to compare, and the report.

import { h, replace } from '../dom.js';
import { language, languages, t } from '../i18n.js';
import { failure, field, section } from '../ui.js';
import { home, network } from '../session.js';
import { currentCode } from './council-directory.js';
import { report } from './employer-files.js';

export function show() {
    const code = h('div', {}, h('p', {}, t('loading')));
    currentCode().then((digits) => replace(code, h('p.code', { translate: 'no' }, digits)), (error) => replace(code, failure(error)));
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.papers')),
        section(t('poster'), posters()),
        section(t('council.code'), h('p', {}, t('council.code.what')), code,
            h('p', {}, h('a', { href: '#/council' }, t('papers.check')))),
        report(home()),
        network().publicRecord ? h('p', {}, h('a', { href: `/public/${network().slug}` }, t('rules.public.open'))) : null);
}

/** In the language of those who pass by, which need not be that of whoever prints. */
function posters() {
    const links = h('ul', { 'aria-live': 'polite' });
    const words = field(t('poster.language'), {
        tag: 'select', value: language(), options: languages.map(({ id, name }) => [id, name]),
        onchange: () => draw(),
    });
    const draw = () => replace(links, ['join', 'inbox'].map((kind) => h('li', {}, h('a', {
        href: `/v1${home()}/poster?kind=${kind}&language=${words.input.value}`, target: '_blank', rel: 'noopener',
    }, t(`poster.${kind}`)), `: ${t(`poster.${kind}.what`)}`)));
    draw();
    return [h('p', {}, t('poster.what')), words.box, links];
}
