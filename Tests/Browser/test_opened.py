"""axe also finds nothing in what is seen on the way only: refusals at fields, steps of a form, codes, dialogues."""

import re

import pytest
from playwright.sync_api import expect

from checks import axe, sideways
from errands import await_readiness
from test_keyboard import open_round
from texts import LANGUAGES

WRONG = "1234 5678 9012 3456 7890"


def refused_sign_in(one):
    one.go("sign-in")
    one.button("signIn").click()
    expect(one.field("email")).to_be_focused()


def refused_account(one):
    one.go("sign-in/invitation")
    one.button("account.make").click()
    expect(one.field("invitation")).to_be_focused()


def unknown_code(one):
    one.go(f"inbox/{one.town.network}")
    one.field("code.yours").fill(WRONG)
    one.button("inbox.look").click()
    expect(one.page.get_by_role("heading", name=one.text("inbox.unknown"), exact=True)).to_be_visible()


def code_to_note(one):
    channel = one.town.ask("GET", f"{one.town.home}/channels", role="member")["items"][0]
    one.go(f"channels/{channel['id']}")
    one.field("message").fill("Die Teamrunde reihum zu leiten hilft.")
    await_readiness(one)
    one.button("continue").click()
    expect(one.main.locator(".code:visible").first).to_be_visible()


def wrong_code(one):
    one.button("code.noted").click()
    one.field("code.type").fill(WRONG)
    one.button("message.send").click()
    expect(one.field("code.type")).to_have_attribute("aria-invalid", "true")


def back_to_writing(one):
    one.button("code.again").click()
    one.button("write.back").click()
    expect(one.field("message")).to_be_visible()


def questions(one):
    one.go("rounds")
    one.follow(one.main.get_by_role("link", name=re.compile("Wie geht es im Herbst")).first)
    one.main.get_by_role("button", name=re.compile("|".join(re.escape(one.text(key)) for key in ("round.start", "round.goOn")))).click()
    expect(one.main.get_by_role("radio").first).to_be_visible()


def review(one):
    one.main.get_by_role("radio").nth(3).check()
    one.button("ballot.review").click()
    expect(one.button("vote")).to_be_visible()


def back_to_rules(one):
    one.button("ballot.back").click()
    one.button("ballot.rules").click()


def codes_of_invitations(one):
    one.go("desk/joining")
    one.button("invitations.make").click()
    expect(one.main.locator(".code:visible").first).to_be_visible()


def refused_round(one):
    one.go("desk/rounds/new")
    one.main.locator("form button[type=submit]").last.click()
    expect(one.main.locator("[aria-invalid=true]").first).to_be_visible()


def sure(one):
    """Every question before something that cannot be undone looks like this one."""
    open_now = next(each for each in one.town.ask("GET", f"{one.town.home}/rounds?limit=200", role="coordinator")["items"] if each["state"] == "open")
    one.go(f"desk/rounds/{open_now['id']}")
    one.button("round.close.do").click()
    expect(one.page.get_by_role("dialog")).to_be_visible()


def unsure(one):
    one.page.keyboard.press("Escape")
    expect(one.page.get_by_role("dialog")).to_have_count(0)


def refused_answer(one):
    asked = one.town.ask("GET", f"/v1/hr/networks/{one.town.network}/recommendations?limit=200", role="hr")["items"]
    one.go(f"employer/{next(each for each in asked)['id']}")
    one.page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    one.field("employer.responsible").fill("")
    one.button("answer.give").click()
    expect(one.main.locator("[aria-invalid=true]").first).to_be_visible()


WAYS = {
    None: [refused_sign_in, refused_account, unknown_code],
    "newcomer": [code_to_note, wrong_code, back_to_writing, questions, review, back_to_rules],
    "coordinator": [codes_of_invitations, refused_round, sure, unsure],
    "hr": [refused_answer],
}


@pytest.mark.parametrize("role", WAYS)
def test_axe_finds_nothing_on_the_way(person, town, figures, role):
    one = person(role=None if role == "newcomer" else role)
    if role == "newcomer":
        open_round(town)
        one.sign_in(**town.newcomer("Wer alles ansieht"))
        one.wait_for_tokens()
    found, count = [], 0
    for language in LANGUAGES:
        one.speak(language)
        for way in WAYS[role]:
            way(one)
            one.settle()
            for theme in ("light", "dark"):
                one.page.emulate_media(color_scheme=theme)
                found += [f"{way.__name__} {language} {theme}: {each}" for each in axe(one)]
                count += 1
            one.page.set_viewport_size({"width": 320, "height": 700})
            found += [f"{way.__name__} {language}, 320 px: {each}" for each in sideways(one)]
            one.page.set_viewport_size({"width": 1280, "height": 900})
    figures[f"axe on the way of {role or 'nobody'}"] = f"{len(WAYS[role])} states x {len(LANGUAGES)} languages x 2 themes = {count}"
    assert not found, f"{len(found)} violations:\n" + "\n".join(dict.fromkeys(found))
