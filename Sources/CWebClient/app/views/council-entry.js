// An entry of the audit chain in plain words.

import { day, has, number, t } from '../i18n.js';

const roles = (names) => (names.length === 0 ? t('audit.roles.none') : names.map((one) => t(`role.${one}`)).join(', '));
const thresholds = ({ k, d, minSet }) => t('audit.thresholds.are', { k: number(k), d: number(d), minSet: number(minSet) });

const tellers = {
    release: ({ of, number: count, closedOn, scheme, k }) => t(`audit.release.${of}`, {
        number: count === null ? '' : number(count), day: day(closedOn), scheme: t(`scheme.${scheme}`), k: number(k),
    }),
    thresholds: ({ before, after }) => [
        before === null ? t('audit.thresholds.first', { after: thresholds(after) })
            : thresholds(before) === thresholds(after) ? '' : t('audit.thresholds.raised', { before: thresholds(before), after: thresholds(after) }),
        Boolean(before?.publicRecord) === Boolean(after.publicRecord) ? '' : t(`audit.public.${after.publicRecord ? 'on' : 'off'}`),
    ].filter(Boolean).join(' '),
    roles: ({ before, after }) => t('audit.roles.were', { before: roles(before), after: roles(after) }),
    publication: ({ number: count, answerDueOn, revision }) => [
        t(revision ? 'audit.publication.revision' : 'audit.publication.first', {
            number: count === null ? '?' : number(count), revision: number(revision ?? 1),
        }),
        answerDueOn ? t('audit.publication.due', { day: day(answerDueOn) }) : '',
    ].filter(Boolean).join(' '),
    answer: ({ version, decision, dueOn }) => [
        t('audit.answer.given', { version: number(version), decision: t(`decision.${decision}`) }),
        dueOn ? t('audit.answer.due', { day: day(dueOn) }) : '',
    ].filter(Boolean).join(' '),
    provider: ({ before, after }) => [
        after === null ? t('audit.provider.ended', { issuer: before.issuer }) : t('audit.provider.is', { issuer: after.issuer, roles: roles(after.roles) }),
        after?.trustsEmail ? t('audit.provider.email') : '',
    ].filter(Boolean).join(' '),
    reset: ({ step }) => t(`audit.reset.${step}`),
    export: ({ rows, by }) => t('audit.export.rows', { count: rows, by: t(`role.${by}`) }),
};

/** @param {{kind: string, content: object}} entry @returns {string} a sentence or two; of an unknown kind what it says itself */
export function words({ kind, content }) {
    try {
        return tellers[kind](content);
    } catch {
        // A broken chain may hold anything; it is shown as it is.
        return JSON.stringify(content);
    }
}

/** What kind of entry it is. @param {string} kind @returns {string} */
export const titleOf = (kind) => t(has(`audit.${kind}`) ? `audit.${kind}` : 'audit.other');
