// Days and hours as the clock in the event's town shows them, whatever the device's own clock says.

import { network } from '../session.js';

const parts = (date, zone) => Object.fromEntries(new Intl.DateTimeFormat('en-GB', {
    timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
}).formatToParts(date).map(({ type, value }) => [type, value]));

/** @param {string} instant RFC 3339 @param {string} [zone] @returns {{day: string, time: string}} `YYYY-MM-DD` and `HH:MM` */
export function wall(instant, zone = network().timeZone) {
    const { year, month, day, hour, minute } = parts(new Date(instant), zone);
    return { day: `${year}-${month}-${day}`, time: `${hour}:${minute}` };
}

/** The instant at which a clock shows a day and a time. @param {string} day @param {string} time @param {string} [zone] */
export function instant(day, time, zone = network().timeZone) {
    const wanted = Date.parse(`${day}T${time}:00Z`);
    let guess = wanted;
    // Twice: the first guess may fall on the other side of a change of the clocks.
    for (let turn = 0; turn < 2; turn += 1) {
        const shown = wall(new Date(guess).toISOString(), zone);
        guess += wanted - Date.parse(`${shown.day}T${shown.time}:00Z`);
    }
    return new Date(guess).toISOString().replace('.000Z', 'Z');
}

/** Today in the network's town. */
export const today = () => wall(new Date().toISOString()).day;

/** The day some days later. @param {string} day @param {number} days */
export const later = (day, days) => new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
