// The accessibility statement: conformance, known gaps, feedback, enforcement (EU 2018/1523; BITV 2.0, § 7).

import { h } from '../dom.js';
import { day, t } from '../i18n.js';
import { section } from '../ui.js';

/** When somebody last looked whether all of this is still so. */
const reviewedOn = '2026-11-22';

const points = (group, names) => h('ul', {}, names.map((name) => h('li', {}, t(`accessibility.${group}.${name}`))));

export const show = () => h('div', {}, h('h1', {}, t('accessibility.title')), h('p.lead', {}, t('accessibility.goal')),
    section(t('accessibility.state'), h('p', {}, t('accessibility.state.what')), h('p', {}, t('accessibility.law'))),
    section(t('accessibility.can'), h('ul', {}, ['keyboard', 'zoom', 'contrast', 'reader', 'languages', 'time', 'exit']
        .map((name) => h('li', {}, t(`accessibility.${name}`))))),
    section(t('accessibility.limits'), points('limits', ['sign', 'simple', 'members', 'lang', 'script'])),
    section(t('accessibility.tested'), points('tested', ['machine', 'hand', 'people']),
        h('p', {}, t('accessibility.reviewed', { day: day(reviewedOn) }))),
    section(t('accessibility.tell'), h('p', {}, t('accessibility.tell.what')), points('tell', ['page', 'device', 'happened']),
        h('p', {}, h('a.button', { href: '#/contact' }, t('accessibility.tell.do'))), h('p', {}, t('accessibility.tell.then'))),
    section(t('accessibility.enforce'), h('p', {}, t('accessibility.enforce.what')), h('p', {}, t('accessibility.enforce.free'))));
