// What organisers write: a new event or series, and changes that overwrite nobody else's.

import { h, replace } from '../dom.js';
import { get, patch, post } from '../api.js';
import { t, when } from '../i18n.js';
import { announce, form, icon } from '../ui.js';
import { home } from '../session.js';
import { differing, fieldsOf } from './events-fields.js';
import { series } from './events-series.js';

export function create({ go }) {
    const fields = fieldsOf();
    const repeated = series(fields.day);
    return h('div', {}, h('p', {}, h('a', { href: '#/events' }, `← ${t('events')}`)), h('h1', {}, t('event.new')),
        form({
            fields: [fields.boxes, h('fieldset', {}, h('legend', {}, t('series.legend')), repeated.boxes)], submit: t('event.make'),
            act: async () => {
                const rrule = repeated.rrule();
                const { onlineUrl, capacity, rsvpUntil, ...needed } = fields.read();
                const given = Object.fromEntries(Object.entries({ onlineUrl, capacity, rsvpUntil, rrule }).filter(([, value]) => value !== null));
                const made = await post(`${home()}/events`, { ...needed, ...given });
                announce(t('event.made'));
                go(`events/${made.id}`);
            },
        }));
}

export async function change(id, { go }) {
    const path = `${home()}/events/${id}`;
    const back = h('p', {}, h('a', { href: `#/events/${id}` }, `← ${t('event.back')}`));
    let base = await get(path);
    if (base.cancelled) return h('div', {}, back, h('h1', {}, base.title), h('p.empty', {}, t('event.cancelled.what')));
    const fields = fieldsOf(base);
    // What the fields make of it, so that only what a person changed counts as changed.
    let start = fields.read();
    const newer = h('div', { tabindex: '-1' });
    const merge = async () => {
        const mine = fields.read();
        const touched = differing(mine, start);
        const now = await get(path);
        const theirs = ['title', 'kind', 'description', 'location', 'onlineUrl', 'capacity', 'startsAt', 'endsAt', 'rsvpUntil']
            .filter((name) => differing({ [name]: now[name] ?? null }, { [name]: base[name] ?? null }).length > 0);
        const kept = Object.fromEntries(touched.map((name) => [name, mine[name]]));
        fields.fill(now);
        start = fields.read();
        fields.fill({ ...now, ...kept });
        base = now;
        replace(newer, h('div.notice', {}, h('h2', {}, t('event.newer')), h('p', {}, t('event.newer.what')),
            h('dl', {}, theirs.map((name) => [h('dt', {}, t(labels[name])), h('dd', {}, shown(name, now[name]),
                touched.includes(name) ? h('p', {}, h('strong', {}, icon('!'), t('event.newer.both', { mine: shown(name, mine[name]) }))) : null)]))));
        newer.focus();
        announce(t('event.newer'), true);
    };
    return h('div', {}, back, h('h1', {}, t('event.change', { title: base.title })),
        h('p.hint', {}, t('event.change.told')), base.series ? h('p.hint', {}, t('event.series.hint')) : null, newer,
        form({
            fields: fields.boxes, submit: t('save'),
            act: async () => {
                const mine = fields.read();
                const changed = Object.fromEntries(differing(mine, start).map((name) => [name, mine[name]]));
                try {
                    if (Object.keys(changed).length > 0) await patch(path, changed);
                } catch (error) {
                    if (error.status !== 412) throw error;
                    return merge();
                }
                announce(t('saved'));
                go(`events/${id}`);
            },
        }));
}

const labels = {
    title: 'title', kind: 'event.kind', description: 'description', location: 'event.where', onlineUrl: 'event.online',
    capacity: 'event.seats', startsAt: 'event.starts', endsAt: 'event.ends', rsvpUntil: 'event.deadline',
};

function shown(name, value) {
    if (value === null || value === undefined || value === '') return t('nothing');
    if (name === 'kind') return t(`kind.${value}`);
    return labels[name] && ['startsAt', 'endsAt', 'rsvpUntil'].includes(name) ? when(value) : String(value);
}
