// What views are made of: fields with labels, results that are announced, lists that say when they are empty.

import { h, replace, uniqueId } from './dom.js';
import { t } from './i18n.js';
import { get } from './api.js';
import { announce, failure } from './notices.js';

export { announce, failure, icon } from './notices.js';
export { form, keepTyped } from './forms.js';

/**
 * A labelled field; further properties are the input's.
 * @param {string} label
 * @param {object} [props] `tag` for another element than `input`, `hint` for a sentence below the label, `options` of a select,
 *     `member` for the member of the request that it becomes (its error is shown here), `isOptional` to say so at the label
 * @returns {{box: HTMLElement, input: HTMLElement}}
 */
export function field(label, { tag = 'input', hint, options, member, isOptional, ...props } = {}) {
    const id = uniqueId('field');
    const described = hint ? `${id}-hint` : null;
    const choices = options?.map(([value, text]) => h('option', { value, selected: value === props.value }, text));
    // No telling name: browsers would offer what others have typed into fields of that name.
    const input = h(tag, { id, name: id, 'aria-describedby': described, 'data-member': member, ...props }, choices ?? []);
    return {
        input,
        box: h('div.field', {},
            h('label', { for: id }, label, isOptional ? h('span.optional', {}, ` (${t('optional')})`) : null),
            hint ? h('p.hint', { id: described }, hint) : null, input),
    };
}

/** A box to tick. @param {string|Node} label @param {object} [props] as of `field` @returns {{box: HTMLElement, input: HTMLElement}} */
export function tick(label, { hint, member, ...props } = {}) {
    const id = uniqueId('tick');
    const described = hint ? `${id}-hint` : null;
    const input = h('input', { id, name: id, type: 'checkbox', 'aria-describedby': described, 'data-member': member, ...props });
    return {
        input,
        box: h('div.field', {}, h('label.check', { for: id }, input, h('span', {}, label)),
            hint ? h('p.hint', { id: described }, hint) : null),
    };
}

/**
 * One of several. @param {string} legend @param {[string, string][]} options value and text
 * @param {object} [props] `value` that is chosen, `hint`, `member`, `required`
 * @returns {{box: HTMLElement, value: function(): string|null}}
 */
export function choice(legend, options, { value = null, hint, member, required } = {}) {
    const name = uniqueId('choice');
    const described = hint ? `${name}-hint` : null;
    const inputs = options.map(([each]) => h('input', {
        type: 'radio', name, value: each, checked: each === value, required, 'data-member': member,
    }));
    return {
        box: h('fieldset', { 'aria-describedby': described }, h('legend', {}, legend),
            hint ? h('p.hint', { id: described }, hint) : null,
            options.map(([, text], index) => h('label.check', {}, inputs[index], h('span', {}, text)))),
        value: () => inputs.find((one) => one.checked)?.value ?? null,
    };
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

/**
 * A list that comes page by page; "more" puts the focus on the first of what came.
 * @param {string} path of a list @param {function(object): HTMLElement} show @param {string|Node} empty
 * @param {object} [options] `limit` of a page; `first` when the first page is already there
 * @returns {Promise<HTMLElement>}
 */
export async function pages(path, show, empty, { limit = 20, first } = {}) {
    const ask = (after) => get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${after ? `&after=${encodeURIComponent(after)}` : ''}`);
    let page = first ?? await ask();
    if (page.items.length === 0) return h('p.empty', {}, empty);
    const row = (one) => h('li', {}, show(one));
    const all = h('ul.cards', {}, page.items.map(row));
    const more = action(t('more'), async () => {
        page = await ask(page.next);
        const rows = page.items.map(row);
        all.append(...rows);
        announce(t('more.came', { count: rows.length }), false, { isSeen: false });
        if (page.next === null) more.remove();
        const target = rows[0]?.querySelector('a, button') ?? rows[0];
        if (target && !target.matches('a, button')) target.setAttribute('tabindex', '-1');
        target?.focus();
    });
    return h('div', {}, all, page.next === null ? null : h('p.actions', {}, more));
}

/** A heading and what is below it. @param {string|Array} title words, with a picture before them where there is one */
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
