// For those who check: what was done with the network's voice, checked in this browser, and what to compare with others.

import { h } from '../dom.js';
import { t } from '../i18n.js';
import { section } from '../ui.js';
import { chain } from './council-chain.js';
import { directory } from './council-directory.js';
import { rules } from './council-rules.js';
import { verifying } from './council-verifying.js';

export async function show() {
    const parts = [chain(), directory(), rules(), verifying()];
    return h('div', {}, h('h1', {}, t('council')), h('p.lead', {}, t('council.what')),
        ['chain', 'code', 'rules', 'verify'].map((name, index) => section(t(`council.${name}`), parts[index])));
}
