"""Everything that a browser keeps of a page."""

import json

DUMP = """async () => {
    const bytes = (value) => value instanceof ArrayBuffer ? new Uint8Array(value) : value;
    const plain = (value) => JSON.parse(JSON.stringify(value, (_, one) => {
        const raw = bytes(one);
        if (raw instanceof Uint8Array) return new TextDecoder().decode(raw);
        if (raw instanceof Map) return [...raw];
        if (typeof raw === 'bigint') return String(raw);
        return raw;
    }) ?? 'null');
    const wait = (request) => new Promise((done, fail) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
    });
    const databases = {};
    for (const { name } of await indexedDB.databases()) {
        const base = await wait(indexedDB.open(name));
        databases[name] = {};
        for (const store of base.objectStoreNames) {
            const all = base.transaction(store).objectStore(store);
            const [keys, values] = [await wait(all.getAllKeys()), await wait(base.transaction(store).objectStore(store).getAll())];
            databases[name][store] = Object.fromEntries(keys.map((key, index) => [String(key), plain(values[index])]));
        }
        base.close();
    }
    const kept = {};
    for (const name of globalThis.caches ? await caches.keys() : []) {
        kept[name] = (await (await caches.open(name)).keys()).map((request) => request.url);
    }
    return { local: { ...localStorage }, session: { ...sessionStorage }, databases, caches: kept, title: document.title, history: history.state };
}"""


def dump(person):
    """`local`, `session`, `databases` by name and store, `caches` by name, `cookies`."""
    return person.page.evaluate(DUMP) | {"cookies": person.context.cookies()}


def names(person):
    """All that names the person: ids, address, name."""
    me = person.page.evaluate("async () => (await fetch('/v1/me')).json()")
    own = person.page.evaluate(
        "async (home) => (await fetch(`${home}/memberships/me`)).json()", person.town.home)
    return [me["id"], me["email"], me["email"].split("@")[0], me["displayName"], own["id"]]


def found(words, kept):
    """Which of some words stand in what is kept, in whatever writing of letters and digits."""
    text = json.dumps(kept, ensure_ascii=False).lower()
    return [word for word in words if word.lower() in text]
