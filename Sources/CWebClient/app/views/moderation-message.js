// One message of the queue: its text and clocks, and, when somebody opens it, what can be done with it.

import { h, replace } from '../dom.js';
import { day, t } from '../i18n.js';
import { badge, prose } from '../ui.js';
import { home } from '../session.js';
import { daysUntil } from './desk-days.js';
import { isTyped } from './desk-typed.js';
import { dialogue } from './moderation-dialogue.js';
import { sorting, summarising } from './moderation-forms.js';

/** Which messages are open stays when the page is drawn anew. */
const opened = new Set();

/**
 * @param {object} message as the API gives it
 * @param {object} channel that it is in
 * @param {{id: string, name: string}[]} units for the one that the author chose to show
 * @returns {HTMLElement}
 */
export function messageCard(message, channel, units) {
    const head = h('div', {}), panel = h('div', {});
    const path = `${home()}/channels/${channel.id}/messages/${message.id}`;
    const draw = (next) => {
        Object.assign(message, next);
        replace(head, facts(message, channel, units), clocks(message));
    };
    const fill = () => {
        if (panel.childElementCount > 0) return;
        const theme = channel.themes.find((one) => one.id === message.theme);
        replace(panel, theme?.sensitive ? h('p.notice', {}, t('theme.sensitive.what')) : null,
            dialogue(message, path), sorting(message, channel, path, draw),
            summarising(message, units, path, draw));
    };
    draw({});
    const isOpen = opened.has(message.id) || ['reply', 'sort', 'summary'].some((one) => isTyped(`${one}-${message.id}`));
    if (isOpen) fill();
    return h('article', {}, head,
        h('div.text', { lang: tagOf(message.language) }, prose(message.text)),
        h('details', { open: isOpen, ontoggle: (event) => {
            if (event.target !== event.currentTarget) return;
            if (event.target.open) { opened.add(message.id); fill(); } else opened.delete(message.id);
        } }, h('summary.opener', {}, t('message.work')), panel));
}

/** Whatever somebody named their language; nothing when that is no tag. */
function tagOf(language) {
    try {
        return Intl.getCanonicalLocales(language)[0] ?? null;
    } catch {
        return null;
    }
}

function facts(message, channel, units) {
    const theme = channel.themes.find((one) => one.id === message.theme);
    const unit = units.find((one) => one.id === message.unit);
    return [h('h3', {}, theme?.name ?? t('theme.none')),
        h('p', {}, badge(t(`message.${message.state}`), message.state === 'answered' ? 'good' : ''),
            theme?.sensitive ? badge(t('theme.sensitive')) : null, `${channel.name} · ${day(message.day)}`,
            unit ? ` · ${t('moderation.unit', { unit: unit.name })}` : null),
        message.reason ? h('p.hint', {}, t('moderation.reason', { reason: message.reason })) : null,
        message.reachable ? null : h('p.hint', {}, t('moderation.unreachable'))];
}

/** A legal reporting point owes two things in time: a confirmation, and an answer. */
function clocks(message) {
    if (!message.clock) return null;
    const { acknowledgedOn, acknowledgeBy, answerBy } = message.clock;
    const isAnswered = ['answered', 'closed', 'rejected'].includes(message.state);
    return h('ul.clocks', { 'aria-label': t('moderation.clocks') },
        h('li', {}, acknowledgedOn ? t('moderation.clock.acknowledged', { day: day(acknowledgedOn) }) : clock('acknowledge', acknowledgeBy)),
        h('li', {}, isAnswered ? t('moderation.clock.answered') : clock('answer', answerBy)));
}

function clock(name, until) {
    const left = daysUntil(until);
    const words = left < 0 ? t('days.late', { count: -left }) : left === 0 ? t('days.today') : t('days.left', { count: left });
    return [badge(words, left < 0 ? 'bad' : ''), t(`moderation.clock.${name}`, { day: day(until) })];
}
