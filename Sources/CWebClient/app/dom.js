// Elements from values. Nothing here takes HTML as text, so nothing that somebody wrote can become markup or script.

/**
 * Makes an element.
 * @param {string} tag name, with classes after dots: `p.note`
 * @param {object} [props] attributes; `on…` adds a listener, `true` an empty attribute, `null` and `false` none
 * @param {...(Node|string|number|null|false|Array)} children texts are texts
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
    const [name, ...classes] = tag.split('.');
    return fill(document.createElement(name), classes, props, children);
}

/** The same for SVG. */
export function s(tag, props = {}, ...children) {
    const [name, ...classes] = tag.split('.');
    return fill(document.createElementNS('http://www.w3.org/2000/svg', name), classes, props, children);
}

function fill(element, classes, props, children) {
    if (classes.length > 0) element.classList.add(...classes);
    for (const [key, value] of Object.entries(props)) {
        if (value === null || value === undefined || value === false) continue;
        if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
        else if (key === 'value') element.value = value;
        else element.setAttribute(key, value === true ? '' : String(value));
    }
    append(element, children);
    return element;
}

/** Appends whatever is neither null nor false, lists flattened. */
export function append(parent, children) {
    for (const child of children.flat(Infinity)) {
        if (child === null || child === undefined || child === false) continue;
        parent.append(child instanceof Node ? child : String(child));
    }
    return parent;
}

/** Puts other content in place of an element's own. */
export function replace(parent, ...children) {
    parent.replaceChildren();
    return append(parent, children);
}

let counter = 0;
/** An id that no other element of the page has: labels and descriptions need one. */
export const uniqueId = (prefix = 'x') => `${prefix}-${(counter += 1)}`;
