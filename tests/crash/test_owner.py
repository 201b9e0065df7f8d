"""The owner of the lock sleeps past its lease, is interrupted at any moment, or its disk is full: somebody else goes on, it keeps
nothing that it should not, and the next run completes."""
import shutil
import signal
import time

import pytest

import servers
import workloads
from godwit import eventually

PATIENT = ("--lock-wait", "20s", "--lock-poll", "50ms")
LEASE = ("--lock", "lease", "--lease", "2s")
NAP = {"postgres": "SELECT pg_sleep({s});\n", "mariadb": "DO SLEEP({s});\n", "mysql": "DO SLEEP({s});\n"}


def undisturbed(server, godwit, *args):
    database = workloads.new_database(server)
    godwit.run("up", *args, url=database.url).expect(0)
    wanted = workloads.picture(database)
    database.drop()
    return wanted


def judge(database, wanted):
    found = workloads.picture(database)
    if found != wanted:
        pytest.fail(workloads.difference(wanted, found), pytrace=False)


def executed(database, what):
    return database.query(f"SELECT what FROM executions WHERE what = '{what}'") != []


# ---- asleep ----


@pytest.mark.engines("postgres", "mariadb")
@pytest.mark.parametrize("where", ["between files", "in a file", "outside a transaction"])
def test_an_owner_that_slept_past_its_lease_keeps_nothing(server, godwit, engine, where, counted):
    nap = NAP[engine].format(s=1)
    second = {"between files": nap, "in a file": workloads.note("2.1") + nap + workloads.note("2.3"),
              "outside a transaction": "-- godwit:tx none\n" + workloads.note("2.1") + nap + workloads.note("2.3")}[where]
    godwit.folder({"0001_a.sql": workloads.note("1.1"), "0002_nap.sql": second, "0003_last.sql": workloads.note("3.1")})
    wanted = undisturbed(server, godwit)
    database = workloads.new_database(server)
    owner = godwit.start("up", *PATIENT, *LEASE, url=database.url)
    eventually(lambda: executed(database, "1.1"), what="the first migration")
    eventually(lambda: database.executes(nap.strip(";\n")), what="the nap")
    owner.signal(signal.SIGSTOP)
    begun = time.monotonic()
    other = godwit.run("up", *PATIENT, *LEASE, url=database.url)
    waited = time.monotonic() - begun
    owner.signal(signal.SIGCONT)
    first = owner.end()
    other.expect(0)
    assert 0.5 < waited < 15, f"the other one waited {waited:.1f} s\n{other}"
    first.expect(5)
    judge(database, wanted)
    counted("owners asleep", engine)
    database.drop()


def test_an_owner_on_a_cluster_that_slept_past_its_lease_keeps_nothing(galera, godwit, counted):
    server = galera.nodes[0]
    godwit.folder({"0001_a.sql": workloads.note("1.1"), "0002_nap.sql": workloads.note("2.1") + NAP["mariadb"].format(s=1) + workloads.note("2.3"),
                   "0003_last.sql": workloads.note("3.1")})
    wanted = undisturbed(server, godwit)
    database = workloads.new_database(server)
    owner = godwit.start("up", *PATIENT, "--lease", "2s", url=database.url)
    eventually(lambda: executed(database, "1.1"), what="the first migration")
    eventually(lambda: database.executes("DO SLEEP(1)"), what="the nap")
    owner.signal(signal.SIGSTOP)
    # The transaction of the one that sleeps is on another node.
    other = godwit.run("up", *PATIENT, "--lease", "2s", url=galera.nodes[1].url(database.name))
    owner.signal(signal.SIGCONT)
    first = owner.end()
    other.expect(0)
    first.expect(5)
    for node in galera.nodes:
        eventually(lambda node=node: workloads.picture(node.database(database.name, create=False)) == wanted, 20,
                   workloads.difference(wanted, workloads.picture(node.database(database.name, create=False))))
    counted("owners asleep", "galera")
    database.drop()


@pytest.mark.engines("postgres", "mariadb")
def test_an_owner_that_works_longer_than_its_lease_keeps_it(server, godwit, engine):
    godwit.folder({"0001_nap.sql": workloads.note("1.1") + NAP[engine].format(s=4) + workloads.note("1.3")})
    database = workloads.new_database(server)
    owner = godwit.start("up", *PATIENT, "--lock", "lease", "--lease", "1s", url=database.url)
    eventually(lambda: database.executes(NAP[engine].format(s=4).strip(";\n")), what="the nap")
    godwit.run("up", "--lock-wait", "1500ms", "--lock-poll", "50ms", "--lock", "lease", "--lease", "1s", url=database.url).expect(5)
    owner.end().expect(0)
    assert database.query("SELECT what FROM executions ORDER BY what") == [("1.1",), ("1.3",)]
    database.drop()


@pytest.mark.engines("postgres")
def test_an_owner_whose_pool_has_no_session_for_its_heart_completes(postgres, godwit):
    """Longer than the lease, and than what the heart waits for a session."""
    bouncer = servers.PgBouncer(postgres, servers.fast_place(), settings={"default_pool_size": 1})
    godwit.folder({"0001_nap.sql": workloads.note("1.1") + NAP["postgres"].format(s=5) + workloads.note("1.3")})
    database = workloads.new_database(postgres)
    godwit.run("up", "--lease", "1s", url=bouncer.url(database.name)).expect(0)
    assert database.query("SELECT what FROM executions ORDER BY what") == [("1.1",), ("1.3",)]
    database.drop()
    bouncer.stop()


# ---- interrupted ----


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM], ids=lambda sig: sig.name)
def test_an_interrupt_at_any_moment_leaves_a_state_from_which_the_next_run_goes_on(server, godwit, engine, killat, sig, chance, long, counted):
    godwit.folder(workloads.make(engine, "parade").files)
    wanted = undisturbed(server, godwit)
    database = workloads.new_database(server)
    total = len(killat.calls("up", *PATIENT, url=database.url))
    database.drop()
    for at in range(1, total + 1) if long else chance.sample(range(1, total + 1), 6):
        database = workloads.new_database(server)
        first = killat.run(at, "up", *PATIENT, sig=sig, url=database.url)
        assert first.rc in (0, 130), f"call {at}\n{first}"
        again = godwit.run("up", *PATIENT, url=database.url)
        assert again.rc == 0, f"after {sig.name} at call {at}\n{first}\n{again}"
        judge(database, wanted)
        counted("interrupts", engine)
        database.drop()


@pytest.mark.engines("postgres", "mariadb", "mysql")
def test_an_interrupt_while_connecting_ends_the_run_and_nothing_else(server, godwit, engine, chance, long, counted):
    """Whoever dials cannot be stopped, and goes on while the process ends."""
    godwit.folder({"0001_a.sql": workloads.note("1.1")})
    database = workloads.new_database(server)
    usual = godwit.run("status", url=database.url).seconds
    for _ in range(400 if long else 80):
        runner = godwit.start("status", url=database.url)
        time.sleep(chance.uniform(0, usual))
        runner.signal(signal.SIGINT)
        done = runner.end()
        assert done.rc in (0, 130, -signal.SIGINT), done  # the signal itself: before anybody listened
        counted("interrupts", engine)
    database.drop()


@pytest.mark.engines("postgres", "mariadb", "mysql")
def test_a_second_interrupt_leaves_at_once(server, godwit, engine):
    # A statement that cannot be cancelled for a while: the server is asleep.
    godwit.folder({"0001_a.sql": workloads.note("1.1") + NAP[engine].format(s=30)})
    database = workloads.new_database(server)
    runner = godwit.start("up", *PATIENT, url=database.url)
    eventually(lambda: database.executes(NAP[engine].format(s=30).strip(";\n")), what="the nap")
    signalled = time.monotonic()
    runner.signal(signal.SIGINT)
    runner.signal(signal.SIGTERM)
    done = runner.end(25)
    assert done.rc in (130, -signal.SIGINT, -signal.SIGTERM), done
    assert time.monotonic() - signalled < 15, done
    godwit.folder({"0001_a.sql": workloads.note("1.1")})
    again = godwit.run("up", *PATIENT, url=database.url)
    assert again.rc == 0 and executed(database, "1.1"), again
    database.drop()


# ---- a full disk ----


@pytest.mark.engines("sqlite")
def test_a_full_disk_breaks_nothing_on_sqlite(server, godwit, killat, tmp_path, chance, long, counted):
    """The disk is full from a write on; later there is room again."""
    godwit.folder(workloads.make("sqlite", "parade").files)
    wanted = undisturbed(server, godwit)
    database = workloads.new_database(server)
    total = len(killat.calls("up", *PATIENT, url=database.url))
    database.drop()
    for at in range(1, total) if long else chance.sample(range(1, total), 8):
        database = workloads.new_database(server)
        full = tmp_path / "full"
        first = godwit.run("up", *PATIENT, url=database.url,
                           env={"LD_PRELOAD": killat.library, "KILLAT_FULL": full, "KILLAT_FULL_FROM": at})
        assert first.rc in (0, 1, 7), f"no room from call {at} on\n{first}"
        assert first.rc == 0 or "full" in first.err or "space" in first.err or "I/O" in first.err, first
        again = godwit.run("up", *PATIENT, url=database.url)
        assert again.rc == 0, f"no room from call {at} on\n{first}\n{again}"
        judge(database, wanted)
        counted("full disks", "sqlite")
        database.drop()


@pytest.mark.engines("postgres", "mariadb")
def test_a_server_whose_disk_is_full_breaks_nothing(launch, godwit, engine, killat, counted):
    """Its data files cannot grow while it fills a table; later there is room again."""
    fill = {"postgres": "INSERT INTO big SELECT i, repeat('x', 500) FROM generate_series(1, 20000) i;\n",
            "mariadb": "INSERT INTO big SELECT seq, REPEAT('x', 500) FROM seq_1_to_20000;\n"}[engine]
    godwit.folder({"0001_big.sql": "CREATE TABLE big (id INTEGER PRIMARY KEY, x VARCHAR(500));\n" + workloads.note("1.2"),
                   "0002_fill.sql": workloads.note("2.1") + fill + workloads.note("2.3"), "0003_last.sql": workloads.note("3.1")})
    server = launch(engine, settings={} if engine == "postgres" else {"innodb-use-native-aio": "OFF"})
    wanted = undisturbed(server, godwit)
    full = server.folder / "full"
    server.process.stop(signal.SIGTERM)
    library = shutil.copy(killat.library, server.folder)  # where the server's user may read
    servers.revive(server, {"LD_PRELOAD": library, "KILLAT_FULL": str(full), "KILLAT_FULL_NAMES": "/base/" if engine == "postgres" else "/big.ibd"})
    database = workloads.new_database(server)
    godwit.run("up", "1", *PATIENT, url=database.url).expect(0)
    full.touch()
    godwit.run("up", *PATIENT, url=database.url).expect(1, err_contains=["0002_fill.sql"])
    assert not executed(database, "2.1")
    full.unlink()
    godwit.run("up", *PATIENT, url=database.url).expect(0)
    judge(database, wanted)
    counted("full disks", engine)
