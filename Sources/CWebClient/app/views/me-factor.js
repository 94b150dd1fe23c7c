// A code beside the password: set up with an app, confirmed by a first code, and codes on paper for when the app is lost.

import { h, replace } from '../dom.js';
import { get, put } from '../api.js';
import { day, number, t } from '../i18n.js';
import { announce, badge, field, form, section, sure } from '../ui.js';
import { once } from './desk-once.js';
import { password } from './sign-in-password.js';

const path = '/me/second-factor';

/** @param {function(): Promise<void>} again draws the page anew */
export async function secondFactor(again) {
    const now = await get(path).catch((error) => {
        if (error.status === 401) throw error;
        return null;
    });
    if (!now) return null;
    const isOn = now.state === 'on';
    const shown = h('div', {});
    const state = h('p', {}, badge(t(isOn ? 'factor.is.on' : 'factor.is.off'), isOn ? 'good' : ''),
        isOn ? [t('factor.since', { day: day(now.since) }), ' ', t('factor.left', { count: now.recoveryCodesLeft, shown: number(now.recoveryCodesLeft) })] : null);
    const switchedOn = (codes) => {
        replace(state, badge(t('factor.is.on'), 'good'));
        onPaper(shown, codes);
    };
    return section(t('factor'), h('p', {}, t('factor.what')), state,
        isOn ? [renewing(shown), removing(again)] : beginning(switchedOn),
        isOn ? h('p.hint', {}, t('factor.lost')) : null, shown);
}

const own = () => password(t('factor.begin.password'), { member: 'password', autocomplete: 'current-password', required: true, hint: t('factor.begin.hint') });

const typed = (label) => field(label, {
    member: 'code', required: true, minlength: 6, maxlength: 60, autocomplete: 'one-time-code', spellcheck: 'false', autocapitalize: 'characters',
});

/** @param {function(string[]): void} done what happens with the recovery codes */
function beginning(done) {
    const proof = own();
    const box = h('div', {});
    return replace(box, form({
        fields: [proof.box], submit: t('factor.begin'), name: t('factor'), kept: '',
        act: async () => {
            const begun = await put(`${path}/secret`, { password: proof.input.value });
            replace(box, confirming(begun, box, done));
            box.querySelector('h3').focus();
            announce(t('factor.qr'), false, { isSeen: false });
        },
    }));
}

function confirming(begun, box, done) {
    const code = typed(t('factor.code'));
    code.input.inputMode = 'numeric';
    return [
        h('h3', { tabindex: '-1' }, t('factor.begin')),
        h('ol', {}, ['app', 'scan', 'type'].map((step) => h('li', {}, t(`factor.step.${step}`)))),
        begun.code === null ? null : h('p', {}, h('img.qr', { src: `data:image/svg+xml,${encodeURIComponent(begun.code)}`, alt: t('factor.qr') })),
        // As text and not in a field: whoever types it elsewhere has to see all of it.
        h('div.card', {}, h('p', {}, h('strong', {}, t('factor.secret'))),
            h('p.code.secret', { translate: 'no' }, begun.secret.match(/.{1,4}/g).join(' ')), h('p.hint', {}, t('factor.secret.once'))),
        form({
            fields: [code.box, h('p.hint', {}, t('factor.confirm.what'))], submit: t('factor.confirm'), name: t('factor.begin'), kept: '',
            act: async () => {
                const { codes } = await put(`${path}/confirmation`, { code: code.input.value.trim() });
                replace(box);
                done(codes);
                announce(t('factor.done'));
            },
        }),
    ];
}

/** Shown once, with a sheet for the printer. */
function onPaper(shown, codes) {
    const print = h('button.primary', { type: 'button', onclick: () => window.print() }, t('print'));
    once(shown, { title: t('factor.codes'), what: t('factor.codes.what'), codes, buttons: [print] });
    shown.append(h('div.slips.print-only', { 'aria-hidden': 'true' }, h('div.slip', {}, h('p', {}, t('factor.codes')),
        codes.map((one) => h('p.code', { translate: 'no' }, one)))));
}

function renewing(shown) {
    const [proof, code] = [own(), typed(t('factor.proof'))];
    return h('details', {}, h('summary', {}, t('factor.renew')), h('p', {}, t('factor.renew.what')), form({
        fields: [proof.box, code.box], submit: t('factor.renew'), name: t('factor.renew'), kept: '',
        act: async () => {
            const { codes } = await put(`${path}/recovery-codes`, { password: proof.input.value, code: code.input.value.trim() });
            [proof.input.value, code.input.value] = ['', ''];
            onPaper(shown, codes);
        },
    }));
}

function removing(again) {
    const [proof, code] = [own(), typed(t('factor.proof'))];
    return h('details', {}, h('summary', {}, t('factor.remove')), h('p', {}, t('factor.remove.what')), form({
        fields: [proof.box, code.box], submit: t('factor.remove'), name: t('factor.remove'), kind: 'danger', kept: '',
        act: async () => {
            if (!await sure(t('factor.remove.sure'), t('factor.remove'))) return;
            await put(`${path}/removal`, { password: proof.input.value, code: code.input.value.trim() });
            await again();
            announce(t('factor.removed'));
        },
    }));
}
