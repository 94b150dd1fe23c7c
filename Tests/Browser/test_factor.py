"""A code beside the password: set up, used, renewed and removed as people do, with every step looked at."""

import base64
import hashlib
import hmac
import struct
import time

from playwright.sync_api import expect

from checks import axe_in_both_themes, cut_off, sideways, small_targets
from texts import LANGUAGES


def code(secret, step):
    """RFC 6238 once more, so that the server is not held against itself."""
    mac = hmac.new(base64.b32decode(secret.replace(" ", "")), struct.pack(">Q", step), hashlib.sha1).digest()
    place = mac[19] & 15
    return f"{(struct.unpack('>I', mac[place:place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def look(one, found, name):
    """What this step shows, narrow and wide; it cannot be drawn anew in another language without going back to its beginning."""
    one.settle()
    found += [f"{name}: {each}" for each in axe_in_both_themes(one)]
    for width in (320, 1280):
        one.page.set_viewport_size({"width": width, "height": 900})
        found += [f"{name}, {width} px: {each}" for each in sideways(one) + cut_off(one) + small_targets(one)]


def fill_in(one, form, **values):
    for key, value in values.items():
        one.field(key.replace("_", "."), form).fill(value)


def sign_in(one, who):
    form = one.main.locator("form").first
    form.locator("input[type=email]").fill(who["email"])
    form.locator("input[type=password]").first.fill(who["password"])
    one.button("signIn", form).click()
    return form


def set_up_factor(one, who):
    """On the page about security, and gives the recovery codes."""
    form = one.main.get_by_role("form", name=one.text("factor"), exact=True)
    fill_in(one, form, factor_begin_password=who["password"])
    one.button("factor.begin", form).click()
    secret = one.main.locator(".code.secret").inner_text()
    fill_in(one, one.main, factor_code=code(secret, int(time.time()) // 30))
    one.button("factor.confirm").click()
    papers = one.main.locator("ol.codes code")
    expect(papers).to_have_count(10)
    return papers.all_inner_texts()


def form_of(one, key):
    """A form that is unfolded."""
    one.main.locator("summary").get_by_text(one.text(key), exact=True).click()
    return one.main.locator("details[open] form").last


def test_a_code_is_set_up_used_and_removed(person, town):
    found = []
    # The step with the most to show in every language, the whole way in one.
    for language in LANGUAGES:
        who = town.newcomer("Wer sicher gehen will")
        one = person()
        one.speak(language)
        one.sign_in(**who)
        one.go("me/security")
        form = one.main.get_by_role("form", name=one.text("factor"), exact=True)
        fill_in(one, form, factor_begin_password=who["password"])
        one.button("factor.begin", form).click()
        picture = one.main.get_by_alt_text(one.text("factor.qr"))
        expect(picture).to_be_visible()
        assert picture.evaluate("(image) => image.complete && image.naturalWidth > 20"), "the picture is drawn"
        look(one, found, f"{language}, set up")
        if language != LANGUAGES[0]:
            continue
        secret = one.main.locator(".code.secret").inner_text()
        step = int(time.time()) // 30
        fill_in(one, one.main, factor_code="000000" if code(secret, step) != "000000" else "000001")
        one.button("factor.confirm").click()
        one.sees(one.text("refused.code"))
        fill_in(one, one.main, factor_code=code(secret, step))
        one.button("factor.confirm").click()
        codes = one.main.locator("ol.codes code")
        expect(codes).to_have_count(10)
        look(one, found, f"{language}, recovery codes")
        papers = codes.all_inner_texts()
        one.page.emulate_media(media="print")
        expect(one.main.locator(".slips .code").first).to_be_visible()
        expect(one.main.locator("ol.codes")).to_be_hidden()
        one.page.emulate_media(media="screen")

        with one.leaving():
            one.page.get_by_role("button", name=one.text("signOut"), exact=True).click()
        form = sign_in(one, who)
        asked = one.field("signIn.code", form)
        expect(asked).to_be_focused()
        one.sees(one.text("signIn.code.needed"))
        look(one, found, f"{language}, code at sign-in")
        asked.fill("AAAA-AAAA-AAAA-AAAA")
        one.button("signIn", form).click()
        one.sees(one.text("signIn.code.wrong"))
        asked.fill(papers[0])
        with one.leaving():
            one.button("signIn", form).click()

        one.go("me/security")
        form = form_of(one, "factor.renew")
        fill_in(one, form, factor_begin_password=who["password"], factor_proof=papers[1])
        look(one, found, f"{language}, renewing")
        one.button("factor.renew", form).click()
        expect(codes).to_have_count(10)
        fresh = codes.all_inner_texts()
        assert not set(fresh) & set(papers)
        form = form_of(one, "factor.remove")
        fill_in(one, form, factor_begin_password=who["password"], factor_proof=fresh[0])
        one.button("factor.remove", form).click()
        one.page.get_by_role("dialog").get_by_role("button", name=one.text("factor.remove"), exact=True).click()
        one.sees(one.text("factor.is.off"))
    assert not found, "\n".join(dict.fromkeys(found))
