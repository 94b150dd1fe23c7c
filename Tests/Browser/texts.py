"""The catalogues: what stands on a page is known here by its key, so that another wording breaks no test."""

import functools
import json
import pathlib
import re

APP = pathlib.Path(__file__).resolve().parents[2] / "Sources" / "CWebClient" / "app"
LANGUAGES = ["de", "de-simple", "en"]


@functools.cache
def catalogue(language):
    return json.loads((APP / "texts" / f"{language}.json").read_text())


def text(key, language="de", **values):
    """As `t` of i18n.js; a key that is not there is a mistake of the test."""
    texts = catalogue(language)
    if "count" in values and key not in texts:
        key = f"{key}.{'one' if values['count'] == 1 else 'other'}"
    return re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), texts[key])


def pattern(key, language="de"):
    """A text of which only the fixed words are known."""
    parts = re.split(r"\{\w+\}", catalogue(language)[key])
    return re.compile(".+?".join(re.escape(part) for part in parts))
