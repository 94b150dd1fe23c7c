// The public API, and nothing else: the client knows the server only by what openapi.yaml says.

/** What the server refused, in the words that it has for it. */
export class Refusal extends Error {
    /** @param {number} status of HTTP; 0 when there was no answer @param {object} problem RFC 9457 */
    constructor(status, problem) {
        super(problem.detail ?? problem.title ?? '');
        this.name = 'Refusal';
        this.status = status;
        this.code = String(problem.type ?? (status === 0 ? 'unreachable' : `http-${status}`)).split('/').pop();
        this.errors = problem.errors ?? [];
        this.problem = problem;
    }
}

/** Of what was read last: the tag that a change must name, by path. */
const tags = new Map();
let acceptLanguage = 'de';

/** Does the work that the server may ask for; nobody does until somebody is named. */
let solve = null;

/** @param {function(string, number): Promise<string>} worker finds the proof for a challenge of a difficulty */
export function setWorker(worker) { solve = worker; }

/** @param {string} id the language of problems and of texts that the server writes */
export function setLanguage(id) { acceptLanguage = id; }

/**
 * Asks, and works for it where the server wants that: many guess at an account then, and its owner need not know.
 * @param {string} method of HTTP
 * @param {string} path below `/v1`
 * @param {object} [body] as JSON
 * @param {object} [options] `headers`; `key` for a request that may be sent again without being done again
 * @returns {Promise<object|null>} what came; null for an answer without content
 * @throws {Refusal}
 */
export async function ask(method, path, body, { headers = {}, key } = {}) {
    for (let proofs = 0; ; proofs += 1) {
        try {
            return await send(method, path, body, headers, key);
        } catch (error) {
            if (error.code !== 'challenge-required' || !solve || proofs === 3) throw error;
            headers = { ...headers, 'Chorus-Proof': await solve(error.problem.challenge, error.problem.difficulty) };
        }
    }
}

async function send(method, path, body, headers, key) {
    const all = { Accept: 'application/json', 'Accept-Language': acceptLanguage, ...headers };
    if (body !== undefined) all['Content-Type'] = 'application/json';
    if (key) all['Idempotency-Key'] = key;
    let response;
    try {
        response = await fetch(`/v1${path}`, {
            method, headers: all, body: body === undefined ? undefined : JSON.stringify(body),
            credentials: 'same-origin', cache: 'no-store', referrerPolicy: 'no-referrer',
        });
    } catch {
        throw new Refusal(0, {});
    }
    const tag = response.headers.get('ETag');
    if (tag) tags.set(path, tag);
    const isJSON = /json/.test(response.headers.get('Content-Type') ?? '');
    const content = response.status === 204 ? null : isJSON ? await response.json().catch(() => ({})) : {};
    if (!response.ok) throw new Refusal(response.status, content ?? {});
    return content;
}

export const get = (path) => ask('GET', path);
export const post = (path, body, key = crypto.randomUUID()) => ask('POST', path, body, { key });
export const put = (path, body) => ask('PUT', path, body);
export const remove = (path) => ask('DELETE', path);

/** Changes what was read before, and nothing newer. */
export const patch = (path, body) => ask('PATCH', path, body, { headers: { 'If-Match': tags.get(path) ?? '*' } });

/** Puts what was read before in another state, and nothing newer. */
export const putRead = (path, body) => ask('PUT', path, body, { headers: { 'If-Match': tags.get(path) ?? '*' } });

/** Puts a part of what was read before, and nothing newer. @param {string} path what was read @param {string} part of it */
export const putPart = (path, part, body) =>
    ask('PUT', `${path}/${part}`, body, { headers: { 'If-Match': tags.get(path) ?? '*' } });

/** All elements of a list, page after page. @param {string} path @param {number} [most] pages are left when there are more */
export async function list(path, most = 1_000) {
    const found = [];
    let after = '';
    do {
        const page = await get(`${path}${path.includes('?') ? '&' : '?'}limit=200${after}`);
        found.push(...page.items);
        after = page.next === null ? '' : `&after=${encodeURIComponent(page.next)}`;
    } while (after !== '' && found.length < most);
    return found;
}
