// Systems of HR that are told when the record has grown: by address, with a secret that is shown once.

import { h, replace } from '../dom.js';
import { get, list, post, remove } from '../api.js';
import { day, number, t } from '../i18n.js';
import { action, announce, field, form, items, section, sure, tick } from '../ui.js';
import { record } from '../session.js';
import { once } from './desk-once.js';

const events = [
    'recommendation.published', 'recommendation.revised', 'recommendation.overdue', 'release.published', 'answer.recorded',
    'outcome.recorded',
];
const base = () => `${record()}/webhooks`;

export async function show() {
    const box = h('div', {}), fresh = h('div', {});
    const draw = async () => replace(box, items((await get(base())).items, (one) => card(one, draw), t('webhooks.none')));
    await draw();
    return h('div', {}, h('p', {}, h('a', { href: '#/employer' }, t('employer.all'))), h('h1', {}, t('webhooks')),
        h('p', {}, t('webhooks.what')), section(t('webhooks.list'), fresh, box), section(t('webhook.new'), newForm(fresh, draw)));
}

function newForm(fresh, draw) {
    const url = field(t('webhook.url'), {
        type: 'url', required: true, maxlength: 500, member: 'url', pattern: 'https://.*', placeholder: 'https://',
        hint: t('webhook.url.hint'),
    });
    const boxes = events.map((one) => ({ one, ...tick(t(`webhook.event.${one}`), { checked: true, member: 'events' }) }));
    return form({
        fields: [url.box, h('fieldset', {}, h('legend', {}, t('webhook.events')), boxes.map(({ box }) => box))],
        submit: t('webhook.make'),
        act: async () => {
            const chosen = boxes.filter(({ input }) => input.checked).map(({ one }) => one);
            if (chosen.length === 0) throw Object.assign(new Error(), { errors: [{ pointer: '/events', detail: 'is required' }] });
            const made = await post(base(), { url: url.input.value, events: chosen });
            url.input.value = '';
            await draw();
            once(fresh, { title: t('webhook.secret'), what: t('webhook.secret.what'), codes: [made.secret] });
        },
    });
}

function card(one, draw) {
    const path = `${base()}/${one.id}`;
    const dead = h('div', {});
    return h('article', {}, h('h3', { translate: 'no' }, one.url),
        h('p', {}, t('webhook.since', { day: day(one.createdOn) })),
        h('ul', {}, one.events.map((each) => h('li', {}, t(`webhook.event.${each}`)))),
        h('p.actions', {},
            action(t('webhook.test'), () => post(`${path}/test`), { done: t('webhook.tested') }),
            action(t('webhook.dead'), () => showDead(dead, path)),
            action(t('webhook.end'), async () => {
                if (!await sure(t('webhook.end.sure', { url: one.url }), t('webhook.end'))) return;
                await remove(path);
                await draw();
                announce(t('webhook.ended'));
                document.querySelector('h1')?.focus();
            }, { kind: 'danger' })), dead);
}

async function showDead(box, path) {
    const letters = await list(`${path}/dead-letters`);
    const heading = h('h4', { tabindex: '-1' }, t('webhook.dead.count', { count: letters.length }));
    replace(box, heading, items(letters, (one) => h('article', {},
        h('p', {}, h('strong', {}, t(`webhook.event.${one.event}`)),
            one.number ? ` ${t('webhook.dead.number', { number: number(one.number) })}` : '', ` · ${day(one.day)}`),
        h('p.hint', {}, t('webhook.dead.why', { attempts: number(one.attempts), day: day(one.failedOn), failure: one.failure })),
        h('p.actions', {}, action(t('webhook.again'), async () => {
            await post(`${path}/dead-letters/${one.id}/redelivery`);
            await showDead(box, path);
            announce(t('webhook.again.done'));
        }))), t('webhook.dead.none')));
    heading.focus();
}
