// The rules by which released numbers suggest drafts, and what each is about.

import { h } from '../dom.js';
import { ask, get, list } from '../api.js';
import { has, number, percent, t } from '../i18n.js';
import { badge, field, form, items, section, tick } from '../ui.js';
import { home } from '../session.js';
import { themes } from './drafts-places.js';
import { arrive } from './drafts-stay.js';

export async function show([key], context) {
    if (key) return rule(key, context);
    const { items: all } = await get(`${home()}/rules`);
    return [h('p.hint', {}, t('rules.what')),
        [...Map.groupBy(all, (one) => one.group)].map(([group, some]) =>
            section(groupName(group), items(some, card, '')))];
}

const groupName = (group) => (has(`rule.group.${group}`) ? t(`rule.group.${group}`) : group);

const card = (one) => h('article', {},
    h('h3', {}, h('a', { href: `#/drafts/rules/${encodeURIComponent(one.key)}` }, blanks(one.title))),
    h('p', {}, badge(t(one.enabled ? 'rule.on' : 'rule.off'), one.enabled ? 'good' : ''), when(one)),
    h('p.soft', {}, one.automatic ? t('rule.automatic') : t('rule.chosen'), ' ', about(one)));

/** What numbers fill in later, as words in brackets. */
const blank = /\{(item|unit|value|threshold|releases|people)\}/g;
const blanks = (text) => text.replace(blank, (_, name) => `[${t(`blank.${name}`)}]`);

const about = (one) => [one.items.length > 0 ? t('rule.items', { count: one.items.length }) : null,
    one.themes.length > 0 ? t('rule.themes', { count: one.themes.length }) : null]
    .filter(Boolean).join(', ') || t('rule.nothing');

const amount = (value, { threshold }) => (value === 'mean' ? number(threshold, 1) : percent(threshold));

/** When a rule is met, in one sentence. */
function when({ condition, table, of }) {
    return t('rule.when', {
        of: t(`rule.of.${of}`), table: t(`table.${table}`), value: t(condition.value),
        comparison: t(`rule.${condition.comparison}`), threshold: amount(condition.value, condition),
        releases: t('rule.releases', { count: condition.releases }), people: t('voices', { count: condition.atLeast }),
    });
}

// MARK: One rule

async function rule(key, context) {
    const path = `${home()}/rules/${encodeURIComponent(key)}`;
    const [one, rounds, allThemes] = await Promise.all([get(path), list(`${home()}/rounds`), themes()]);
    const isMean = one.condition.value === 'mean';
    const enabled = tick(t('rule.enabled'), { checked: one.enabled, member: 'enabled' });
    const threshold = field(t(isMean ? 'rule.threshold.mean' : 'rule.threshold'), {
        type: 'number', required: true, member: 'threshold', hint: t('rule.threshold.hint'),
        min: isMean ? 1 : 0, max: isMean ? 5 : 100, step: isMean ? '0.1' : '1',
        value: String(isMean ? one.condition.threshold : Math.round(one.condition.threshold * 100)),
    });
    // Asked again, a question has another id and the same words: it is one question to people.
    const asked = Map.groupBy(rounds.flatMap((round) => round.items), (item) => item.text);
    const questions = [...asked].map(([text, some]) => ({ ids: some.map((item) => item.id), name: text }));
    const chosenItems = ticks(t('rule.items.choose'), questions, one.automatic ? [] : one.items);
    const chosenThemes = ticks(t('rule.themes.choose'), allThemes.map((each) => ({ ids: [each.id], name: each.name })),
        one.automatic ? [] : one.themes);
    return [h('p', {}, h('a', { href: '#/drafts/rules' }, t('rules.all'))), h('h2', {}, blanks(one.title)),
        h('p', {}, when(one)), h('p', {}, h('strong', {}, `${t('measure')}: `), blanks(one.measure)),
        h('p.hint', {}, one.automatic ? `${t('rule.automatic')} ${about(one)}` : t('rule.chosen.hint')),
        form({
            fields: [enabled.box, threshold.box, one.of === 'round' ? chosenItems.box : null, chosenThemes.box],
            submit: t('save'), act: async () => {
                const value = Number(threshold.input.value);
                const items = one.of === 'round' ? chosenItems.value() : [];
                const body = { enabled: enabled.input.checked, threshold: isMean ? value : value / 100, items,
                    themes: chosenThemes.value() };
                await ask('PUT', path, body, { headers: { 'If-Match': `"${one.version}"` } });
                await arrive(context, 'drafts/rules', t('saved'));
            },
        })];
}

function ticks(legend, all, chosen) {
    const boxes = all.map((one) => [one.ids, tick(one.name, { checked: one.ids.some((id) => chosen.includes(id)) })]);
    return { value: () => boxes.filter(([, { input }]) => input.checked).flatMap(([ids]) => ids),
        box: all.length === 0 ? null : h('fieldset', {}, h('legend', {}, legend), boxes.map(([, { box }]) => box)) };
}
