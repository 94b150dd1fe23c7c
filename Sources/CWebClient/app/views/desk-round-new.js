// A new round, as a draft: what is asked, of whom, from when to when, and how its numbers are released.

import { h } from '../dom.js';
import { list, post } from '../api.js';
import { day, t } from '../i18n.js';
import { announce, choice, field, form } from '../ui.js';
import { home } from '../session.js';
import { dayAfter, instant, today } from './desk-days.js';
import { drop, keep } from './desk-typed.js';
import { forgetItems, itemRows } from './desk-items.js';

export async function show({ go }) {
    const [channels, rounds, events] = await Promise.all([
        list(`${home()}/channels`), list(`${home()}/rounds`), list(`${home()}/events`).catch(() => []),
    ]);
    return h('div', {}, h('p', {}, h('a', { href: '#/desk/rounds' }, t('rounds.all'))), h('h1', { tabindex: '-1' }, t('round.new')),
        h('p.notice', {}, t('round.fixed')), newRound(channels, rounds, events, go));
}

function newRound(channels, rounds, events, go) {
    const title = field(t('title'), { required: true, maxlength: 200, member: 'title', hint: t('round.title.hint') });
    const items = itemRows(channels, rounds);
    const [opens, closes] = [moment('opens', today(), '08:00', 'opensAt'), moment('closes', dayAfter(today(), 14), '20:00', 'closesAt')];
    const audience = audienceOf(events);
    const scheme = choice(t('round.scheme'), ['S1', 'S2'].map((one) => [one, `${t(`round.scheme.${one}`)}: ${t(`round.scheme.${one}.what`)}`]),
        { value: 'S1', member: 'scheme', required: true });
    const key = crypto.randomUUID();
    const element = keep('round', form({
        fields: [title.box, items.box,
            h('fieldset', {}, h('legend', {}, t('round.time')), h('p.hint', {}, t('round.time.hint')), opens.box, closes.box),
            audience.box, scheme.box],
        submit: t('round.make'), kept: t('kept.form'),
        act: async () => {
            const asked = items.value();
            if (asked.length === 0) throw Object.assign(new Error(), { errors: [{ pointer: '/items', detail: 'is required' }] });
            const made = await post(`${home()}/rounds`, {
                title: title.input.value.trim(), opensAt: opens.value(), closesAt: closes.value(), items: asked,
                audience: audience.value(), scheme: scheme.value(),
            }, key);
            drop('round');
            forgetItems();
            go(`desk/rounds/${made.id}`);
            announce(t('round.made'));
        },
    }));
    return element;
}

/** A day and an hour of the network's town. */
function moment(name, date, clock, member) {
    const on = field(t(`round.${name}`), { type: 'date', required: true, value: date, member });
    const at = field(t('round.hour'), { type: 'time', required: true, value: clock });
    return { box: h('div.row', {}, on.box, at.box), value: () => instant(on.input.value, at.input.value) };
}

function audienceOf(events) {
    const kind = choice(t('round.audience'), [['network', t('round.audience.network')], ['event', t('round.audience.event')]],
        { value: 'network', member: 'audience', required: true, hint: t('round.audience.hint') });
    const named = events.filter((one) => !one.cancelled)
        .map((one) => [one.id, t('round.audience.option', { title: one.title, day: day(one.startsAt.slice(0, 10)), count: one.going })]);
    const event = field(t('round.event'), {
        tag: 'select', options: named, member: 'audience/event', hint: t('round.event.hint'),
    });
    const adapt = () => { event.box.hidden = kind.value() !== 'event'; };
    kind.box.addEventListener('change', adapt);
    adapt();
    return {
        box: h('div', {}, kind.box, event.box),
        value: () => (kind.value() === 'event' ? { kind: 'event', event: event.input.value } : { kind: 'network' }),
    };
}
