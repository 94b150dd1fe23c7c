// What a consent says: the server's text with its version, which is what is agreed to.

import { h } from '../dom.js';
import { get } from '../api.js';
import { language } from '../i18n.js';

/**
 * @param {'membership'|'mail'} purpose
 * @param {string} [version] the one in force by default
 * @returns {Promise<{version: string, box: HTMLElement}>}
 */
export async function consentText(purpose, version) {
    const asked = version === undefined ? '' : `&version=${encodeURIComponent(version)}`;
    const text = await get(`/consent-texts/${purpose}?language=${language()}${asked}`);
    return { version: text.version, box: h('ul', {}, text.points.map((point) => h('li', {}, point))) };
}
