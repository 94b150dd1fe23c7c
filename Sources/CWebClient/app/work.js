// Work that the server asks for when somebody guesses at an account: loaded only then, because cryptography is large.

export { solve } from '../anonymous.js';
