"""Pictures of every view, for people to look at: --pictures DIRECTORY."""

import pathlib

import pytest

from views import ROLES, shape, walk

KNOWN = set()


@pytest.mark.parametrize("role", ROLES)
def test_pictures(person, pytestconfig, role):
    folder = pytestconfig.getoption("--pictures")
    if not folder:
        pytest.skip("no directory is given")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    one = person(role=role)

    def look(path):
        name = f"{role or 'nobody'}-{shape(path).replace('/', '.') or 'home'}"
        place = len(list(folder.glob(f"{name}-*-1280.png")))
        for width in (1280, 360):
            one.page.set_viewport_size({"width": width, "height": 900})
            one.settle()
            one.page.screenshot(path=folder / f"{name}-{place}-{width}.png", full_page=True)
        one.page.set_viewport_size({"width": 1280, "height": 900})
    walk(one, look, KNOWN)
