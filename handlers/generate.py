#!/usr/bin/python3
"""Turns handlers/views/*.mustache into views.c, see assets.h: generate.py OUTPUT_DIRECTORY"""

import re
import sys
from pathlib import Path

VIEWS = Path(__file__).resolve().parent / "views"
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "?": "\\?", "\t": "\\t", "\r": "\\r"})


def c_string(text):
    """A C string literal, one line of it for each line of the text."""
    lines = re.findall(r"[^\n]+\n?|\n", text) or [""]
    return "\n".join("\t" + '"' + line.translate(ESCAPES).replace("\n", "\\n") + '"'
                     for line in lines)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: generate.py OUTPUT_DIRECTORY")
    out = ["/* Made by handlers/generate.py from handlers/views. */", '#include "assets.h"', ""]
    rows = []
    for path in sorted(VIEWS.glob("*.mustache")):
        if not re.fullmatch("[a-z][a-z0-9_]*", path.stem):
            sys.exit(f"handlers/views/{path.name}: expected a name of small letters, digits and _")
        text = f"{path.stem}_mustache"
        out += [f"static const char {text}[] =", c_string(path.read_text()) + ";", ""]
        rows += [f'\t{{"{path.stem}", "handlers/views/{path.name}", {text}, sizeof {text} - 1}},']
    out += ["const struct view_source view_sources[] = {", *rows, "};"]
    out += ["const size_t view_sources_count = sizeof view_sources / sizeof view_sources[0];", ""]
    (Path(sys.argv[1]) / "views.c").write_text("\n".join(out))


if __name__ == "__main__":
    main()
