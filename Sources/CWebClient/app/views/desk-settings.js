// What the network is called, who may read its record, from how many people on it speaks, and who hears when nobody answers.

import { h } from '../dom.js';
import { get, patch } from '../api.js';
import { languages, number, t } from '../i18n.js';
import { announce, field, form, section, sure, tick } from '../ui.js';
import { enter, home } from '../session.js';
import { drop, keep } from './desk-typed.js';
import { contacts } from './desk-contacts.js';

export async function show(_, { show: again }) {
    const one = await get(home());
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.settings')),
        section(t('settings.network'), about(one, again)),
        section(t('thresholds'), thresholds(one, again)),
        section(t('duty'), await contacts()),
        section(t('settings.mail'), h('p', {}, t('settings.mail.what')),
            h('p', {}, h('a', { href: '#/desk/digest' }, t('settings.mail.see')))));
}

/** Changes what was read, and lets the whole page know. */
async function change(one, key, body, again) {
    await patch(home(), body);
    drop(key);
    await enter(one.id);
    await again();
    announce(t('saved'));
}

function about(one, again) {
    const name = field(t('settings.name'), { required: true, maxlength: 200, value: one.name, member: 'name' });
    const employer = field(t('settings.employer'), {
        required: true, maxlength: 200, value: one.employer, member: 'employer',
    });
    const zone = field(t('settings.zone'), {
        tag: 'select', value: one.timeZone, options: zones(one.timeZone), member: 'timeZone',
        hint: t('settings.zone.hint'),
    });
    const locale = field(t('settings.locale'), {
        tag: 'select', value: one.locale, options: languages.map(({ id, name: words }) => [id, words]),
        member: 'locale', hint: t('settings.locale.hint'),
    });
    const open = tick(t('settings.public'), {
        checked: one.publicRecord, member: 'publicRecord',
        hint: t('settings.public.hint', { address: `${location.origin}/public/${one.slug}` }),
    });
    return keep('network', form({
        name: t('settings.network'), fields: [name.box, employer.box, zone.box, locale.box, open.box], submit: t('save'),
        act: async () => {
            if (open.input.checked !== one.publicRecord
                && !await sure(t(open.input.checked ? 'settings.public.sure' : 'settings.public.end'), t('save'))) return;
            await change(one, 'network', {
                name: name.input.value.trim(), employer: employer.input.value.trim(), timeZone: zone.input.value,
                locale: locale.input.value, publicRecord: open.input.checked,
            }, again);
        },
    }));
}

function zones(current) {
    const known = Intl.supportedValuesOf?.('timeZone') ?? [];
    return [...new Set([current, ...known.filter((one) => one.startsWith('Europe/'))])].map((one) => [one, one]);
}

/** Raised once, never lowered: what has been promised to those who wrote must stay true. */
function thresholds(one, again) {
    const limits = { k: 50, d: 10, minSet: 1_000 };
    const fields = Object.entries(limits).map(([name, max]) => [name, field(t(`threshold.${name}`), {
        type: 'number', required: true, min: one.thresholds[name], max, value: String(one.thresholds[name]), member: `thresholds/${name}`,
        hint: t(`threshold.${name}.what`, { value: number(one.thresholds[name]), double: number(2 * one.thresholds[name]) }),
    })]);
    return [h('p', {}, t('thresholds.raise')), h('p', {}, t('thresholds.cost')), keep('thresholds', form({
        name: t('thresholds'), fields: fields.map(([, { box }]) => box), submit: t('thresholds.do'),
        act: async () => {
            const wanted = Object.fromEntries(fields.map(([name, { input }]) => [name, Number(input.value)]));
            const raised = Object.keys(limits).filter((name) => wanted[name] !== one.thresholds[name]);
            if (raised.length === 0) return announce(t('thresholds.same'));
            const words = raised.map((name) => t('thresholds.step', {
                name: t(`threshold.${name}`), from: number(one.thresholds[name]), to: number(wanted[name]),
            })).join(', ');
            if (!await sure(t('thresholds.sure', { words }), t('thresholds.do'))) return undefined;
            return change(one, 'thresholds', { thresholds: wanted }, again);
        },
    })), h('p.hint', {}, t('thresholds.notice', { days: number(one.thresholds.keyNoticeDays) }))];
}
