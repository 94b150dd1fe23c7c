// A draft as it reads now, with what its authors say to each other about each paragraph.

import { h, replace } from '../dom.js';
import { list, post, put } from '../api.js';
import { day, number, t } from '../i18n.js';
import { announce, badge, failure, field, form, section } from '../ui.js';
import { bars } from '../charts.js';
import { paragraphs } from '../difference.js';
import { drop, keep, kept } from '../unsent.js';
import { lines, origin } from './recommendations-provenance.js';
import { nameOf, resolved } from './drafts-evidence.js';
import { releaseNumbers } from './drafts-places.js';

export async function show({ draft, path, who }) {
    const [comments, releases] = await Promise.all([who.isAuthor ? list(`${path}/comments`) : [], releaseNumbers()]);
    const cells = await resolved(draft, releases);
    const whole = draft.provenance.filter((one) => one.paragraph === null);
    const lost = comments.filter((one) => one.currentParagraph === null);
    const open = h('p', {});
    const count = () => { const left = comments.filter((one) => !one.resolved).length; replace(open,
        left > 0 ? t('comments.open', { count: left }) : t('comments.open.none')); };
    count();
    return [
        who.isAuthor ? open : h('p.notice', {}, t('draft.reading')),
        section(t('recommendation.text'), paragraphs(draft.text).map((words, index) => h('div.paragraph', {},
            h('p.label', {}, t('paragraph', { number: number(index + 1) })), lines(words),
            sources(draft.provenance.filter((one) => one.paragraph === index + 1), t('provenance.from'), releases),
            who.isAuthor ? talk({ draft, path, paragraph: index + 1, count, all: comments },
                comments.filter((one) => one.currentParagraph === index + 1)) : null)),
        sources(whole, t('provenance.whole'), releases)),
        section(t('measure'), paragraphs(draft.measure).map(lines)),
        draft.evidence.length > 0 ? section(t('evidence'), evidence(draft, cells, releases)) : null,
        lost.length > 0 ? section(t('comments.lost'), h('p.hint', {}, t('comments.lost.what')),
            talk({ draft, path, paragraph: null, count }, lost)) : null,
    ];
}

/** The numbers, where they are known; a draft names them by ids alone. */
function evidence(draft, cells, releases) {
    if (cells) return bars(cells.map((cell) => ({ ...cell, label: nameOf(cell) })), `${draft.title}: ${t('evidence')}`,
        { name: 'chorus-draft' });
    return h('p', {}, t('draft.evidence', { count: draft.evidence.length }), ' ',
        [...new Set(draft.evidence.map((one) => one.release))].map((id) => [
        h('a', { href: `#/numbers/${id}` }, t('release.short', { number: releases.get(id) ?? '?' })), ' ']));
}

const sources = (some, name, releases) => (some.length === 0 ? null : h('p.origin', {}, h('strong', {}, name, ': '),
    some.map((one, index) => [index > 0 ? '; ' : null, origin(one, releases)])));

/** What is said about one paragraph; drawn anew by itself, so that nobody loses their place. */
function talk(place, comments) {
    const box = h('details.talk', { open: comments.some((one) => !one.resolved) });
    const summary = h('summary', {});
    const draw = () => {
        place.count();
        summary.textContent = comments.length === 0 ? t('comment.add') : t('comments', { count: comments.length });
        replace(box, summary, h('ul.plain', {}, comments.map((one) => comment(place, one, draw))),
            place.paragraph === null ? null : write(place, comments, draw));
    };
    draw();
    return box;
}

function comment({ draft, path }, one, draw) {
    const result = h('span', {});
    const resolve = async () => {
        try {
            Object.assign(one, await put(`${path}/comments/${one.id}/resolution`, { resolved: !one.resolved }));
            draw();
            document.getElementById(`comment-${one.id}`)?.focus();
            announce(t(one.resolved ? 'comment.done.said' : 'comment.again.said'));
        } catch (error) { replace(result, failure(error)); }
    };
    return h('li.comment', {},
        h('p', {}, badge(t(`bench.${one.bench}`)), h('strong', {}, one.displayName ?? t('comment.gone')), ', ',
            day(one.on),
            one.version === draft.version ? null : `, ${t('comment.version', { number: number(one.version) })}`, ' ',
            one.resolved ? badge(t('comment.resolved'), 'good') : null),
        one.currentParagraph === null || paragraphs(draft.text)[one.currentParagraph - 1] !== one.quote
            ? h('details', {}, h('summary', {}, t('comment.quote')), h('blockquote', {}, lines(one.quote))) : null,
        lines(one.text),
        h('p.actions', {}, h('button', { type: 'button', id: `comment-${one.id}`, onclick: resolve },
            t(one.resolved ? 'comment.again' : 'comment.done')), result));
}

function write({ draft, path, paragraph, all }, comments, draw) {
    const name = `comment:${draft.id}:${paragraph}`;
    const text = field(t('comment.text', { number: number(paragraph) }), {
        tag: 'textarea', rows: 3, maxlength: 5_000, required: true, member: 'text', value: kept(name)?.text ?? '',
        oninput: () => keep(name, { text: text.input.value, isWorthKeeping: () => text.input.value.trim() !== '' }),
    });
    return form({ fields: [text.box], submit: t('comment.send'), kind: '',
        name: t('comment.text', { number: number(paragraph) }), act: async () => {
        const made = await post(`${path}/comments`, { paragraph, version: draft.version, text: text.input.value });
        drop(name);
        comments.push(made);
        all.push(made);
        draw();
        document.getElementById(`comment-${made.id}`)?.focus();
        announce(t('comment.sent'));
    } });
}
