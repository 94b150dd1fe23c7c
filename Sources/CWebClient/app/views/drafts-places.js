// What a draft can be about: themes and units of the network, and the releases that it can rest on.

import { get, list } from '../api.js';
import { t } from '../i18n.js';
import { field } from '../ui.js';
import { home, isInsider, record } from '../session.js';

/** Where released numbers are read. */
export const source = () => (isInsider() ? home() : record());

/** @returns {Promise<Map<string, number>>} the numbers of releases by id */
export const releaseNumbers = async () =>
    new Map((await list(`${source()}/releases`)).map((one) => [one.id, one.number]));

/** All themes of the network's channels; a council inside no network does not know them. */
export async function themes() {
    if (!isInsider()) return [];
    const all = (await list(`${home()}/channels`)).flatMap((one) => one.themes);
    return [...new Map(all.map((one) => [one.id, one])).values()];
}

/** Units, each with those above it. */
export async function units() {
    if (!isInsider()) return [];
    const { items: all } = await get(`${home()}/units`);
    const name = (one) => { const above = all.find((each) => each.id === one.parent); return above
        ? `${name(above)} › ${one.name}` : one.name; };
    return all.map((one) => ({ id: one.id, name: name(one) }));
}

/** What something is about, in words; for who cannot know the names of themes and units, nothing. */
export async function about({ theme, unit }) {
    if (!isInsider() || (!theme && !unit)) return null;
    const [allThemes, allUnits] = await Promise.all([theme ? themes() : [], unit ? units() : []]);
    const name = (all, id) => all.find((one) => one.id === id)?.name;
    return [[t('theme'), name(allThemes, theme)], [t('draft.unit'), name(allUnits, unit)]]
        .filter(([, found]) => found).map(([label, found]) => `${label}: ${found}`).join(' · ') || null;
}

/** Two choices that may stay empty. @returns {Promise<{theme: object, unit: object}|null>} null for who cannot know them */
export async function placeFields(value) {
    if (!isInsider()) return null;
    const [allThemes, allUnits] = await Promise.all([themes(), units()]);
    const options = (all, none) => [['', none], ...all.map((one) => [one.id, one.name])];
    return {
        theme: field(t('theme'), { tag: 'select', isOptional: true, member: 'theme', value: value.theme ?? '',
            options: options(allThemes, t('theme.none')) }),
        unit: field(t('draft.unit'), { tag: 'select', isOptional: true, member: 'unit', value: value.unit ?? '',
            options: options(allUnits, t('draft.unit.none')) }),
    };
}
