// One sentence for the start page, which others may see: that something is under way from here, and never what.

import { h, replace } from './dom.js';
import { t } from './i18n.js';
import { icon } from './notices.js';
import { alarm } from './alarm.js';
import { voice, watch } from './voice.js';

/** @returns {Promise<HTMLElement>} empty when nothing is under way, and drawn anew when that changes */
export async function underWay() {
    const box = h('div', {});
    const draw = async () => {
        const stopped = await alarm(draw);
        const entries = await (await voice()).outbox();
        const isRefused = entries.some((one) => one.state === 'refused');
        const text = isRefused ? t('outbox.home.refused') : t('outbox.home', { count: entries.length });
        replace(box, stopped, entries.length === 0 ? null : h(`p.${isRefused ? 'failure' : 'notice'}`, {},
            isRefused ? icon('!') : null, text, ' ', h('a', { href: '#/channels' }, t('outbox.home.see'))));
    };
    await draw();
    return watch(box, draw);
}
