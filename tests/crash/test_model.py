"""Random plans of up, down, redo and resolve, edits of failing files, and random faults, against a simple model of the history.

The model knows, for every migration, which of its statements are in effect. After each run of the program it looks at the database and at the
history, and asks: does the history say exactly what is there; is what changed a prefix of what had to be done; was anything done twice;
is the exit code the right one for that? Then it goes on from what it saw.

A plan that fails prints its steps. GODWIT_CRASH_SEED and GODWIT_CRASH_PLAN (its number) repeat it.
"""
import os
import random

import pytest

import shim
import workloads
from godwit import Godwit

PATIENT = ("--lock-wait", "20s", "--lock-poll", "20ms")
ROWS = "SELECT id, version, direction, state, done, checksum FROM godwit_history ORDER BY id"
STEPS = 14  # runs of the program in a plan, about
PARTS = 4   # tests that share the plans of an engine, so that workers share them too
RUNS = {"sqlite": (300, 8400), "postgres": (60, 800), "mariadb": (60, 800)}  # in the bounded and in the long set


class Migration:
    """One migration: statements that make a table, or leave a note."""

    def __init__(self, number, chance):
        self.number = number
        self.kinds = [chance.choice(("table", "note")) for _ in range(chance.randint(1, 4))]
        self.is_none = chance.random() < 0.35
        self.broken = chance.randrange(len(self.kinds)) if chance.random() < 0.2 else None
        self.down_broken = chance.randrange(len(self.kinds)) if chance.random() < 0.1 else None
        self.spoiled = None

    @property
    def version(self):
        return f"{self.number:04}"

    def statement(self, index, direction):
        if self.kinds[index] == "note":
            return f"INSERT INTO executions VALUES ('{self.number}.{index} {direction}');\n"
        return f"CREATE TABLE m{self.number}_{index} (id INTEGER);\n" if direction == "up" else f"DROP TABLE m{self.number}_{index};\n"

    def order(self, direction):
        """Indices of the statements as the file has them."""
        return list(range(len(self.kinds))) if direction == "up" else list(reversed(range(len(self.kinds))))

    def text(self, direction):
        broken = self.broken if direction == "up" else self.down_broken
        lines = ["-- godwit:tx none\n"] if self.is_none else []
        for index in self.order(direction):
            if index == self.spoiled and direction == "up":
                lines.append("INSERT INTO executions VALUES ('spoiled');\n")
            else:
                lines.append("INSERT INTO nowhere VALUES (1);\n" if index == broken else self.statement(index, direction))
        return "".join(lines)


class Seen:
    """What the database and the history hold at one moment."""

    def __init__(self, database, migrations):
        tables = set(database.tables())
        self.rows = [tuple(map(str, row)) for row in database.query(ROWS)] if "godwit_history" in tables else []
        self.newest = {row[1]: row for row in self.rows}
        notes = [row[0] for row in database.query("SELECT what FROM executions")]
        self.effects, self.doubled = {}, [note for note in notes if note == "spoiled"]
        for one in migrations:
            found = []
            for index, kind in enumerate(one.kinds):
                balance = notes.count(f"{one.number}.{index} up") - notes.count(f"{one.number}.{index} down")
                present = balance == 1 if kind == "note" else f"m{one.number}_{index}" in tables
                if kind == "note" and balance not in (0, 1):
                    self.doubled.append(f"{one.number}.{index}: {balance} times")
                found.append(present)
            self.effects[one.version] = found

    def half(self, version):
        """"up" or "down" when it was begun that way and is not ended."""
        row = self.newest.get(version)
        if row and (row[3] == "running" or row[3] == "failed" and int(row[4]) > 0):
            return row[2]
        return None

    def is_applied(self, version):
        """Wholly there, also when an attempt to revert it failed and kept nothing."""
        row = self.newest.get(version)
        return bool(row) and (row[2:4] == ("up", "applied") or row[2] == "down" and row[3] == "failed" and int(row[4]) == 0)


class World:
    """A database, a folder, and the model's opinion of both."""

    def __init__(self, engine, server, godwit, killat, chance):
        self.engine, self.godwit, self.killat, self.chance = engine, godwit, killat, chance
        self.faulty = Godwit(godwit.cwd, command=[str(shim.faulty_program())])
        self.database = workloads.new_database(server)
        self.migrations, self.log, self.runs = [], [], 0
        for old in godwit.folder({}).glob("*.sql"):
            old.unlink()
        self.add(chance.randint(2, 4))
        self.seen = self.look()

    # ---- what people do ----

    def add(self, count):
        for _ in range(count):
            self.migrations.append(Migration(len(self.migrations) + 1, self.chance))
            self.write(self.migrations[-1])

    def write(self, one):
        self.godwit.folder({f"{one.version}_m.sql": one.text("up"), f"{one.version}_m_down.sql": one.text("down")})

    def by_hand(self, one, wanted):
        """Bring the statements of a migration to where a person wants them."""
        script = ""
        for index, present in enumerate(self.seen.effects[one.version]):
            if present != wanted:
                script += one.statement(index, "up" if wanted else "down")
        if script:
            self.database.script(script)

    # ---- looking ----

    def look(self):
        return Seen(self.database, self.migrations)

    def fail(self, why, result=None):
        steps = "\n".join(self.log)
        files = "\n".join(f"-- {one.version} up\n{one.text('up')}-- {one.version} down\n{one.text('down')}" for one in self.migrations)
        pytest.fail(f"{why}\n== steps\n{steps}\n== files\n{files}== history\n" + "\n".join(map(str, self.look().rows)) + f"\n== run\n{result}",
                    pytrace=False)

    def check(self, result):
        """The history says what is there, whatever happened; what was ended once stays as it is."""
        before, self.seen = self.seen, self.look()
        if self.seen.doubled:
            self.fail(f"done twice, or undone twice: {self.seen.doubled}", result)
        ended = [row for row in before.rows if row[3] != "running"]
        # A failed row may become what it is again; nothing else changes once it has ended.
        for row in ended:
            now = next((other for other in self.seen.rows if other[0] == row[0]), None)
            if now is None or now != row and row[3] != "failed":
                self.fail(f"the history was rewritten: {row} is {now}", result)
        for one in self.migrations:
            self._check_one(one, result)

    def _check_one(self, one, result):
        row, effects = self.seen.newest.get(one.version), self.seen.effects[one.version]
        if row is None or row[2:4] == ("down", "reverted") or row[2] == "up" and row[3] == "failed" and row[4] == "0":
            allowed = [[False] * len(effects)]
        elif self.seen.is_applied(one.version):
            allowed = [[True] * len(effects)]
        else:
            done, up = int(row[4]), row[2] == "up"
            counts = [done] if row[3] == "failed" else [done, min(done + 1, len(effects))]
            allowed = []
            for count in counts:
                order = one.order(row[2])
                allowed.append([(index in order[:count]) == up for index in range(len(effects))])
        if effects not in allowed:
            self.fail(f"{one.version}: the history says {row}, and there are {effects}", result)

    # ---- running ----

    def run(self, *args, fault=None):
        """One run of the program, perhaps with a fault; its result."""
        self.runs += 1
        url, command = self.database.url, (*args, *(PATIENT if args[0] in ("up", "down", "redo", "resolve") else ()))
        self.log.append(f"{' '.join(args)}  {fault or ''}")
        if fault is None:
            return self.godwit.run(*command, url=url)
        how, what = fault
        if how == "call":
            return self.killat.run(what, *command, url=url, after=self.chance.choice((None, 0)))
        return self.faulty.run(*command, url=url, env={"GODWIT_FAULT": what})

    def some_fault(self):
        luck = self.chance.random()
        if luck < 0.55:
            return None
        if luck < 0.85:
            return "call", self.chance.randint(1, {"sqlite": 200, "postgres": 120, "mariadb": 120}[self.engine])
        name, action = self.chance.choice(shim.faults()), self.chance.choice(("kill", "fail"))
        return "point", f"{name}:{self.chance.randint(1, 3)}={action}"

    def unchanged(self, before, versions, result):
        for version in versions:
            if before.effects.get(version) != self.seen.effects[version] or before.is_applied(version) != self.seen.is_applied(version):
                self.fail(f"{version} was not to be touched", result)

    def judge(self, result, before, work, fault, blocked, direction):
        """`work`: migrations in the order in which they had to be run; `blocked`: one begun the other way is in the way."""
        others = [one.version for one in self.migrations if one not in work]
        self.unchanged(before, others, result)
        if blocked:
            self.unchanged(before, [one.version for one in work], result)
            if result.rc not in ((1,) if fault is None else (1, -9)):
                self.fail("it had to be refused", result)
            return
        wanted = direction == "up"
        done = [self.seen.is_applied(one.version) == wanted and not self.seen.half(one.version) for one in work]
        reached = done.index(False) if False in done else len(work)
        # What comes after the first that is not done was not begun.
        self.unchanged(before, [one.version for one in work[reached + 1:]], result)
        stop = next((place for place, one in enumerate(work) if self.stops(one, direction, before)), None)
        if stop is not None and reached > stop:
            self.fail("a broken file was carried out", result)
        if fault is None or result.rc == 0:
            expected = len(work) if stop is None else stop
            if reached != expected or result.rc != (0 if stop is None else 1):
                self.fail(f"{reached} of {len(work)} were done, and {expected} should be", result)
        elif result.rc not in (-9, 1):
            self.fail("an exit code that means something else", result)

    @staticmethod
    def stops(one, direction, before):
        """Does it fail at a statement that is still to be run?"""
        broken = one.broken if direction == "up" else one.down_broken
        if broken is None:
            return False
        return before.effects[one.version][broken] == (direction == "down")

    # ---- steps ----

    def up(self):
        work = [one for one in self.migrations if not self.seen.is_applied(one.version) or self.seen.half(one.version)]
        args = ["up"]
        blocked = any(self.seen.half(one.version) == "down" for one in self.migrations)
        if self.chance.random() < 0.3:
            steps = self.chance.randint(1, 2)
            args, work = args + ["--steps", str(steps)], work[:steps]
        self.go(args, work, blocked, "up")

    def down(self):
        work = [one for one in reversed(self.migrations) if self.seen.is_applied(one.version) or self.seen.half(one.version) == "down"]
        blocked = any(self.seen.half(one.version) == "up" for one in self.migrations)
        args = ["down"]
        if self.chance.random() < 0.5:
            steps = self.chance.randint(1, 3)
            args, work = args + ["--steps", str(steps)], work[:steps]
        elif self.chance.random() < 0.5:
            args.append("0")
        else:
            work = work[:1]
        self.go(args, work, blocked, "down")

    def go(self, args, work, blocked, direction):
        fault, before = self.some_fault(), self.seen
        result = self.run(*args, fault=fault)
        self.check(result)
        self.judge(result, before, work, fault, blocked, direction)

    def resolve(self):
        """Settle one that was begun upwards, as a person would who looked at it."""
        half = [one for one in self.migrations if self.seen.half(one.version) == "up"]
        if not half:
            self.up()
            return
        one, how = half[0], self.chance.choice(("--applied", "--reverted", "--retry"))
        before = self.seen
        if how == "--retry":
            one.broken = None
            self.write(one)
        else:
            self.by_hand(one, how == "--applied")
            self.log.append(f"(by hand: {one.version} {how})")
        result = self.run("resolve", one.version, how)
        self.seen = self.look() if how != "--retry" else self.seen
        self.check(result)
        if result.rc or self.seen.is_applied(one.version) != (how != "--reverted"):
            self.fail(f"resolve {how} had to settle {one.version}", result)
        self.unchanged(before, [other.version for other in self.migrations if other is not one], result)

    def mend(self):
        for one in self.migrations:
            # One that is half reverted is applied until it is reverted: its file must stay as it is.
            if not self.seen.is_applied(one.version) and self.seen.half(one.version) != "down" and one.broken is not None:
                one.broken = None
                self.write(one)
                self.log.append(f"(mended {one.version})")
                break
            if one.down_broken is not None:
                one.down_broken = None
                self.write(one)
                self.log.append(f"(mended the down of {one.version})")
                break
        self.up()

    def spoil(self):
        """A statement that is already in effect is changed in its file: refused, and nothing happens."""
        half = [one for one in self.migrations if self.seen.half(one.version) == "up" and int(self.seen.newest[one.version][4]) > 0]
        if not half or any(self.seen.half(one.version) == "down" for one in self.migrations):
            self.down()
            return
        one, before = half[0], self.seen
        one.spoiled = self.chance.randrange(int(self.seen.newest[one.version][4]))
        self.write(one)
        result = self.run("up")
        one.spoiled = None
        self.write(one)
        self.check(result)
        self.unchanged(before, [other.version for other in self.migrations if other is one], result)
        if result.rc != 3:
            self.fail("a file was changed within what is applied: that had to be refused", result)

    def grow(self):
        self.add(self.chance.randint(1, 2))
        self.seen = self.look()
        self.up()

    def read(self):
        result = self.run(self.chance.choice(("status", "history", "lock")))
        before = self.seen
        self.check(result)
        if result.rc or before.rows != self.seen.rows:
            self.fail("a command that only looks failed, or wrote something", result)

    def settle(self):
        """The end: everything is mended, and one more run brings all of it up."""
        for one in self.migrations:
            if not self.seen.is_applied(one.version) or self.seen.half(one.version):
                one.broken = None
            one.down_broken = None
            self.write(one)
        if any(self.seen.half(one.version) == "down" for one in self.migrations):
            before = self.seen
            work = [one for one in reversed(self.migrations) if self.seen.is_applied(one.version) or self.seen.half(one.version) == "down"]
            result = self.run("down", "0")
            self.check(result)
            self.judge(result, before, work, None, any(self.seen.half(one.version) == "up" for one in self.migrations), "down")
            for one in self.migrations:
                if not self.seen.is_applied(one.version):
                    one.broken = None
                    self.write(one)
        result = self.run("up")
        self.check(result)
        if result.rc or not all(self.seen.is_applied(one.version) for one in self.migrations):
            self.fail("the last run had to complete everything", result)
        self.database.drop()


ACTIONS = (("up", 6), ("down", 3), ("resolve", 2), ("mend", 2), ("spoil", 1), ("grow", 2), ("read", 1))


def play(world):
    names, weights = zip(*ACTIONS)
    while world.runs < STEPS:
        getattr(world, world.chance.choices(names, weights)[0])()
    world.settle()


@pytest.mark.engines("sqlite", "postgres", "mariadb")
@pytest.mark.parametrize("part", range(PARTS))
def test_the_history_is_what_a_simple_model_says(server, godwit, engine, killat, part, seed, long, counted):
    only = os.environ.get("GODWIT_CRASH_PLAN")
    plans = range(part, RUNS[engine][long] // STEPS + PARTS, PARTS)
    runs = 0
    for number in plans if only is None else [int(only)]:
        world = World(engine, server, godwit, killat, random.Random(f"{seed} {engine} {number}"))
        world.log.append(f"GODWIT_CRASH_SEED={seed} GODWIT_CRASH_PLAN={number}, {engine}")
        play(world)
        runs += world.runs
    counted("model runs", engine, runs)
