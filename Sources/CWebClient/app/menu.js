// The head of every page: whose it is, the way out, and a menu that folds away on a telephone.

import { h } from './dom.js';
import { t } from './i18n.js';
import { icon } from './notices.js';

/**
 * @param {object} parts `brand` and `quick` as elements, `tools` as what stands beside them, `links` as list elements
 * @returns {HTMLElement}
 */
export function top({ brand, quick, tools, links }) {
    const panel = h('div.panel', { id: 'panel' },
        links.length > 0 ? h('nav', { 'aria-label': t('menu') }, h('ul', {}, links)) : null,
        h('div.tools', {}, tools));
    if (links.length === 0) {
        panel.classList.add('open', 'bare');
        return h('header.top', {}, brand, quick, panel);
    }
    const isOpen = () => panel.classList.contains('open');
    const toggle = () => {
        panel.classList.toggle('open');
        button.setAttribute('aria-expanded', String(isOpen()));
    };
    const button = h('button.menu', { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'panel', onclick: toggle },
        icon('☰'), t('menu.open'));
    // One Escape folds it; three in a row leave the page, see main.js.
    panel.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || !isOpen()) return;
        toggle();
        button.focus();
    });
    return h('header.top', {}, brand, quick, button, panel);
}
