"""All views: what a role finds by following every link from its menu, one place of each shape and state."""

import re

from texts import APP

ROLES = [None, "member", "organiser", "moderator", "coordinator", "hr", "council", "admin"]
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")

LINKS = """() => [...document.querySelectorAll('a[href^="#/"]')].map((one) => one.getAttribute('href').slice(2))"""

# What a view is made of. Two places of the same parts, whoever looks at them, need not be looked at twice.
PARTS = """() => {
    const main = document.querySelector('main');
    const kinds = new Set([...main.querySelectorAll('*')].map((one) => `${one.tagName}.${one.getAttribute('class') ?? ''}`));
    const words = new Set([...main.querySelectorAll('h2, button, summary, legend, label, .notice, .failure, .empty')].map((one) => one.textContent));
    return [...kinds, ...words].sort().join('\\n');
}"""

# Of places that differ in their ids only the first and the last are looked at: lists begin and end with other states.
MOST = 2


def shape(path):
    """An address without what is different from place to place: ids, numbers, and names behind the second part."""
    parts = re.sub(r"\d+", "#", UUID.sub("ID", path.split("?")[0])).split("/")
    return "/".join("NAME" if place > 1 and "-" in part else part for place, part in enumerate(parts))


def declared():
    """First parts of addresses that the client's frame knows."""
    return set(re.findall(r"\bpath: '([^']*)'", (APP / "main.js").read_text()))


def walk(person, look, known):
    """
    Goes everywhere, breadth first, and calls `look(path)` at each place whose parts are not `known`.

    Of the links of one page and shape the first and the last are followed, however many there are.
    """
    start = ["", "sign-in", "inbox", "accessibility", "contact"]
    waiting, seen, taken = list(start), set(), {}
    while waiting:
        path = waiting.pop(0)
        if path in seen or taken.get(shape(path), 0) >= MOST:
            continue
        seen.add(path)
        taken[shape(path)] = taken.get(shape(path), 0) + 1
        person.go(path)
        open_all(person)
        by_shape = {}
        for link in person.page.evaluate(LINKS):
            by_shape.setdefault(shape(link), []).append(link)
        for links in by_shape.values():
            waiting += dict.fromkeys([links[0], links[-1]])
        parts = (shape(path), person.page.evaluate(PARTS))
        if parts not in known:
            known.add(parts)
            look(path)
    return taken


OPEN = """() => {
    const closed = [...document.querySelectorAll('main details:not([open])')];
    for (const one of closed) one.open = true;
    return closed.length;
}"""


def open_all(person):
    """What can be unfolded is looked at unfolded; unfolding may fetch something that unfolds."""
    while person.page.evaluate(OPEN):
        person.settle()
