// The frame: finds out who is there and in which language, and shows the view that the address names.

import { h, replace } from './dom.js';
import { choose, language, languages, setZone, speak, t } from './i18n.js';
import { setLanguage, setWorker } from './api.js';
import { announce, failure, keepTyped, sure } from './ui.js';
import { load } from './integrity.js';
import { top } from './menu.js';
import { picture } from './pictures.js';
import { forgetUnsent, hasUnsent } from './unsent.js';
import * as session from './session.js';

/**
 * What each address shows; a view is loaded when it is first needed. `for` is who finds it in the menu. A neutral view
 * leaves no trace in the address, the title and the browser's history: who looks over a shoulder or opens the history
 * of a shared computer finds the start page.
 */
const views = [
    { path: '', text: 'home', for: () => true },
    { path: 'events', text: 'events', for: session.isInsider },
    { path: 'channels', text: 'channels', for: session.isInsider, isNeutral: true },
    { path: 'rounds', text: 'rounds', for: session.isInsider, isNeutral: true },
    { path: 'numbers', text: 'numbers', for: () => true },
    { path: 'recommendations', text: 'recommendations', for: () => true },
    { path: 'drafts', text: 'drafts', for: () => session.isInsider() || session.is('council') },
    { path: 'moderation', text: 'moderation', for: () => session.is('moderator') },
    { path: 'desk', text: 'desk', for: () => session.is('coordinator') },
    { path: 'employer', text: 'employer', for: () => session.is('hr') },
    { path: 'council', text: 'council', for: () => session.is('council', 'coordinator') },
    { path: 'me', text: 'me', for: () => true },
];
/** Those that need nobody to be signed in. */
const open = [
    { path: 'sign-in', text: 'signIn' },
    { path: 'inbox', text: 'inbox', isNeutral: true },
    { path: 'accessibility', text: 'accessibility' },
    { path: 'contact', text: 'contact' },
];

// Needed only where somebody guesses at an account, and large.
setWorker(async (challenge, difficulty) => (await load('work.js')).solve(challenge, difficulty));

const storedLanguage = 'chorus-language';
/** What is shown; a neutral view stands in no address, so it is kept here. */
let current = { path: '', rest: [] };
let shown = 0;
/** Whether the anonymous side has been loaded; then it must also hear that somebody has left. */
let hasSpoken = false;

const split = (path) => path.split('/').filter(Boolean).map(decodeURIComponent);
const find = (path) => [...open, ...views].find((one) => one.path === path) ?? views[0];

/** Goes somewhere. @param {string} path as in an address behind `#/` */
export function go(path) {
    const [first = '', ...rest] = split(path);
    if (find(first).isNeutral) {
        // A step of its own, so that the way back leads to where one was; the step says nothing.
        history.pushState(null, '', '/');
        current = { path: first, rest };
        return show();
    }
    if (location.hash === `#/${path}`) return arrive();
    location.hash = `/${path}`;
}

/** The address has changed, or is what somebody came with. */
function arrive() {
    const [path = '', ...rest] = split(location.hash.replace(/^#\/?/, ''));
    if (find(path).isNeutral) history.replaceState(null, '', '/');
    current = { path, rest };
    return show();
}

/** A link to a neutral view is followed without its address. */
function follow(event) {
    const link = event.target.closest?.('a[href^="#/"]');
    if (!link || event.defaultPrevented || event.button !== 0) return;
    const path = link.getAttribute('href').slice(2);
    if (!find(split(path)[0] ?? '').isNeutral) return;
    event.preventDefault();
    go(path);
}

async function start() {
    // The choice of a language says nothing about what somebody wrote, and is all that is kept.
    await talk(localStorage.getItem(storedLanguage) ?? choose(navigator.languages ?? [navigator.language]));
    addEventListener('hashchange', arrive);
    addEventListener('popstate', () => { if (location.hash === '') arrive(); });
    addEventListener('click', follow);
    addEventListener('keydown', leaveQuickly);
    addEventListener('online', () => announce(t('online')));
    addEventListener('offline', () => announce(t('offline'), true));
    try {
        await session.resume();
    } catch (error) {
        return unreachable(error);
    }
    await arrive();
    keepShell();
}

/** The page was kept here and the server cannot be asked: what is kept, what is left, and the way to try again. */
function unreachable(error) {
    replace(document.getElementById('app'), h('main.page', {},
        h('h1', {}, t('offline.title')), failure(error, t('offline.kept')), h('p', {}, t('offline.left')),
        h('p.actions', {}, h('button.primary', { type: 'button', onclick: () => location.reload() }, t('offline.again')))));
}

/** So that the page opens without a connection. The policy lets no other script become a worker. */
function keepShell() {
    if (!('serviceWorker' in navigator)) return;
    const only = (url) => {
        if (url !== '/worker.js') throw new TypeError(url);
        return url;
    };
    const policy = globalThis.trustedTypes?.createPolicy('chorus', { createScriptURL: only });
    navigator.serviceWorker.register(policy ? policy.createScriptURL('/worker.js') : '/worker.js').catch(() => {});
}

async function talk(id) {
    await speak(id);
    setLanguage(id);
}

/** Shows what is current, or the sign-in when it needs one. */
export async function show() {
    const turn = (shown += 1);
    const isSignedIn = session.me() !== null;
    let view = find(current.path);
    if (!isSignedIn && !open.includes(view)) view = open[0];
    if (session.network()) setZone(session.network().timeZone);
    const main = h('main.page', { id: 'main', tabindex: '-1' }, h('p', {}, t('loading')));
    frame(main, view);
    try {
        const module = await load(`views/${view.path || 'home'}.js`);
        const content = await module.show(current.rest, { go, show });
        if (turn !== shown) return;
        replace(main, content);
    } catch (error) {
        if (turn !== shown) return;
        if (error.status === 401) { session.forget(); return go('sign-in'); }
        replace(main, h('h1', {}, t(view.text)), failure(error));
    }
    const heading = main.querySelector('h1');
    // The title names the view and nothing that stands in it: a browser's history keeps it, names of people and events too.
    document.title = view.isNeutral || view.path === '' ? 'Chorus' : `${t(view.text)} – Chorus`;
    if (heading) { heading.setAttribute('tabindex', '-1'); heading.focus({ preventScroll: true }); }
    scrollTo(0, 0);
    speakUp();
}

/**
 * The anonymous side does what is due, or forgets when nobody is there. After the view: nobody waits for cryptography, and
 * whoever compares the digits finds them on every page.
 */
async function speakUp() {
    // Who only stands at the door need not wait for it: the first view is small.
    if (session.me() === null && !hasSpoken) return;
    hasSpoken = true;
    try {
        const voice = await load('voice.js');
        voice.begin();
        const digits = await voice.shortCodeOfDirectory();
        const place = document.getElementById('digits');
        if (place && digits) replace(place, t('council.code'), ': ', h('span', { translate: 'no' }, digits));
    } catch {
        // The views that need it say what is wrong.
    }
}

/** The page around a view. */
function frame(main, view) {
    const isSignedIn = session.me() !== null;
    const links = isSignedIn ? views.filter((one) => session.network() || one.path === 'me' ? one.for() : false) : [];
    const menu = links.map((one) => h('li', {}, h('a', {
        href: `#/${one.path}`, 'aria-current': one === view ? 'page' : null,
    }, picture(one.text), t(one.text))));
    replace(document.getElementById('app'),
        h('a.skip', { href: '#main', onclick: (event) => { event.preventDefault(); main.focus(); } }, t('skip')),
        top({
            brand: h('a.brand', { href: '#/' }, 'Chorus', session.network() ? h('small', {}, session.network().name) : null),
            quick: h('button.quick', { type: 'button', onclick: quit, title: t('quickExit.hint') }, t('quickExit')),
            tools: [networkChoice(), languageChoice(),
                isSignedIn ? h('button', { type: 'button', onclick: leave }, t('signOut')) : null],
            links: menu,
        }),
        // The same ones in every view: what was said before a step is still there after it.
        document.getElementById('status') ?? h('p.toast', { id: 'status', role: 'status' }),
        document.getElementById('alerts') ?? h('p.visually-hidden', { id: 'alerts', role: 'alert' }),
        main,
        h('footer', {},
            h('a', { href: '#/inbox' }, t('inbox')), h('a', { href: '/privacy' }, t('privacy')),
            h('a', { href: '#/accessibility' }, t('accessibility')), h('a', { href: '#/contact' }, t('contact')),
            h('span', { id: 'digits' })));
}

function languageChoice() {
    return [h('label', { for: 'language' }, t('language')), h('select', { id: 'language', onchange: async (event) => {
        localStorage.setItem(storedLanguage, event.target.value);
        const restore = keepTyped(document.getElementById('main'));
        try {
            await talk(event.target.value);
        } catch (error) {
            // The version that this page is of is gone, or the connection; what was typed stands as it was.
            event.target.value = language();
            return void announce(failure(error).textContent, true);
        }
        await show();
        restore(document.getElementById('main'));
        document.getElementById('language').focus();
    } }, languages.map(({ id, name, tag }) => h('option', { value: id, lang: tag, selected: id === language() }, name)))];
}

/** Only who is in several networks has something to choose. */
function networkChoice() {
    const all = session.networks();
    if (all.length < 2) return null;
    return [h('label', { for: 'network' }, t('network')), h('select', { id: 'network', onchange: async (event) => {
        await session.enter(event.target.value);
        go('');
    } }, all.map((one) => h('option', { value: one.id, selected: one.id === session.network()?.id }, one.name)))];
}

async function leave() {
    if (hasUnsent() && !await sure(t('signOut.unsent'), t('signOut'))) return;
    try {
        await session.signOut();
    } catch (error) {
        // Whoever believes to be signed out and is not leaves the door open.
        if (error.status !== 401) return void document.getElementById('main').prepend(failure(error, t('signOut.failed')));
        session.forget();
    }
    forgetUnsent();
    announce(t('signedOut'));
    go('sign-in');
}

/** Away at once, and not back by the back button. */
export function quit() {
    document.getElementById('app').replaceChildren();
    document.title = 'Chorus';
    location.replace('about:blank');
}

/** Three times Escape within a second: nobody types that by accident. */
let escapes = [];
function leaveQuickly(event) {
    if (event.key !== 'Escape') return;
    escapes = [...escapes.filter((at) => event.timeStamp - at < 1_000), event.timeStamp];
    if (escapes.length >= 3) quit();
}

start();
