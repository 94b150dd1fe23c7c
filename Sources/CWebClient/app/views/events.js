// Events: what comes, as a list or a month; one event with the own answer; and what organisers do.

import { h, replace } from '../dom.js';
import { list } from '../api.js';
import { t } from '../i18n.js';
import { announce, failure, field, items, pages } from '../ui.js';
import { home, is } from '../session.js';
import { card, kinds } from './events-card.js';
import { detail } from './events-detail.js';
import { door } from './events-door.js';
import { change, create } from './events-edit.js';
import { month } from './events-month.js';

/** What was chosen last, so that the way back from an event leads to the same list. */
const chosen = { which: 'coming', kind: '' };

export function show([first, second], context) {
    if (first === 'month') return month(second, head);
    if (first === 'new') return create(context);
    if (first && second === 'edit') return change(first, context);
    if (first && second === 'attendees') return door(first);
    if (first) return detail(first, context);
    return overview();
}

/** Above list and month. @param {'list'|'month'} which */
const head = (which) => [
    h('ul.tabs', {}, [['list', '#/events'], ['month', '#/events/month']].map(([name, href]) => h('li', {},
        h('a', { href, 'aria-current': name === which ? 'page' : null }, t(`events.${name}`))))),
    is('organiser') ? h('p', {}, h('a.button.primary', { href: '#/events/new' }, t('event.new'))) : null,
];

async function overview() {
    const found = h('div', {});
    const which = field(t('events.which'), {
        tag: 'select', value: chosen.which, options: ['coming', 'mine', 'past'].map((one) => [one, t(`events.${one}`)]),
    });
    const kind = field(t('event.kind'), {
        tag: 'select', value: chosen.kind, options: [['', t('all')], ...kinds.map((one) => [one, t(`kind.${one}`)])],
    });
    const draw = async () => {
        Object.assign(chosen, { which: which.input.value, kind: kind.input.value });
        found.setAttribute('aria-busy', 'true');
        try {
            replace(found, h('h2', {}, t(`events.${chosen.which}`)), await matching());
        } catch (error) {
            replace(found, failure(error));
        }
        found.removeAttribute('aria-busy');
    };
    for (const { input } of [which, kind]) input.addEventListener('change', () => draw().then(() => announce(counted(found), false, { isSeen: false })));
    await draw();
    return h('div', {}, h('h1', {}, t('events')), head('list'), h('div.row.no-print', {}, which.box, kind.box), found);
}

const shown = (event) => card(event);
const counted = (found) => t('events.found', { count: found.querySelectorAll('article').length });

async function matching() {
    const kind = chosen.kind ? `&kind=${chosen.kind}` : '';
    const [now, day] = [Date.now(), 86_400_000];
    const at = (instant) => encodeURIComponent(new Date(instant).toISOString());
    const none = h('p', {}, t(`events.none.${chosen.kind ? 'kind' : chosen.which}`));
    // What began a few hours ago may still be going on.
    if (chosen.which === 'coming') return pages(`${home()}/events?from=${at(now - day / 6)}${kind}`, shown, none);
    if (chosen.which === 'mine') {
        const all = await list(`${home()}/events?from=${at(now - day / 6)}${kind}`, 600);
        return items(all.filter((one) => one.myRsvp && one.myRsvp.status !== 'declined'), shown, none);
    }
    const past = await list(`${home()}/events?from=${at(now - 365 * day)}&to=${at(now)}${kind}`, 600);
    return items(past.toReversed(), shown, none);
}
