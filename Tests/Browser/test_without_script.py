"""Without JavaScript: one page that says what is needed and what is left, in three languages."""

import re

from checks import axe, sideways


def test_a_page_without_script_says_what_is_left(person):
    one = person(java_script_enabled=False)
    page = one.page
    sections = page.locator("noscript section, main section")
    assert sections.count() == 3, "one section for each language"
    tags = sections.evaluate_all("(all) => all.map((one) => one.lang)")
    assert tags[0] == "de" and tags[1].startswith("de-") and tags[2] == "en", tags
    german, simple, english = (sections.nth(place).inner_text() for place in range(3))
    assert re.search("JavaScript", german) and re.search("Kalender", german) and re.search("Koordination", german)
    assert re.search("JavaScript", simple) and re.search("Kalender", simple)
    assert re.search("JavaScript", english) and re.search("calendar", english) and re.search("coordinator", english)
    assert page.locator("h1").count() == 1


def test_axe_finds_nothing_in_it(person):
    """axe needs JavaScript itself: it is given the page as it looks without."""
    one = person(is_at_start=False)
    page = one.page

    def without(route):
        answer = route.fetch()
        html = re.sub(r"<script.*?</script>", "", answer.text(), flags=re.S).replace("<noscript>", "").replace("</noscript>", "")
        route.fulfill(response=answer, body=html)
    page.route(one.town.url + "/", without)
    page.goto(one.town.url + "/")
    assert page.locator("main section").count() == 3
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 800})
        assert not sideways(one)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            found = axe(one)
            assert not found, f"{width} {theme}:\n" + "\n".join(found)
