// Who writes a draft, for which side of the table, and which sides agree with what it says now.

import { h } from '../dom.js';
import { ask, get, list, put, remove } from '../api.js';
import { day, number, t } from '../i18n.js';
import { action, badge, field, form, items, section, sure } from '../ui.js';
import { home } from '../session.js';
import { benches, benchFields } from './drafts-benches.js';
import { stay } from './drafts-stay.js';

export async function show(page, context) {
    const { who, path } = page;
    const [approvals, members] = await Promise.all([get(`${path}/approvals`), who.isCoordinator ? list(`${home()}/memberships`) : []]);
    return [approved(page, approvals.items, context), authors(page, members, context), who.isCoordinator ? needed(page, context) : null];
}

// MARK: Approvals

/** A yes is to one version: a changed text takes it away. */
export function standingOf(bench, { draft, approvals }) {
    const found = approvals.filter((one) => one.bench === bench);
    if (found.some((one) => one.isCurrent)) return { kind: 'given', one: found.find((one) => one.isCurrent) };
    if (bench === 'network') return { kind: 'publishing' };
    const last = found.toSorted((one, other) => other.version - one.version)[0];
    return last && last.version < draft.version ? { kind: 'earlier', one: last } : { kind: 'missing' };
}

function approved({ draft, path, who }, approvals, context) {
    const own = who.bench;
    return section(t('approvals'), h('p.hint', {}, t('approvals.what')), h('ul.plain', {}, draft.benches.map((bench) => {
        const { kind, one } = standingOf(bench, { draft, approvals });
        return h('li', {}, badge(t(`approval.${kind}`), { given: 'good', missing: 'bad', earlier: 'bad' }[kind] ?? ''), h('strong', {}, t(`bench.${bench}`)),
            one ? `, ${t('approval.of', { number: number(one.version), day: day(one.on) })}` : null);
    })), own && draft.benches.includes(own) ? h('p.actions', {}, standingOf(own, { draft, approvals }).kind === 'given'
        ? action(t('approval.withdraw'), async () => { await remove(`${path}/approvals/${own}`); await stay(context, t('approvals'), t('saved')); })
        : action(t('approval.give', { bench: t(`bench.${own}`), number: number(draft.version) }), async () => {
            await put(`${path}/approvals/${own}`, { version: draft.version });
            await stay(context, t('approvals'), t('saved'));
        }, { kind: 'primary' })) : null);
}

/** Which sides must agree; only coordinators change it. */
function needed({ draft, path }, context) {
    const chosen = benchFields(draft.benches);
    return section(t('benches'), form({ fields: [chosen.box], submit: t('save'), kind: '', act: async () => {
        await ask('PATCH', path, { benches: chosen.value() }, { headers: { 'If-Match': `"${draft.version}"` } });
        await stay(context, t('benches'), t('saved'));
    } }));
}

// MARK: Co-authors

function authors({ path, who }, members, context) {
    return section(t('coauthors'), h('p.hint', {}, t('coauthors.what')), items(who.coauthors, (one) => h('div', {},
        h('p', {}, h('strong', {}, one.displayName), ' ', badge(t(`bench.${one.bench}`))),
        who.isCoordinator ? h('p.actions', {}, action(h('span', {}, t('remove'), h('span.visually-hidden', {}, `: ${one.displayName}`)), async () => {
            if (!await sure(t('coauthor.remove.sure', { name: one.displayName }), t('remove'))) return;
            await remove(`${path}/coauthors/${one.membership}`);
            await stay(context, t('coauthors'), t('saved'));
        })) : null), t('coauthors.none')), who.isCoordinator ? invite({ path, who }, members, context) : null);
}

/** Neither HR, who reads the record only, nor coordinators, who speak for the network already. */
function invite({ path, who }, members, context) {
    const free = members.filter((one) => one.state === 'active' && !one.roles.includes('coordinator') && !who.coauthors.some((each) => each.membership === one.id)
        && one.roles.some((role) => ['member', 'organiser', 'moderator', 'council'].includes(role))).toSorted((one, other) => one.displayName.localeCompare(other.displayName));
    if (free.length === 0) return h('p.empty', {}, t('coauthors.nobody'));
    const person = field(t('coauthor.person'), { tag: 'select', options: free.map((one) => [one.id, one.displayName]) });
    const bench = field(t('bench'), { tag: 'select', member: 'bench', options: benches.map((one) => [one, t(`bench.${one}`)]), hint: t('bench.hint') });
    return h('details.card', {}, h('summary', {}, t('coauthor.add')), form({ fields: [person.box, bench.box], submit: t('coauthor.add.do'), act: async () => {
        await put(`${path}/coauthors/${person.input.value}`, { bench: bench.input.value });
        await stay(context, t('coauthors'), t('saved'));
    } }));
}
