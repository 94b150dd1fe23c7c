// Replies by code; nobody has to be signed in for it, and nothing of it is kept on the device.

import { h, replace } from '../dom.js';
import { t } from '../i18n.js';
import { announce, field, form } from '../ui.js';
import { reader, voice } from '../voice.js';
import { isInsider, network } from '../session.js';
import { drop } from '../unsent.js';
import { dialogue } from './inbox-dialogue.js';

/** What was looked up in this visit, so that it outlives a change of the language; gone once the view is left. */
let visit = { rest: null };

export async function show(rest) {
    // The same way here means the same visit, drawn anew.
    if (visit.rest !== rest) forget(rest);
    const box = h('div', {});
    draw(box);
    leaveWith(box);
    return box;
}

function forget(rest = null) {
    drop('reply');
    visit = { rest, place: rest?.[0] ?? network()?.id ?? '', code: null, found: null, said: [] };
}

/** Nothing of a dialogue stays in memory when somebody has gone on to another view. */
function leaveWith(box) {
    const timer = setInterval(() => {
        if (box.isConnected) return;
        clearInterval(timer);
        if (visit.box === box) forget();
    }, 5_000);
    visit.box = box;
}

const isOwn = (place) => isInsider() && network()?.id === place;

/** With the outbox of this device, if it is the network's own: what is withdrawn must not be sent from there again. */
const client = async () => (isOwn(visit.place) ? voice() : reader(visit.place));

function draw(box) {
    if (visit.found) return replace(box, h('h1', {}, t('inbox')), dialogue(visit, { client, again: () => look(box), done: () => done(box) }));
    const knows = visit.place !== '';
    const place = field(t('inbox.network'), {
        value: visit.place, required: true, autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', hint: t('inbox.network.hint'),
        pattern: ' *[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12} *', maxlength: 60, translate: 'no',
    });
    const code = field(t('code.yours'), {
        inputmode: 'numeric', autocomplete: 'off', autocorrect: 'off', autocapitalize: 'off', spellcheck: 'false', required: true,
        hint: t('code.hint'), maxlength: 60, member: 'code',
    });
    const other = knows ? h('details', {}, h('summary', {}, t('inbox.other')), place.box) : place.box;
    return replace(box, h('h1', {}, t('inbox')), h('p.lead', {}, t('inbox.what')), h('p.notice', {}, t('device')),
        form({
            fields: [code.box, other], submit: t('inbox.look'), kept: '', name: t('inbox'),
            act: async () => {
                visit.place = place.input.value.trim().toLowerCase();
                visit.code = code.input.value;
                await look(box).catch((error) => {
                    if (error.code !== 'bad-code') throw error;
                    throw Object.assign(error, { errors: [{ pointer: '/code', detail: t('error.bad-code') }] });
                });
            },
        }),
        h('h2', {}, t('inbox.lost')), h('p', {}, t('inbox.lost.what')));
}

async function look(box) {
    const found = await (await client()).inbox(visit.code);
    // What the dialogue shows is no longer under way.
    visit.said = visit.said.filter((text) => !found.messages.some((one) => one.from === 'author' && one.text === text));
    visit.found = found;
    draw(box);
    const heading = box.querySelector('h2');
    heading.setAttribute('tabindex', '-1');
    heading.focus();
    announce('');
}

function done(box) {
    forget(visit.rest);
    visit.box = box;
    draw(box);
    box.querySelector('input').focus();
    announce(t('inbox.cleared'));
}
