"""kill -9 at every call by which the program touches the world, and at every fault point; then it is run again, once. What is in
the database afterwards, and what the history says, must be what an undisturbed run leaves, and nothing was executed twice."""
import signal

import pytest

import shim
import workloads
from godwit import Godwit

PATIENT = ("--lock-wait", "20s", "--lock-poll", "20ms")
POINTS = {"postgres": 8, "mariadb": 8, "sqlite": 8, "mysql": 3}  # of each workload in the bounded set; the long set takes all


class Stage:
    """One workload: undisturbed once, then as often as wanted with a disturbance."""

    def __init__(self, server, godwit, engine, kind):
        self.server, self.godwit = server, godwit
        self.workload = workloads.make(engine, kind)
        self.command = (*self.workload.command, *PATIENT)
        self.folder = godwit.folder(self.workload.files)
        self.tried, self.broken = 0, []
        database = self._prepare()
        godwit.run(*self.command, url=database.url).expect(0)
        self.wanted = workloads.picture(database)
        database.drop()

    def _prepare(self):
        database = workloads.new_database(self.server)
        if self.workload.before:
            self.godwit.run(*self.workload.before, *PATIENT, url=database.url).expect(0)
        return database

    def calls(self, killat):
        database = self._prepare()
        calls = killat.calls(*self.command, url=database.url)
        database.drop()
        return calls

    def disturb(self, what, run):
        """`run(url)` is a run that does not live; the next one must bring everything in order."""
        database = self._prepare()
        self.tried += 1
        killed = run(database.url)
        again = self.godwit.run(*self.again(killed, database), url=database.url) if self.again(killed, database) else None
        found = workloads.picture(database) if again is None or again.rc == 0 else None
        if found != self.wanted or killed.rc not in (0, -signal.SIGKILL):
            why = workloads.difference(self.wanted, found) if found else "it did not complete"
            self.broken.append(f"== {what()}\n{why}\n-- killed:\n{killed}\n-- again:\n{again}")
        else:
            database.drop()

    def again(self, killed, database):
        """What a person, or a pipeline, would run next."""
        if self.workload.command[0] != "redo":
            return self.command
        # A redo that was cut off has reverted the newest migration, or not: then it may be run again.
        if killed.rc == 0:
            return None
        newest = database.query("SELECT direction, state FROM godwit_history ORDER BY id DESC LIMIT 1")
        count = database.value("SELECT count(*) FROM godwit_history")
        if (newest[0][0], str(count)) == ("up", "2"):
            return self.command
        if newest[0] == ("up", "applied"):
            return None
        return ("up", *PATIENT) if newest[0] != ("down", "running") and newest[0] != ("down", "failed") else self.command

    def judge(self):
        if self.broken:
            pytest.fail(f"{len(self.broken)} of {self.tried} points\n" + "\n".join(self.broken[:4]), pytrace=False)


@pytest.fixture
def stage(server, godwit, engine, kind):
    return Stage(server, godwit, engine, kind)


def choose(calls, points, chance, long):
    """Which calls are tried, and how many milliseconds after them: -1 means before."""
    numbered = [(n, line) for n, line in enumerate(calls, 1)]
    if long:
        return [(n, after) for n, line in numbered for after in (None, *((15,) if is_sending(line) else ()))]
    sending = [n for n, line in numbered if is_sending(line)]
    # One in each of as many stretches as there are points, so that all of the run is looked at.
    stretch = len(sending) / points
    chosen = sorted({sending[int(stretch * (i + chance.random()))] for i in range(points)})
    return [(n, chance.choice((None, 0, 15))) for n in chosen]


def is_sending(line):
    return any(word in line.split()[1] for word in shim.SENDING)


def test_a_run_that_is_killed_at_any_call_is_completed_by_the_next(stage, killat, engine, kind, chance, long, counted):
    for at, after in choose(stage.calls(killat), POINTS[engine], chance, long):
        stage.disturb(lambda at=at, after=after: f"{engine} {kind}: call {at}, {'before' if after is None else f'{after} ms after'}: {killat.trace()}",
                      lambda url, at=at, after=after: killat.run(at, *stage.command, after=after, url=url))
    counted("crash points", engine, stage.tried)
    stage.judge()


def test_a_run_that_is_killed_at_any_fault_point_is_completed_by_the_next(stage, engine, kind, chance, long, counted, tmp_path):
    faulty = Godwit(stage.godwit.cwd, command=[str(shim.faulty_program())])
    places = [(name, nth) for name in shim.faults() for nth in (1, 2, 3)]
    for name, nth in places if long else chance.sample(places, 2):
        stage.disturb(lambda name=name, nth=nth: f"{engine} {kind}: fault point {name}, time {nth}",
                      lambda url, name=name, nth=nth: faulty.run(*stage.command, env={"GODWIT_FAULT": f"{name}:{nth}=kill"}, url=url))
    counted("fault points", engine, stage.tried)
    stage.judge()
