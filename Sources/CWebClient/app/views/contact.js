// People to turn to, with and without this program.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { section } from '../ui.js';
import { picture } from '../pictures.js';
import { me, network } from '../session.js';

/** Read out digit by digit, dialled by a telephone. */
const phone = (number) => h('a', { href: `tel:${number.replaceAll(' ', '')}`, translate: 'no' }, number);

const line = (name, ...numbers) => h('li', {}, t(`contact.${name}`), ' ', numbers.map((number, index) => [index > 0 ? t('contact.or') : '', phone(number)]));

export const show = () => h('div', {}, h('h1', {}, t('contact')), h('p.lead', {}, t('contact.what')),
    h('p.notice', {}, t('contact.trace')),
    h('div.columns', {},
        section([picture('desk'), t('contact.network')], network() ? h('p', {}, h('strong', {}, network().name)) : null, h('p', {}, t('contact.network.what')),
            h('ul', {}, ['password', 'code', 'barrier', 'wrong'].map((name) => h('li', {}, t(`contact.network.${name}`))))),
        section([picture('council'), t('contact.council')], h('p', {}, t('contact.council.what'))),
        section([picture('me'), t('contact.data')], h('p', {}, t('contact.data.what')), h('p', {}, h('a', { href: '/privacy' }, t('privacy')), ' · ',
            me() ? h('a', { href: '#/me/consents' }, t('me.consents')) : h('a', { href: '#/sign-in' }, t('signIn')))),
        section([picture('phone'), t('contact.advice')], h('p', {}, t('contact.advice.what')), h('ul', {},
            line('advice.federal', '0800 546 546 5'), line('advice.women', '116 016'), line('advice.listen', '0800 111 0 111', '116 123')))),
    section([picture('phone'), t('contact.emergency')], h('div.card', {}, h('p', {}, t('contact.emergency.what')), h('ul', {},
        line('emergency.police', '110'), line('emergency.help', '112')))));
