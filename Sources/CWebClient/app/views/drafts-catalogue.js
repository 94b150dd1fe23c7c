// The catalogue of rules: the starter set, or the network's own, as a file.

import { h } from '../dom.js';
import { ask, get, putRead } from '../api.js';
import { number, t } from '../i18n.js';
import { action, field, form, section, sure } from '../ui.js';
import { save } from '../charts-figure.js';
import { home } from '../session.js';
import { arrive, stay } from './drafts-stay.js';

export async function show(_, context) {
    const path = `${home()}/rule-catalogue`;
    const found = await get(path);
    const file = field(t('catalogue.file'), { type: 'file', accept: 'application/json,.json', required: true,
        hint: t('catalogue.file.hint') });
    return [h('p.hint', {}, t('catalogue.what')),
        section(t('catalogue.now'), h('p', {}, h('strong', {}, found.name), ', ',
            t('catalogue.rules', { count: found.rules.length })),
            h('p.actions', {}, h('button', { type: 'button', onclick: () =>
                save(`${JSON.stringify(found, null, 2)}\n`, 'application/json', 'chorus-rules.json') },
                t('catalogue.save')),
                action(t('catalogue.starter'), async () => {
                    if (!await sure(t('catalogue.starter.sure'), t('catalogue.starter'))) return;
                    await ask('DELETE', path, undefined, { headers: { 'If-Match': '*' } });
                    await stay(context, t('catalogue.now'), t('saved'));
                }))),
        section(t('catalogue.own'), form({ fields: [file.box], submit: t('catalogue.use'), kept: t('catalogue.kept'),
            act: async () => {
            const content = await parsed(file.input.files[0]);
            if (!await sure(t('catalogue.sure', { name: content.name ?? '?',
                count: number(content.rules?.length ?? 0) }), t('catalogue.use'))) return;
            await putRead(path, content);
            await arrive(context, 'drafts/rules', t('saved'));
        } }))];
}

/** A file that is no JSON is refused here, in words. */
async function parsed(file) {
    try {
        return JSON.parse(await file.text());
    } catch {
        throw Object.assign(new Error(), { code: 'no-json' });
    }
}
