// Where each paragraph comes from: releases, events, interviews, hearings, other towns; never a person.

import { h, replace } from '../dom.js';
import { day, number, t } from '../i18n.js';
import { announce, field, form } from '../ui.js';
import { origin } from './recommendations-provenance.js';

const kinds = ['release', 'eventSummary', 'interviewLog', 'hearing', 'package'];

/**
 * @param {string[]} texts the paragraphs @param {object[]} before as the API has it
 * @param {object[]} releases that may be named @param {function(object[]): void} done with each change
 */
export function origins(texts, before, releases, done) {
    let all = before.map((one) => ({ ...one }));
    const box = h('div', {});
    const numbers = new Map(releases.map((one) => [one.id, one.number]));
    const draw = () => replace(box,
        [null, ...texts.map((_, index) => index + 1)].map((paragraph) => place(paragraph, texts[paragraph - 1])));
    const change = (some, paragraph, said) => {
        all = some;
        done(all);
        draw();
        box.querySelectorAll('summary')[paragraph ?? 0]?.focus();
        announce(said);
    };
    const place = (paragraph, text) => {
        const some = all.filter((one) => one.paragraph === paragraph);
        const missing = paragraph !== null && some.length === 0 && all.length > 0
            && !all.some((one) => one.paragraph === null);
        return h('div.card.origin-of', {}, h('h3', {}, paragraph === null ? t('provenance.whole')
            : t('paragraph', { number: number(paragraph) })),
            text === undefined ? null : h('p.soft', {}, text.length > 140 ? `${text.slice(0, 140)} …` : text),
            some.length === 0 ? h(missing ? 'p.refused' : 'p.soft', {},
                t(missing ? 'provenance.missing' : 'provenance.none')) : null,
            h('ul.plain', {}, some.map((one) => h('li', {}, origin(one, numbers), ' ', h('button', {
                type: 'button', onclick: () => change(all.filter((each) => each !== one), paragraph,
                    t('provenance.removed')),
            }, t('remove'), h('span.visually-hidden', {}, `: ${t(`provenance.${one.kind}`)} ${one.reference}`))))),
            add(paragraph, releases, (made) => change([...all, made], paragraph, t('provenance.added'))));
    };
    draw();
    return box;
}

/** What is named is a thing that its readers can find. */
function add(paragraph, releases, made) {
    const kind = field(t('provenance.kind'),
        { tag: 'select', options: kinds.map((one) => [one, t(`provenance.${one}`)]), onchange: () => swap() });
    const release = field(t('release'), { tag: 'select', options: releases.map((one) =>
        [one.id, `${number(one.number)}. ${one.title} (${day(one.closedOn)})`]) });
    const words = field(t('provenance.reference'),
        { maxlength: 300, required: true, hint: t('provenance.reference.hint') });
    const on = field(t('day'), { type: 'date', required: true, value: new Date().toISOString().slice(0, 10) });
    const rest = h('div', {});
    const isRelease = () => kind.input.value === 'release';
    const swap = () => replace(rest, isRelease() ? release.box : [words.box, on.box]);
    swap();
    return h('details', {}, h('summary', {}, t('provenance.add'), h('span.visually-hidden', {},
        paragraph === null ? '' : ` (${t('paragraph', { number: number(paragraph) })})`)), form({
        fields: [kind.box, rest], submit: t('provenance.do'), kind: '', act: () => {
            const found = releases.find((one) => one.id === release.input.value);
            made({ paragraph, kind: kind.input.value, reference: isRelease() ? found.id : words.input.value,
                on: isRelease() ? found.closedOn : on.input.value });
        },
    }));
}
