"""Sign-in by a provider that others have written (oidc-provider-mock): linked, used, refused and unlinked as people do."""

import os
import pathlib
import re
import shutil
import tempfile
import threading
import urllib.parse
import warnings

import flask
import pytest
import werkzeug.serving
from playwright.sync_api import expect

from browser import PROGRAM, Person
from errands import sign_out
from test_factor import fill_in, look, set_up_factor
from test_opened import unknown_code
from texts import LANGUAGES
from watch import Watch, origin
from wire import Wire

# What its libraries say of each other is nobody's matter here; some say it whatever a filter says.
with warnings.catch_warnings(record=True):
    import oidc_provider_mock._app as mock
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

NAME = "Stadt Musterhafen"
FLOW = "chorus-sign-in"


class Quiet(werkzeug.serving.WSGIRequestHandler):
    def log(self, *_):
        pass


class Provider:
    """Whoever says a name there is it."""

    def __init__(self, town):
        self.server = werkzeug.serving.make_server("127.0.0.1", 0, None, threaded=True, request_handler=Quiet)
        # Another name than the town's makes it another site: cookies know no ports.
        self.issuer = f"http://localhost:{self.server.server_port}"
        self.server.app = mock.app(require_nonce=True)
        self.server.app.after_request(as_it_should_be)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.slug = self.set_up(town)

    def set_up(self, town):
        secret = town.folder / "provider-secret"
        secret.write_text("a secret: with/signs\n")
        town.run(
            "network", "provider", "set", town.network, "--issuer", self.issuer, "--client-id", "chorus", "--name", NAME,
            "--secret-file", str(secret), "--network-agrees")
        return town.ask("GET", town.home, role="coordinator")["slug"]

    def stop(self):
        self.server.shutdown()


def as_it_should_be(response):
    """The mock forgets the state when somebody refuses (RFC 6749, section 4.1.2.1), and has its style from another host."""
    place = response.headers.get("Location", "")
    if "error=" in place and "state=" not in place:
        response.headers["Location"] = f"{place}&{urllib.parse.urlencode({'state': flask.request.args['state']})}"
    elif response.mimetype == "text/html":
        response.set_data(re.sub("<link.*?>", "", response.get_data(as_text=True), flags=re.S))
    return response


class Abroad:
    """A Chromium of its own: the record of the other one is that it asked nobody but the server."""

    def __init__(self, browser, provider):
        self.town, self.people = browser.town, browser.people
        self.watch = Border(browser.town.url, provider)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chorus-browser-abroad-"))
        self.log = self.folder / "net.json"
        self.chromium = browser.playwright.chromium.launch(executable_path=PROGRAM, args=[
            f"--log-net-log={self.log}", "--net-log-capture-mode=IncludeSensitive",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            *(["--no-sandbox"] if os.geteuid() == 0 else [])])

    def end(self):
        """Ends the browser, which writes down the rest of its log."""
        if self.chromium:
            self.chromium.close()
            self.chromium = None

    def close(self):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class Border(Watch):
    def __init__(self, url, provider):
        super().__init__(url)
        self.provider = provider

    def hear_request(self, request):
        # A person may go to the provider; no page may ask it for anything.
        if origin(request.url) != self.provider.issuer or not request.is_navigation_request():
            super().hear_request(request)


@pytest.fixture(scope="module")
def provider(town):
    with pytest.MonkeyPatch.context() as patch:
        # A provider on loopback needs no encryption.
        patch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        provider = Provider(town)
        yield provider
        # The tests that come later know a town without one.
        town.run("network", "provider", "remove", town.network)
        provider.stop()


@pytest.fixture(scope="module")
def abroad(browser, provider):
    abroad = Abroad(browser, provider)
    yield abroad
    abroad.close()


@pytest.fixture
def traveller(abroad):
    """Makes people whose devices reach the provider too, and who are gone after the test."""
    people = []

    def make(**settings):
        people.append(Person(abroad, **settings))
        return people[-1]
    yield make
    for one in people:
        one.close()


def set_out(one, provider):
    """From the offer to the provider's page."""
    one.go(f"sign-in/provider/{provider.slug}")
    cross(one, provider, one.button("provider.go", name=NAME))


def cross(one, provider, button):
    button.click()
    one.page.wait_for_url(f"{provider.issuer}/**")


def come_back(one, subject):
    """With a name, or with none from whoever refuses."""
    if subject:
        one.main.get_by_placeholder("sub").fill(subject)
    one.main.get_by_role("button", name="Authorize" if subject else "Deny", exact=True).click()
    one.page.wait_for_url(f"{one.town.url}/**")
    one.settle()
    assert FLOW not in [cookie["name"] for cookie in one.context.cookies()], "what was carried there and back is gone"


def section(one):
    return one.main.get_by_role("region", name=one.text("providers"), exact=True)


def ask_to_link(one, who):
    one.go("me/security")
    fill_in(one, section(one), password=who["password"])
    return one.button("providers.link", section(one), name=NAME)


def link(one, provider, who, subject):
    cross(one, provider, ask_to_link(one, who))
    come_back(one, subject)
    expect(one.page).to_have_url(re.compile("#/me/security$"))
    one.sees(one.pattern("providers.since"), section(one))


def unlink(one):
    section(one).get_by_role("button", name=one.text("providers.unlink")).click()
    one.page.get_by_role("dialog").get_by_role("button", name=one.text("providers.unlink"), exact=True).click()


def who_is(one):
    """The address of whoever is signed in, or the status of nobody."""
    return one.page.evaluate("async () => { const a = await fetch('/v1/me'); return a.ok ? (await a.json()).email : a.status; }")


def test_whoever_is_linked_goes_to_the_provider_and_comes_back_signed_in(traveller, town, provider):
    found, who = [], town.newcomer("Wer bei der Stadt arbeitet")
    linking = traveller()
    linking.sign_in(**who)
    link(linking, provider, who, "ada")

    one = traveller()
    for language in LANGUAGES:
        one.speak(language)
        one.go("sign-in")
        look(one, found, f"{language}, sign-in")
        one.follow(one.link_named(one.text("provider")))
        one.field("provider.network").fill("gibt es nicht")
        one.button("provider.find").click()
        one.sees(one.text("error.provider-none"))
        look(one, found, f"{language}, no such network")
        # A telephone makes the first letter large and adds a space.
        one.field("provider.network").fill(f"{provider.slug.capitalize()} ")
        one.button("provider.find").click()
        expect(one.button("provider.go", name=NAME)).to_be_focused()
        one.sees(one.text("provider.learns", name=NAME))
        look(one, found, f"{language}, offer")
    cross(one, provider, one.button("provider.go", name=NAME))
    come_back(one, "ada")
    expect(one.page).to_have_url(f"{town.url}/")
    assert who_is(one) == who["email"]

    # Here and there are two: whoever leaves here is shown the way out there.
    sign_out(one)
    one.sees(one.text("provider.still", name=NAME))
    look(one, found, "signed out here")
    one.main.get_by_role("link", name=one.text("provider.signOut", name=NAME), exact=True).click()
    one.page.wait_for_url(f"{provider.issuer}/**")
    assert not found, "\n".join(dict.fromkeys(found))


def decline(one, provider):
    set_out(one, provider)
    come_back(one, None)


def take_too_long(one, provider):
    set_out(one, provider)
    # As a browser does by itself after fifteen minutes.
    one.context.clear_cookies(name=FLOW)
    come_back(one, "ada")


def begin_in_two_windows(one, provider):
    set_out(one, provider)
    older = one.page.url
    one.page.goto(one.town.url + "/")
    one.settle()
    set_out(one, provider)
    one.page.goto(older)
    come_back(one, "ada")


def be_unknown(one, provider):
    set_out(one, provider)
    come_back(one, "somebody whom nobody knows")


WAYS = {decline: "declined", take_too_long: "begun", begin_in_two_windows: "begun", be_unknown: "unknown"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_is_refused_reads_what_happened_and_what_to_do(traveller, provider, language):
    found, one = [], traveller()
    one.speak(language)
    for way, reason in WAYS.items():
        way(one, provider)
        # Who did not begin here is not told where to go on.
        known = "" if reason == "begun" else f"/{provider.slug}"
        expect(one.page).to_have_url(re.compile(f"#/sign-in/refused/{reason}{known}$"))
        expect(one.page.get_by_role("heading", level=1, name=one.text("provider.refused"), exact=True)).to_be_focused()
        one.sees(one.text(f"provider.refused.{reason}"))
        one.sees(one.text(f"provider.refused.{reason}.do"))
        assert who_is(one) == 401
        look(one, found, f"{language}, {way.__name__}")
        # What is to be done next is there to be done.
        for key in ("signIn", "provider", "invitation.have"):
            expect(one.link_named(one.text(key))).to_be_visible()
    one.follow(one.link_named(one.text("provider")))
    expect(one.button("provider.go", name=NAME)).to_be_visible()
    take_too_long(one, provider)
    one.follow(one.link_named(one.text("provider")))
    expect(one.field("provider.network")).to_be_visible()
    assert not found, "\n".join(dict.fromkeys(found))


def test_a_provider_is_linked_and_unlinked_on_the_page_about_security(traveller, town, provider):
    found, who = [], town.newcomer("Wer zwei Wege hat")
    one, other = traveller(), traveller()
    one.sign_in(**who)
    for language in LANGUAGES:
        one.speak(language)
        one.go("me/security")
        one.sees(one.text("providers.learns", name=NAME))
        look(one, found, f"{language}, to be linked")

        wrong = who | {"password": "nicht-das-richtige-1"}
        ask_to_link(one, wrong).click()
        expect(one.field("password", section(one))).to_have_attribute("aria-invalid", "true")
        look(one, found, f"{language}, wrong password")

        cross(one, provider, ask_to_link(one, who))
        come_back(one, None)
        one.sees(one.text("provider.refused.declined"))
        one.sees(one.text("provider.refused.signedIn"))
        expect(one.link_named(one.text("me.security"))).to_be_visible()
        assert who_is(one) == who["email"]
        look(one, found, f"{language}, linking declined")

        link(one, provider, who, "bo")
        look(one, found, f"{language}, linked")

        # Who came by it elsewhere goes with it; who has typed the password stays.
        other.speak(language)
        set_out(other, provider)
        come_back(other, "bo")
        assert who_is(other) == who["email"]
        unlink(one)
        expect(one.page.locator("#status")).to_contain_text(one.text("providers.unlinked"))
        expect(one.button("providers.link", section(one), name=NAME)).to_be_visible()
        assert who_is(one) == who["email"]
        other.go("me/security")
        expect(other.field("email")).to_be_visible()
        set_out(other, provider)
        come_back(other, "bo")
        other.sees(other.text("provider.refused.unknown"))

    # Whoever came by it and ends it has to come by the password again.
    link(one, provider, who, "bo")
    set_out(other, provider)
    come_back(other, "bo")
    other.go("me/security")
    other.sees(other.text("session.current"), section(other))
    look(other, found, "linked, and here by it")
    unlink(other)
    expect(other.field("email")).to_be_visible()
    look(other, found, "ended from within")
    assert who_is(other) == 401
    assert not found, "\n".join(dict.fromkeys(found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_has_a_second_factor_links_a_provider_with_it(traveller, town, provider, language):
    found, one, who = [], traveller(), town.newcomer("Wer doppelt sicher geht")
    one.speak(language)
    one.sign_in(**who)
    one.go("me/security")
    expect(one.field("signIn.code", section(one))).to_be_hidden()
    papers = set_up_factor(one, who)
    one.go("me")
    ask_to_link(one, who)
    look(one, found, f"{language}, with a code")
    ask = one.button("providers.link", section(one), name=NAME)
    asked = one.field("signIn.code", section(one))
    asked.fill("AAAA-AAAA-AAAA-AAAA")
    ask.click()
    one.sees(one.text("signIn.code.wrong"), section(one))
    expect(one.field("password", section(one))).to_have_value(who["password"])
    look(one, found, f"{language}, wrong code")
    asked.fill(papers[0])
    cross(one, provider, ask)
    come_back(one, f"dee, {language}")
    one.sees(one.pattern("providers.since"), section(one))
    assert not found, "\n".join(dict.fromkeys(found))


def test_neither_a_session_nor_what_is_carried_to_a_provider_goes_to_anonymous_routes(traveller, abroad, town, provider):
    who = town.newcomer("Wer auch ohne Namen liest")
    one = traveller()
    one.sign_in(**who)
    cross(one, provider, ask_to_link(one, who))
    one.page.goto(town.url + "/")
    one.settle()
    assert FLOW in [cookie["name"] for cookie in one.context.cookies()]
    unknown_code(one)
    link(one, provider, who, "cy")
    one.close()

    abroad.end()
    assert not abroad.watch.complaints, "\n".join(dict.fromkeys(abroad.watch.complaints))
    wire = Wire(abroad.log)
    assert {origin(each) for each in wire.addresses()} == {origin(town.url), provider.issuer}
    sent = list(wire.sent())
    anonymous = [headers for _, path, headers in sent if path.startswith("/v1/anonymous/")]
    away = [headers for method, path, headers in sent if method == "GET" and path.startswith("/oauth2/authorize?")]
    # The provider is not told from which page somebody comes either.
    told = [header for headers in anonymous + away for header in headers if header in ("cookie", "authorization", "referer")]
    assert anonymous and away and not told, told
    assert any("cookie" in headers for _, path, headers in sent if "/callback?" in path), "the log shows no cookies at all"
