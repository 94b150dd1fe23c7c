// How often an event is repeated: the rules that people use, as RFC 5545 writes them.

import { h, replace } from '../dom.js';
import { day as dayText, t } from '../i18n.js';
import { field } from '../ui.js';
import { later } from './events-time.js';

const names = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const weekday = (text) => (new Date(`${text}T00:00:00Z`).getUTCDay() + 6) % 7;
const nth = (text) => Math.ceil(Number(text.slice(8)) / 7);

/** The same weekday of a later month: the second Tuesday, or the last one for a fifth. */
function monthly(text, by) {
    const [year, month] = text.split('-').map(Number);
    const first = new Date(Date.UTC(year, month - 1 + by, 1)).toISOString().slice(0, 10);
    const start = later(first, (weekday(text) - weekday(first) + 7) % 7);
    if (nth(text) < 5) return later(start, 7 * (nth(text) - 1));
    const fifth = later(start, 28);
    return fifth.slice(0, 7) === first.slice(0, 7) ? fifth : later(start, 21);
}

const rules = {
    weekly: { rule: () => 'FREQ=WEEKLY', at: (text, by) => later(text, 7 * by) },
    fortnightly: { rule: () => 'FREQ=WEEKLY;INTERVAL=2', at: (text, by) => later(text, 14 * by) },
    monthly: { rule: (text) => `FREQ=MONTHLY;BYDAY=${nth(text) < 5 ? nth(text) : -1}${names[weekday(text)]}`, at: monthly },
};

/** @param {HTMLInputElement} day of the first one @returns {{boxes: Node[], rrule: function(): string|null}} */
export function series(day) {
    const often = field(t('series'), {
        tag: 'select', member: 'rrule', options: ['never', ...Object.keys(rules)].map((name) => [name, t(`series.${name}`)]),
    });
    const count = field(t('series.count'), { type: 'number', min: 2, max: 104, step: 1, value: '6', required: true });
    const last = h('p.hint', { role: 'status' });
    const draw = () => {
        const rule = rules[often.input.value];
        count.box.hidden = !rule;
        count.input.disabled = !rule;
        const times = Number(count.input.value);
        const isKnown = rule && day.value && times >= 2 && times <= 104;
        replace(last, isKnown ? t('series.last', { day: dayText(rule.at(day.value, times - 1)) }) : null);
    };
    for (const input of [often.input, count.input, day]) input.addEventListener('input', draw);
    draw();
    return {
        boxes: [often.box, count.box, last],
        rrule: () => {
            const rule = rules[often.input.value];
            return rule ? `${rule.rule(day.value)};COUNT=${Number(count.input.value)}` : null;
        },
    };
}
