"""axe finds nothing, in every view, every language and both themes."""

import pytest

from checks import axe
from texts import LANGUAGES
from views import ROLES, declared, open_all, shape, walk

THEMES = ["light", "dark"]
# Across roles: first parts of addresses, and what was looked at.
LOOKED_AT, KNOWN = set(), set()


@pytest.mark.parametrize("role", ROLES)
def test_axe_finds_nothing(person, figures, role):
    one, found, count = person(role=role), [], 0

    def look(path):
        nonlocal count
        count += 1
        for language in LANGUAGES:
            one.speak(language)
            open_all(one)
            for theme in THEMES:
                one.page.emulate_media(color_scheme=theme)
                found.extend(f"{shape(path)} {language} {theme}: {each}" for each in axe(one))
    places = walk(one, look, KNOWN)
    LOOKED_AT.update(path.split("/")[0] for path in places)
    runs = count * len(LANGUAGES) * len(THEMES)
    figures[f"axe as {role or 'nobody'}"] = (
        f"{sum(places.values())} addresses, {count} unlike those before x {len(LANGUAGES)} languages x {len(THEMES)} themes = {runs}")
    assert not found, f"{len(found)} violations:\n" + "\n".join(dict.fromkeys(found))


def test_every_view_was_looked_at():
    assert declared() <= LOOKED_AT, f"never seen: {declared() - LOOKED_AT}"
