// Parts of views that are drawn anew when something has come, been sent, or been refused.

const watchers = new Set();

/**
 * Calls back when something changed, as long as an element is in the page.
 * @param {HTMLElement} element @param {function(): Promise<void>} callBack
 * @returns {HTMLElement} the element
 */
export function watch(element, callBack) {
    watchers.add({ element, callBack, wasShown: false });
    return element;
}

/** Tells all that are still in the page; what one of them cannot draw does not keep the others. */
export function changed() {
    for (const one of watchers) {
        if (one.wasShown && !one.element.isConnected) watchers.delete(one);
        else void Promise.resolve().then(one.callBack).catch(() => {});
        one.wasShown ||= one.element.isConnected;
    }
}
