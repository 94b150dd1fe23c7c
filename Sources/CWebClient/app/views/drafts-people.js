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
    const [approvals, members] = await Promise.all([get(`${path}/approvals`),
        who.isCoordinator ? list(`${home()}/memberships`) : []]);
    return [approved(page, approvals.items, context), authors(page, members, context),
        who.isCoordinator ? needed(page, context) : null];
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
    const own = who.bench, kinds = { given: 'good', missing: 'bad', earlier: 'bad' };
    const row = (bench) => {
        const { kind, one } = standingOf(bench, { draft, approvals });
        return h('li', {}, badge(t(`approval.${kind}`), kinds[kind] ?? ''), h('strong', {}, t(`bench.${bench}`)),
            one ? `, ${t('approval.of', { number: number(one.version), day: day(one.on) })}` : null);
    };
    return section(t('approvals'), h('p.hint', {}, t('approvals.what')), h('ul.plain', {}, draft.benches.map(row)),
        own && draft.benches.includes(own)
            ? h('p.actions', {}, consent({ draft, path, own }, standingOf(own, { draft, approvals }).kind, context))
                : null);
}

/** One speaks for one's own side, and to the version that was read. */
function consent({ draft, path, own }, kind, context) {
    const after = () => stay(context, t('approvals'), t('saved'));
    if (kind === 'given') {
        return action(t('approval.withdraw'), async () => { await remove(`${path}/approvals/${own}`); await after(); });
    }
    return action(t('approval.give', { bench: t(`bench.${own}`), number: number(draft.version) }), async () => {
        await put(`${path}/approvals/${own}`, { version: draft.version });
        await after();
    }, { kind: 'primary' });
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
    const row = (one) => h('div', {},
        h('p', {}, h('strong', {}, one.displayName), ' ', badge(t(`bench.${one.bench}`))),
        who.isCoordinator ? h('p.actions', {}, takeOff(path, one, context)) : null);
    return section(t('coauthors'), h('p.hint', {}, t('coauthors.what')), items(who.coauthors, row, t('coauthors.none')),
        who.isCoordinator ? invite({ path, who }, members, context) : null);
}

function takeOff(path, one, context) {
    const label = h('span', {}, t('remove'), h('span.visually-hidden', {}, `: ${one.displayName}`));
    return action(label, async () => {
        if (!await sure(t('coauthor.remove.sure', { name: one.displayName }), t('remove'))) return;
        await remove(`${path}/coauthors/${one.membership}`);
        await stay(context, t('coauthors'), t('saved'));
    });
}

const writers = ['member', 'organiser', 'moderator', 'council'];

/** Neither HR, who reads the record only, nor coordinators, who speak for the network already. */
const canWrite = (one) => one.state === 'active' && !one.roles.includes('coordinator')
    && one.roles.some((role) => writers.includes(role));

function invite({ path, who }, members, context) {
    const free = members.filter((one) => canWrite(one) && !who.coauthors.some((each) => each.membership === one.id))
        .toSorted((one, other) => one.displayName.localeCompare(other.displayName));
    if (free.length === 0) return h('p.empty', {}, t('coauthors.nobody'));
    const person = field(t('coauthor.person'), {
        tag: 'select', options: free.map((one) => [one.id, one.displayName]),
    });
    const bench = field(t('bench'), {
        tag: 'select', member: 'bench', options: benches.map((one) => [one, t(`bench.${one}`)]), hint: t('bench.hint'),
    });
    return h('details.card', {}, h('summary', {}, t('coauthor.add')), form({
        fields: [person.box, bench.box], submit: t('coauthor.add.do'), act: async () => {
            await put(`${path}/coauthors/${person.input.value}`, { bench: bench.input.value });
            await stay(context, t('coauthors'), t('saved'));
        },
    }));
}
