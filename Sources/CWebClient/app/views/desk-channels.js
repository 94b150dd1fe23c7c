// Channels: where people write without a name. Their rules stand before the first word that anybody writes.

import { h, replace } from '../dom.js';
import { list, post } from '../api.js';
import { number, t } from '../i18n.js';
import { announce, badge, choice, field, form, items, prose, section, sure, tick } from '../ui.js';
import { home, is } from '../session.js';
import { drop, keep } from './desk-typed.js';

const kinds = ['feedback', 'suggestion', 'report'];

export async function show() {
    const box = h('div', {});
    const draw = async () => replace(box, items(await list(`${home()}/channels`), card, t('channels.none')));
    await draw();
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.channels')), h('p', {}, t('desk.channels.lead')), box,
        section(t('channel.new'), h('p.notice', {}, t('channel.fixed')), newChannel(draw)));
}

function card(one) {
    return h('article', {}, h('h2', {}, one.name), h('p', {}, badge(t(`channel.${one.kind}`)), one.description),
        one.clock ? h('p', {}, t('channel.clock', { acknowledge: number(one.clock.acknowledgeDays), answer: number(one.clock.answerDays) })) : null,
        h('details', {}, h('summary', {}, t('channel.details'), h('span.visually-hidden', {}, `: ${one.name}`)),
            h('h3', {}, t('policy')), prose(one.policy), h('h3', {}, t('themes')),
            one.themes.length === 0 ? h('p.hint', {}, t('channel.themes.none')) : h('ul', {}, one.themes.map((each) => h('li', {}, each.name,
                each.group ? ` (${each.group})` : '', each.sensitive ? [' ', badge(t('theme.sensitive'))] : null)))),
        is('moderator') ? h('p', {}, h('a', { href: `#/moderation/${one.id}` }, t('channel.queue'))) : null);
}

function newChannel(draw) {
    const name = field(t('name'), { required: true, maxlength: 200, member: 'name' });
    const text = field(t('description'), {
        maxlength: 5_000, required: true, member: 'description', hint: t('channel.description.hint'),
    });
    const kind = choice(t('channel.kind'), kinds.map((one) => [one, t(`channel.kind.${one}`)]), {
        value: 'feedback', member: 'kind', required: true,
    });
    const policy = field(t('policy'), {
        tag: 'textarea', rows: 8, required: true, maxlength: 10_000, member: 'policy', hint: t('policy.hint'),
    });
    const template = h('button', { type: 'button', onclick: async () => {
        if (policy.input.value.trim() && !await sure(t('policy.replace'), t('policy.template'))) return;
        policy.input.value = t('policy.text');
        policy.input.dispatchEvent(new Event('input', { bubbles: true }));
        policy.input.focus();
    } }, t('policy.template'));
    const [clock, themes] = [clocks(), themeRows()];
    const adapt = () => { clock.box.hidden = kind.value() !== 'report'; };
    kind.box.addEventListener('change', adapt);
    const element = keep('channel', form({
        fields: [name.box, text.box, kind.box, clock.box, policy.box, h('p.actions', {}, template), themes.box], submit: t('channel.make'),
        act: async () => {
            if (!await sure(t('channel.sure', { name: name.input.value }), t('channel.make'))) return;
            await post(`${home()}/channels`, {
                name: name.input.value.trim(), description: text.input.value.trim(), policy: policy.input.value.trim(),
                kind: kind.value(), clock: kind.value() === 'report' ? clock.value() : null, themes: themes.value(),
            });
            drop('channel');
            element.reset();
            themes.clear();
            adapt();
            await draw();
            announce(t('channel.made'));
            document.querySelector('h1')?.focus();
        },
    }));
    adapt();
    return element;
}

/** What a legal reporting point owes: seven days to confirm, three months to answer (HinSchG, section 17). */
function clocks() {
    const acknowledge = field(t('channel.acknowledge'), {
        type: 'number', min: 1, max: 90, value: '7', member: 'clock/acknowledgeDays',
    });
    const answer = field(t('channel.answer'), {
        type: 'number', min: 1, max: 365, value: '90', member: 'clock/answerDays',
    });
    return {
        box: h('fieldset', {}, h('legend', {}, t('moderation.clocks')), h('p.hint', {}, t('channel.clock.hint')),
            h('div.row', {}, acknowledge.box, answer.box)),
        value: () => ({ acknowledgeDays: Number(acknowledge.input.value), answerDays: Number(answer.input.value) }),
    };
}

/** As many rows as there were, when the page is drawn anew. */
let themeCount = 3;

function themeRows() {
    const rows = h('ul.plain', {});
    const add = () => {
        const name = field(t('theme.numbered', { number: rows.childElementCount + 1 }), { maxlength: 200 });
        const group = field(t('theme.group'), { maxlength: 200, isOptional: true });
        const sensitive = tick(t('theme.sensitive'));
        const row = h('li.row', {}, name.box, group.box, sensitive.box);
        row.read = () => ({ name: name.input.value.trim(), group: group.input.value.trim() || null, sensitive: sensitive.input.checked });
        rows.append(row);
        return name.input;
    };
    const fill = (count) => {
        themeCount = count;
        rows.replaceChildren();
        for (let index = 0; index < count; index++) add();
    };
    fill(themeCount);
    return {
        box: h('fieldset', {}, h('legend', {}, t('themes')), h('p.hint', {}, t('channel.themes.hint')), rows,
            h('p.actions', {}, h('button', { type: 'button', onclick: () => { themeCount += 1; add().focus(); } }, t('theme.add')))),
        value: () => [...rows.children].map((row) => row.read()).filter((one) => one.name !== '')
            .map(({ name, group, sensitive }) => ({ name, sensitive, ...(group ? { group } : {}) })),
        clear: () => fill(3),
    };
}
