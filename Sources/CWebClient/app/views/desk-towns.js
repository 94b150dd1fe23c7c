// Recommendations travel between towns as signed packages: whom to trust is decided here, by people.

import { h, replace } from '../dom.js';
import { get, put, remove } from '../api.js';
import { day, t } from '../i18n.js';
import { action, announce, field, form, items, section, sure } from '../ui.js';
import { hex, sha256, unbase64url } from '../../anonymous.js';
import { home } from '../session.js';
import { giving, taking } from './desk-packages.js';

/** In fours, so that two people can read it to each other. */
const fingerprint = (keyId) => keyId.slice(0, 32).replace(/(.{4})(?=.)/g, '$1 ');

export async function show() {
    const [own, box] = [await get(`${home()}/package-key`), h('div', {})];
    const draw = async () => replace(box, items((await get(`${home()}/trusted-towns`)).items, (one) => town(one, draw), t('towns.none')));
    await draw();
    return h('div', {}, h('h1', { tabindex: '-1' }, t('desk.towns')), h('p', {}, t('towns.what')),
        section(t('packages.take'), taking()),
        section(t('packages.give'), await giving()),
        section(t('towns.trusted'), h('p', {}, t('towns.trust')), box, h('details', {}, h('summary', {}, t('towns.add')), trust(draw))),
        section(t('towns.own'), h('p', {}, t('towns.own.what')), h('dl', {},
            h('dt', {}, t('towns.key')), h('dd', {}, h('code', { translate: 'no' }, own.publicKey)),
            h('dt', {}, t('towns.fingerprint')), h('dd', {}, h('code', { translate: 'no' }, fingerprint(own.keyId))))));
}

function town(one, draw) {
    return h('article', {}, h('h3', {}, one.name), h('p', {}, t('towns.since', { day: day(one.trustedOn) })),
        h('p', {}, t('towns.fingerprint'), ': ', h('code', { translate: 'no' }, fingerprint(one.keyId))),
        h('p.actions', {}, action(t('towns.end'), async () => {
            if (!await sure(t('towns.end.sure', { name: one.name }), t('towns.end'))) return;
            await remove(`${home()}/trusted-towns/${one.keyId}`);
            await draw();
            document.querySelector('h1')?.focus();
            announce(t('towns.ended', { name: one.name }));
        }, { kind: 'danger' })));
}

function trust(draw) {
    const name = field(t('towns.name'), { required: true, maxlength: 200, member: 'name' });
    const key = field(t('towns.key'), {
        required: true, minlength: 43, maxlength: 43, member: 'publicKey', hint: t('towns.key.hint'), translate: 'no',
        spellcheck: 'false', autocapitalize: 'off',
    });
    const print = h('p', { role: 'status' });
    const idOf = async () => hex(await sha256(unbase64url(key.input.value.trim())));
    key.input.addEventListener('change', async () => {
        const id = await idOf().catch(() => null);
        replace(print, id ? [t('towns.compare'), ' ', h('code', { translate: 'no' }, fingerprint(id))] : '');
    });
    return form({
        fields: [name.box, key.box, print], submit: t('towns.add.do'),
        act: async (element) => {
            const id = await idOf().catch(() => {
                throw Object.assign(new Error(), { errors: [{ pointer: '/publicKey', detail: t('towns.key.wrong') }] });
            });
            if (!await sure(t('towns.add.sure', { name: name.input.value, fingerprint: fingerprint(id) }), t('towns.add.do'))) return;
            await put(`${home()}/trusted-towns/${id}`, { publicKey: key.input.value.trim(), name: name.input.value.trim() });
            element.reset();
            replace(print);
            await draw();
            announce(t('towns.added'));
        },
    });
}
