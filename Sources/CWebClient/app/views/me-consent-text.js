// What a consent says: one text for giving it and for looking at it later.

import { h } from '../dom.js';
import { t } from '../i18n.js';

/** Goes with the texts: whoever changes what a consent covers changes this, and people are asked anew. */
export const textVersion = '2026-11';

const parts = { membership: ['what', 'origin', 'who', 'free', 'end'], mail: ['what', 'who', 'end'] };

/** @param {'membership'|'mail'} purpose @returns {HTMLElement} */
export const consentText = (purpose) => h('ul', {}, parts[purpose].map((part) => h('li', {}, t(`consent.${purpose}.${part}`))));
