"""Debian's Chromium, and people who sit before it."""

import os
import pathlib
import re
import shutil
import tempfile

from playwright.sync_api import Error, expect, sync_playwright

from texts import pattern, text
from watch import Watch

PROGRAM = shutil.which("chromium") or "/usr/bin/chromium"

# What a test has to know of a page and cannot see from outside: whether it waits for an answer.
INSIDE = """(() => {
    const { fetch } = globalThis;
    const state = globalThis.chorusTest = { busy: 0 };
    globalThis.fetch = async (...request) => {
        state.busy += 1;
        try { return await fetch(...request); } finally { state.busy -= 1; }
    };
    document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
})();"""

SETTLED = """() => {
    const main = document.querySelector('main:not([data-left])');
    const heading = main?.querySelector('h1');
    return heading && heading.textContent.trim() !== '' && globalThis.chorusTest.busy === 0
        && !main.querySelector('[aria-busy="true"]');
}"""

# Two frames: what came last has been put into the page by then.
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Browser:
    """One browser for all; each person has a context of their own in it."""

    def __init__(self, town):
        self.town, self.watch, self.people = town, Watch(town.url), []
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chorus-browser-net-"))
        self.log = self.folder / "net.json"
        self.playwright = sync_playwright().start()
        self.chromium = self.playwright.chromium.launch(executable_path=PROGRAM, args=[
            f"--log-net-log={self.log}", "--net-log-capture-mode=IncludeSensitive",
            # What Chromium wants for itself leads nowhere.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            *(["--no-sandbox"] if os.geteuid() == 0 else [])])

    def person(self, role=None, place=0, **settings):
        return Person(self, role, place, **settings)

    def end(self):
        """Ends the browser, which writes down the rest of its log."""
        if self.chromium:
            self.chromium.close()
            self.playwright.stop()
            self.chromium = None

    def close(self):
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)


class Person:
    """Somebody at a device of their own, signed in when a role is named."""

    def __init__(self, browser, role=None, place=0, width=1280, height=900, is_at_start=True, **settings):
        self.town, self.browser, self.language = browser.town, browser, "de"
        settings = {"locale": "de-DE", "reduced_motion": "reduce", "viewport": {"width": width, "height": height}} | settings
        self.context = browser.chromium.new_context(**settings)
        self.context.add_init_script(INSIDE)
        self.context.set_default_timeout(15_000)
        browser.watch.attach(self.context)
        self.page = self.context.new_page()
        # A clock of their own, which a test can put forward: a client waits up to a minute before it fetches tokens.
        self.page.clock.install()
        self.role, self.has_fetched, self.asked = role, False, 0
        self.page.on("requestfinished", self.hear)
        browser.people.append(self)
        if is_at_start:
            self.page.goto(self.town.url + "/")
            if settings.get("java_script_enabled", True):
                self.settle()
        if role:
            self.sign_in(**{key: browser.town.sign_in(role, place)[key] for key in ("email", "password")})

    def close(self):
        if self in self.browser.people:
            self.browser.people.remove(self)
            self.context.close()

    def hear(self, request):
        self.asked += 1
        self.has_fetched |= request.url.endswith("/anonymous-tokens")

    def standing(self):
        """Where the person is, for a report."""
        try:
            main = self.page.locator("main").inner_text(timeout=1_000)
            return f"{self.role} at {self.page.url} ({self.page.title()}): {main[:600]}"
        except Error as error:
            return f"{self.role}: {error}"

    # MARK: What somebody reads

    def text(self, key, **values):
        return text(key, self.language, **values)

    def pattern(self, key):
        return pattern(key, self.language)

    def sees(self, words, inside=None):
        expect((inside or self.main).get_by_text(words).first).to_be_visible(timeout=15_000)

    @property
    def main(self):
        return self.page.locator("main")

    # MARK: What somebody does

    def sign_in(self, email, password):
        form = self.main.locator("form").first
        form.locator("input[type=email]").fill(email)
        form.locator("input[type=password]").first.fill(password)
        with self.leaving():
            self.button("signIn", form).click()

    def go(self, path):
        """To an address of the client, as somebody who types it."""
        with self.leaving():
            self.page.evaluate(
                "(hash) => location.hash === hash ? dispatchEvent(new HashChangeEvent('hashchange')) : location.hash = hash",
                f"#/{path}")

    def follow(self, link):
        with self.leaving():
            link.click()

    def speak(self, language):
        self.language = language
        with self.leaving():
            self.page.locator("#language").select_option(language)

    def wait_for_tokens(self):
        """The page's own clock passes a minute at once, when nothing is under way that would have been given up by then."""
        for _ in range(20):
            before = self.asked
            self.page.wait_for_timeout(700)
            self.settle()
            if self.has_fetched:
                return
            if self.asked == before:
                self.page.clock.fast_forward(61_000)
        raise AssertionError(f"No token was fetched: {self.standing()}")

    def leaving(self):
        """Whatever is done within leads to another view, which is waited for."""
        return Leaving(self)

    def settle(self):
        self.page.wait_for_function(SETTLED)
        self.page.evaluate(FRAMES)
        self.page.wait_for_function(SETTLED)

    def button(self, key, inside=None, **values):
        return (inside or self.main).get_by_role("button", name=self.text(key, **values), exact=True)

    def link(self, key, inside=None):
        return (inside or self.main).get_by_role("link", name=self.pattern(key))

    def link_named(self, name, inside=None):
        return (inside or self.main).get_by_role("link", name=name, exact=True)

    def field(self, key, inside=None):
        """By its label, to which a word may be added that it may be left empty."""
        named = (inside or self.main).get_by_label(re.compile("^" + re.escape(self.text(key))))
        return named.and_(self.page.locator("input, textarea, select"))

    def menu(self, key):
        self.follow(self.page.locator("nav").get_by_role("link", name=self.text(key), exact=True))


class Leaving:
    def __init__(self, person):
        self.person = person

    def __enter__(self):
        self.person.page.evaluate("document.querySelector('main')?.setAttribute('data-left', '')")

    def __exit__(self, failed, *_):
        if not failed:
            self.person.settle()
