#!/usr/bin/python3
"""Turns sql/queries, sql/migrations and the steps of commands into C: generate.py OUTPUT_DIRECTORY

A query file consists of blocks. Each begins with a header and ends at the next one:

    -- query: name(argument type, ...) read|write
    -- fragment: name

Comments right below a query's header are the comment of its C function. $1 is the first argument.
{name} stands for the text of a fragment, which may use other fragments. A query is one statement.

sql/seed.sql and sql/render.sql consist of steps, "-- step: name" and any statements: each becomes a
string step_name. Those of sql/database.sql, which are the runtime's own, become database_statements.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent

# SQL type: C type, PostgreSQL's OID of the type, how the C value becomes the parameter's text
TYPES = {
    "text": ("const char *", 25, "{0}"),
    "bigint": ("int64_t ", 20, "parameter_integer(req, {0})"),
    "integer": ("int32_t ", 23, "parameter_integer(req, {0})"),
    "boolean": ("bool ", 16, "parameter_boolean({0})"),
    "timestamptz": ("int64_t ", 1184, "parameter_time(req, {0})"),
    "text[]": ("const struct text_list *", 1009, "parameter_text_list(req, {0})"),
}

HEADER = re.compile(r"-- (query|fragment):\s*(.*)")
QUERY = re.compile(r"([a-z_]+)\((.*)\) (read|write)")
ARGUMENT = re.compile(r'"?([a-z_]+)"? ([a-z]+(?:\[\])?)')
# what is quoted and must stay, a comment, a fragment, a parameter, the end of a statement
TOKEN = re.compile(r"""('[^']*'|"[^"]*")|(--[^\n]*)|\{([^}\n]*)\}|\$([0-9]+)|(;)""")


class Block:
    def __init__(self, path, line, kind, header):
        self.file = f"sql/queries/{path.name}"
        self.line = line
        self.kind = kind
        self.lines = []
        if kind == "fragment":
            self.name = header
            return
        match = QUERY.fullmatch(header)
        if not match:
            self.fail("expected: -- query: name(argument type, ...) read|write")
        self.name, arguments, self.access = match.groups()
        self.arguments = [self.argument(text) for text in arguments.split(",") if text.strip()]

    def fail(self, message):
        sys.exit(f"{self.file}:{self.line}: {message}")

    def argument(self, text):
        match = ARGUMENT.fullmatch(text.strip())
        if not match or match[2] not in TYPES:
            self.fail(f'argument "{text.strip()}" is not a name and one of: {", ".join(TYPES)}')
        return match.groups()

    def comment(self):
        """The comment lines right below the header, as text."""
        lines = []
        for line in self.lines:
            if not line.startswith("--"):
                break
            lines.append(line[2:].strip())
        return lines


def read_blocks(directory):
    """All blocks: {kind: {name: block}}."""
    found = {"query": {}, "fragment": {}}
    for path in sorted(directory.glob("*.sql")):
        block = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = HEADER.fullmatch(line.rstrip())
            if match:
                block = Block(path, number, *match.groups())
                other = found[block.kind].setdefault(block.name, block)
                if other is not block:
                    block.fail(f'{block.kind} "{block.name}" is already in '
                               f"{other.file}:{other.line}")
            elif block:
                block.lines.append(line.rstrip())
            elif line.strip() and not line.startswith("--"):
                sys.exit(f"sql/queries/{path.name}:{number}: text before the first header")
    return found


def expand(block, fragments, used, outer=()):
    """The block's text without comments, fragments put in; its parameters' numbers go to `used`."""

    def replace(match):
        quoted, comment, fragment, parameter, end = match.groups()
        if quoted:
            return quoted
        if comment:
            return ""
        if parameter:
            used.add(int(parameter))
            return match[0]
        if end:
            block.fail("is more than one statement")
        if fragment not in fragments:
            block.fail(f"there is no fragment {{{fragment}}}")
        if fragment in outer:
            block.fail(f"fragment {{{fragment}}} includes itself")
        return expand(fragments[fragment], fragments, used, (*outer, fragment))

    text = "\n".join(block.lines).strip().removesuffix(";")
    text = TOKEN.sub(replace, text)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip())


def read_steps(path):
    """The steps of a file: {name: text}."""
    parts = re.split(r"^-- step: ([a-z_]+)\n", path.read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def query_text(query, fragments):
    used = set()
    text = expand(query, fragments, used)
    if not text:
        query.fail("is empty")
    declared = set(range(1, len(query.arguments) + 1))
    for number in sorted(used - declared):
        query.fail(f"${number} is used, but there are {len(declared)} arguments")
    for number in sorted(declared - used):
        query.fail(f'argument "{query.arguments[number - 1][0]}" (${number}) is not used')
    return text


def c_string(text):
    """A C string literal, one line of it for each line of the text."""
    escapes = str.maketrans({"\\": "\\\\", '"': '\\"', "?": "\\?", "\t": "\\t"})
    return "\n".join(f'\t    "{line.translate(escapes)}\\n"' for line in text.splitlines())


def prototype(query):
    arguments = [f"{TYPES[kind][0]}{name}" for name, kind in query.arguments]
    return f"{query.name}({', '.join(['struct request *req', *arguments])})"


def header_text(queries, steps):
    out = ["/* Made by sql/generate.py from sql/queries. */"]
    out += ["#ifndef QUIRE_QUERIES_H", "#define QUIRE_QUERIES_H", ""]
    out += ["#include <stdbool.h>", "#include <stdint.h>", "", '#include "database.h"', ""]
    out += ["extern const struct query queries[];", "extern const size_t queries_count;", ""]
    for query in queries:
        comment = [f"{query.file}:{query.line}, {query.access}", *query.comment()]
        out.append("/* " + "\n * ".join(comment) + " */")
        out += [f"struct rows *{prototype(query)} __attribute__((returns_nonnull));", ""]
    out.append("/* The steps of sql/seed.sql and sql/render.sql. */")
    out += [*(f"extern const char step_{name}[];" for name in steps), ""]
    return "\n".join([*out, "#endif", ""])


def source_text(queries, fragments, steps, runtime):
    out = ["/* Made by sql/generate.py from sql/queries. */", '#include "queries.h"', ""]
    out += ["enum {", *(f"\tQUERY_{query.name.upper()}," for query in queries), "};", ""]
    out.append("const struct query queries[] = {")
    for query in queries:
        oids = ", ".join(str(TYPES[kind][1]) for _, kind in query.arguments)
        types = f"(const uint32_t[]){{{oids}}}" if oids else "NULL"
        names = ", ".join(f'"{name}"' for name, _ in query.arguments)
        names = f"(const char *const[]){{{names}}}" if names else "NULL"
        out += [f"\t[QUERY_{query.name.upper()}] = {{"]
        out += [f'\t    "{query.name}", "{query.file}", {query.line},']
        out += [c_string(query_text(query, fragments)) + ","]
        out += [f"\t    QUERY_{query.access.upper()}, {len(query.arguments)}, {types},"]
        out += [f"\t    {names},", "\t},"]
    out += ["};", "", "const size_t queries_count = sizeof queries / sizeof queries[0];", ""]
    for query in queries:
        values = ", ".join(TYPES[kind][2].format(name) for name, kind in query.arguments) or "NULL"
        out += ["struct rows *", prototype(query), "{"]
        out += [f"\tconst char *const values[] = {{{values}}};", ""]
        out += [f"\treturn database_run(req, &queries[QUERY_{query.name.upper()}], values);"]
        out += ["}", ""]
    for name, text in steps.items():
        out += [f"const char step_{name}[] =", c_string(text) + ";", ""]
    out.append("const struct database_statements database_statements = {")
    out += [f"\t.{name} =\n{c_string(text)}," for name, text in runtime.items()]
    out += ["};", ""]
    return "\n".join(out)


def migrations_text(directory, steps):
    out = ["/* Made by sql/generate.py from sql/migrations. */", '#include "migrate.h"', ""]
    out.append("const struct migration migrations[] = {")
    for number, path in enumerate(sorted(directory.glob("*.sql")), 1):
        if not re.fullmatch(f"{number:04}_[a-z_]+", path.stem):
            sys.exit(f"sql/migrations/{path.name}: expected a name like {number:04}_subject.sql")
        out.append(f'\t{{{number}, "{path.stem}",\n{c_string(path.read_text())}}},')
    out += ["};", ""]
    out += ["const size_t migrations_count = sizeof migrations / sizeof migrations[0];", ""]
    out.append("const struct migration_statements migration_statements = {")
    out += [f"\t.{name} =\n{c_string(text)}," for name, text in steps.items()]
    out += ["};", ""]
    return "\n".join(out)


def write_changed(path, text):
    """Writes the file unless it says that already: what depends on it stays up to date then."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: generate.py OUTPUT_DIRECTORY")
    output = Path(sys.argv[1])
    blocks = read_blocks(ROOT / "queries")
    queries = list(blocks["query"].values())
    steps = read_steps(ROOT / "seed.sql") | read_steps(ROOT / "render.sql")
    write_changed(output / "queries.h", header_text(queries, steps))
    runtime = read_steps(ROOT / "database.sql")
    source = source_text(queries, blocks["fragment"], steps, runtime)
    write_changed(output / "queries.c", source)
    text = migrations_text(ROOT / "migrations", read_steps(ROOT / "migrate.sql"))
    write_changed(output / "migrations.c", text)


if __name__ == "__main__":
    main()
