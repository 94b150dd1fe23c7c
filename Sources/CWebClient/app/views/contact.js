// People to turn to.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { section } from '../ui.js';

export const show = () => h('div', {}, h('h1', {}, t('contact')), h('p', {}, t('contact.what')),
    section(t('contact.network'), h('p', {}, t('contact.network.what'))),
    section(t('contact.council'), h('p', {}, t('contact.council.what'))),
    section(t('contact.emergency'), h('p', {}, t('contact.emergency.what'))));
