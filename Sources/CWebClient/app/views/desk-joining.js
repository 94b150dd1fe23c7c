// Who wants in, and codes for those who are to come in.

import { h, replace } from '../dom.js';
import { list, post, put } from '../api.js';
import { day, number, t } from '../i18n.js';
import { action, announce, field, form, items, prose, section } from '../ui.js';
import { home, network } from '../session.js';
import { today } from './desk-days.js';
import { once } from './desk-once.js';

export async function show() {
    const box = h('div', {}), codes = h('div', {});
    const draw = async () => {
        const all = await list(`${home()}/join-requests`, 2_000);
        const open = all.filter((one) => one.decision === null).toSorted((a, b) => a.createdOn.localeCompare(b.createdOn));
        replace(box, items(open, (one) => request(one, draw), t('requests.none')), decided(all));
    };
    await draw();
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.joining')),
        section(t('desk.requests'), h('p', {}, t('requests.trust')), box),
        section(t('invitations'), h('p', {}, t('invitations.what')), invite(codes), codes));
}

function request(one, draw) {
    const reason = field(t('request.reason'), { maxlength: 2_000, isOptional: true });
    const decide = async (decision, name) => {
        await put(`${home()}/join-requests/${one.id}/decision`, {
            decision, ...(decision === 'declined' && reason.input.value.trim() ? { reason: reason.input.value.trim() } : {}),
        });
        await draw();
        // The card is gone; the attention goes to the list's heading, and the result is said.
        document.querySelector('h1')?.focus();
        announce(t(`request.${decision}`, { name }));
    };
    return h('article', {}, h('h3', {}, one.displayName), h('p.hint', {}, t('request.since', { day: day(one.createdOn) })),
        one.text ? prose(one.text) : h('p.hint', {}, t('request.silent')),
        h('p.actions', {}, action(t('request.approve'), () => decide('approved', one.displayName), { kind: 'primary' })),
        h('details', {}, h('summary', {}, t('request.decline')), reason.box,
            h('p.actions', {}, action(t('request.decline.do'), () => decide('declined', one.displayName)))));
}

/** Told in numbers only: a list of the declined would be a list of people outside the network. */
function decided(all) {
    const [approved, declined] = ['approved', 'declined'].map((which) => all.filter((one) => one.decision === which).length);
    return approved + declined === 0 ? null
        : h('p.hint', {}, t('requests.decided', { approved: number(approved), declined: number(declined) }));
}

function invite(codes) {
    const count = field(t('invitation.count'), {
        type: 'number', min: 1, max: 500, value: '10', required: true, member: 'count',
    });
    const until = field(t('invitation.until'), {
        type: 'date', required: true, member: 'expiresOn', value: today(30), min: today(), max: today(366),
    });
    return form({
        fields: [h('div.row', {}, count.box, until.box)], submit: t('invitations.make'),
        act: async () => {
            const made = await post(`${home()}/invitations`, { count: Number(count.input.value), expiresOn: until.input.value });
            const print = h('button.primary', { type: 'button', onclick: () => window.print() }, t('invitations.print'));
            once(codes, {
                title: t('invitations.fresh', { count: made.codes.length }), what: t('invitations.once'), codes: made.codes, buttons: [print],
            });
            codes.append(slips(made));
        },
    });
}

/** A sheet to cut up: each slip says what is needed to come in, and nothing of what the network is about. */
function slips({ codes, expiresOn }) {
    return h('div.slips.print-only', { 'aria-hidden': 'true' }, codes.map((one) => h('div.slip', {},
        h('p', {}, h('strong', {}, network().name)), h('p', {}, t('slip.where'), h('br'), h('strong', {}, location.host)),
        h('p', {}, t('slip.code', { have: t('invitation.have') }), h('br'), h('span.code', {}, one)),
        h('p', {}, t('slip.until', { day: day(expiresOn) })),
        h('p', {}, t('slip.alone')))));
}
