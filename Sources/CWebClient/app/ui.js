// What views are made of: fields with labels, results that are announced, lists that say when they are empty.

import { h, replace, uniqueId } from './dom.js';
import { t, has } from './i18n.js';

/** Says something to people who do not see the page change. @param {string} text @param {boolean} [isUrgent] */
export function announce(text, isUrgent = false) {
    const region = document.getElementById(isUrgent ? 'alerts' : 'status');
    if (region) replace(region, text);
}

/**
 * What happened, what was kept, and what to do next.
 * @param {Error} error
 * @param {string} [kept] what the person need not do again
 */
export function failure(error, kept = '') {
    const known = `error.${error.code ?? 'unexpected'}`;
    const what = has(known) ? t(known) : error.message || t('error.unexpected');
    const text = [what, kept].filter(Boolean).join(' ');
    announce(text, true);
    return h('p.failure', { role: 'note' }, icon('!'), text);
}

/** A sign beside words; it says nothing to those who hear the words. */
export const icon = (sign) => h('span.icon', { 'aria-hidden': 'true' }, sign);

/**
 * A labelled field; further properties are the input's.
 * @param {string} label
 * @param {object} [props] `tag` for another element than `input`, `hint` for a sentence below the label, `options` of a select
 * @returns {{box: HTMLElement, input: HTMLElement}}
 */
export function field(label, { tag = 'input', hint, options, ...props } = {}) {
    const id = uniqueId('field');
    const described = hint ? `${id}-hint` : null;
    const choices = options?.map(([value, text]) => h('option', { value, selected: value === props.value }, text));
    const input = h(tag, { id, name: id, 'aria-describedby': described, ...props }, choices ?? []);
    return {
        input,
        box: h('div.field', {}, h('label', { for: id }, label),
            hint ? h('p.hint', { id: described }, hint) : null, input),
    };
}

/**
 * A form that sends once, says that it works, and shows what went wrong above its button.
 * @param {object} form `fields` as boxes, `submit` as the button's text, `act` to be done, `kept` to be said when it fails
 */
export function form({ fields, submit, act, kept = t('kept.form'), secondary = [] }) {
    const result = h('div', {});
    const button = h('button.primary', { type: 'submit' }, submit);
    const element = h('form', { novalidate: false, autocomplete: 'off', onsubmit: async (event) => {
        event.preventDefault();
        if (button.getAttribute('aria-disabled') === 'true') return;
        button.setAttribute('aria-disabled', 'true');
        announce(t('working'));
        replace(result);
        try {
            await act(element);
        } catch (error) {
            replace(result, failure(error, kept), ...(error.errors ?? []).map((one) => h('p.failure', {}, `${one.pointer}: ${one.detail}`)));
        } finally {
            button.removeAttribute('aria-disabled');
        }
    } }, fields, result, h('p.actions', {}, button, secondary));
    return element;
}

/** A button that does something and says how it went. */
export function action(label, act, { kind = '', done } = {}) {
    const result = h('span', { class: 'result' });
    const button = h(`button${kind ? `.${kind}` : ''}`, { type: 'button', onclick: async () => {
        if (button.getAttribute('aria-disabled') === 'true') return;
        button.setAttribute('aria-disabled', 'true');
        replace(result);
        try {
            await act();
            if (done) announce(done);
        } catch (error) {
            replace(result, failure(error));
        } finally {
            button.removeAttribute('aria-disabled');
        }
    } }, label);
    return h('span.action', {}, button, result);
}

/** A list, or a sentence when there is nothing in it. */
export function items(list, show, empty) {
    if (list.length === 0) return h('p.empty', {}, empty);
    return h('ul.cards', {}, list.map((one) => h('li', {}, show(one))));
}

/** A heading and what is below it. */
export function section(title, ...children) {
    const id = uniqueId('section');
    return h('section', { 'aria-labelledby': id }, h('h2', { id }, title), children);
}

/** A badge: words on a coloured ground, told apart by the words. */
export const badge = (text, kind = '') => h(`span.badge${kind ? `.${kind}` : ''}`, {}, text);

/** Paragraphs of a text that somebody wrote. */
export const prose = (text) => text.split(/\n\s*\n/).map((one) => h('p', {}, one.split('\n').flatMap((line, index) => (index === 0 ? [line] : [h('br'), line]))));

/**
 * Asks before something that cannot be undone. Escape is no; afterwards the focus is where it was.
 * @param {string} question what will happen
 * @param {string} yes the button's text, e.g. "Delete"
 * @returns {Promise<boolean>}
 */
export function sure(question, yes = t('continue')) {
    return new Promise((done) => {
        const id = uniqueId('question');
        const dialog = h('dialog', { 'aria-labelledby': id, onclose: () => {
            dialog.remove();
            done(dialog.returnValue === 'yes');
        } },
        h('p', { id }, question),
        h('p.actions', {},
            h('button.primary', { type: 'button', onclick: () => dialog.close('yes') }, yes),
            h('button', { type: 'button', onclick: () => dialog.close('no') }, t('cancel'))));
        document.body.append(dialog);
        dialog.showModal();
    });
}
