"""Connections that are cut, half cut or stalled before, during and after COMMIT, and at any packet; servers that are killed and come
back in the middle of a run. The run recovers by itself, or says how it ended and the next one completes: nothing lost, nothing doubled."""
import contextlib
import os
import signal

import pytest

import servers
import workloads
from godwit import Running, eventually
from proxy import DOWN, UP, Fault, Proxy

QUICK = ("--connect-backoff", "100ms", "--connect-tries", "20", "--retry-backoff", "100ms", "--lock-wait", "10s", "--lock-poll", "50ms")
DOCUMENTED = (0, 1, 4, 5)
SERVERS = pytest.mark.engines("postgres", "mariadb")


def answers(database):
    """It may recover from what was done to it, also behind a run that came to its end."""
    with contextlib.suppress(servers.ServerError):
        return bool(database.query("SELECT 1"))
    return False


class Line:
    """One workload, run through a proxy."""

    def __init__(self, server, godwit, proxy, kind):
        self.server, self.godwit, self.proxy = server, godwit, proxy
        godwit.folder(workloads.make(server.name, kind).files)
        database = workloads.new_database(server)
        proxy.reset()
        godwit.run("up", *QUICK, url=self.url(database)).expect(0)
        self.packets = dict(proxy.packets)
        self.wanted = workloads.picture(database)
        database.drop()
        self.tried, self.broken = 0, []

    def url(self, database):
        return self.server.url(database.name, port=self.proxy.port, sslmode="disable")

    def begin(self, fault, *args):
        """A database, and a run on it during which the fault happens."""
        database = workloads.new_database(self.server)
        self.proxy.reset()
        self.proxy.fault = fault
        return database, self.godwit.start("up", *QUICK, *args, url=self.url(database))

    def end(self, database, run, what, allowed, seconds=60):
        """`allowed` are exit codes; after another one than 0 the next run must complete."""
        self.tried += 1
        first = run.end(seconds) if isinstance(run, Running) else run
        self.proxy.heal()
        self.proxy.fault = None
        again = self.godwit.run("up", *QUICK, url=database.url) if first.rc else None
        good = first.rc in allowed and (again is None or again.rc == 0)
        eventually(lambda: answers(database), 30, "an answer of the server")
        found = workloads.picture(database) if good else None
        if found != self.wanted:
            why = workloads.difference(self.wanted, found) if good else f"exit code {first.rc}, and then {again and again.rc}"
            self.broken.append(f"== {what}\n{why}\n-- disturbed:\n{first}\n-- again:\n{again}")
        else:
            database.drop()
        return first

    def judge(self):
        if self.broken:
            pytest.fail(f"{len(self.broken)} of {self.tried}\n" + "\n".join(self.broken[:4]), pytrace=False)


@pytest.fixture
def way(server, engine):
    with Proxy(server.host, server.port, engine) as proxy:
        yield proxy


@SERVERS
@pytest.mark.parametrize("when", ["before", "during", "after", "late"])
def test_a_connection_that_is_cut_at_commit_loses_and_doubles_nothing(server, godwit, way, engine, when, counted):
    line = Line(server, godwit, way, "mixed")
    # A session that the server still believes in holds the lock: then 5 is an honest answer.
    for how, allowed in (("rst", (0,)), ("fin", (0,)), ("half", DOCUMENTED)):
        for nth in (1, 2):
            fault = Fault(contains=b"COMMIT", nth=nth, when=when, how=how)
            database, run = line.begin(fault)
            line.end(database, run, f"{engine}: {how} {when} COMMIT {nth}", allowed)
            assert fault.happened.is_set() or nth > 1, "there was no COMMIT to be seen"
    counted("cuts at COMMIT", engine, line.tried)
    line.judge()


@SERVERS
@pytest.mark.parametrize("load", ["batch", "mixed", "tx_none", "ddl"])
def test_a_connection_that_is_cut_at_any_packet_loses_and_doubles_nothing(server, godwit, way, engine, load, chance, long, counted):
    line = Line(server, godwit, way, load)
    every = [(direction, packet) for direction in (UP, DOWN) for packet in range(1, line.packets[direction] + 1)]
    for direction, packet in every if long else chance.sample(every, min(5, len(every))):
        how, when = chance.choice(["rst", "fin"]), chance.choice(["before", "during", "after"])
        database, run = line.begin(Fault(packet=packet, direction=direction, when=when, how=how))
        line.end(database, run, f"{engine} {load}: {how} {when} packet {packet}, {direction}", (0,))
    counted("cuts at packets", engine, line.tried)
    line.judge()


@SERVERS
@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_a_connection_that_stalls_is_given_up_when_the_time_is_over(server, godwit, way, engine, when, counted):
    line = Line(server, godwit, way, "mixed")
    fault = Fault(contains=b"COMMIT", when=when, how="stall")
    database, run = line.begin(fault, "--run-timeout", "2s")
    first = line.end(database, run, f"{engine}: stall {when} COMMIT", DOCUMENTED, seconds=30)
    assert fault.happened.is_set()
    assert first.seconds < 20, first
    counted("stalls", engine, line.tried)
    line.judge()


@SERVERS
def test_a_server_that_is_killed_and_comes_back_loses_and_doubles_nothing(launch, godwit, engine, chance, long, counted):
    server = launch(engine)
    with Proxy(server.host, server.port, engine) as way:
        line = Line(server, godwit, way, "parade")
        moments = [Fault(contains=b"COMMIT", when=when) for when in ("before", "during", "after", "late")]
        moments += [Fault(packet=n, when="during") for n in chance.sample(range(1, line.packets[UP]), min(line.packets[UP] - 1, 12 if long else 2))]
        for fault in moments if long else chance.sample(moments[:4], 2) + moments[4:]:
            fault.how = server.process.kill
            database, run = line.begin(fault)
            happened = fault.happened.wait(20)
            if happened:
                servers.revive(server)
            line.end(database, run, f"{engine}: killed at {fault.contains or fault.packet}, {fault.when}", (0,))
            assert happened or not fault.contains, "it did not come to that"
        counted("servers killed", engine, line.tried)
        line.judge()


@pytest.mark.engines("postgres")
def test_a_backend_that_dies_takes_all_with_it_and_the_run_goes_on(launch, godwit, engine, chance, counted):
    """kill -9 of one backend: PostgreSQL ends all sessions and recovers, and says so to whoever connects meanwhile."""
    server = launch(engine)
    with Proxy(server.host, server.port, engine) as way:
        line = Line(server, godwit, way, "parade")
        for packet in chance.sample(range(2, line.packets[UP]), min(line.packets[UP] - 2, 3)):
            def kill_backend():
                pid = server.query("SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'godwit%' LIMIT 1")
                if pid:
                    os.kill(int(pid[0][0]), signal.SIGKILL)
            database, run = line.begin(Fault(packet=packet, when="during", how=kill_backend))
            line.end(database, run, f"{engine}: a backend killed at packet {packet}", (0,))
        counted("servers killed", engine, line.tried)
        line.judge()
