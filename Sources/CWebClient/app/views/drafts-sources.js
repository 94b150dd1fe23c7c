// On what a draft rests: released cells as evidence, and where each paragraph comes from.

import { h, replace } from '../dom.js';
import { ask, get, list } from '../api.js';
import { number, t } from '../i18n.js';
import { announce, form, section } from '../ui.js';
import { drop, keep, kept } from '../unsent.js';
import { picker, remember, resolved } from './drafts-evidence.js';
import { origins } from './drafts-origins.js';
import { source } from './drafts-places.js';
import { stay } from './drafts-stay.js';
import { paragraphs, places } from '../difference.js';

export async function show({ draft, path }, context) {
    const name = `sources:${draft.id}`;
    const releases = await list(`${source()}/releases`);
    const state = kept(name) ?? { base: draft, evidence: null, provenance: null };
    state.isWorthKeeping = () => state.evidence !== null || state.provenance !== null;
    if (state.base.version < draft.version) follow(state, draft);
    const store = () => keep(name, state);
    const before = await resolved(draft, new Map(releases.map((one) => [one.id, one.number])));
    const said = h('div', {});
    const editor = h('div', {});
    const draw = () => replace(editor,
        section(t('evidence'), h('p.hint', {}, t('evidence.pick.what')),
            picker(releases, before, state.evidence, (chosen) => { state.evidence = chosen; store(); })),
        section(t('provenance'), h('p.hint', {}, t('provenance.what')),
            origins(paragraphs(state.base.text), state.provenance ?? state.base.provenance, releases,
                (chosen) => { state.provenance = chosen; store(); })));
    draw();
    return [state.isWorthKeeping() ? h('p.notice', {}, t('draft.kept')) : null, said, editor, form({
        fields: [], submit: t('save'), act: async () => {
            const change = { ...(state.evidence && { evidence: state.evidence.map(placeOf) }),
                ...(state.provenance && { provenance: state.provenance }) };
            if (Object.keys(change).length === 0) return announce(t('draft.unchanged'));
            try {
                const saved = await ask('PATCH', path, change, { headers: { 'If-Match': `"${state.base.version}"` } });
                if (state.evidence) remember(saved.evidence, state.evidence);
            } catch (error) {
                error.errors = [];
                if (error.status !== 412) throw error;
                const found = await get(path);
                follow(state, found);
                draw();
                replace(said, h('p.notice', { tabindex: '-1' }, t('sources.newer', { number: number(found.version) })));
                announce(t('sources.newer', { number: number(found.version) }), true);
                return said.firstChild.focus();
            }
            drop(name);
            return stay(context, t('evidence'), t('saved'));
        },
    })];
}

/** What was said of a paragraph goes where the paragraph went; of one that is gone, it is said of the whole text. */
function follow(state, found) {
    const where = places(state.base.text, found.text);
    state.provenance &&= state.provenance.map((one) =>
        ({ ...one, paragraph: one.paragraph === null ? null : where.get(one.paragraph) ?? null }));
    state.base = found;
}

const placeOf = ({ release, table, item, unit }) => ({ release, table, item: item ?? null, unit: unit ?? null });
