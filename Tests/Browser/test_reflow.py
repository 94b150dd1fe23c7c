"""Narrow windows, large text, small fingers, colours of one's own, no motion: in every view."""

import pytest

from checks import cut_off, sideways, small_targets
from views import ROLES, shape, walk

KNOWN = set()

# Only text grows, as a browser's own setting makes it: 200 % of 16 px.
LARGE = "(size) => { document.documentElement.style.fontSize = size; }"

MOVES = """() => [...document.querySelectorAll('*')].filter((one) => {
    const { transitionDuration, animationDuration, animationName } = getComputedStyle(one);
    const seconds = (list) => Math.max(...list.split(',').map(parseFloat));
    return seconds(transitionDuration) > 0.01 || animationName !== 'none' && seconds(animationDuration) > 0.01;
}).map((one) => `moves: ${one.outerHTML.slice(0, 100)}`)"""


@pytest.mark.parametrize("role", ROLES)
def test_views_fit(person, figures, role):
    one, found, count = person(role=role), [], 0
    page = one.page

    def look(path):
        nonlocal count
        count += 1
        page.set_viewport_size({"width": 320, "height": 700})
        check(path, "320 px", sideways(one) + cut_off(one) + small_targets(one))
        page.set_viewport_size({"width": 1280, "height": 900})
        check(path, "1280 px", small_targets(one) + cut_off(one) + page.evaluate(MOVES))
        # 640 px and 200 %: what a window of 1280 px has room for when everything in it is twice as large.
        page.evaluate(LARGE, "200%")
        check(path, "200 % text", sideways(one) + cut_off(one))
        page.set_viewport_size({"width": 360, "height": 800})
        check(path, "200 % text, 360 px", sideways(one))
        page.evaluate(LARGE, "")
        page.set_viewport_size({"width": 1280, "height": 900})

    def check(path, how, some):
        found.extend(f"{shape(path) or 'home'}, {how}: {each}" for each in some)
    walk(one, look, KNOWN)
    figures[f"reflow as {role or 'nobody'}"] = f"{count} views at 320 px, at 200 % text, targets of 24 px"
    assert not found, f"{len(found)} places:\n" + "\n".join(dict.fromkeys(found))


def test_colours_of_ones_own(person):
    """In forced colours the bars of a chart still have edges, and what has the focus is still seen."""
    one = person(role="member", forced_colors="active")
    page = one.page
    one.go("recommendations")
    page.keyboard.press("Tab")
    style = page.evaluate("() => { const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement); return [outlineStyle, parseFloat(outlineWidth)]; }")
    assert style[0] != "none" and style[1] >= 1, style
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
