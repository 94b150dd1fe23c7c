// What somebody has typed and not sent: in memory only, for one person, gone with the tab. Never in a store.

import { me } from './session.js';

let owner = null;
const drafts = new Map();

/** What somebody else typed here is nobody's business any more. */
function mine() {
    const id = me()?.id ?? null;
    if (id !== owner) drafts.clear();
    owner = id;
    return drafts;
}

/** Keeps a draft over changes of language, of view, and over failures. @param {string} name @param {object} draft */
export function keep(name, draft) { mine().set(name, draft); }

/** @returns {object|undefined} what was kept */
export const kept = (name) => mine().get(name);

/** The draft was sent, or its writer does not want it any more. */
export function drop(name) { mine().delete(name); }

/** Whether something would be lost now. */
export const hasUnsent = () => [...drafts.values()].some((draft) => draft.isWorthKeeping());

/** Forgets all drafts: for signing out, and for leaving quickly. */
export function forgetUnsent() { drafts.clear(); }

/** Who leaves quickly has emptied the page before; then nothing is asked, and nothing stays in memory. */
const hasLeft = () => (document.getElementById('app')?.childElementCount ?? 0) === 0;

addEventListener('beforeunload', (event) => { if (!hasLeft() && hasUnsent()) event.preventDefault(); });
addEventListener('pagehide', () => { if (hasLeft()) forgetUnsent(); });
