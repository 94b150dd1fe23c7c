"""Whoever comes back finds the page again: from what the browser has kept, and without a connection."""

from playwright.sync_api import expect

from texts import text

KEPT = """async () => {
    await navigator.serviceWorker.ready;
    const names = await caches.keys();
    return (await (await caches.open(names[0])).keys()).map((one) => new URL(one.url).pathname);
}"""


def test_the_page_comes_again_from_what_is_kept_and_without_a_connection(browser, figures):
    # Not one of the people who are watched: what fails here without a connection is meant to fail.
    context = browser.chromium.new_context(locale="de-DE")
    context.set_default_timeout(60_000)
    page, breaches = context.new_page(), []
    page.on("console", lambda message: breaches.append(message.text) if "Security Policy" in message.text else None)
    heading = page.locator("main h1")
    page.goto(browser.town.url + "/")
    expect(heading).to_have_text(text("signIn"))
    kept = page.evaluate(KEPT)
    assert "/" in kept and any(one.endswith("/views/inbox.js") for one in kept), kept
    assert not [one for one in kept if one.startswith("/v1/")], kept
    # The second time the page is asked for by its tag, the third by the service worker.
    for _ in range(2):
        page.reload()
        expect(heading).to_have_text(text("signIn"))
    context.set_offline(True)
    page.reload()
    expect(heading).to_have_text(text("offline.title"))
    expect(page.locator("main")).to_contain_text(text("offline.kept"))
    context.set_offline(False)
    page.get_by_role("button", name=text("offline.again")).click()
    expect(heading).to_have_text(text("signIn"))
    context.close()
    assert not breaches, breaches
    figures["without a connection"] = f"{len(kept)} files kept, none of them an answer"
