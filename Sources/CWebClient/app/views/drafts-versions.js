// What a draft said before, and what was changed from one version to another.

import { h, replace } from '../dom.js';
import { get } from '../api.js';
import { day, number, t } from '../i18n.js';
import { announce, badge, field, form, pages, section } from '../ui.js';
import { changedLine, difference, paragraphs } from '../difference.js';
import { lines } from './recommendations-provenance.js';

export async function show({ draft, path }) {
    const first = await get(`${path}/versions?limit=50`);
    const shown = h('div', { tabindex: '-1' });
    const put = (content, said) => { replace(shown, content); shown.focus(); announce(said); };
    const options = first.items.map((one) => [String(one.version), title(one)]);
    const from = field(t('versions.from'), { tag: 'select', options, value: options[1]?.[0] });
    const to = field(t('versions.to'), { tag: 'select', options, value: options[0]?.[0] });
    return [
        options.length < 2 ? h('p.empty', {}, t('versions.only'))
            : form({ fields: [h('div.row', {}, from.box, to.box)], submit: t('versions.compare'), act: async () => {
            put(await compared(path, from.input.value, to.input.value), t('versions.shown'));
        } }),
        shown,
        section(t('versions.all'), await pages(`${path}/versions`, (one) => h('div', {},
            h('p', {}, h('strong', {}, one.title)),
            h('p', {}, t('version.number', { number: number(one.version) }), ' ',
                one.version === draft.version ? badge(t('version.now'), 'good') : null,
                badge(t(`bench.${one.bench}`)), one.on ? day(one.on) : null),
            h('p.actions', {},
                h('button', { type: 'button', onclick: async () => put(await whole(path, one.version),
                    t('versions.shown')) },
                    t('version.read'),
                        h('span.visually-hidden', {}, `: ${t('version.number', { number: number(one.version) })}`)),
                one.version > 1 ? h('button', { type: 'button', onclick: async () =>
                    put(await compared(path, one.version - 1, one.version), t('versions.shown')) },
                    t('version.changed'), h('span.visually-hidden', {},
                        `: ${t('version.number', { number: number(one.version) })}`)) : null)), t('versions.only'),
                        { limit: 50, first })),
    ];
}

const title = (one) => [t('version.number', { number: number(one.version) }), t(`bench.${one.bench}`),
    one.on ? day(one.on) : null].filter(Boolean).join(', ');

async function compared(path, from, to) {
    const [older, newer] = [Number(from), Number(to)].toSorted((one, other) => one - other);
    if (older === newer) return h('p.empty', {}, t('difference.none'));
    const found = await get(`${path}/versions/${newer}/difference?from=${older}`);
    const names = { from: t('version.number', { number: number(older) }),
        to: t('version.number', { number: number(newer) }) };
    return section(t('versions.between', names), h('p.hint', {}, t('difference.what')), changedLine(found.title),
        h('h3', {}, t('recommendation.text')), difference(found.text, names), h('h3', {}, t('measure')),
            difference(found.measure, names));
}

async function whole(path, version) {
    const found = await get(`${path}/versions/${version}`);
    return section(t('version.number', { number: number(version) }), h('h3', {}, found.title),
        paragraphs(found.text).map(lines),
        h('h3', {}, t('measure')), paragraphs(found.measure).map(lines));
}
