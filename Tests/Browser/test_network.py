"""The record of the whole run: who was asked, what with, and what pages complained of."""

import urllib.parse

from watch import origin
from wire import Wire


def test_no_page_complained(browser):
    """No error, no breach of the page's own rules (CSP, Trusted Types), no warning, no other host."""
    complaints = list(dict.fromkeys(browser.watch.complaints))
    assert not complaints, f"{len(complaints)} complaints:\n" + "\n".join(complaints)


def test_only_the_server_was_asked(browser, town, figures):
    browser.end()
    wire = Wire(browser.log)
    addresses = wire.addresses()
    seen = {(method, urllib.parse.urlsplit(url).path) for method, url in browser.watch.requests}
    figures["network"] = (
        f"{len(addresses)} requests to {len({origin(one) for one in addresses})} address, {len(seen)} different; "
        f"{sum('/v1/anonymous/' in one for one in addresses)} to anonymous routes")
    others = sorted({one for one in addresses if origin(one) != origin(town.url)})
    assert not others, f"others were asked: {others}"
    # A log in which the run is not to be found would prove nothing.
    assert len(addresses) > 20 and any("/v1/me" in one for one in addresses)


def test_no_sign_in_goes_to_anonymous_routes(browser):
    browser.end()
    sent = list(Wire(browser.log).sent())
    named = [
        (method, path, header) for method, path, headers in sent if path.startswith("/v1/anonymous/")
        for header in headers if header in ("cookie", "authorization", "referer", "idempotency-key")
    ]
    assert not named, f"{len(named)} requests said who asks: {named[:5]}"
    assert any("cookie" in headers for _, path, headers in sent if path == "/v1/me"), "the log shows no cookies at all"
    assert any(path.startswith("/v1/anonymous/") for _, path, _ in sent), "nobody asked an anonymous route"
