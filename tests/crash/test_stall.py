"""The way to the server stalls: nothing passes any more, and nobody says so. The run is told to end, by a time-out or an interrupt,
and ends within 5 s and a little; it says what it knows; and the next run completes: nothing lost, nothing doubled.

Many such runs go side by side, each through a proxy of its own, so that their waiting is not added up.
"""
import concurrent.futures
import dataclasses
import re
import signal
import time

import pytest

import workloads
from godwit import Godwit
from proxy import Fault, Proxy

ENGINES = pytest.mark.engines("postgres", "mariadb", "mysql")
QUICK = ("--connect-backoff", "100ms", "--connect-tries", "3", "--retry-backoff", "100ms", "--lock-wait", "20s", "--lock-poll", "50ms")
DOCUMENTED = (0, 1, 4, 5)
PROMISED = 5.0
MARK = b"'2.2'"  # the statement in the middle
UNLOCK = {"postgres": b"SELECT pg_catalog.pg_advisory_unlock(", "mariadb": b"RELEASE_LOCK(", "mysql": b"RELEASE_LOCK("}
# Seconds that a busy machine may take for everything else; a run that waits for the server takes half a minute or for ever.
BUSY = 12


@dataclasses.dataclass
class Case:
    """Where the way stalls, and what ends the run."""
    where: str  # statement, rollback, commit, unlock, login
    when: str = "before"
    how: str = "stall"  # this connection; deaf: all of them
    end: str = "run-timeout"  # timeout: of the statement; once, twice: interrupts; nothing: it ends by itself

    def __str__(self):
        return f"{self.how} {self.when} {self.where}, {self.end}"

    @property
    def promised(self):
        """Seconds. What may have been committed is looked for on another connection, which has as long again."""
        return 0 if self.end == "twice" else 2 * PROMISED if self.where == "commit" or self.how == "deaf" else PROMISED

    def fault(self, engine):
        if self.where == "login":
            return Fault(login=True, how=self.how)
        contains = {"statement": MARK, "rollback": b"ROLLBACK", "commit": b"COMMIT", "unlock": UNLOCK[engine]}[self.where]
        return Fault(contains=contains, when=self.when, how=self.how)


CASES = [
    *(Case("statement", when, how, end) for when in ("before", "during", "after") for how in ("stall", "deaf")
      for end in ("run-timeout", "timeout", "once", "twice")),
    *(Case("commit", when, how, end) for when in ("before", "during", "after") for how in ("stall", "deaf")
      for end in ("run-timeout", "once", "twice")),
    *(Case("rollback", when, how, end) for when in ("before", "during", "after") for how in ("stall", "deaf")
      for end in ("run-timeout", "once", "twice")),
    *(Case("unlock", when, how, "nothing") for when in ("before", "during", "after") for how in ("stall", "deaf")),
    *(Case("login", "before", how, end) for how in ("stall", "deaf") for end in ("run-timeout", "once", "twice")),
]


def files(case, broken=None):
    """A middle that commits by itself on no engine, in a file of its own; `timeout` concerns its second statement."""
    own = "-- godwit:timeout 1s\n" if case.end == "timeout" else ""
    return {"0001_a.sql": workloads.note("1.1"),
            "0002_b.sql": workloads.note("2.1") + own + (broken or workloads.note("2.2")) + workloads.count(1),
            "0003_c.sql": "CREATE TABLE a (id INTEGER);\n" + workloads.note("3.2")}


def disturb(case, server, folder, wanted):
    """One run that stalls, and the next: what is wrong with them; '' when nothing is."""
    engine, database = server.name, workloads.new_database(server)
    godwit = Godwit(folder)
    godwit.folder(files(case, "INSERT INTO nowhere VALUES (1);\n" if case.where == "rollback" else None))
    fault = case.fault(engine)
    with Proxy(server.host, server.port, engine) as way:
        way.fault = fault
        url = server.url(database.name, port=way.port, sslmode="disable")
        more = ("--run-timeout", "3s") if case.end == "run-timeout" else ()
        run = godwit.start("up", *QUICK, *more, url=url)
        stalled = fault.happened.wait(30)
        over = time.monotonic()
        if case.end == "run-timeout":
            over = max(over, run.begun + 3)
        elif case.end == "timeout":
            over += 1
        elif case.end in ("once", "twice"):
            time.sleep(0.3)
            over = time.monotonic()
            run.signal(signal.SIGINT)
            if case.end == "twice":
                time.sleep(0.3)
                run.signal(signal.SIGINT)
        try:
            first = run.end(40)
        except AssertionError as late:
            return f"== {engine}: {case}\n{late}"
        took = time.monotonic() - over
        way.fault = None
        way.heal()
        godwit.folder(files(case))
        again = godwit.run("up", *QUICK, url=database.url)
    most = case.promised + BUSY
    allowed = {"once": (130, *DOCUMENTED), "twice": (130, -signal.SIGINT), "nothing": (0,)}.get(case.end, DOCUMENTED)
    wrong = [
        not stalled and "it did not come to the stall",
        took > most and f"it took {took:.1f} s, more than {most:.1f} s",
        first.rc not in allowed and f"exit code {first.rc}, not {allowed}",
        # Who has no connection is not late: it says that; otherwise the reason is why it ended.
        first.rc in (1, 4) and not re.search(r"has passed|lost|not answer|connect|nowhere", first.err) and "it does not say why",
        again.rc != 0 and f"the next run ended with {again.rc}",
        again.rc == 0 and workloads.picture(database) != wanted and workloads.difference(wanted, workloads.picture(database)),
    ]
    database.drop()
    said = "".join(f"{what}\n" for what in wrong if what)
    return said and f"== {engine}: {case}\n{said}-- disturbed:\n{first}\n-- again:\n{again}"


@ENGINES
def test_a_run_whose_way_to_the_server_stalls_ends_in_time_and_nothing_is_lost_or_doubled(server, engine, tmp_path, chance, long, counted):
    cases = CASES if long else chance.sample(CASES, 8)
    wanted = {}
    for end in {case.end == "timeout" for case in cases}:
        database = workloads.new_database(server)
        (tmp_path / f"wanted{end}").mkdir()
        godwit = Godwit(tmp_path / f"wanted{end}")
        godwit.folder(files(Case("statement", end="timeout" if end else "once")))
        godwit.run("up", url=database.url).expect(0)
        wanted[end] = workloads.picture(database)
        database.drop()
    folders = [tmp_path / str(n) for n in range(len(cases))]
    for folder in folders:
        folder.mkdir()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ended = list(pool.map(lambda pair: disturb(pair[0], server, pair[1], wanted[pair[0].end == "timeout"]), zip(cases, folders)))
    counted("stalls", engine, len(cases))
    broken = [said for said in ended if said]
    assert not broken, f"{len(broken)} of {len(cases)}\n" + "\n".join(broken[:4])
