"""Fixtures of the end-to-end tests.

    def test_x(db, godwit):            runs on every engine; godwit already has --url of the fresh database db
    @pytest.mark.engines("postgres")   … only on those
    def test_y(postgres, godwit):      one server, no database made
    def test_z(launch, godwit):        launch("mariadb", tls=False, settings={...}): a server of the test's own

GODWIT_TEST_ENGINES (comma-separated) chooses the engines: tests that need another one, or none, are left out then.
GODWIT_TEST_FLEET names the folder of a fleet that is already running; otherwise servers are started here.
"""
import os
import pathlib
import shutil

import pytest

import servers
from godwit import Godwit

chosen = [engine for engine in os.environ.get("GODWIT_TEST_ENGINES", "").split(",") if engine]
unknown = [engine for engine in chosen if engine not in servers.ENGINES]


def pytest_configure(config):
    config.addinivalue_line("markers", "engines(*names): run this test on these engines only")
    if unknown:
        raise pytest.UsageError(f"GODWIT_TEST_ENGINES: no such engine: {', '.join(unknown)}")
    config.fleet = getattr(config, "fleet", None)
    if "GODWIT_TEST_FLEET" not in os.environ:
        # pytest-xdist's workers inherit the variable and find our servers.
        config.fleet = servers.Fleet()
        os.environ["GODWIT_TEST_FLEET"] = str(config.fleet.base)
        if getattr(config.option, "numprocesses", None):
            config.fleet.start(chosen or servers.ENGINES)


def pytest_unconfigure(config):
    if config.fleet:
        config.fleet.stop()


def pytest_generate_tests(metafunc):
    if "engine" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("engines")
        wanted = mark.args if mark else servers.ENGINES
        assert wanted and set(wanted) <= set(servers.ENGINES), f"engines{wanted} names an engine that is not there"
        metafunc.parametrize("engine", wanted)


def engines_of(item):
    """The engines that a test works with."""
    names = set(item.fixturenames) & set(servers.ENGINES)
    if hasattr(item, "callspec") and "engine" in item.callspec.params:
        names.add(item.callspec.params["engine"])
    return names


def pytest_collection_modifyitems(config, items):
    if chosen:
        left_out = [item for item in items if not engines_of(item) or engines_of(item) - set(chosen)]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def pytest_collection_finish(session):
    if any("galera" in item.fixturenames for item in session.items):
        servers.want(os.environ["GODWIT_TEST_FLEET"], "galera")
    if session.config.fleet:
        session.config.fleet.start(sorted(set().union(*map(engines_of, session.items))))


@pytest.fixture(scope="session")
def attached():
    """engine name → Server, shared by all tests."""
    known = {}

    def attach(engine):
        if engine not in known:
            known[engine] = servers.attach(os.environ["GODWIT_TEST_FLEET"], engine)
        return known[engine]

    return attach


@pytest.fixture(scope="session")
def postgres(attached):
    return attached("postgres")


@pytest.fixture(scope="session")
def mariadb(attached):
    return attached("mariadb")


@pytest.fixture(scope="session")
def mysql(attached):
    return attached("mysql")


@pytest.fixture(scope="session")
def sqlite(attached):
    return attached("sqlite")


@pytest.fixture
def server(engine, attached):
    """The server of the engine that this run of the test is about."""
    return attached(engine)


@pytest.fixture
def db(server):
    """A fresh database, dropped afterwards."""
    database = server.database()
    yield database
    database.drop()


@pytest.fixture
def godwit(tmp_path, request):
    """The program in an empty folder; with --url of `db` when the test uses that."""
    url = request.getfixturevalue("db").url if "db" in request.fixturenames else None
    return Godwit(tmp_path, url)


@pytest.fixture
def launch():
    """Start a server for this test alone: launch(engine, tls=…, settings=…)."""
    parent, begun = servers.new_folder(servers.fast_place()), []

    def start(engine, **how):
        begun.append(servers.launch(engine, parent, **how))
        return begun[-1]

    yield start
    for one in begun:
        servers.put_away(one)
    shutil.rmtree(parent, ignore_errors=True)


@pytest.fixture
def pgbouncer(postgres):
    """PgBouncer in transaction mode before the shared PostgreSQL."""
    bouncer = servers.PgBouncer(postgres, servers.fast_place())
    yield bouncer
    bouncer.stop()


@pytest.fixture
def galera(attached):
    """Three MariaDB nodes that replicate to each other, for this test alone. They start when the first test asks for them."""
    with attached("galera").alone() as cluster:
        yield cluster


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_setup(item):
    yield
    item.log_sizes = {one: one.log_size() for one in servers_of(item)}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """What the servers wrote during a test that failed stands in its report."""
    report = (yield).get_result()
    if report.failed and call.when != "teardown":
        for one in servers_of(item):
            log = one.log_tail(since=getattr(item, "log_sizes", {}).get(one, 0))
            if log:
                report.sections.append((f"log of {one.name}", log))


def servers_of(item):
    values = list(getattr(item, "funcargs", {}).values())
    values += [value.server for value in values if isinstance(value, servers.Database)]
    return [value for value in dict.fromkeys(value for value in values if isinstance(value, servers.Server))]


@pytest.fixture(scope="session")
def build_folder():
    """Where meson built what is tested."""
    return pathlib.Path(os.environ.get("GODWIT_BUILD") or pathlib.Path(__file__).resolve().parents[2] / "build").resolve()
