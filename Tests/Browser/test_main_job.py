"""What Chorus is for, from end to end: people in rooms of their own, each at a browser of their own."""

import os
import re

import errands
import storage
from views import open_all

NAME, EMAIL = "Neue Kollegin", f"neue.kollegin.{os.urandom(3).hex()}@musterhafen.example"
TEXT = "Am Schalter fehlt ein Schild auf Ukrainisch; wir erklären es dreißigmal am Tag."
REPLY = "Danke, das Schild ist bestellt und hängt in zwei Wochen."
ANSWER = "Wir nehmen Sprachkenntnisse zuerst bei Neubesetzungen auf und sprechen über den Bestand."


def test_main_job(person, town, figures):
    home = town.home
    full = next(
        one for one in town.ask("GET", f"{home}/events?limit=200", role="member")["items"]
        if one["capacity"] is not None and one["going"] >= one["capacity"] and not one["cancelled"])
    channel = town.ask("GET", f"{home}/channels", role="member")["items"][0]
    rounds = town.ask("GET", f"{home}/rounds?limit=200", role="coordinator")["items"]
    round = next(one for one in rounds if one["state"] == "open")

    # A coordinator admits; a newcomer makes an account and gets a place in a queue.
    coordinator = person(role="coordinator")
    code = errands.invite(coordinator)
    member = person()
    errands.join(member, code, NAME, EMAIL)
    errands.go_to_event(member, full["title"])
    place = errands.queue(member)
    assert place == full["waitlisted"] + 1, f"place {place} behind {full['waitlisted']}"

    # Tokens come by themselves, at a moment that nobody chose; with them, words that nobody can trace.
    who = storage.names(member)
    member.wait_for_tokens()
    steps = member.page.evaluate("history.length")
    code = errands.write(member, channel["name"], TEXT)
    assert "Chorus" == member.page.title() and member.page.url == town.url + "/", (member.page.title(), member.page.url)
    errands.type_back(member, code)
    say_nothing(member, who, code, "after writing")
    assert_history_is_neutral(member, steps)

    # The mix happens; a moderator answers; the mix happens; the reply is read by code, with nobody signed in.
    town.mix()
    moderator = person(role="moderator")
    errands.answer_message(moderator, TEXT, REPLY)
    town.mix()
    errands.sign_out(member)
    errands.read_reply(member, code)
    member.sees(REPLY)
    assert member.page.url == town.url + "/" and member.page.title() == "Chorus"
    assert not storage.found([*who, TEXT, REPLY, code, code.replace(" ", "")], storage.dump(member)), "after reading"

    # A round: the newcomer answers among others, the coordinator closes it, and numbers come out of the mix.
    town.crowd(round["id"], bearers=town.newcomers(24))
    member.go("sign-in")
    member.sign_in(EMAIL, errands.PASSWORD)
    member.wait_for_tokens()
    errands.begin_ballot(member, round["title"])
    errands.answer_all(member)
    errands.vote(member)
    say_nothing(member, who, None, "after voting")
    errands.close_round(coordinator, round["title"])
    town.mix()

    # The employer reads the numbers and answers a recommendation; the member reads the answer.
    hr = person(role="hr")
    hr.menu("numbers")
    hr.follow(hr.main.get_by_role("link", name=re.compile(re.escape(round["title"]))).first)
    open_all(hr)
    tables = hr.main.locator("table")
    assert tables.filter(has_text=round["items"][0]["text"]).count() > 0, "no chart has its table"
    asked = next(
        one for one in town.ask("GET", f"/v1/hr/networks/{town.network}/recommendations?limit=200", role="hr")["items"]
        if one["answer"] is None)
    errands.answer_recommendation(hr, asked["title"], ANSWER)
    member.menu("recommendations")
    member.follow(member.main.get_by_role("link", name=re.compile(re.escape(asked["title"]))).first)
    member.sees(ANSWER)
    figures["main job"] = "coordinator, newcomer, moderator and employer: account, waitlist, message, reply, ballot, release, answer"


def say_nothing(member, who, code, when):
    """Nothing on the device joins the person with what they said; no answer of the API is kept."""
    kept = storage.dump(member)
    codes = [code, code.replace(" ", ""), code.replace(" ", "-")] if code else []
    assert not storage.found([*who, TEXT, *codes], kept), f"{when}: {storage.found([*who, TEXT, *codes], kept)}"
    assert set(kept["local"]) <= {"chorus-language"} and kept["session"] == {}, f"{when}: {kept['local']} {kept['session']}"
    answers = [url for urls in kept["caches"].values() for url in urls if "/v1/" in url]
    assert not answers, f"{when}: kept answers: {answers}"
    names = sorted(one["name"].removeprefix("__Host-") for one in kept["cookies"])
    assert names == ["chorus", "chorus-device"], f"{when}: {kept['cookies']}"
    assert all(one["httpOnly"] and one["sameSite"] in ("Lax", "Strict") for one in kept["cookies"]), f"{when}: {kept['cookies']}"
    # Keys and outbox are there, and sealed: an empty store would say nothing about what it hides.
    assert any(store for stores in kept["databases"].values() for store in stores.values()), f"{when}: nothing is kept at all"


def assert_history_is_neutral(member, before):
    session = member.context.new_cdp_session(member.page)
    entries = session.send("Page.getNavigationHistory")["entries"]
    written = [(one["url"], one["title"]) for one in entries[before:]]
    assert written, "writing left no step at all, so the way back would leave the page"
    told = [one for one in written if one != (member.town.url + "/", "Chorus")]
    assert not told, f"the history tells: {told}"
