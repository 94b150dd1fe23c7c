"""What must hold of every page, whatever it is about; each check says what is wrong and where."""

import pathlib

import axe_playwright_python

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()

RUN = """async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'], performanceTimer: false });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary.replace(/\\s+/g, ' ').slice(0, 240)}`));
}"""


def axe(person):
    """Violations of the rules of axe-core, all of them."""
    if not person.page.evaluate("() => 'axe' in globalThis"):
        # By the debugger: the page's own rules rightly let no script in.
        person.page.evaluate(AXE + ";undefined")
    return person.page.evaluate(RUN)


# Content that is wider than the window, but not what scrolls by itself in a box of its own.
SIDEWAYS = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > width + 1
        && !one.closest('.scroll') && getComputedStyle(one).position !== 'absolute');
    return [`${document.documentElement.scrollWidth} of ${width} px: ` + wide.slice(-3).map((one) => one.outerHTML.slice(0, 140)).join(' | ')];
}"""

# Words that are cut off: a box that hides what it has no room for.
CUT = """() => [...document.querySelectorAll('main *, header *, nav *, footer *')].filter((one) => {
    const { overflowX, overflowY } = getComputedStyle(one);
    // What is typed may be longer than its field.
    if (one.closest('.visually-hidden, svg') || one.matches('input, textarea, select') || one.clientWidth === 0) return false;
    return (overflowX === 'hidden' || overflowX === 'clip') && one.scrollWidth > one.clientWidth + 1
        || (overflowY === 'hidden' || overflowY === 'clip') && one.scrollHeight > one.clientHeight + 1;
}).map((one) => `cut off: ${one.outerHTML.slice(0, 140)}`)"""

# WCAG 2.2, 2.5.8: 24 px each way; links within a sentence are free of it, and so is what a browser draws itself.
SMALL = """() => {
    const inSentence = (one) => {
        if (one.tagName !== 'A' || getComputedStyle(one).display !== 'inline') return false;
        const around = one.closest('p, li, dd, td, label, summary');
        return around !== null && around.textContent.trim() !== one.textContent.trim();
    };
    const targets = [...document.querySelectorAll('a[href], button, select, summary, textarea, input:not([type=hidden])')];
    return targets.filter((one) => one.checkVisibility() && !inSentence(one)).flatMap((one) => {
        const boxes = [one, ...(one.labels ?? [])].map((each) => each.getBoundingClientRect());
        const { width, height } = boxes.reduce((most, box) => (box.width * box.height > most.width * most.height ? box : most));
        if (width >= 24 && height >= 24 || one.classList.contains('skip')) return [];
        return [`${Math.round(width)} x ${Math.round(height)} px: ${one.outerHTML.slice(0, 140)}`];
    });
}"""


def sideways(person):
    return person.page.evaluate(SIDEWAYS)


def cut_off(person):
    return person.page.evaluate(CUT)


def small_targets(person):
    return person.page.evaluate(SMALL)
