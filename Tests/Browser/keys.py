"""Somebody who has a keyboard and no mouse; where the focus is must always be seen."""

FOCUS = """() => {
    const one = document.activeElement;
    if (one === null || one === document.body) return { isLost: true };
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one);
    const box = one.getBoundingClientRect();
    return {
        isLost: false, name: one.outerHTML.slice(0, 160), isControl: one.matches('a, button, input, select, textarea, summary'),
        isRinged: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && outlineColor !== 'rgba(0, 0, 0, 0)',
        isInside: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
    };
}"""

# More stations than any view has: who has not arrived by then never will.
MOST = 250


class Keys:
    def __init__(self, person):
        self.person, self.keyboard, self.pressed = person, person.page.keyboard, 0

    def press(self, *names):
        for name in names:
            self.keyboard.press(name)
            self.pressed += 1
            self.assert_focus(f"after {name}")

    def step(self, key):
        """One station on. Behind the last and before the first is the browser's own frame, and then the page again."""
        self.keyboard.press(key)
        self.pressed += 1
        if self.person.page.evaluate("document.activeElement === document.body"):
            self.keyboard.press(key)
        self.assert_seen(f"after {key}")

    def assert_focus(self, when):
        """After an act, which may have drawn something anew."""
        self.person.settle()
        self.assert_seen(when)

    def assert_seen(self, when):
        """Only what can be operated needs a ring; a heading that is read out after a step needs none."""
        focus = self.person.page.evaluate(FOCUS)
        assert not focus["isLost"], f"{when} the focus is nowhere: {self.person.standing()}"
        if focus["isControl"]:
            assert focus["isRinged"], f"{when} nobody sees the focus on {focus['name']}"
            assert focus["isInside"], f"{when} the focus is outside the window: {focus['name']}"

    def tab_to(self, target, key="Tab"):
        target.first.wait_for(state="attached")
        for _ in range(MOST):
            if target.first.evaluate("(one) => one === document.activeElement"):
                return
            self.step(key)
        raise AssertionError(f"{MOST} times {key} do not lead to {target}: {self.person.standing()}")

    def type(self, target, text):
        self.tab_to(target)
        self.keyboard.press("Control+a")
        self.keyboard.type(text)
        self.assert_focus("after typing")

    def push(self, target, key="Enter"):
        self.tab_to(target)
        self.press(key)

    def follow(self, link, key="Tab"):
        """Enter on a link; another view comes, and the focus is in it."""
        self.tab_to(link, key)
        with self.person.leaving():
            self.keyboard.press("Enter")
        self.pressed += 1
        self.assert_focus("in a new view")
        assert self.person.page.evaluate("document.activeElement.matches('main, main *')"), "the focus stayed outside the new view"
