// The coordinator's desk: who wants to join, and what the network asks and offers.

import { h, replace } from '../dom.js';
import { get, list, patch, post, put } from '../api.js';
import { day, number, t } from '../i18n.js';
import { action, announce, badge, field, form, items, section } from '../ui.js';
import { home, network } from '../session.js';

const parts = { '': overview, rounds, channels, people, recommendations };

export async function show([part = '', ...rest], context) {
    const view = parts[part] ?? overview;
    return h('div', {}, h('h1', {}, t('desk')),
        h('ul.tabs', {}, Object.keys(parts).map((name) => h('li', {}, h('a', { href: `#/desk/${name}`, 'aria-current': parts[name] === view ? 'page' : null }, t(`desk.${name || 'requests'}`))))),
        await view(rest, context));
}

// MARK: Joining

async function overview(_, { show: again }) {
    const requests = (await list(`${home()}/join-requests`)).filter((one) => one.state === 'open' || one.state === 'pending');
    const count = field(t('invitation.count'), { type: 'number', min: 1, max: 200, value: '1', required: true });
    const until = field(t('invitation.until'), { type: 'date', required: true, value: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10) });
    const codes = h('div', {});
    return [
        section(t('desk.requests'), items(requests, (one) => h('article', {}, h('h3', {}, one.displayName ?? one.name ?? ''),
            one.message ? h('p', {}, one.message) : null,
            h('p.actions', {}, action(t('request.approve'), async () => { await decide(one, 'approved'); await again(); }, { kind: 'primary' }),
                action(t('request.decline'), async () => { await decide(one, 'declined'); await again(); }))), t('requests.none'))),
        section(t('invitations'), h('p.hint', {}, t('invitations.what')), form({
            fields: [count.box, until.box], submit: t('invitations.make'),
            act: async () => {
                const made = await post(`${home()}/invitations`, { count: Number(count.input.value), expiresOn: until.input.value });
                replace(codes, h('p', {}, t('invitations.once')), h('ul', {}, (made.codes ?? made.items).map((one) => h('li.code', { translate: 'no' }, one.code ?? one))));
                announce(t('saved'));
            },
        }), codes),
    ];
}

const decide = (request, decision) => put(`${home()}/join-requests/${request.id}/decision`, { decision });

async function people() {
    const members = await list(`${home()}/memberships`);
    const roles = ['organiser', 'moderator', 'coordinator', 'hr', 'council'];
    return section(t('desk.people'), h('p.hint', {}, t('people.what')), items(members, (one) => h('details', {},
        h('summary', {}, one.displayName, ' ', one.roles.filter((role) => role !== 'member').map((role) => badge(t(`role.${role}`)))),
        h('fieldset', {}, h('legend', {}, t('roles')), roles.map((role) => h('label', {}, h('input', {
            type: 'checkbox', checked: one.roles.includes(role), onchange: async (event) => {
                const path = `${home()}/memberships/${one.id}`;
                const now = event.target.checked ? [...one.roles, role] : one.roles.filter((each) => each !== role);
                try {
                    await get(path).catch(() => {});
                    one.roles = (await patch(path, { roles: now })).roles;
                    announce(t('saved'));
                } catch (error) {
                    event.target.checked = !event.target.checked;
                    announce(error.message, true);
                }
            },
        }), ' ', t(`role.${role}`), ' ')))), t('people.none')));
}

// MARK: Rounds

async function rounds(_, { show: again }) {
    const all = (await list(`${home()}/rounds`)).toReversed();
    const { k, d, minSet } = network().thresholds;
    const title = field(t('title'), { required: true, maxlength: 200 });
    const opens = field(t('event.starts'), { type: 'date', required: true, value: new Date().toISOString().slice(0, 10) });
    const closes = field(t('event.ends'), { type: 'date', required: true, value: new Date(Date.now() + 14 * 86_400_000).toISOString().slice(0, 10) });
    const texts = field(t('round.items'), { tag: 'textarea', rows: 6, required: true, hint: t('round.items.hint') });
    return [
        section(t('thresholds'), h('p', {}, t('thresholds.are', { k: number(k), d: number(d), minSet: number(minSet) }))),
        section(t('rounds'), items(all, (one) => h('article', {}, h('h3', {}, one.title),
            h('p', {}, badge(t(`round.${one.state}`)), t('round.until', { day: day(one.closesAt.slice(0, 10)) })),
            h('p.actions', {},
                one.state === 'draft' ? action(t('round.open.do'), async () => { await put(`${home()}/rounds/${one.id}/opening`); await again(); }, { kind: 'primary' }) : null,
                one.state === 'open' ? action(t('round.close.do'), async () => {
                    if (!confirm(t('round.close.sure'))) return;
                    const found = await put(`${home()}/rounds/${one.id}/closure`);
                    announce(found.releasedAfter ? t('round.close.later') : t('saved'));
                    await again();
                }) : null)), t('rounds.none'))),
        section(t('round.new'), form({
            fields: [title.box, opens.box, closes.box, texts.box], submit: t('round.make'),
            act: async () => {
                await post(`${home()}/rounds`, {
                    title: title.input.value, opensAt: new Date(`${opens.input.value}T00:00`).toISOString(),
                    closesAt: new Date(`${closes.input.value}T23:59`).toISOString(), audience: { kind: 'network' }, scheme: 'S1',
                    items: texts.input.value.split('\n').map((text) => text.trim()).filter(Boolean).map((text) => ({ text, theme: null })),
                });
                await again();
            },
        })),
    ];
}

// MARK: Channels

async function channels(_, { show: again }) {
    const all = await list(`${home()}/channels`);
    const name = field(t('name'), { required: true, maxlength: 200 });
    const text = field(t('description'), { required: true, maxlength: 2_000 });
    const policy = field(t('policy'), { tag: 'textarea', rows: 5, required: true, hint: t('policy.hint') });
    const kind = field(t('event.kind'), { tag: 'select', options: ['feedback', 'suggestion', 'report'].map((one) => [one, t(`channel.${one}`)]) });
    const themes = field(t('themes'), { tag: 'textarea', rows: 4, hint: t('themes.hint') });
    return [
        section(t('channels'), items(all, (one) => h('article', {}, h('h3', {}, one.name), h('p', {}, one.description)), t('channels.none'))),
        section(t('channel.new'), form({
            fields: [name.box, text.box, policy.box, kind.box, themes.box], submit: t('channel.make'),
            act: async () => {
                await post(`${home()}/channels`, {
                    name: name.input.value, description: text.input.value, policy: policy.input.value, kind: kind.input.value,
                    themes: themes.input.value.split('\n').map((one) => one.trim()).filter(Boolean).map((one) => ({ name: one })),
                    clock: kind.input.value === 'report' ? { acknowledgeDays: 7, answerDays: 90 } : null,
                });
                await again();
            },
        })),
    ];
}

// MARK: Recommendations

async function recommendations(_, { show: again }) {
    const drafts = await list(`${home()}/recommendations?state=draft`);
    const title = field(t('title'), { required: true, maxlength: 300 });
    const text = field(t('recommendation.text'), { tag: 'textarea', rows: 6, required: true });
    const measure = field(t('measure'), { tag: 'textarea', rows: 3, required: true });
    return [
        section(t('drafts'), items(drafts, (one) => {
            const due = field(t('answer.until'), { type: 'date', required: true, value: new Date(Date.now() + 56 * 86_400_000).toISOString().slice(0, 10) });
            return h('article', {}, h('h3', {}, one.title), form({ fields: [due.box], submit: t('publish'), act: async () => {
                if (!confirm(t('publish.sure'))) return;
                await put(`${home()}/recommendations/${one.id}/publication`, { answerDueOn: due.input.value });
                await again();
            } }));
        }, t('drafts.none'))),
        section(t('draft.new'), form({
            fields: [title.box, text.box, measure.box], submit: t('draft.make'),
            act: async () => {
                await post(`${home()}/recommendations`, { title: title.input.value, text: text.input.value, measure: measure.input.value, theme: null, evidence: [] });
                await again();
            },
        })),
    ];
}
