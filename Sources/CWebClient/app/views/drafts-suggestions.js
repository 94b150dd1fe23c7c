// Drafts that released numbers ask for, and the numbers that do.

import { h } from '../dom.js';
import { list, post, put, remove } from '../api.js';
import { day, number, t } from '../i18n.js';
import { action, field, form, items, prose } from '../ui.js';
import { bars } from '../charts.js';
import { home } from '../session.js';
import { nameOf } from './drafts-evidence.js';
import { arrive } from './drafts-stay.js';

const states = ['open', 'drafted', 'dismissed'];

export async function show([state = 'open'], context) {
    const name = states.includes(state) ? state : 'open';
    const all = await list(`${home()}/suggestions?state=${name}`);
    return [h('p.hint', {}, t('suggestions.what')),
        h('ul.tabs', {}, states.map((one) => h('li', {}, h('a', { href: `#/drafts/suggestions/${one}`,
            'aria-current': one === name ? 'true' : null }, t(`suggestions.${one}`))))),
        items(all, (one) => suggestion(one, context), t(`suggestions.${name}.none`))];
}

function suggestion(one, context) {
    const label = (cell) =>
        `${t('release.named', { number: number(cell.releaseNumber), day: day(cell.closedOn) })}: ${nameOf(cell)}`;
    const rows = one.cells.map((cell) => ({ ...cell, label: label(cell) }));
    const columns = [{ name: t('release'), of: (row) => row.releaseNumber }];
    return h('article', {}, h('h2', {}, one.title), h('p', {}, h('strong', {}, `${t('suggestion.why')}: `), one.why),
        bars(rows, `${one.title}: ${t('suggestion.cells')}`, { name: 'chorus-suggestion', columns }),
        h('details', {}, h('summary', {}, t('suggestion.text')), prose(one.text),
            h('h3', {}, t('measure')), prose(one.measure)),
        one.dismissal
            ? h('p', {}, t('suggestion.dismissed', { day: day(one.dismissal.on) }), ' ', one.dismissal.reason) : null,
        acts(one, context));
}

function acts(one, context) {
    if (one.state === 'drafted') return h('p.actions', {},
        h('a.button', { href: `#/drafts/${one.recommendation}` }, t('suggestion.draft.see')));
    const path = `${home()}/suggestions/${one.id}`;
    const draft = action(t('suggestion.draft'), async () => {
        const made = await post(`${path}/draft`);
        await arrive(context, `drafts/${made.recommendation}`, t('draft.made'));
    }, { kind: 'primary' });
    if (one.state === 'dismissed') return h('p.actions', {}, draft, action(t('suggestion.back'), async () => {
        await remove(`${path}/dismissal`);
        await arrive(context, 'drafts/suggestions/dismissed', t('saved'));
    }));
    return [h('p.actions', {}, draft), dismissal(path, context)];
}

function dismissal(path, context) {
    const reason = field(t('suggestion.reason'), {
        tag: 'textarea', rows: 2, required: true, maxlength: 2_000, member: 'reason', hint: t('suggestion.reason.hint'),
    });
    return h('details', {}, h('summary', {}, t('suggestion.dismiss')), form({
        fields: [reason.box], submit: t('suggestion.dismiss.do'), kind: '', act: async () => {
            await put(`${path}/dismissal`, { reason: reason.input.value });
            await arrive(context, 'drafts/suggestions/open', t('saved'));
        },
    }));
}
