// Days as the network's town counts them: a deadline ends there, wherever the browser is.

import { network } from '../session.js';

/** @param {number} [later] in days @returns {string} `YYYY-MM-DD` in the network's time zone */
export function today(later = 0) {
    const parts = new Intl.DateTimeFormat('en-CA', {
        timeZone: network()?.timeZone, year: 'numeric', month: '2-digit', day: '2-digit',
    }).formatToParts(new Date());
    const { year, month, day } = Object.fromEntries(parts.map((one) => [one.type, Number(one.value)]));
    return new Date(Date.UTC(year, month - 1, day + later)).toISOString().slice(0, 10);
}

/** @param {string} until `YYYY-MM-DD` @returns {number} whole days from today; less than nothing when it is over */
export const daysUntil = (until) => Math.round((Date.parse(until) - Date.parse(today())) / 86_400_000);

/** @param {string} from `YYYY-MM-DD` @param {number} days @returns {string} */
export const dayAfter = (from, days) => new Date(Date.parse(from) + days * 86_400_000).toISOString().slice(0, 10);

/**
 * The instant of a wall clock in the network's town, for days and hours that somebody chose.
 * @param {string} date `YYYY-MM-DD`
 * @param {string} clock `HH:MM`
 * @returns {string} RFC 3339 in UTC
 */
export function instant(date, clock) {
    const wished = Date.parse(`${date}T${clock}:00Z`);
    // What the town's clock shows at that moment of UTC tells how far it is off; twice, for nights when clocks change.
    let guess = wished;
    for (let round = 0; round < 2; round++) guess = wished - (shownAt(guess) - guess);
    return new Date(guess).toISOString();
}

function shownAt(moment) {
    const parts = Object.fromEntries(new Intl.DateTimeFormat('en-GB', {
        timeZone: network()?.timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric',
        hour: 'numeric', minute: 'numeric', second: 'numeric',
    }).formatToParts(new Date(moment)).map((one) => [one.type, Number(one.value)]));
    return Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute, parts.second);
}
