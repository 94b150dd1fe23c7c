"""The main job of a member with Tab, Enter, Space and arrows alone."""

import re
import time

from playwright.sync_api import expect

from errands import await_readiness
from keys import Keys


def test_main_job_by_keyboard(person, town, figures):
    round = open_round(town)
    town.crowd(bearers=town.newcomers(24))
    event = next(
        one for one in town.ask("GET", f"{town.home}/events?limit=200", role="member")["items"]
        if one["capacity"] is not None and one["going"] >= one["capacity"] and not one["cancelled"])
    channel = town.ask("GET", f"{town.home}/channels", role="member")["items"][1]
    one = person()
    keys = Keys(one)

    # Sign in.
    who = town.newcomer("Wer ohne Maus arbeitet")
    keys.type(one.field("email"), who["email"])
    keys.type(one.field("password"), who["password"])
    with one.leaving():
        one.page.keyboard.press("Enter")
    keys.assert_focus("signed in")
    one.wait_for_tokens()

    # A place in a queue.
    follow_menu(keys, "events")
    keys.follow(one.main.get_by_role("link", name=event["title"]))
    keys.push(one.button("rsvp.do.waiting"), "Space")
    one.sees(one.pattern("rsvp.waitlisted"))
    keys.assert_focus("with a place in the queue")

    # Words without a name, and the code typed back.
    follow_menu(keys, "channels")
    keys.follow(one.link_named(one.text("channel.write", name=channel["name"])))
    keys.type(one.field("message"), "Der Leitfaden für Auswahlgespräche hat mir geholfen.")
    await_readiness(one)
    keys.tab_to(one.field("theme"))
    keys.press("ArrowDown")
    keys.push(one.button("continue"))
    code = one.main.locator(".code:visible").first.inner_text().strip()
    keys.push(one.button("code.noted"))
    keys.type(one.field("code.type"), "1234 5678 9012 3456 7890")
    keys.press("Enter")
    expect(one.field("code.type")).to_be_focused()
    expect(one.field("code.type")).to_have_attribute("aria-invalid", "true")
    keys.type(one.field("code.type"), code)
    keys.press("Enter")
    expect(one.page.get_by_role("heading", level=1, name=one.text("sent"), exact=True)).to_be_focused(timeout=30_000)

    # A ballot.
    follow_menu(keys, "rounds")
    keys.follow(one.main.get_by_role("link", name=re.compile(re.escape(round["title"]))))
    keys.push(one.button("round.start"))
    questions = one.main.locator("fieldset")
    for place in range(len(round["items"])):
        group = questions.nth(place).get_by_role("radio")
        keys.tab_to(one.main.locator("input:focus").and_(group).or_(group.first))
        keys.press("Space", *["ArrowRight"] * (place + 1))
        assert questions.nth(place).locator("input:checked").count() == 1
    keys.push(one.button("ballot.review"))
    keys.push(one.button("vote"))
    expect(one.page.get_by_role("heading", level=1, name=one.text("voted"), exact=True)).to_be_focused(timeout=30_000)
    figures["keyboard"] = f"main job of a member with {keys.pressed} keys beside what was typed"


def follow_menu(keys, key):
    """The menu is before the view, so one goes back to it."""
    one = keys.person
    keys.follow(one.page.locator("nav").get_by_role("link", name=one.text(key), exact=True), "Shift+Tab")


def open_round(town):
    at = lambda days: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86_400))
    made = town.ask("POST", f"{town.home}/rounds", {
        "title": f"Wie geht es im Herbst? {time.time():.0f}", "opensAt": at(-0.01), "closesAt": at(14), "scheme": "S1",
        "items": [{"text": text, "theme": None} for text in ("Ich habe Zeit für das, was zählt.", "Wir helfen einander.", "Ich bleibe gern.")],
        "audience": {"kind": "network"}}, role="coordinator")
    town.ask("PUT", f"{town.home}/rounds/{made['id']}/opening", role="coordinator")
    return made
