// Taking a package over, after reading it, and giving one of our own away.

import { h, replace } from '../dom.js';
import { get, list, post } from '../api.js';
import { day, number, t } from '../i18n.js';
import { action, announce, field, prose } from '../ui.js';
import { home } from '../session.js';

/** @returns {HTMLElement[]} */
export function taking() {
    const shown = h('div', {});
    const file = field(t('packages.file'), { type: 'file', accept: '.json,application/json', hint: t('packages.file.hint'), onchange: async () => {
        const [chosen] = file.input.files;
        if (!chosen) return replace(shown);
        try {
            return preview(shown, JSON.parse(await chosen.text()));
        } catch {
            announce(t('packages.unreadable'), true);
            return replace(shown, h('p.failure', {}, t('packages.unreadable')));
        }
    } });
    return [h('p', {}, t('packages.take.what')), file.box, shown];
}

/** What is in it, before anything is sent; whether the signatures hold is for the server to say. */
function preview(shown, content) {
    const last = content.links.at(-1);
    const heading = h('h3', { tabindex: '-1' }, last.title);
    replace(shown, h('div.card', {}, heading, h('p', {}, t('packages.from', { town: last.town, day: day(last.on), stage: t(`stage.${last.stage}`) })),
        prose(last.text), h('p', {}, h('strong', {}, t('measure')), ': ', last.measure),
        content.links.length > 1 ? h('p', {}, t('packages.way', { towns: content.links.map((one) => one.town).join(' → ') })) : null,
        h('p.actions', {}, action(t('packages.take.do'), async () => {
            const { recommendation, isNew } = await post(`${home()}/packages`, content);
            replace(shown, h('p.notice', { tabindex: '-1' }, t(isNew ? 'packages.taken' : 'packages.known'), ' ',
                h('a', { href: `#/drafts/${recommendation}` }, t('packages.see'))));
            announce(t(isNew ? 'packages.taken' : 'packages.known'));
            shown.querySelector('[tabindex]').focus();
        }, { kind: 'primary' }))));
    heading.focus();
}

/** @returns {Promise<HTMLElement[]>} */
export async function giving() {
    const all = (await list(`${home()}/recommendations`)).filter((one) => one.number !== null && one.number !== undefined && one.state !== 'draft');
    if (all.length === 0) return [h('p.empty', {}, t('packages.nothing'))];
    const which = field(t('packages.which'), {
        tag: 'select', options: all.map((one) => [one.id, `${number(one.number)}. ${one.title}`]),
    });
    return [h('p', {}, t('packages.give.what')), which.box, h('p.actions', {}, action(t('packages.give.do'), async () => {
        const content = await get(`${home()}/recommendations/${which.input.value}/package`);
        const bytes = new Blob([JSON.stringify(content, null, 1)], { type: 'application/json' });
        const chosen = all.find((one) => one.id === which.input.value);
        const link = h('a', { href: URL.createObjectURL(bytes), download: `recommendation-${chosen.number}.json` });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }, { done: t('packages.given') }))];
}
