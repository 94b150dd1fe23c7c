"""Two OpenID Providers that others have written, each on a port of loopback, and a person's browser that signs in there."""

import html
import http.cookiejar
import re
import threading
import urllib.error
import urllib.parse
import urllib.request

import oidc_provider_mock._app as mock
import werkzeug.serving
from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from joserfc.jwk import ECKey, RSAKey

SECRET = "a secret: with/signs"


class Provider:
    """Runs an application that is made once its address is known."""

    def __init__(self):
        self.server = werkzeug.serving.make_server("127.0.0.1", 0, None, threaded=True, request_handler=Quiet)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.server.app = self.make()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Quiet(werkzeug.serving.WSGIRequestHandler):
    def log(self, *_):
        pass


class Mock(Provider):
    """oidc-provider-mock: whoever says a name is it, and its ID tokens name no key."""

    def make(self):
        self.application = mock.app(require_nonce=True)
        return self.application

    def register(self, callback):
        return "chorus", SECRET

    def rotate(self):
        with self.application.app_context():
            storage = self.application.view_functions["oidc-provider-mock.jwks"].__globals__["storage"]
            # What a request sees is set before it.
            for hook in self.application.before_request_funcs[None]:
                hook()
            storage.jwk = type(storage.jwk).generate_key(is_private=True)

    def sign_in(self, browser, page, subject):
        return browser.post(page.url, {"sub": subject})


class Canaille(Provider):
    """canaille: a full provider with passwords, pages and registered clients."""

    def make(self):
        self.application = create_app({
            "SECRET_KEY": "for this test only", "SERVER_NAME": self.issuer.removeprefix("http://"), "TESTING": False,
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE_OIDC": {"ACTIVE_JWKS": [RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)]},
        }, env_file="", init_backend=True)
        return self.application

    def person(self, name, password):
        with self.application.app_context():
            user = models.User(
                user_name=name, formatted_name=name, family_name=name, emails=[f"{name}@staff.example"], password=password)
            Backend.instance.save(user)

    def register(self, callback):
        with self.application.app_context():
            client = models.Client(
                client_id="chorus", client_secret=SECRET, client_name="Chorus", redirect_uris=[callback],
                client_uri=callback, grant_types=["authorization_code"], response_types=["code"],
                scope=["openid", "email"], token_endpoint_auth_method="client_secret_basic")
            Backend.instance.save(client)
            # Its ID tokens are for whom its administrator says, which must be there first.
            client.audience = [client]
            Backend.instance.save(client)
        return "chorus", SECRET

    def rotate(self):
        keys = [ECKey.generate_key("P-256", auto_kid=True), RSAKey.generate_key(2048, auto_kid=True)]
        self.application.config["CANAILLE_OIDC"]["ACTIVE_JWKS"] = [key.as_dict(private=True) for key in keys[::-1]]

    def sign_in(self, browser, page, subject):
        page = browser.submit(page, {"login": subject})
        return browser.submit(page, {"password": f"password of {subject}"})


class Page:
    def __init__(self, answer):
        self.status, self.url = answer.status, answer.url
        self.location = answer.headers.get("Location")
        self.text = answer.read().decode()


class Browser:
    """Keeps cookies and follows redirects, but leaves a server's own to whoever looks at them."""

    def __init__(self, stops_at):
        self.cookies = http.cookiejar.CookieJar()
        self.stops_at = stops_at
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), Stay())

    def open(self, url, form=None):
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        while True:
            try:
                page = Page(self.opener.open(url, data, timeout=30))
            except urllib.error.HTTPError as error:
                page = Page(error)
            if page.status not in (301, 302, 303) or page.url.startswith(self.stops_at):
                return page
            url, data = urllib.parse.urljoin(page.url, page.location), None

    def post(self, url, form):
        return self.open(url, form)

    def submit(self, page, values):
        """Fills in the first form that asks for these, hidden fields and all."""
        for form in re.findall(r"<form.*?</form>", page.text, re.S):
            if not all(f'name="{name}"' in form for name in values):
                continue
            hidden = {}
            for field in re.findall(r"<input[^>]*>", form):
                name, value = re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)
                if name and value and 'type="hidden"' in field:
                    hidden[name[1]] = html.unescape(value[1])
            return self.open(page.url, hidden | values)
        raise AssertionError(f"no form for {list(values)} at {page.url}: {page.text[:2000]}")


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
