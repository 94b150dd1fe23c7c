// After an act: where the attention goes, and what is said there.

import { announce } from '../ui.js';

/** A page that is drawn anew is read from its heading; what was done is said after that. */
const pause = 700;
const say = (said) => { setTimeout(() => announce(said), pause); };

/** Draws the page anew and puts the attention back to the part where something was done. @param {string} title of that part */
export async function stay(context, title, said) {
    await context.show();
    const heading = [...document.querySelectorAll('#main h2')].find((one) => one.textContent === title);
    heading?.setAttribute('tabindex', '-1');
    heading?.focus();
    say(said);
}

/** Goes to another page, and says there what was done. */
export async function arrive(context, path, said) {
    await context.go(path);
    say(said);
}
