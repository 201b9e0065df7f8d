"""A runner is killed in a statement that commits by itself, before or after the server carried it out; then somebody else changes
the same table, by hand; then it is run again. What is theirs is not taken for ours: each is carried out exactly once."""
import contextlib
import signal
import threading

import pytest

import servers
import workloads
from godwit import eventually

MYSQLS = ("mysql", "mariadb")
PATIENT = ("--lock-wait", "20s", "--lock-poll", "20ms")
ALONE = (*PATIENT, "--statement-timeout", "10m")  # not in one packet with its bookkeeping

GROUND = {
    "mysql": workloads.GROUND + "CREATE TABLE parent (id INT PRIMARY KEY);\n"
             "CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL, c VARCHAR(20), p INT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
             "CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10));\n",
    "postgres": workloads.GROUND + "CREATE TYPE mood AS ENUM ('sad', 'ok');\n",
}
GROUND["mariadb"] = GROUND["mysql"]

# ours, theirs
CASES = {
    "column": ("ALTER TABLE t ADD COLUMN note VARCHAR(20)", "ALTER TABLE t ADD COLUMN theirs INT"),
    "columns": ("ALTER TABLE t ADD COLUMN (x INT, y INT), DROP COLUMN c", "ALTER TABLE t ADD COLUMN theirs INT FIRST"),
    "drop": ("ALTER TABLE t DROP COLUMN c", "ALTER TABLE t ADD COLUMN theirs INT, COMMENT 'theirs'"),
    "modify": ("ALTER TABLE t MODIFY n BIGINT NOT NULL", "ALTER TABLE t ADD COLUMN theirs INT FIRST, MODIFY c VARCHAR(30)"),
    "default": ("ALTER TABLE t ALTER COLUMN n SET DEFAULT 7", "ALTER TABLE t DROP COLUMN c"),
    "change": ("ALTER TABLE t CHANGE c d VARCHAR(30)", "ALTER TABLE t ADD COLUMN theirs INT"),
    "rename": ("ALTER TABLE t RENAME COLUMN c TO d", "ALTER TABLE t ADD INDEX theirs (n)"),
    "index": ("ALTER TABLE t ADD INDEX (n)", "ALTER TABLE t ADD INDEX theirs (c)"),
    "named": ("ALTER TABLE t ADD UNIQUE KEY u (n), COMMENT = 'ours'", "ALTER TABLE t ADD INDEX theirs (n)"),
    "key": ("ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id, n)", "ALTER TABLE t ADD COLUMN theirs INT"),
    "keyed": ("ALTER TABLE t DROP PRIMARY KEY, ADD COLUMN k INT AUTO_INCREMENT PRIMARY KEY", "ALTER TABLE t ADD COLUMN theirs INT"),
    "rekeyed": ("ALTER TABLE t DROP COLUMN id, ADD COLUMN k INT AUTO_INCREMENT, ADD PRIMARY KEY (k)", "ALTER TABLE t ADD INDEX theirs (n)"),
    "foreign": ("ALTER TABLE t ADD FOREIGN KEY (p) REFERENCES parent (id)", "ALTER TABLE t ADD INDEX theirs (c)"),
    "check": ("ALTER TABLE t ADD CONSTRAINT ck CHECK (n >= 0)", "ALTER TABLE t ADD CONSTRAINT theirs CHECK (n < 100)"),
    "nameless": ("ALTER TABLE t ADD CHECK (n >= 0)", "ALTER TABLE t ADD COLUMN theirs INT"),
    "comment": ("ALTER TABLE t COMMENT = 'ours'", "ALTER TABLE t ADD COLUMN theirs INT"),
    "engine": ("ALTER TABLE t ENGINE = InnoDB ROW_FORMAT = COMPACT", "ALTER TABLE t ADD COLUMN theirs INT"),
    "charset": ("ALTER TABLE t CONVERT TO CHARACTER SET latin1", "ALTER TABLE t ADD INDEX theirs (n)"),
    "partition": ("ALTER TABLE parts ADD PARTITION (PARTITION p1 VALUES LESS THAN (20))", "ALTER TABLE parts COMMENT 'theirs'"),
    "quoted": ('ALTER TABLE "t" ADD COLUMN "note" INT', "ALTER TABLE t ADD COLUMN theirs INT"),
}
AGAIN = ("engine",)  # it was that engine before: to be sure it is said once more, which changes nothing
LABEL = ("ALTER TYPE mood ADD VALUE 'glad'", "ALTER TYPE mood ADD VALUE 'theirs'")

# What keeps the statement waiting, how it is seen, and how its session is ended.
HOLD = {"mysql": "START TRANSACTION; SELECT * FROM t; SELECT * FROM parts; DO SLEEP(300)",
        "postgres": "BEGIN; LOCK TABLE pg_catalog.pg_enum IN SHARE MODE; SELECT pg_sleep(300)"}
HOLDS = {"mysql": "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE 'DO SLEEP(300)%'",
         "postgres": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(300)%'"
                     " AND wait_event = 'PgSleep'"}
WAITS = {"mysql": "SELECT id FROM information_schema.processlist WHERE info LIKE 'ALTER%'"
                  " AND (db = DATABASE() OR info LIKE CONCAT('% ', DATABASE(), '.%'))",
         "postgres": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'ALTER TYPE%'"
                     " AND wait_event_type = 'Lock'"}
END = {"mysql": "KILL {id}", "postgres": "SELECT pg_terminate_backend({id})"}


class Scene:
    """A database in which a migration is killed in its second statement, `ours`."""

    def __init__(self, server, godwit, engine, ours, theirs):
        self.server, self.godwit, self.theirs = server, godwit, theirs
        self.tongue = "postgres" if engine == "postgres" else "mysql"
        self.godwit.folder({"0001_ours.sql": self._text(engine, ours)})
        self.ground = GROUND[engine]

    @staticmethod
    def _text(engine, ours):
        opening = "-- godwit:tx none\n" if engine == "postgres" else ""
        quotes = "SET sql_mode = 'ANSI_QUOTES';\n" if '"' in ours else ""
        return f"{opening}{quotes}{workloads.note('1.1')}{ours};\n{workloads.note('1.3')}"

    def database(self):
        database = self.server.database()
        database.script(self.ground)
        return database

    def undisturbed(self, theirs_first):
        """What there must be in the end."""
        database = self.database()
        steps = [lambda: self.godwit.run("up", *PATIENT, url=database.url).expect(0), lambda: database.query(self.theirs)]
        for step in reversed(steps) if theirs_first else steps:
            step()
        wanted = workloads.picture(database)
        database.drop()
        return wanted

    def _ids(self, database, table):
        return [str(row[0]) for row in database.query(table[self.tongue])]

    def _end(self, database, table):
        for number in self._ids(database, table):
            with contextlib.suppress(servers.ServerError):  # it may be gone by itself
                database.query(END[self.tongue].format(id=number))
        eventually(lambda: not self._ids(database, table), what="the end of the session")

    def kill(self, database, options, happens, meanwhile=lambda: None):
        """The server carries `ours` out, or not; the runner does not live to say so."""
        holder = threading.Thread(target=self._hold, args=(database,), daemon=True)
        holder.start()
        eventually(lambda: self._ids(database, HOLDS), what="the lock")
        runner = self.godwit.start("up", *options, url=database.url)
        eventually(lambda: self._ids(database, WAITS), what="the statement that waits")
        # Asleep it does not say what it hears; a server may give up what a dead one asked for.
        runner.signal(signal.SIGSTOP if happens else signal.SIGKILL)
        meanwhile()
        if not happens:
            self._end(database, WAITS)
        self._end(database, HOLDS)
        holder.join(30)
        eventually(lambda: not self._ids(database, WAITS), what="the end of the statement")
        runner.signal(signal.SIGKILL)
        runner.end()

    def _hold(self, database):
        try:
            database.query(HOLD[self.tongue])
        except servers.ServerError:
            pass  # its session was ended, as is meant

    def play(self, options, happens):
        wanted = self.undisturbed(theirs_first=not happens)
        database = self.database()
        self.kill(database, options, happens)
        database.query(self.theirs)
        again = self.godwit.run("up", *PATIENT, url=database.url).expect(0)
        found = workloads.picture(database)
        if found != wanted:
            pytest.fail(f"{workloads.difference(wanted, found)}\n{again}", pytrace=False)
        database.drop()
        return again


def chosen(long, chance):
    return list(CASES) if long else chance.sample(list(CASES), 4)


@pytest.mark.engines(*MYSQLS)
def test_a_change_by_somebody_else_is_not_taken_for_ours(server, godwit, engine, long, chance, counted):
    for case in chosen(long, chance):
        Scene(server, godwit, engine, *CASES[case]).play(ALONE, happens=False)
        counted("changes by others", engine)


@pytest.mark.engines(*MYSQLS)
def test_nor_is_ours_done_again_when_somebody_else_changed_more(server, godwit, engine, long, chance, counted):
    for case in chosen(long, chance):
        again = Scene(server, godwit, engine, *CASES[case]).play(ALONE, happens=True)
        again.expect(0, err_contains="it was carried out" if case not in AGAIN else ())
        counted("changes by others", engine)


# Both are about one column.
SAME = {
    "modify": ("ALTER TABLE t MODIFY n BIGINT NOT NULL", "ALTER TABLE t MODIFY n SMALLINT NOT NULL"),
    "null": ("ALTER TABLE t MODIFY c VARCHAR(30) NOT NULL", "ALTER TABLE t MODIFY c VARCHAR(30)"),
    "change": ("ALTER TABLE t CHANGE c c VARCHAR(40)", "ALTER TABLE t CHANGE c c VARCHAR(50)"),
    "add": ("ALTER TABLE t ADD COLUMN x INT", "ALTER TABLE t ADD COLUMN x VARCHAR(10)"),
}


@pytest.mark.engines(*MYSQLS)
@pytest.mark.parametrize("case", SAME)
def test_another_definition_of_the_same_column_is_not_taken_for_ours(server, godwit, engine, case, counted):
    scene = Scene(server, godwit, engine, *SAME[case])
    database = scene.database()
    scene.kill(database, ALONE, happens=False)
    database.query(scene.theirs)
    godwit.run("up", *PATIENT, url=database.url).expect(1, err_contains="was under way when its runner ended, and whether it happened is not known")
    counted("changes by others", engine)
    database.drop()


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("happens", [False, True])
def test_a_label_of_a_type_is_told_from_somebody_elses(server, godwit, engine, happens, counted):
    again = Scene(server, godwit, engine, *LABEL).play(PATIENT, happens)
    again.expect(0, err_contains="it was carried out" if happens else "it was not carried out")
    counted("changes by others", engine)


@pytest.mark.engines(*MYSQLS)
@pytest.mark.parametrize("happens", [False, True])
def test_in_a_packet_with_its_bookkeeping_it_is_the_same(server, godwit, engine, happens, counted):
    Scene(server, godwit, engine, *CASES["column"]).play(PATIENT, happens)
    counted("changes by others", engine)


@pytest.mark.engines(*MYSQLS)
def test_a_table_that_somebody_else_creates_while_a_packet_waits_is_not_taken_for_ours(server, godwit, engine, counted):
    """The server goes on with the packet; that the table was absent when the packet was made is no more true then."""
    scene = Scene(server, godwit, engine, "SELECT 1", "CREATE TABLE late (theirs INT)")
    database = scene.database()
    godwit.folder({"0001_ours.sql": "".join(f"CREATE TABLE t{i} (id INT);\n" for i in range(5)),
                   "0002_wait.sql": "ALTER TABLE t ADD COLUMN note INT;\n", "0003_late.sql": "CREATE TABLE late (id INT);\n"})
    scene.kill(database, PATIENT, happens=True, meanwhile=lambda: database.query(scene.theirs))
    godwit.run("up", *PATIENT, url=database.url).expect(1, err_contains="0003_late.sql:1:14: Table 'late' already exists")
    assert "theirs" in str(database.query("SHOW COLUMNS FROM late"))
    counted("changes by others", engine)
    database.drop()


@pytest.mark.engines(*MYSQLS)
@pytest.mark.parametrize("happens", [False, True])
def test_a_database_that_was_made_and_dropped_on_the_way_does_not_stop_the_next_run(server, godwit, engine, happens, counted):
    """USE cannot be said again when its database is gone."""
    scene = Scene(server, godwit, engine, "SELECT 1", "SELECT 1")
    database = scene.database()
    other = f"{database.name}_other"
    godwit.folder({"0001_ours.sql": f"CREATE DATABASE {other};\nUSE {other};\nCREATE TABLE x (id INT);\nDROP DATABASE {other};\n"
                                    f"ALTER TABLE {database.name}.t ADD COLUMN note INT;\n"
                                    f"INSERT INTO {database.name}.executions VALUES ('1.6');\n"})
    scene.kill(database, ALONE, happens)
    godwit.run("resolve", "1", url=database.url).expect(0, out_contains="was under way, and " + ("happened" if happens else "did not happen"))
    godwit.run("up", *PATIENT, url=database.url).expect(0)
    assert database.query("SELECT what FROM executions") == [("1.6",)]
    assert database.query("SELECT count(note) FROM t") == [("0",)]
    assert not server.exists(other)
    counted("changes by others", engine)
    database.drop()
