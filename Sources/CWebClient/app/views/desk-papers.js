// What goes out on paper: the poster, the short code to compare, and the report.

import { h, replace } from '../dom.js';
import { language, t } from '../i18n.js';
import { failure, section } from '../ui.js';
import { home, network } from '../session.js';
import { currentCode } from './council-directory.js';
import { report } from './employer-files.js';

export function show() {
    const code = h('div', {}, h('p', {}, t('loading')));
    currentCode().then((digits) => replace(code, h('p.code', { translate: 'no' }, digits)), (error) => replace(code, failure(error)));
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.papers')),
        section(t('poster'), h('p', {}, t('poster.what')),
            h('p', {}, h('a.button', { href: `/v1${home()}/poster?language=${language() === 'en' ? 'en' : 'de'}`, target: '_blank', rel: 'noopener' }, t('poster.open')))),
        section(t('council.code'), h('p', {}, t('council.code.what')), code,
            h('p', {}, h('a', { href: '#/council' }, t('papers.check')))),
        report(home()),
        network().publicRecord ? h('p', {}, h('a', { href: `/public/${network().slug}` }, t('rules.public.open'))) : null);
}
