#!/usr/bin/env python3
"""Run all tests of a build and say one line at the end: `N passed, N failed, N skipped`.

Servers start while the unit tests run. Little is printed when all is well; what fails prints its own output.

    tests/run.py [--build DIR] [--suites unit,checks,e2e,crash] [--engines NAMES] [--wrap COMMAND] [-- arguments of pytest]

unit:   what meson knows: unit tests, replayed fuzz corpora, the contract on a fake; every TAP line counts as one test
checks: programs in tools/ that look at the sources
e2e:    pytest in tests/e2e on real servers: the contract suite (every TAP line counts), the public header, the program, the docs
crash:  pytest in tests/crash: kills, cuts, races, a model; GODWIT_CRASH=long is the long set. What was tried is counted and printed
peers:  pytest in tests/peers: the other tools themselves, from their registries; only when it is asked for, see `./do peers`
"""
import argparse
import collections
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/crash")]
import numbers_of  # noqa: E402
import servers  # noqa: E402

TAP = re.compile(r"^(not )?ok \d+(?: - )?(.*?)(# *SKIP.*)?$", re.MULTILINE | re.IGNORECASE)
SUITES = ("unit", "checks", "e2e", "crash")
SERVED = ("e2e", "crash", "peers")  # those of pytest, on servers


class Tally:
    """Passed, failed and skipped, per suite."""

    def __init__(self):
        self.rows = collections.defaultdict(lambda: [0, 0, 0])
        self.seconds = collections.defaultdict(float)

    def add(self, suite, passed=0, failed=0, skipped=0, seconds=0.0):
        for place, count in enumerate((passed, failed, skipped)):
            self.rows[suite][place] += count
        self.seconds[suite] += seconds

    def fault(self, suite, text):
        """A suite that could not run, or ran nothing, has failed."""
        print(f"{suite}: {text}", flush=True)
        self.add(suite, failed=1)

    def total(self):
        return [sum(row[place] for row in self.rows.values()) for place in range(3)]

    def table(self):
        lines = [f"{'suite':10} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8}"]
        lines += [f"{suite:10} {row[0]:7} {row[1]:7} {row[2]:8} {self.seconds[suite]:8.1f}" for suite, row in self.rows.items()]
        return "\n".join(lines)


def run_unit(build, wrap, tally):
    """meson test; its log has one JSON object a test with the TAP lines in it."""
    command = ["meson", "test", "--no-rebuild", "-C", str(build)]
    if wrap:
        command += [f"--wrap={wrap}", "--timeout-multiplier=10"]
    for log in build.glob("meson-logs/testlog*.json"):  # with a wrapper, its name is in the name
        log.unlink()
    # The log names a test with its suite or without it, as it pleases; the description of the build knows.
    known = json.loads(subprocess.run(["meson", "introspect", "--tests", str(build)], capture_output=True, text=True, check=True).stdout)
    suites = {one["name"]: one["suite"][0].split(":")[-1] for one in known if one["suite"]}
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    tests = [json.loads(line) for log in build.glob("meson-logs/testlog*.json") for line in log.read_text().splitlines()]
    for test in tests:
        suite = suites.get(test["name"].split(" / ")[-1], "unit")
        lines = TAP.findall(test.get("stdout") or "")
        failed = sum(bool(bad) for bad, _, _ in lines)
        skipped = sum(bool(skip) and not bad for bad, _, skip in lines)
        passed = len(lines) - failed - skipped
        good = test["result"] == "OK"
        tally.add(suite, passed or int(good and not skipped), failed or int(not good), skipped, test["duration"])
        if not good:
            # What passed says nothing here; a line that failed stands before its reasons.
            said = [line for line in (test.get("stdout") or "").splitlines() if not line.startswith("ok ")]
            print(f"{test['name']}: {test['result']}\n" + "\n".join(said) + "\n" + test.get("stderr", "").strip(), flush=True)
    if not tests or done.returncode and all(test["result"] == "OK" for test in tests):
        print(done.stdout + done.stderr)
        tally.fault("unit", f"meson ran {len(tests)} tests and ended with {done.returncode}")


def run_checks(tally):
    """Every check of the sources is a program that prints what it found and fails then."""
    for check in [ROOT / "tools/floors.py", ROOT / "tools/rooms.py", *sorted((ROOT / "tools").glob("*_check.py"))]:
        begun = time.monotonic()
        done = subprocess.run([sys.executable, str(check)], capture_output=True, text=True, cwd=ROOT, check=False)
        good = done.returncode == 0
        tally.add("checks", int(good), int(not good), seconds=time.monotonic() - begun)
        if not good:
            print(f"tools/{check.name}:\n{done.stdout}{done.stderr}", flush=True)


def suite_of(case):
    """A test file names its suite: test_contract.py, test_docs*.py, what lies in tests/crash and tests/peers, and the rest."""
    module = case.get("classname", "")
    for suite, mark in (("contract", ".test_contract"), ("docs", ".test_docs"), ("crash", ".crash."), ("peers", ".peers.")):
        if mark in f".{module}.":
            return suite
    return "e2e"


def run_pytest(arguments, suites, tally):
    """pytest in a few processes over shared servers; counts come from its XML report."""
    with tempfile.TemporaryDirectory() as scratch:
        report = pathlib.Path(scratch, "report.xml")
        folders = [str(ROOT / "tests" / suite) for suite in SERVED if suite in suites]
        if any(pathlib.Path(argument.split("::")[0]).exists() for argument in arguments):
            folders = []
        # Two for each processor: tests wait for servers, locks and time-outs more than they compute.
        workers = min(8, 2 * (os.cpu_count() or 2))
        patience = 3600 if os.environ.get("GODWIT_CRASH") == "long" else 240
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}/tests", "-n", str(workers),
                   "--tb=short", "-o", f"faulthandler_timeout={patience}", f"--junit-xml={report}", *arguments, *folders]
        begun = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        seconds = time.monotonic() - begun
        cases = list(xml.etree.ElementTree.parse(report).iter("testcase")) if report.exists() else []
    for case in cases:
        bad = case.find("failure") is not None or case.find("error") is not None
        skipped = case.find("skipped") is not None
        tap = [int(n) for one in case.iter("property") if one.get("name") == "tap" for n in one.get("value").split()]
        counts = tap or [int(not bad and not skipped), int(bad), int(skipped and not bad)]
        if bad and not counts[1]:
            counts[1] = 1
        tally.add(suite_of(case), *counts, seconds=float(case.get("time") or 0))
    tried = [one.get("value") for case in cases for one in case.iter("property") if one.get("name") == numbers_of.PROPERTY]
    print("".join(line + "\n" for line in numbers_of.lines(tried)), end="", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
        if not any(tally.rows[suite][1] for suite in (*SERVED, "contract", "docs")):
            tally.fault("e2e", f"pytest ended with {done.returncode}")
    elif not cases:
        tally.fault("e2e", "pytest ran no test")
    return seconds


def choices(names, allowed, what):
    chosen = [name for name in names.split(",") if name]
    wrong = [name for name in chosen if name not in allowed]
    if wrong:
        sys.exit(f"no such {what}: {', '.join(wrong)}; there are {', '.join(allowed)}")
    return chosen


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default="build", type=pathlib.Path)
    options.add_argument("--suites", default=",".join(SUITES))
    options.add_argument("--engines", default="")
    options.add_argument("--wrap", default="", help="a command before every tested program, as valgrind")
    options.add_argument("pytest", nargs="*", help="arguments of pytest: files, -k …")
    given = options.parse_args()
    suites, build = choices(given.suites, dict.fromkeys(SUITES + SERVED), "suite"), given.build.resolve()
    engines = choices(given.engines, servers.ENGINES, "engine")

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    tally, begun = Tally(), time.monotonic()
    os.environ |= {"GODWIT_BUILD": str(build), "GODWIT_TEST_ENGINES": ",".join(engines), "PYTHONDONTWRITEBYTECODE": "1"}
    if given.wrap:
        os.environ["GODWIT_WRAP"] = given.wrap
    os.environ.setdefault("GODWIT_BIN", str(build / "src/cli/godwit"))
    with contextlib.ExitStack() as stack:
        if set(SERVED) & set(suites):
            fleet = servers.Fleet()
            stack.callback(fleet.stop)
            fleet.start(engines or servers.ENGINES)
            os.environ["GODWIT_TEST_FLEET"] = str(fleet.base)
        if "unit" in suites:
            run_unit(build, given.wrap, tally)
        if "checks" in suites:
            run_checks(tally)
        if set(SERVED) & set(suites):
            run_pytest(given.pytest, suites, tally)

    passed, failed, skipped = tally.total()
    print(tally.table())
    print(f"{'all':10} {passed:7} {failed:7} {skipped:8} {time.monotonic() - begun:8.1f}  (seconds of suites add up over processes)")
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
