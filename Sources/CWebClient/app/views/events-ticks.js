// Who is there, ticked at the door. It stays in this tab: a list of who came would be one more thing that could leak.

const prefix = 'chorus-door-';

/** A name is kept as a digest of event and name, so that what lies here reads as nothing. */
export async function digest(event, name) {
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`chorus-door\n${event}\n${name}`));
    return Array.from(new Uint8Array(bytes).slice(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** @param {string} event id @returns {{ticked: string[], guests: number}} */
export function ticks(event) {
    try {
        const { ticked = [], guests = 0 } = JSON.parse(sessionStorage.getItem(prefix + event)) ?? {};
        return { ticked, guests };
    } catch {
        return { ticked: [], guests: 0 };
    }
}

/** @param {string} event id @param {{ticked: string[], guests: number}} kept */
export const keepTicks = (event, kept) => sessionStorage.setItem(prefix + event, JSON.stringify(kept));

/** The door is closed. @param {string} [event] one of them; all by default */
export function forgetTicks(event = '') {
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(prefix + event)) sessionStorage.removeItem(key);
}
