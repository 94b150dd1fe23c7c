// Forms that say at each field what was wrong with it, keep what was typed, and put the attention where it is needed.

import { h, replace, uniqueId } from './dom.js';
import { t } from './i18n.js';
import { fault, reason } from './refusals.js';
import { load } from './integrity.js';
import { announce, failure } from './notices.js';
import { me } from './session.js';

/** Where a field's own message stands: its box; else what groups it. */
const place = (input) => input.closest('.field') ?? input.closest('fieldset') ?? input.parentElement;

function mark(input, text) {
    const box = place(input);
    const id = uniqueId('refused');
    if (!box.querySelector(':scope > .refused')) box.append(h('p.refused', { id }, text));
    input.setAttribute('aria-invalid', 'true');
    const message = box.querySelector(':scope > .refused').id;
    input.setAttribute('aria-errormessage', message);
    // Not every screen reader reads aria-errormessage; all read a description.
    const before = (input.getAttribute('aria-describedby') ?? '').split(' ').filter((each) => each && !each.startsWith('refused'));
    input.setAttribute('aria-describedby', [...before, message].join(' '));
}

function unmark(form) {
    for (const message of form.querySelectorAll('.refused')) message.remove();
    for (const input of form.querySelectorAll('[aria-invalid]')) {
        input.removeAttribute('aria-invalid');
        input.removeAttribute('aria-errormessage');
        const left = (input.getAttribute('aria-describedby') ?? '').split(' ').filter((each) => each && !each.startsWith('refused'));
        if (left.length > 0) input.setAttribute('aria-describedby', left.join(' '));
        else input.removeAttribute('aria-describedby');
    }
}

/** The field that a pointer is about: `data-member` is the pointer without its first slash, or its beginning. */
function pointed(form, pointer) {
    const path = pointer.replace(/^\//, '');
    const inputs = [...form.querySelectorAll('[data-member]')];
    const at = (name) => inputs.find((input) => input.dataset.member === name);
    return at(path) ?? at(path.split('/')[0]) ?? null;
}

/** Marks what lacks something. @returns {HTMLElement[]} the fields, in the order of the page */
function check(form) {
    const found = [];
    const groups = new Set();
    for (const input of form.elements) {
        if (input.disabled || input.type === 'fieldset' || input.tagName === 'BUTTON') continue;
        const text = input.type === 'radio' && groups.has(input.name) ? null : fault(input);
        if (input.type === 'radio') groups.add(input.name);
        if (text) { mark(input, text); found.push(input); }
    }
    return found;
}

/** Marks what the server refused. @returns {{fields: HTMLElement[], others: string[]}} what no field of the form is about */
function refuse(form, errors) {
    const [fields, others] = [[], []];
    for (const { pointer, detail } of errors) {
        const input = pointed(form, pointer);
        if (input) { mark(input, reason(detail)); fields.push(input); } else others.push(reason(detail));
    }
    fields.sort((one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
    return { fields, others };
}

/**
 * A form that sends once, says that it works, and shows what went wrong at the fields and above its button.
 * @param {object} form `fields` as boxes, `submit` as the button's text, `act` to be done, `kept` to be said when it fails,
 *     `secondary` beside the button, `kind` of the button, `name` for those who hear several forms on a page
 */
export function form({ fields, submit, act, kept = t('kept.form'), secondary = [], kind = 'primary', name = null }) {
    const result = h('div', {});
    const button = h(`button${kind ? `.${kind}` : ''}`, { type: 'submit' }, submit);
    const isBusy = (is) => (is ? button.setAttribute('aria-disabled', 'true') : button.removeAttribute('aria-disabled'));
    const element = h('form', { novalidate: true, autocomplete: 'off', 'aria-label': name, onsubmit: async (event) => {
        event.preventDefault();
        if (button.getAttribute('aria-disabled') === 'true') return;
        unmark(element);
        replace(result);
        const missing = check(element);
        if (missing.length > 0) return stop(missing, t('refused.fields', { count: missing.length }));
        isBusy(true);
        announce(t('working'));
        try {
            await act(element);
        } catch (error) {
            const { fields: refused, others } = refuse(element, error.errors ?? []);
            if (refused.length > 0 && others.length === 0) stop(refused, [t('refused.fields', { count: refused.length }), kept].join(' '));
            else replace(result, failure(error, kept), others.map((text) => h('p.refused', {}, text)), isOver(error) ? again(result, button) : null);
            if (refused.length === 0) (result.querySelector('button') ?? button).focus();
        } finally {
            isBusy(false);
        }
    } }, fields, result, h('p.actions', {}, button, secondary));
    const stop = (inputs, text) => {
        replace(result, h('p.failure', {}, text));
        announce(text, true);
        inputs[0].focus();
    };
    return element;
}

/** The sign-in has ended while somebody was writing. */
const isOver = (error) => error.code === 'unauthenticated' && me()?.email;

/** Signs in above the page, so that nothing that was typed is lost. */
const again = (result, button) => h('p.actions', {}, h('button', { type: 'button', onclick: async () => {
    const module = await load('views/sign-in-again.js');
    if (!await module.signInAgain()) return;
    replace(result);
    button.focus();
} }, t('signIn.again')));

/**
 * Keeps what was typed while a view is drawn anew, as when the language changes; only here, in memory.
 *
 * What cannot be told apart for certain stays empty: an answer must never end up under somebody else's message.
 * @param {HTMLElement} view the old one
 * @returns {function(HTMLElement): void} puts it into the new one, if that asks for the same
 */
export function keepTyped(view) {
    const before = new Map([...keyed(view)].map(([key, one]) => [key, { type: one.type, value: one.value, checked: one.checked }]));
    return (fresh) => {
        for (const [key, one] of keyed(fresh)) {
            const kept = before.get(key);
            if (!kept || kept.type !== one.type) continue;
            if ('checked' in one) one.checked = kept.checked;
            if (!['checkbox', 'radio'].includes(one.type)) one.value = kept.value;
            one.dispatchEvent(new Event('input', { bubbles: true }));
        }
    };
}

/** Fields by what they are for; where there is one form alone, those without a name by their place. */
function keyed(view) {
    const forms = [...view.querySelectorAll('form')];
    const found = new Map();
    const twice = new Set();
    forms.flatMap((one) => [...one.elements]).forEach((one, index) => {
        if (!['INPUT', 'TEXTAREA', 'SELECT'].includes(one.tagName)) return;
        const { member } = one.dataset;
        if (!member && forms.length > 1) return;
        const key = member ? `${member}${one.type === 'radio' ? `=${one.value}` : ''}` : String(index);
        if (found.has(key)) twice.add(key);
        found.set(key, one);
    });
    for (const key of twice) found.delete(key);
    return found;
}
