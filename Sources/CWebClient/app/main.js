// The frame: finds out who is there and in which language, and shows the view that the address names.

import { h, replace } from './dom.js';
import { choose, language, languages, setZone, speak, t } from './i18n.js';
import { setLanguage } from './api.js';
import { announce, failure } from './ui.js';
import * as session from './session.js';

/** What each address shows; a view is loaded when it is first needed. `for` is who finds it in the menu. */
const views = [
    { path: '', text: 'home', load: () => import('./views/home.js'), for: () => true },
    { path: 'events', text: 'events', load: () => import('./views/events.js'), for: session.isInsider },
    { path: 'channels', text: 'channels', load: () => import('./views/channels.js'), for: session.isInsider },
    { path: 'rounds', text: 'rounds', load: () => import('./views/rounds.js'), for: session.isInsider },
    { path: 'numbers', text: 'numbers', load: () => import('./views/numbers.js'), for: () => true },
    { path: 'recommendations', text: 'recommendations', load: () => import('./views/recommendations.js'), for: () => true },
    { path: 'moderation', text: 'moderation', load: () => import('./views/moderation.js'), for: () => session.is('moderator') },
    { path: 'desk', text: 'desk', load: () => import('./views/desk.js'), for: () => session.is('coordinator') },
    { path: 'employer', text: 'employer', load: () => import('./views/employer.js'), for: () => session.is('hr') },
    { path: 'council', text: 'council', load: () => import('./views/council.js'), for: () => session.is('council', 'coordinator') },
    { path: 'me', text: 'me', load: () => import('./views/me.js'), for: () => true },
];
/** Those that need nobody to be signed in. */
const open = [
    { path: 'sign-in', text: 'signIn', load: () => import('./views/sign-in.js') },
    { path: 'inbox', text: 'inbox', load: () => import('./views/inbox.js') },
    { path: 'accessibility', text: 'accessibility', load: () => import('./views/accessibility.js') },
    { path: 'contact', text: 'contact', load: () => import('./views/contact.js') },
];

const storedLanguage = 'chorus-language';
let shown = 0;

/** The parts of the address behind `#/`. */
const address = () => decodeURIComponent(location.hash.replace(/^#\/?/, '')).split('/').filter(Boolean);

/** Goes somewhere. @param {string} path behind `#/` */
export function go(path) {
    if (location.hash === `#/${path}`) show();
    else location.hash = `/${path}`;
}

async function start() {
    // The choice of a language says nothing about what somebody wrote, and is all that is kept.
    await talk(localStorage.getItem(storedLanguage) ?? choose(navigator.languages ?? [navigator.language]));
    addEventListener('hashchange', show);
    addEventListener('keydown', leaveQuickly);
    try {
        await session.resume();
    } catch (error) {
        return replace(document.getElementById('app'), h('main.page', {}, failure(error)));
    }
    await show();
}

async function talk(id) {
    await speak(id);
    setLanguage(id);
}

/** Shows the view of the address, or the sign-in when it needs one. */
export async function show() {
    const turn = (shown += 1);
    const [path = '', ...rest] = address();
    const isSignedIn = session.me() !== null;
    let view = [...open, ...views].find((one) => one.path === path) ?? views[0];
    if (!isSignedIn && !open.includes(view)) view = open[0];
    if (session.network()) setZone(session.network().timeZone);
    const main = h('main.page', { id: 'main', tabindex: '-1' }, h('p', {}, t('loading')));
    frame(main, view);
    try {
        const content = await (await view.load()).show(rest, { go, show });
        if (turn !== shown) return;
        replace(main, content);
    } catch (error) {
        if (turn !== shown) return;
        if (error.status === 401) return go('sign-in');
        replace(main, h('h1', {}, t(view.text)), failure(error));
    }
    const heading = main.querySelector('h1');
    // The title names the view and never what is written in it.
    document.title = view.isNeutral ? 'Chorus' : [heading?.textContent, 'Chorus'].filter(Boolean).join(' – ');
    if (heading) { heading.setAttribute('tabindex', '-1'); heading.focus({ preventScroll: true }); }
    scrollTo(0, 0);
}

/** The page around a view. */
function frame(main, view) {
    const isSignedIn = session.me() !== null;
    const links = isSignedIn ? views.filter((one) => session.network() || one.path === 'me' ? one.for() : false) : [];
    const menu = links.map((one) => h('li', {}, h('a', {
        href: `#/${one.path}`, 'aria-current': one === view ? 'page' : null,
    }, t(one.text))));
    const choice = h('select', { id: 'language', onchange: async (event) => {
        localStorage.setItem(storedLanguage, event.target.value);
        await talk(event.target.value);
        await show();
    } }, languages.map(({ id, name, tag }) => h('option', { value: id, lang: tag, selected: id === language() }, name)));
    replace(document.getElementById('app'),
        h('a.skip', { href: '#main', onclick: (event) => { event.preventDefault(); main.focus(); } }, t('skip')),
        h('header.top', {},
            h('a.brand', { href: '#/' }, 'Chorus', session.network() ? h('small', {}, session.network().name) : null),
            h('div.tools', {},
                h('label', { for: 'language' }, t('language')), choice,
                isSignedIn ? h('button', { type: 'button', onclick: leave }, t('signOut')) : null,
                h('button.quick', { type: 'button', onclick: quit, title: t('quickExit.hint') }, t('quickExit')))),
        links.length > 0 ? h('nav', { 'aria-label': t('menu') }, h('ul', {}, menu)) : null,
        h('p.visually-hidden', { id: 'status', role: 'status' }), h('p.visually-hidden', { id: 'alerts', role: 'alert' }),
        main,
        h('footer', {},
            h('a', { href: '#/inbox' }, t('inbox')), h('a', { href: '/privacy' }, t('privacy')),
            h('a', { href: '#/accessibility' }, t('accessibility')), h('a', { href: '#/contact' }, t('contact'))));
}

async function leave() {
    await session.signOut().catch(() => {});
    announce(t('signedOut'));
    go('sign-in');
}

/** Away at once, and not back by the back button. */
export function quit() {
    document.getElementById('app').replaceChildren();
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
