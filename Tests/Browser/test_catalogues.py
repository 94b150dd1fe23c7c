"""Every text in every language, and no text anywhere else."""

import collections
import re

import pytest

from texts import APP, LANGUAGES, catalogue

CODE = {path.relative_to(APP).as_posix(): path.read_text() for path in sorted(APP.rglob("*.js"))}
ALL = "\n".join(CODE.values())
# A form that says which of several there are; the others say nothing by their last part.
PLURALS = re.compile(r"\.(one|other)$")


def without_comments(code):
    return re.sub(r"/\*.*?\*/|(?<![:'\"`])//[^\n]*", "", code, flags=re.S)


def literal_keys():
    """Keys that stand in the code as they are, each with the files that have it."""
    found = collections.defaultdict(set)
    for path, code in CODE.items():
        for key in re.findall(r"\bt\(\s*'([^']+)'", without_comments(code)):
            found[key].add(path)
    return found


def test_catalogues_have_the_same_keys():
    keys = {language: set(catalogue(language)) for language in LANGUAGES}
    every = set.union(*keys.values())
    missing = {language: sorted(every - some) for language, some in keys.items() if some != every}
    assert not missing, f"missing: {missing}"


def test_texts_have_the_same_placeholders():
    # The one of something may do without its number.
    placeholders = lambda language, key: set(re.findall(r"\{(\w+)\}", catalogue(language).get(key, ""))) - {"count"}
    german = {key: placeholders("de", key) for key in catalogue("de")}
    other = [(key, "en") for key, some in german.items() if placeholders("en", key) != some]
    # Leichte Sprache may leave a number out that would only burden; it cannot have one that nobody gives it.
    other += [(key, "de-simple") for key, some in german.items() if not placeholders("de-simple", key) <= some]
    assert not other, f"other placeholders than in de: {other}"


def test_no_text_is_empty_or_unfinished():
    bad = [
        (language, key) for language in LANGUAGES for key, text in catalogue(language).items()
        if not text.strip() or re.search(r"TODO|FIXME|XXX|Lorem|undefined|\[object", text)
    ]
    assert not bad, bad


def test_languages_differ():
    """A text that was only copied is no translation; names and short words may be the same."""
    copied = [key for key, text in catalogue("de").items() if len(text.split()) > 3 and text == catalogue("en")[key]]
    assert not copied, f"the same in German and English: {copied}"


def test_keys_in_the_code_are_in_the_catalogue():
    texts = catalogue("de")
    gone = {
        key: sorted(files) for key, files in literal_keys().items() if key not in texts and f"{key}.other" not in texts
    }
    assert not gone, f"in the code and in no catalogue: {gone}"


def test_keys_that_are_counted_have_both_forms():
    for language in LANGUAGES:
        texts = catalogue(language)
        forms = collections.defaultdict(set)
        for key in texts:
            if found := PLURALS.search(key):
                forms[key[:found.start()]].add(found[1])
        # A key like `x.other` for "something else" stands beside its fellows, and is counted nowhere.
        counted = {key for key in re.findall(r"\bt\(\s*'([^']+)',\s*\{[^{}]*\bcount\b", ALL)}
        half = [key for key in sorted(counted | set(forms)) if key in counted and forms[key] != {"one", "other"} and key not in texts]
        half += [key for key, some in forms.items() if "one" in some and "other" not in some]
        assert not half, f"{language}: one form is missing: {half}"


def test_no_key_is_unused(figures):
    # Whatever stands in quotes may be a key that is handed on; what is built counts by its beginning.
    quoted = set(re.findall(r"['`]([A-Za-z][\w.-]*)['`]", ALL))
    built = {start for start in re.findall(r"`([A-Za-z][\w.-]*[.-])\$\{", ALL)}
    built |= {start for start in re.findall(r"'([A-Za-z][\w.-]*[.-])'\s*\+", ALL)}
    unused = [
        key for key in catalogue("de")
        if key not in quoted and PLURALS.sub("", key) not in quoted and not any(key.startswith(start) for start in built)
    ]
    figures["texts"] = f"{len(catalogue('de'))} keys in {len(LANGUAGES)} languages, {len(literal_keys())} named in {len(CODE)} files"
    assert not unused, f"in the catalogues and nowhere in the code: {unused}"


# Makes something that people see out of what it is given.
CALL = re.compile(r"(?<![\w.$])(h|s|append|replace|section|badge|announce|action|field)\(")
WORD = re.compile(r"[A-Za-zÄÖÜäöüß]{2,}")
# The name of the product, and signs of units, are the same in every language.
NAMES = {"Chorus", "CSV", "SVG", "PNG", "PDF"}


@pytest.mark.parametrize("path", sorted(CODE))
def test_no_words_in_the_code(path):
    """Literals beginning with a capital or holding a space, where a text child or a label stands."""
    code = without_comments(CODE[path])
    found = []
    for call in CALL.finditer(code):
        # The first argument of h and s names the element.
        for literal in literals(code, call.end())[call[1] in ("h", "s"):]:
            body = without_expressions(literal)[1:-1]
            words = WORD.findall(body)
            if words and not set(words) <= NAMES and (" " in body.strip() or body[0].isupper()):
                found.append(literal)
    assert not found, f"{path}: {found}"


def literals(code, start):
    """Literals among the arguments of a call; those of calls and objects within it are left out."""
    depth, index, some = 0, start, []
    while index < len(code) and depth >= 0:
        sign = code[index]
        if sign in "'`\"":
            end = end_of_literal(code, index)
            if depth == 0:
                some.append(code[index:end])
            index = end
            continue
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(sign, 0)
        index += 1
    return some


def end_of_literal(code, start):
    """Behind the closing sign; expressions in a template may have literals of their own."""
    sign, index = code[start], start + 1
    while code[index] != sign:
        if code[index] == "\\":
            index += 2
        elif sign == "`" and code.startswith("${", index):
            depth, index = 1, index + 2
            while depth > 0:
                if code[index] in "'`\"":
                    index = end_of_literal(code, index)
                    continue
                depth += {"{": 1, "}": -1}.get(code[index], 0)
                index += 1
        else:
            index += 1
    return index + 1


def without_expressions(literal):
    """What a template says by itself."""
    some, index = "", 0
    while index < len(literal):
        if literal[0] == "`" and literal.startswith("${", index):
            depth, index = 1, index + 2
            while depth > 0:
                if literal[index] in "'`\"":
                    index = end_of_literal(literal, index)
                    continue
                depth += {"{": 1, "}": -1}.get(literal[index], 0)
                index += 1
        else:
            some, index = some + literal[index], index + 1
    return some
