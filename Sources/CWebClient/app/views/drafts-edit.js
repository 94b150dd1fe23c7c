// Changing what a draft says. When somebody else has saved meanwhile, both texts stand beside each other and nothing is lost.

import { h } from '../dom.js';
import { ask, get } from '../api.js';
import { t } from '../i18n.js';
import { field, form, sure } from '../ui.js';
import { drop, keep, kept } from '../unsent.js';
import { placeFields } from './drafts-places.js';
import { newer } from './drafts-newer.js';
import { arrive } from './drafts-stay.js';

const texts = ['title', 'text', 'measure'];

export async function show({ draft, path }, context) {
    const name = `draft:${draft.id}`;
    const state = kept(name) ?? { base: draft, values: Object.fromEntries([...texts, 'theme',
        'unit'].map((one) => [one, draft[one]])) };
    state.isWorthKeeping = () => Object.keys(changes(state)).length > 0;
    const places = draft.revises ? null : await placeFields(state.values);
    const fields = { ...textFields(state.values), ...places };
    const beside = h('div', {});
    const store = () => {
        for (const [one, { input }] of Object.entries(fields)) state.values[one] = input.value === ''
            && !texts.includes(one) ? null : input.value;
        keep(name, state);
    };
    const meet = (found) => { newer(beside, state, found, fields, store); };
    const element = h('div', { oninput: store }, beside, form({
        fields: Object.values(fields).map((one) => one.box), submit: t('save'), kept: t('kept.draft.edit'),
        secondary: discard(name, context),
        act: () => save({ state, store, path, meet, name, id: draft.id }, context),
    }));
    if (state.base.version < draft.version) meet(draft);
    return [state.isWorthKeeping() ? h('p.notice', {}, t('draft.kept')) : null, h('p.hint', {}, t('draft.edit.what')),
        element];
}

/** The texts of a draft; used for a new one too. */
export const textFields = (values) => ({
    title: field(t('title'), { required: true, maxlength: 300, value: values.title ?? '', member: 'title' }),
    text: field(t('recommendation.text'), { tag: 'textarea', rows: 16, required: true, maxlength: 50_000,
        value: values.text ?? '', member: 'text', hint: t('draft.text.hint') }),
    measure: field(t('measure'), { tag: 'textarea', rows: 5, required: true, maxlength: 5_000,
        value: values.measure ?? '', member: 'measure', hint: t('measure.hint') }),
});

/** Only what differs is sent: nothing that somebody else has changed meanwhile is set back. */
function changes({ base, values }) {
    return Object.fromEntries(Object.entries(values).filter(([one, value]) => (value ?? null) !== (base[one] ?? null)));
}

async function save({ state, store, path, meet, name, id }, context) {
    store();
    const change = changes(state);
    if (Object.keys(change).length === 0) { drop(name); return arrive(context, `drafts/${id}`, t('draft.unchanged')); }
    try {
        await ask('PATCH', path, change, { headers: { 'If-Match': `"${state.base.version}"` } });
    } catch (error) {
        if (error.status !== 412) throw error;
        return meet(await get(path));
    }
    drop(name);
    return arrive(context, `drafts/${id}`, t('saved'));
}

const discard = (name, context) => h('button', { type: 'button', onclick: async () => {
    if (kept(name)?.isWorthKeeping() && !await sure(t('draft.discard.sure'), t('draft.discard'))) return;
    drop(name);
    await context.go(`drafts/${name.slice('draft:'.length)}`);
} }, t('draft.discard'));
