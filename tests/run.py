#!/usr/bin/python3
"""Runs all tests, or the named parts: run.py [-k EXPRESSION] [PART…].

Nothing stops at a failure. The last line sums everything up. What failed shows its output, and the
logs of the servers are then kept in build/test.
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree

from harness import BUILD, ROOT, Cluster, sanitizer_reports

PROGRAMS = ["unit", "handlers"]  # the other parts are pytest's
PARTS = [*PROGRAMS, "sql", "api", "site", "browser", "fastcgi", "systemd", "fault", "lag"]
# The API's contract once more, with every replica two seconds behind.
LAG = {"REPLICAS": "2", "DELAY": "2s"}
CONTRACT = ["articles", "article_lists", "comments", "favorites", "profiles", "races", "sessions",
            "story", "tags", "tokens", "users"]
RESULTS = BUILD / "test"
PROGRAM_SECONDS = 300


class Tally:
    """How many tests passed, failed and were skipped; what the failed ones said."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.output = []

    def fail(self, output):
        self.failed += 1
        self.output.append(output)

    def read(self, files):
        """Adds the results of JUnit XML files; returns the failures' texts."""
        failures = []
        for case in cases(files):
            outcomes = {child.tag for child in case}
            if outcomes & {"failure", "error"}:
                self.failed += 1
                failures += [f"{case.get('name')}: {child.text}" for child in case]
            elif "skipped" in outcomes:
                self.skipped += 1
            else:
                self.passed += 1
        return failures

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


def cases(files):
    for file in files:
        try:
            yield from ElementTree.parse(file).iter("testcase")
        except ElementTree.ParseError as error:
            yield ElementTree.fromstring("<testcase><failure/></testcase>")
            print(f"{file}: {error}")


def run(command, seconds=None, **environment):
    """Output and exit status of a command."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT,
                               env={**os.environ, **environment}, text=True, errors="replace")
    try:
        return process.communicate(timeout=seconds)[0], process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        return f"{process.communicate()[0]}\nno end after {seconds} s", -1
    except BaseException:
        process.send_signal(signal.SIGINT)  # pytest ends what it has started
        process.communicate()
        raise


def run_program(program, tally):
    """A cmocka program, which writes a file of results for each of its groups."""
    output, status = run([program], PROGRAM_SECONDS, CMOCKA_MESSAGE_OUTPUT="XML",
                         CMOCKA_XML_FILE=str(RESULTS / f"{program.name}-%g.xml"))
    files = list(RESULTS.glob(f"{program.name}-*.xml"))
    if failures := tally.read(files):
        tally.output.append("\n".join([f"{program.name}:", *failures, output]))
    elif status != 0:  # it crashed, or a sanitizer complained at its end
        tally.fail(f"{program.name} ended with {status}:\n{output}")
    elif not files:
        tally.fail(f"{program.name} reports no tests:\n{output}")


def run_programs(part, _):
    tally = Tally()
    for source in sorted((ROOT / "tests" / part).glob("test_*.c")):
        program = BUILD / "tests" / part / source.stem
        if os.access(program, os.X_OK):
            run_program(program, tally)
        else:
            tally.fail(f"{program} was not built")
    return tally


def run_pytest(part, expression):
    tally = Tally()
    results = RESULTS / f"{part}.xml"
    tests = [f"tests/{part}"]
    if part == "lag":
        tests = [f"tests/api/test_{name}.py" for name in CONTRACT]
    command = ["/usr/bin/python3", "-m", "pytest", *tests, f"--junitxml={results}", "-q",
               "--no-header", "--tb=short", "-p", "no:cacheprovider", "-rfE"]
    output, status = run([*command, "-k", expression] if expression else command)
    if results.exists():
        tally.read([results])
    if tally.failed:
        tally.output.append(output)
    elif status not in (0, 5):  # 5: no test was selected
        tally.fail(output)
    return tally


def run_part(part, expression, total):
    print(f"{part:<9} ", end="", flush=True)
    start = time.monotonic()
    tally = (run_programs if part in PROGRAMS else run_pytest)(part, expression)
    print(f"{tally} ({time.monotonic() - start:.1f} s)", flush=True)
    for output in tally.output:
        print(output, flush=True)
    total.add(tally)


def with_cluster(parts, expression, total, **variables):
    """One cluster for all parts that need it; it ends whatever happens."""
    cluster = Cluster(**variables)
    failed_before = total.failed
    try:
        start = time.monotonic()
        print("cluster   ", end="", flush=True)
        cluster.up()
        print(f"up ({time.monotonic() - start:.1f} s)", flush=True)
        os.environ.update(cluster.environment, TEST_FOLDER=str(cluster.run))
        for part in parts:
            run_part(part, expression, total)
    except (AssertionError, subprocess.TimeoutExpired) as error:
        print(error)
        total.failed += 1
    finally:
        for complaint in cluster.down() + sanitizer_reports(cluster.logs):
            print(complaint)
            total.failed += 1
        if total.failed > failed_before and cluster.logs.is_dir():
            shutil.copytree(cluster.logs, RESULTS / "logs", dirs_exist_ok=True)
            print(f"the servers' logs are in {RESULTS / 'logs'}")
        cluster.forget()
        os.environ.pop("TEST_FOLDER", None)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    options.add_argument("-k", metavar="EXPRESSION", help="only tests that match, as pytest has it")
    options.add_argument("parts", nargs="*", metavar="PART", help=" ".join(PARTS))
    chosen = options.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        options.error(f"no such part: {' '.join(unknown)}; there are {' '.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir(parents=True)

    parts = [part for part in PARTS if part in (chosen.parts or PARTS)]
    total = Tally()
    if "unit" in parts:
        run_part("unit", None, total)
    if others := [part for part in parts if part not in ("unit", "lag")]:
        with_cluster(others, chosen.k, total)
    if "lag" in parts:
        with_cluster(["lag"], chosen.k, total, **LAG)
    print(total)
    return total.failed > 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("interrupted")
