"""What the first view costs somebody who comes with nothing."""

# When the first view can be used: its heading and its first field are there.
READY = """(() => {
    const look = () => {
        if (document.querySelector('main h1') && document.querySelector('main input')) {
            globalThis.chorusReady ??= performance.now();
        } else {
            requestAnimationFrame(look);
        }
    };
    requestAnimationFrame(look);
})();"""

MOST = 100 * 1024


def open_first(browser, slowness):
    """Bytes by address, seconds until it can be used, and until nothing of it blocks any more."""
    context = browser.chromium.new_context(locale="de-DE")
    context.add_init_script(READY)
    browser.watch.attach(context)
    page = context.new_page()
    session, addresses, sizes = context.new_cdp_session(page), {}, {}
    session.on("Network.responseReceived", lambda event: addresses.update({event["requestId"]: event["response"]["url"]}))
    session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    session.send("Network.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": slowness})
    page.goto(browser.town.url + "/")
    page.wait_for_function("() => globalThis.chorusReady")
    page.wait_for_load_state("networkidle")
    ready = page.evaluate("chorusReady") / 1000
    context.close()
    return {addresses[one]: size for one, size in sizes.items() if one in addresses}, ready


def test_first_view_is_small(browser, figures):
    runs = [open_first(browser, 4) for _ in range(3)]
    bytes_by_address = runs[0][0]
    total, times = sum(bytes_by_address.values()), sorted(seconds for _, seconds in runs)
    figures["first view"] = (
        f"{total / 1024:.1f} KiB over the wire in {len(bytes_by_address)} requests; "
        f"usable after {times[1]:.2f} s (middle of 3, {times[0]:.2f} to {times[-1]:.2f}) with 4 x CPU slow-down")
    largest = sorted(bytes_by_address.items(), key=lambda one: -one[1])[:8]
    assert len(bytes_by_address) > 3, "the debugger has not seen the requests"
    assert total <= MOST, f"{total} bytes, of them " + ", ".join(f"{url.rsplit('/', 1)[-1]} {size}" for url, size in largest)
