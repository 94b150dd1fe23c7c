// The accessibility statement (EU Directive 2016/2102, Article 7).

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { section } from '../ui.js';

export const show = () => h('div', {}, h('h1', {}, t('accessibility')), h('p', {}, t('accessibility.goal')),
    section(t('accessibility.can'), h('ul', {}, ['keyboard', 'zoom', 'contrast', 'reader', 'languages'].map((name) => h('li', {}, t(`accessibility.${name}`))))),
    section(t('accessibility.limits'), h('p', {}, t('accessibility.limits.what'))),
    section(t('contact'), h('p', {}, h('a', { href: '#/contact' }, t('accessibility.tell')))));
