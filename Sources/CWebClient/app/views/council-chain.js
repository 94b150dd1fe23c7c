// The chain: whether it holds, where it breaks, what stands in it in plain words, and what to note for the next visit.

import { h, replace } from '../dom.js';
import { day, number, t } from '../i18n.js';
import { announce, failure, field, form } from '../ui.js';
import { compareNote, followChain, readChain } from '../chain.js';
import { home, network } from '../session.js';
import { titleOf, words } from './council-entry.js';

const perPage = 25;

/** @returns {HTMLElement} filled once the chain has been followed */
export function chain() {
    const box = h('div', {}, h('p', { role: 'status' }, t('chain.checking')));
    const start = async () => {
        const read = await readChain(home());
        const found = await followChain(read, network().id);
        replace(box, verdict(read, found), noteOf(read, found), entries(read.items, found), note(read.items), file(read));
    };
    start().catch((error) => replace(box, failure(error), h('p.actions', {}, h('button', { type: 'button', onclick: () => {
        replace(box, chain());
    } }, t('chain.again')))));
    return box;
}

/** What was checked, in words, and what was not. */
function verdict({ items }, { checked, broken }) {
    const result = broken === null ? h('p.notice', { role: 'status' }, t('chain.holds', { count: checked }))
        : h('div.failure', { role: 'alert' }, h('p', {}, t('chain.broken', { position: number(broken.position) })),
            h('p', {}, t(`chain.broken.${broken.why}`)), h('p', {}, t('chain.broken.next')));
    return [h('p', {}, t('chain.what')), result,
        h('details', {}, h('summary', {}, t('chain.how')), h('ul', {},
            ['order', 'link', 'hash', 'head'].map((one) => h('li', {}, t(`chain.how.${one}`)))),
        h('p', {}, t('chain.how.limits')),
        broken ? h('p', {}, t('chain.how.rest', { checked: number(checked), all: number(items.length) })) : null)];
}

/** Whoever controls the database can write a chain anew; only who noted an earlier end sees that. */
function noteOf({ head }, { broken }) {
    if (broken || head.position === 0) return null;
    return h('div.card', {}, h('h3', {}, t('chain.note')), h('p', {}, t('chain.note.what')),
        h('dl', {}, h('dt', {}, t('position')), h('dd', {}, number(head.position)),
            h('dt', {}, t('chain.hash')), h('dd', {}, h('code', { translate: 'no' }, head.hash.replace(/(.{8})(?=.)/g, '$1 ')))));
}

function note(items) {
    const position = field(t('position'), { type: 'number', min: 1, required: true });
    const hash = field(t('chain.hash'), {
        required: true, minlength: 8, hint: t('chain.compare.hint'), translate: 'no', autocapitalize: 'off',
        spellcheck: 'false',
    });
    const result = h('div', {});
    return h('details', {}, h('summary', {}, t('chain.compare')), h('p', {}, t('chain.compare.what')), form({
        fields: [h('div.row', {}, position.box, hash.box), result], submit: t('chain.compare.do'),
        act: () => {
            const found = compareNote(items, Number(position.input.value), hash.input.value);
            replace(result, h(found === 'same' ? 'p.notice' : 'p.failure', {}, t(`chain.compare.${found}`)));
            announce(result.textContent, found !== 'same');
        },
    }));
}

function entries(items, { checked, broken }) {
    if (items.length === 0) return h('p.empty', {}, t('chain.none'));
    const list = items.toReversed(), rows = h('ol.timeline', {});
    const more = h('button', { type: 'button', onclick: () => show(true) }, t('chain.more'));
    let shown = 0;
    const show = (isAsked) => {
        const next = list.slice(shown, shown + perPage).map((one) => row(one, checked, broken));
        rows.append(...next);
        shown += next.length;
        if (isAsked) next[0].querySelector('h4').focus();
        more.hidden = shown >= list.length;
    };
    show(false);
    return [h('h3', {}, t('chain.entries')), rows, h('p.actions', {}, more)];
}

function row(one, checked, broken) {
    const isBroken = broken?.position === one.position;
    return h('li', {},
        h('h4', { tabindex: '-1' }, `${number(one.position)}. ${titleOf(one.kind)}`),
        h('p', {}, `${day(one.day)}: `, words(one)),
        isBroken ? h('p.failure', {}, t(`chain.broken.${broken.why}`))
            : one.position > checked ? h('p.hint', {}, t('chain.unchecked')) : null,
        h('details', {}, h('summary', {}, t('chain.exact')), h('pre.raw', { tabindex: '0', translate: 'no' }, JSON.stringify(one, null, 1))));
}

/** The pages as the API gives them, for a program of somebody else's. */
function file(read) {
    return h('p.actions', {}, h('button', { type: 'button', onclick: () => {
        const bytes = new Blob([JSON.stringify({ items: read.items, next: null, head: read.head })], { type: 'application/json' });
        const link = h('a', { href: URL.createObjectURL(bytes), download: 'chain.json' });
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    } }, t('chain.save')));
}
