#!/usr/bin/python3
"""Turns nginx/static into what nginx serves: generate.py STATIC_DIRECTORY OUTPUT_DIRECTORY

STATIC_DIRECTORY/static gets each file under a name with a hash of its content, so that browsers may
keep it for ever, and beside it the same file compressed. "/static/NAME" in a style sheet, a script,
a manifest or a drawing becomes the hashed address. What is asked for by a fixed name stands above.
OUTPUT_DIRECTORY gets assets.c, the table of handlers/assets.h.
"""

import gzip
import hashlib
import re
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parent / "static"
FIXED = ["quire.svg"]
TEXTS = {".css", ".js", ".svg", ".webmanifest"}
REFERENCE = re.compile(rb"/static/([\w-]+(?:\.[\w-]+)+)")
HASH_DIGITS = 10
WORTH_IT = 0.9  # what compresses to more than this is sent as it is


class Site:
    """The files by their hashed names."""

    def __init__(self, sources):
        self.sources = sources
        self.contents = {}
        self.names = {}

    def add(self, name, inside=()):
        """The hashed name of a file, once what it refers to has one."""
        if name in inside:
            sys.exit(f"nginx/static/{name} refers to itself through {', '.join(inside)}")
        if name not in self.names:
            content = self.refer(name, (*inside, name))
            stem, suffix = name.rsplit(".", 1)
            digits = hashlib.sha256(content).hexdigest()[:HASH_DIGITS]
            self.names[name] = f"{stem}.{digits}.{suffix}"
            self.contents[self.names[name]] = content
        return self.names[name]

    def refer(self, name, inside):
        """The file's content with hashed addresses."""

        def address(match):
            other = match[1].decode()
            if not (self.sources / other).is_file():
                sys.exit(f"nginx/static/{name}: there is no /static/{other}")
            return f"/static/{self.add(other, inside)}".encode()

        content = (self.sources / name).read_bytes()
        return REFERENCE.sub(address, content) if Path(name).suffix in TEXTS else content

    def table(self):
        rows = [f'\t{{"{name}", "/static/{hashed}", "/static/{name}"}},'
                for name, hashed in sorted(self.names.items())]
        head = ["/* Made by nginx/generate.py from nginx/static. */", '#include "assets.h"', ""]
        count = "const size_t assets_count = sizeof assets / sizeof assets[0];"
        return "\n".join([*head, "const struct asset assets[] = {", *rows, "};", count, ""])


def brotli(content):
    return subprocess.run(["brotli", "-q", "11", "-c"], input=content, stdout=subprocess.PIPE,
                          check=True).stdout


def variants(name, content):
    """The file and those of its compressed forms that are worth it, by name."""
    found = {name: content}
    if Path(name).suffix in TEXTS:
        forms = {f"{name}.br": brotli(content), f"{name}.gz": gzip.compress(content, 9, mtime=0)}
        found |= {form: small for form, small in forms.items()
                  if len(small) < WORTH_IT * len(content)}
    return found


def write_changed(path, content):
    """Writes the file unless it is that already: its time, which readers are told, stays."""
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: generate.py STATIC_DIRECTORY OUTPUT_DIRECTORY")
    root, output = map(Path, sys.argv[1:])
    site = Site(SOURCES)
    for source in sorted(SOURCES.iterdir()):
        if "." in source.name.strip("."):
            site.add(source.name)

    hashed = root / "static"
    hashed.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, content in site.contents.items():
        files |= variants(name, content)
    for old in {file.name for file in hashed.iterdir()} - files.keys():
        (hashed / old).unlink()
    for name, content in files.items():
        write_changed(hashed / name, content)
    for name in FIXED:
        write_changed(root / name, (SOURCES / name).read_bytes())
    (output / "assets.c").write_text(site.table())


if __name__ == "__main__":
    main()
