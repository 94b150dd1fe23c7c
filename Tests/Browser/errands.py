"""What people come for, step by step, as they would do it with a mouse or a finger."""

import re

from playwright.sync_api import expect

PASSWORD = "lange-genug-und-selten-7"


def invite(coordinator):
    """A code for one newcomer, shown once."""
    coordinator.menu("desk")
    coordinator.follow(coordinator.link_named(coordinator.text("desk.joining")))
    coordinator.field("invitation.count").fill("1")
    coordinator.button("invitations.make").click()
    code = coordinator.main.locator(".code:visible").first
    expect(code).to_be_visible()
    return code.inner_text().strip()


def join(newcomer, code, name, email):
    """An account of one's own, with what is agreed to."""
    newcomer.follow(newcomer.link_named(newcomer.text("invitation.have")))
    newcomer.field("invitation").fill(code)
    newcomer.field("displayName").fill(name)
    newcomer.field("email").fill(email)
    newcomer.field("password").fill(PASSWORD)
    newcomer.field("consent.membership.give").check()
    with newcomer.leaving():
        newcomer.button("account.make").click()


def go_to_event(member, title):
    member.menu("events")
    member.follow(member.main.get_by_role("link", name=title).first)


def queue(member):
    """A place on the waitlist of the event that is shown; tells which."""
    member.button("rsvp.do.waiting").click()
    place = member.main.get_by_text(member.pattern("rsvp.waitlisted")).first
    expect(place).to_be_visible()
    return int(re.search(r"\d+", place.inner_text())[0])


def await_readiness(member):
    """Tokens have come and are ready to be used."""
    ready = re.compile("|".join(member.pattern(key).pattern for key in ("write.left.one", "write.left.other")))
    expect(member.main.get_by_text(ready)).to_be_visible(timeout=30_000)


def write(member, channel, text):
    """Writes into a channel up to the code, which is told."""
    member.menu("channels")
    member.follow(member.link_named(member.text("channel.write", name=channel)))
    member.field("message").fill(text)
    await_readiness(member)
    member.button("continue").click()
    code = member.main.locator(".code:visible").first
    expect(code).to_be_visible()
    return code.inner_text().strip()


def type_back(member, code):
    """Spaces and dashes do not matter."""
    member.button("code.noted").click()
    member.field("code.type").fill(code.replace(" ", "-") + " ")
    member.button("message.send").click()
    expect(member.page.get_by_role("heading", level=1, name=member.text("sent"), exact=True)).to_be_visible(timeout=30_000)


def answer_message(moderator, text, reply):
    """Finds a message in the queue and answers it."""
    moderator.menu("moderation")
    moderator.field("state").first.select_option(label=moderator.text("moderation.group.inReview"))
    moderator.settle()
    message = moderator.main.locator("li").filter(has_text=text)
    message.get_by_text(moderator.text("message.work"), exact=True).click()
    moderator.settle()
    moderator.field("reply", message).fill(reply)
    moderator.button("reply.send", message).click()
    expect(moderator.page.locator("#status")).to_contain_text(moderator.text("reply.queued"))


def sign_out(person):
    with person.leaving():
        person.page.get_by_role("button", name=person.text("signOut"), exact=True).click()


def read_reply(reader, code):
    """By code alone; nobody is signed in."""
    reader.follow(reader.page.locator("footer").get_by_role("link", name=reader.text("inbox"), exact=True))
    reader.field("inbox.network").fill(reader.town.network)
    reader.field("code.yours").fill(code)
    reader.button("inbox.look").click()


def begin_ballot(member, title):
    member.menu("rounds")
    member.follow(member.main.get_by_role("link", name=re.compile(re.escape(title))).first)
    member.button("round.start").click()
    expect(member.main.get_by_role("radio").first).to_be_visible()


def answer_all(member):
    """Every question of a ballot; the answers go up and down."""
    questions = member.main.locator("fieldset")
    for place in range(questions.count()):
        questions.nth(place).get_by_role("radio").nth(place % 5).check()
    member.button("ballot.review").click()
    expect(member.button("vote")).to_be_visible()


def vote(member):
    member.button("vote").click()
    expect(member.page.get_by_role("heading", level=1, name=member.text("voted"), exact=True)).to_be_visible(timeout=30_000)


def answer_recommendation(hr, title, text):
    """The employer's answer, which has to be confirmed."""
    hr.menu("employer")
    hr.follow(hr.main.get_by_role("link", name=re.compile(re.escape(title))).first)
    hr.field("employer.decision.partly").check()
    hr.field("answer.text").fill(text)
    hr.field("employer.responsible").fill("Amt für Personal")
    hr.button("answer.give").click()
    with hr.leaving():
        hr.button("answer.give", hr.page.get_by_role("dialog")).click()


def close_round(coordinator, title):
    coordinator.menu("desk")
    coordinator.follow(coordinator.link_named(coordinator.text("desk.rounds")))
    coordinator.follow(coordinator.link_named(title))
    coordinator.button("round.close.do").click()
    with coordinator.leaving():
        coordinator.button("round.close.do", coordinator.page.get_by_role("dialog")).click()
