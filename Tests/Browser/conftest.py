"""What all tests share: one town, one browser, and one record of everything that went over the wire."""

import json
import pathlib
import time

import pytest

from browser import Browser
from town import Town

# What fails soonest first, the record of all that happened last.
ORDER = [
    "test_catalogues", "test_first_view", "test_without_script", "test_return", "test_main_job", "test_keyboard", "test_factor",
    "test_provider", "test_axe", "test_opened", "test_reflow", "test_pictures", "test_network",
]


def pytest_addoption(parser):
    parser.addoption("--chorus", help="the program")
    parser.addoption("--address", help="a client in front of a town that runs already, with --signins and --data")
    parser.addoption("--signins", help="first line of `chorus demo --json` of that town")
    parser.addoption("--data", help="data directory of that town")
    parser.addoption("--pictures", help="a directory for pictures of each view")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: ORDER.index(item.module.__name__))


@pytest.fixture(scope="session")
def town(pytestconfig):
    option = pytestconfig.getoption
    ready = json.loads(pathlib.Path(option("--signins")).read_text()) if option("--signins") else None
    town = Town(option("--chorus"), option("--address"), ready, option("--data"))
    yield town
    town.stop()


@pytest.fixture(scope="session")
def browser(town):
    browser = Browser(town)
    yield browser
    browser.close()


@pytest.fixture
def person(browser, request):
    """Makes people with devices of their own, who are gone after the test."""
    people = []

    def make(**settings):
        people.append(browser.person(**settings))
        return people[-1]
    yield make
    for one in people:
        one.close()


@pytest.fixture(scope="session")
def figures(pytestconfig):
    return pytestconfig.stash.setdefault(FIGURES, {})


FIGURES, SECONDS, BEGAN = pytest.StashKey(), pytest.StashKey(), pytest.StashKey()


def pytest_configure(config):
    config.stash[FIGURES], config.stash[SECONDS], config.stash[BEGAN] = {}, {}, time.monotonic()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    began = time.monotonic()
    try:
        return (yield)
    finally:
        seconds, part = item.config.stash[SECONDS], item.module.__name__.removeprefix("test_")
        seconds[part] = seconds.get(part, 0) + time.monotonic() - began


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test says where its people stood."""
    report = yield
    browser = item.funcargs.get("browser")
    if report.failed and call.when == "call" and browser:
        report.sections.append(("pages", "\n".join(one.standing() for one in browser.people)))
    return report


def pytest_terminal_summary(terminalreporter, config):
    terminalreporter.section("figures")
    for name, figure in config.stash[FIGURES].items():
        terminalreporter.write_line(f"{name}: {figure}")
    parts = ", ".join(f"{part} {seconds:.0f}" for part, seconds in config.stash[SECONDS].items())
    terminalreporter.write_line(f"seconds: {time.monotonic() - config.stash[BEGAN]:.0f} ({parts})")
