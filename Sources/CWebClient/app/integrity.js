// Modules are loaded by what they are, not only by where they lie: the server writes down what each file's bytes come to.

import { files } from './digests.js';

const ready = new Map();

/** The digest of a file, for `fetch` and `link`. @param {string} path below this folder @returns {string} as in Subresource Integrity */
export const integrity = (path) => files[path].integrity;

/**
 * Loads a module and all that it imports, each only when its bytes are those that the server wrote down.
 * @param {string} path below this folder, e.g. `views/home.js`
 * @returns {Promise<object>} the module
 * @throws {Error} `new-version` when a file is not there any more or is another
 */
export async function load(path) {
    await Promise.all([path, ...files[path].imports].map(fetched));
    return import(`./${path}`);
}

function fetched(path) {
    if (!ready.has(path)) ready.set(path, preload(path));
    return ready.get(path);
}

function preload(path) {
    const link = document.createElement('link');
    // A browser that does not know it loads the module by itself; the rules of the page still say from where.
    if (!link.relList.supports('modulepreload')) return Promise.resolve();
    return new Promise((done, fail) => {
        link.rel = 'modulepreload';
        link.href = new URL(path, import.meta.url).href;
        link.integrity = integrity(path);
        link.onload = done;
        link.onerror = () => {
            ready.delete(path);
            link.remove();
            fail(Object.assign(new Error(path), { code: 'new-version' }));
        };
        document.head.append(link);
    });
}
