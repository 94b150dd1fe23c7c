// Beginning a draft.

import { h } from '../dom.js';
import { post } from '../api.js';
import { t } from '../i18n.js';
import { form } from '../ui.js';
import { drop, keep, kept } from '../unsent.js';
import { home } from '../session.js';
import { textFields } from './drafts-edit.js';
import { placeFields } from './drafts-places.js';
import { benchFields } from './drafts-benches.js';
import { arrive } from './drafts-stay.js';

const name = 'draft:new';

export async function show([theme], context) {
    const values = kept(name)?.values ?? { theme: theme ?? '', benches: ['network'] };
    const fields = { ...textFields(values), ...await placeFields(values) };
    const benches = benchFields(values.benches);
    const store = () => {
        for (const [one, { input }] of Object.entries(fields)) values[one] = input.value;
        values.benches = benches.value();
        keep(name, { values, isWorthKeeping: () => ['title', 'text', 'measure'].some((one) =>
            (values[one] ?? '').trim() !== '') });
    };
    return h('div', {}, h('p', {}, h('a', { href: '#/drafts' }, t('drafts.all'))), h('h1', {}, t('draft.new')),
        h('p.hint', {}, t('draft.new.what')), h('div', { oninput: store }, form({
            fields: [...Object.values(fields).map((one) => one.box), benches.box], submit: t('draft.make'),
                act: async () => {
                const made = await post(`${home()}/recommendations`, {
                    title: fields.title.input.value, text: fields.text.input.value, measure: fields.measure.input.value,
                    theme: fields.theme.input.value || null, unit: fields.unit.input.value || null, evidence: [],
                        benches: benches.value(),
                });
                drop(name);
                await arrive(context, `drafts/${made.id}/sources`, t('draft.made'));
            },
        })));
}
