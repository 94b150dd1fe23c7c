// What somebody has agreed to, and the ways out: withdraw, take everything along, leave, erase.

import { h, replace } from '../dom.js';
import { ask, get, put, remove } from '../api.js';
import { day, t } from '../i18n.js';
import { action, announce, badge, failure, form, section, sure, tick } from '../ui.js';
import * as session from '../session.js';
import { consentText } from './me-consent-text.js';

export async function consents(context) {
    const purposes = ['membership', 'mail'];
    const [given, texts] = await Promise.all([Promise.all(purposes.map(read)), Promise.all(purposes.map((one) => consentText(one)))]);
    return [
        h('p', {}, t('consents.what')),
        ...purposes.map((purpose, index) => one(purpose, given[index], texts[index], context)),
        section(t('data'), h('p', {}, t('data.export.what')),
            h('p.actions', {}, h('a.button', { href: '/v1/me/export', download: 'chorus.json' }, t('data.export')))),
        session.network() ? leaving(context) : null,
        erasing(context),
    ];
}

/** Whoever was made a member by a roster has given none here. */
const read = (purpose) => get(`/me/consents/${purpose}`).catch((error) => {
    if (error.status !== 404) throw error;
    return null;
});

function one(purpose, consent, text, context) {
    const isGiven = consent !== null && consent.withdrawnOn === null;
    const state = isGiven ? t('consent.given.on', { day: day(consent.givenOn), version: consent.textVersion })
        : consent ? t('consent.withdrawn.on', { day: day(consent.withdrawnOn) }) : t(`consent.${purpose}.none`);
    const give = async () => {
        await put(`/me/consents/${purpose}`, { textVersion: text.version });
        await context.show();
        announce(t('consent.given'));
    };
    const withdraw = async () => {
        if (!await sure(t(`consent.${purpose}.withdraw.sure`), t('consent.withdraw'))) return;
        await remove(`/me/consents/${purpose}`);
        await afterwards(context, t('consent.withdrawn'), purpose === 'membership');
    };
    // A text that has changed since covers other things than what was agreed to.
    const isOld = consent?.state === 'outdated';
    return section(t(`consent.${purpose}`), h('p', {}, badge(t(isGiven ? 'consent.is.given' : 'consent.is.not'), isGiven ? 'good' : ''), state),
        isOld ? h('p.notice', {}, t('consent.old')) : null,
        h('details', { open: !isGiven || isOld }, h('summary', {}, t('consent.text')), text.box), isOld ? earlier(purpose, consent.textVersion) : null,
        h('p.actions', {}, isGiven && !isOld ? null : action(t(`consent.${purpose}.give`), give, { kind: 'primary' }),
            isGiven || (purpose === 'membership' && session.network()) ? action(t('consent.withdraw'), withdraw, { kind: 'danger' }) : null),
        h('p.hint', {}, t(`consent.${purpose}.withdraw`)));
}

/** What was agreed to then, fetched when somebody wants to see it. */
function earlier(purpose, version) {
    const shown = h('div', {});
    const read = async () => {
        if (shown.firstChild) return;
        replace(shown, (await consentText(purpose, version).catch((error) => ({ box: failure(error) }))).box);
    };
    return h('details', { ontoggle: read }, h('summary', {}, t('consent.earlier', { version })), shown);
}

async function afterwards({ go, show: again }, said, isElsewhere) {
    await session.resume();
    if (isElsewhere) go('');
    else await again();
    announce(said);
}

const lines = (keys) => h('ul', {}, keys.map((key) => h('li', {}, t(key))));

function leaving(context) {
    const leave = async () => {
        if (!await sure(t('leave.sure', { name: session.network().name }), t('leave'))) return;
        try {
            await remove(`${session.home()}/memberships/me`);
        } catch (error) {
            if (error.status === 409) error.code = 'last-coordinator';
            throw error;
        }
        await afterwards(context, t('leave.done'), true);
    };
    return section(t('leave.title'), h('p', {}, t('leave.what', { name: session.network().name })), action(t('leave'), leave, { kind: 'danger' }));
}

function erasing({ go }) {
    const understood = tick(t('data.erase.understood'), { required: true });
    return section(t('data.erase'),
        h('h3', {}, t('data.erase.goes')), lines(['account', 'answers', 'grants', 'sessions'].map((each) => `data.erase.goes.${each}`)),
        h('h3', {}, t('data.erase.stays')), lines(['messages', 'numbers', 'texts', 'backups'].map((each) => `data.erase.stays.${each}`)),
        form({
            fields: [understood.box], submit: t('data.erase'), kind: 'danger', kept: '',
            act: async () => {
                if (!await sure(t('data.erase.sure'), t('data.erase'))) return;
                await ask('DELETE', '/me');
                session.forget();
                go('sign-in');
                announce(t('data.erased'));
            },
        }));
}
