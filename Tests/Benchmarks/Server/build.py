"""Makes a release build in an empty directory and prints what each module and each package of it cost."""

import argparse
import os
import re
import resource
import subprocess
import tempfile
import time
from collections import defaultdict

TICKS = os.sysconf("SC_CLK_TCK")
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
OURS = "chorus"
# A process that lives for less than this may be missed; its time is in the row of what was not seen.
SAMPLE = 0.05


class Processes:
    """The CPU time of everything that descends from one process, by what each one works at."""

    def __init__(self, root):
        self.root = root
        # By number and instant of start: numbers are used again.
        self.known = {}

    def sample(self):
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat") as file:
                    found[int(pid)] = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
        for pid in self.descendants(found):
            fields = found[pid]
            key = (pid, fields[19])
            seconds = (int(fields[11]) + int(fields[12])) / TICKS
            # A driver becomes a compiler by exec, so that a name holds only once there is time to its account.
            work = self.known[key][0] if key in self.known and seconds > 0.2 else work_of(pid)
            self.known[key] = (work or self.known.get(key, (None,))[0] or ("other", "other"), seconds)

    def descendants(self, found):
        children = defaultdict(list)
        for pid, fields in found.items():
            children[int(fields[1])].append(pid)
        tree = [self.root] if self.root in found else []
        for pid in tree:
            tree += children[pid]
        return tree

    def costs(self):
        sums = defaultdict(float)
        for work, seconds in self.known.values():
            sums[work] += seconds
        return sums


def work_of(pid):
    """Package and module that a process works at; none when it has ended."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().decode(errors="replace").split("\0")
    except OSError:
        return None
    if not words[0]:
        return None
    program = os.path.basename(words[0])
    text = " ".join(words)
    if program.startswith(("ld", "gold", "lld")) or " -fuse-ld=" in text:
        return ("linker", "linker")
    module = re.search(r" -module-name (\S+)", text) or re.search(r"/(\w+)\.build/", text)
    if not module or program in ("swift-build", "swift-package"):
        return ("SwiftPM", "SwiftPM")
    package = re.search(r" -package-name (\S+)", text) or re.search(r"/checkouts/([^/ ]+)/", text)
    name = package.group(1).replace("_", "-").lower() if package else OURS
    ours = os.path.basename(ROOT).replace("_", "-").lower()
    return (OURS if name == ours else name, module.group(1))


def table(title, costs, whole):
    print(f"\n{title:44} CPU s   share")
    for name, seconds in sorted(costs.items(), key=lambda item: -item[1]):
        print(f"{name:44} {seconds:5.1f} {seconds / whole:7.1%}")


def build(scratch, configuration, product):
    """Builds and gives the wall seconds, all CPU seconds, and the CPU seconds by package and module."""
    command = ["swift", "build", "-c", configuration, "--product", product, "--scratch-path", scratch]
    log = os.path.join(scratch, "log")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with open(log, "wb") as output:
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        processes = Processes(child.pid)
        while child.poll() is None:
            processes.sample()
            time.sleep(SAMPLE)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if child.returncode != 0:
        with open(log, errors="replace") as output:
            raise SystemExit("The build failed:\n" + output.read()[-3000:])
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, used, processes.costs()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--product", default="chorus")
    parser.add_argument("--configuration", default="release", choices=["release", "debug"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chorus-build-") as scratch:
        began = time.monotonic()
        resolve = ["swift", "package", "resolve", "--scratch-path", scratch]
        subprocess.run(resolve, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        fetched = time.monotonic() - began
        wall, used, costs = build(scratch, options.configuration, options.product)
    packages, modules = defaultdict(float), {}
    for (package, module), seconds in costs.items():
        packages[package] += seconds
        modules[module if package == module else f"{package} / {module}"] = seconds
    unseen = used - sum(costs.values())
    packages["(not seen)"] = modules["(not seen)"] = unseen
    table("module", modules, used)
    table("package", packages, used)
    print(f"\n{options.product}, {options.configuration}: {wall:.0f} s, {used:.0f} CPU s on {os.cpu_count()} cores; "
          f"fetching took {fetched:.0f} s before")


if __name__ == "__main__":
    main()
