// What is known of me, and what I can do about it.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { network } from '../session.js';
import { calendar } from './me-calendar.js';
import { consents } from './me-consents.js';
import { notices } from './me-notices.js';
import { profile } from './me-profile.js';
import { security } from './me-security.js';

const parts = { '': profile, notices, calendar, consents, security };

export async function show([part = ''], context) {
    const name = parts[part] ? part : '';
    // A calendar is of a network.
    const names = Object.keys(parts).filter((one) => one !== 'calendar' || network());
    return h('div', {}, h('h1', {}, t(name ? `me.${name}` : 'me')),
        h('nav', { 'aria-label': t('me') }, h('ul.tabs', {}, names.map((one) => h('li', {},
            h('a', { href: `#/me/${one}`.replace(/\/$/, ''), 'aria-current': one === name ? 'page' : null }, t(`me.${one || 'profile'}`)))))),
        await parts[name](context));
}
