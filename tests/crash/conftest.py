"""Fixtures of the breaking tests: those of tests/e2e, and

    counted("crash points", "sqlite", 12)   what was tried, summed up over all tests and printed at the end
    long                                    whether this is `./do crash`, or the bounded set of `./do test`
    chance                                  a random.Random of the run's seed and this test's name
    killat                                  runs the program so that it dies, or stops, at a chosen call

GODWIT_CRASH=long chooses the long set. GODWIT_CRASH_SEED repeats a run; a test that fails names its seed.
"""
import importlib.util
import os
import pathlib
import random
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
E2E = HERE.parent / "e2e"
for _folder in (HERE, E2E):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))

_spec = importlib.util.spec_from_file_location("shared_fixtures", E2E / "conftest.py")
shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shared)
globals().update({name: value for name, value in vars(shared).items() if not name.startswith("_")})

import numbers_of  # noqa: E402  pylint: disable=wrong-import-position
import shim  # noqa: E402  pylint: disable=wrong-import-position
import workloads  # noqa: E402  pylint: disable=wrong-import-position

LONG = os.environ.get("GODWIT_CRASH") == "long"


def pytest_configure(config):
    # pytest-xdist's workers inherit the variable.
    os.environ.setdefault("GODWIT_CRASH_SEED", str(random.SystemRandom().randrange(10**6)))
    shared.pytest_configure(config)


def pytest_generate_tests(metafunc):
    """A test of `engine` and `kind` runs for every pair that there is."""
    if "kind" not in metafunc.fixturenames:
        shared.pytest_generate_tests(metafunc)
        return
    mark = metafunc.definition.get_closest_marker("engines")
    metafunc.parametrize(("engine", "kind"), workloads.pairs(mark.args if mark else workloads.ALL))


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    pairs = [pair for report in reports if report.when == "call" for pair in report.user_properties]
    for line in numbers_of.lines(value for name, value in pairs if name == numbers_of.PROPERTY):
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"seed: {os.environ['GODWIT_CRASH_SEED']}")


@pytest.fixture(scope="session")
def long():
    return LONG


@pytest.fixture
def seed(request):
    """A number that is said when the test fails."""
    number = os.environ["GODWIT_CRASH_SEED"]
    request.node.add_report_section("call", "seed", f"GODWIT_CRASH_SEED={number}")
    return number


@pytest.fixture
def chance(seed, request):
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def counted(record_property):
    def count(what, where, number=1):
        record_property(numbers_of.PROPERTY, numbers_of.pack(what, where, number))
    return count


@pytest.fixture
def killat(godwit, build_folder, tmp_path):
    return shim.KillAt(godwit, build_folder / "tests/crash/killat.so", tmp_path)
