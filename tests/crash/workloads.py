"""What the breaking tests run, and how its end is judged.

A workload is a folder of migrations in which nothing can happen twice without being seen: every statement either adds its name
to the table `executions`, or adds to a counter, or makes something that a second time would fail or show.
"""
import dataclasses
import difflib
import os

SERVERS = ("postgres", "mariadb", "mysql")
ALL = ("postgres", "mariadb", "mysql", "sqlite")

# What is there before the first migration.
GROUND = ("CREATE TABLE executions (what VARCHAR(60) NOT NULL);\n"
          "CREATE TABLE counters (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);\n"
          "INSERT INTO counters VALUES (1, 0), (2, 0);\n")


def note(what):
    """A statement that leaves a trace each time it is executed."""
    return f"INSERT INTO executions VALUES ('{what}');\n"


def count(number, by=1):
    return f"UPDATE counters SET n = n + {by} WHERE id = {number};\n"


@dataclasses.dataclass
class Workload:
    kind: str
    engine: str
    files: dict
    command: tuple = ("up",)
    before: tuple = ()  # what is run undisturbed first


# ---- kinds: each is a function from an engine to files, on the engines that it names ----

KINDS = {}


def kind(*engines, command=("up",), before=()):
    def register(function):
        KINDS[function.__name__] = (engines or ALL, function, command, before)
        return function
    return register


@kind()
def ddl(engine):
    files = {
        "0001_a.sql": "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER);\n",
        "0002_index.sql": "CREATE INDEX a_n ON a (n);\nALTER TABLE a ADD COLUMN note VARCHAR(20);\n",
        "0003_b.sql": "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER);\nCREATE VIEW both_of AS SELECT a.id, b.a FROM a JOIN b ON b.a = a.id;\n"
                      "DROP VIEW both_of;\n",
        "0004_rename.sql": "ALTER TABLE b RENAME TO c;\nCREATE TABLE d (id INTEGER PRIMARY KEY);\nDROP TABLE d;\nCREATE TABLE d (id INTEGER);\n",
    }
    if engine == "sqlite":
        return files | {"0005_trigger.sql": "CREATE TRIGGER tr AFTER INSERT ON a BEGIN UPDATE counters SET n = n + 1; END;\nDROP INDEX a_n;\n"}
    if engine == "postgres":
        return files | {"0005_more.sql": "CREATE INDEX ON a (note);\nALTER TABLE a ADD CHECK (n > 0);\nCREATE SEQUENCE s;\n"
                                         "CREATE TYPE mood AS ENUM ('sad', 'ok');\nALTER TYPE mood ADD VALUE 'glad';\n"}
    return files | {"0005_more.sql": "ALTER TABLE a ADD INDEX (note);\nALTER TABLE a ADD CHECK (n > 0);\nALTER TABLE a MODIFY note VARCHAR(30) NOT NULL;\n"
                                     "CREATE TRIGGER tr BEFORE INSERT ON a FOR EACH ROW SET NEW.n = NEW.n + 1;\nDROP INDEX a_n ON a;\n"
                                     "ALTER TABLE c ADD COLUMN x INT, ADD UNIQUE KEY (x), DROP COLUMN a;\nRENAME TABLE c TO e, d TO c;\n"}


@kind()
def dml(_):
    return {"0001_one.sql": note("1.1"),
            "0002_many.sql": note("2.1") + count(1) + note("2.2") + count(2, 10) + note("2.3"),
            "0003_count.sql": count(1, 100),
            "0004_delete.sql": note("4.1") + "DELETE FROM executions WHERE what = '2.1';\n" + count(2, 1000) + note("4.2")}


@kind()
def mixed(_):
    return {"0001_fill.sql": "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER);\n" + note("1.2") + count(1)
                             + "ALTER TABLE a ADD COLUMN x INTEGER;\n" + note("1.5") + "CREATE INDEX a_x ON a (x);\n" + note("1.7"),
            "0002_more.sql": note("2.1") + "INSERT INTO a VALUES (1, 1, 1);\n" + count(2) + "CREATE TABLE b (id INTEGER);\n"
                             + "INSERT INTO b SELECT id FROM a;\n" + note("2.6")}


@kind()
def tx_none(_):
    return {"0001_none.sql": "-- godwit:tx none\n" + note("1.1") + "CREATE TABLE a (id INTEGER PRIMARY KEY);\n" + note("1.3")
                             + "ALTER TABLE a ADD COLUMN n INTEGER;\n" + count(1) + "CREATE INDEX a_n ON a (n);\n" + note("1.7"),
            "0002_none.sql": "-- godwit:tx none\n" + count(2) + count(2, 10) + "DROP TABLE a;\n" + note("2.4") + "CREATE TABLE a (x INTEGER);\n"}


@kind("postgres")
def concurrently(_):
    return {"0001_t.sql": "CREATE TABLE t (id INTEGER, n INTEGER);\nINSERT INTO t SELECT i, i FROM generate_series(1, 500) i;\n",
            "0002_index.sql": "CREATE INDEX CONCURRENTLY t_id ON t (id);\n",
            "0003_unique.sql": "-- godwit:tx none\n" + note("3.1") + "CREATE UNIQUE INDEX CONCURRENTLY t_n ON t (n);\n" + note("3.3")
                               + "DROP INDEX CONCURRENTLY t_id;\n" + note("3.5"),
            "0004_parts.sql": "CREATE TABLE p (id INTEGER) PARTITION BY RANGE (id);\nCREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);\n"
                              "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);\n",
            "0005_detach.sql": "-- godwit:tx none\nALTER TABLE p DETACH PARTITION p1 CONCURRENTLY;\n" + note("5.2")}


@kind(*SERVERS)
def procedures(engine):
    if engine == "postgres":
        body = "CREATE PROCEDURE fill(what text) LANGUAGE plpgsql AS $$\nBEGIN\n  INSERT INTO executions VALUES (what);\nEND $$;\n"
    else:
        body = "CREATE PROCEDURE fill(IN what VARCHAR(60))\nBEGIN\n  INSERT INTO executions VALUES (what);\nEND;\n"
    return {"0001_fill.sql": body + note("1.2"),
            "0002_call.sql": "CALL fill('2.1');\n",
            "0003_calls.sql": note("3.1") + "CALL fill('3.2');\n" + note("3.3") + "CALL fill('3.4');\n",
            "0004_drop.sql": "CALL fill('4.1');\nDROP PROCEDURE fill;\n" + note("4.3")}


@kind(*SERVERS)
def session(engine):
    """What a file keeps in its session: set from constants, from data just before it is used, or gone again."""
    if engine == "postgres":
        return {"0001_s.sql": "-- godwit:tx none\nSELECT set_config('app.by', '5', false);\nCREATE SCHEMA s;\nSET search_path = s, public;\n"
                              "CREATE TABLE a (n INTEGER);\nUPDATE counters SET n = n + current_setting('app.by')::int WHERE id = 1;\n"
                              "CREATE TABLE b (n INTEGER);\n" + note("1.7"),
                "0002_t.sql": "CREATE TEMP TABLE ids AS SELECT 1 AS id;\nPREPARE p AS UPDATE counters SET n = n + 10 WHERE id IN (SELECT id FROM ids);\n"
                              "EXECUTE p;\nDEALLOCATE p;\n" + note("2.5")}
    return {"0001_v.sql": "SET @by = 7;\nSET @what = CONCAT('1.', @by);\nCREATE TABLE a (n INTEGER);\nSET @n = (SELECT n FROM counters WHERE id = 1);\n"
                          "UPDATE counters SET n = @n * 2 + @by WHERE id = 1;\nCREATE TABLE b (n INTEGER);\nINSERT INTO executions VALUES (@what);\n",
            "0002_t.sql": "CREATE TABLE c (n INTEGER);\nCREATE TEMPORARY TABLE ids AS SELECT 1 AS id UNION SELECT 2;\n"
                          "UPDATE counters SET n = n + 10 WHERE id IN (SELECT id FROM ids);\nDROP TEMPORARY TABLE ids;\nALTER TABLE c ADD x INTEGER;\n" + note("2.6"),
            "0003_r.sql": "SET @r = 0;\nUPDATE counters SET n = n + (@r := @r + 1) ORDER BY id;\nALTER TABLE c ADD y INTEGER;\n" + note("3.4")}


@kind()
def batch(_):
    """Many small files, which are run many at a time."""
    one = ("CREATE TABLE t{n} (id INTEGER PRIMARY KEY, x INTEGER);\n", note("{n}"), count(1), "CREATE INDEX t{m}_x ON t{m} (x);\n")
    return {f"{n:04}_s.sql": one[(n - 1) % 4].format(n=n, m=n - 3) for n in range(1, 33)}


@kind()
def big(_):
    """One file of thirty statements."""
    parts = []
    for n in range(1, 11):
        parts += [note(f"1.{n}"), f"CREATE TABLE t{n} (id INTEGER PRIMARY KEY);\n", count(1)]
    return {"0001_big.sql": "".join(parts)}


@kind("mariadb", "mysql")
def elsewhere(_):
    """In a database that is made and dropped on the way: USE cannot be said again behind that."""
    other = f"elsewhere_{os.getpid()}"
    return {"0001_other.sql": note("1.1") + f"CREATE DATABASE {other};\nUSE {other};\nCREATE TABLE x (id INTEGER);\nINSERT INTO x VALUES (1);\n"
                              f"DROP DATABASE {other};\n",
            "0002_more.sql": note("2.1")}


@kind("sqlite")
def rebuild(_):
    """A file that opens its own transaction, as SQLite's rebuilds do."""
    return {"0001_t.sql": "CREATE TABLE p (id INTEGER PRIMARY KEY);\nCREATE TABLE c (p INTEGER REFERENCES p(id) ON DELETE CASCADE);\n"
                          "INSERT INTO p VALUES (1);\nINSERT INTO c VALUES (1);\n",
            "0002_rebuild.sql": "PRAGMA foreign_keys=OFF;\nBEGIN;\nCREATE TABLE p2 (id INTEGER PRIMARY KEY, n TEXT);\nINSERT INTO p2 (id) SELECT id FROM p;\n"
                                "DROP TABLE p;\nALTER TABLE p2 RENAME TO p;\n" + note("2.6") + "COMMIT;\nPRAGMA foreign_keys=ON;\n"}


@kind()
def parade(_):
    """Something of each kind, in eight files: what many runners quarrel about."""
    return {"0001_a.sql": "CREATE TABLE a (id INTEGER PRIMARY KEY, n INTEGER);\n",
            "0002_fill.sql": note("2.1") + count(1) + note("2.3"),
            "0003_mixed.sql": note("3.1") + "ALTER TABLE a ADD COLUMN x INTEGER;\n" + count(2) + "CREATE INDEX a_x ON a (x);\n",
            "0004_none.sql": "-- godwit:tx none\n" + note("4.1") + "CREATE TABLE b (id INTEGER);\n" + count(1, 10),
            "0005_one.sql": note("5"), "0006_two.sql": count(2, 10), "0007_three.sql": "DROP TABLE b;\n", "0008_four.sql": note("8")}


@kind(command=("down", "0"), before=("up",))
def down(_):
    return {"0001_a.sql": "CREATE TABLE a (id INTEGER PRIMARY KEY);\n" + note("1 up"),
            "0001_a_down.sql": "DROP TABLE a;\n" + note("1 down"),
            "0002_b.sql": note("2 up"), "0002_b_down.sql": note("2 down") + count(1),
            "0003_c.sql": "CREATE TABLE c (id INTEGER);\n", "0003_c_down.sql": note("3 down") + "DROP TABLE c;\n" + count(2)}


@kind(command=("redo",), before=("up",))
def redo(_):
    return {"0001_a.sql": "CREATE TABLE a (id INTEGER PRIMARY KEY);\n", "0001_a_down.sql": "DROP TABLE a;\n",
            "0002_b.sql": note("2 up") + "CREATE TABLE b (id INTEGER);\n", "0002_b_down.sql": "DROP TABLE b;\n" + note("2 down")}


def pairs(engines=ALL, kinds=None):
    """(engine, kind) of everything there is to try; cheap ones last, so that workers end at the same time."""
    return [(engine, name) for engine in engines for name in (kinds or KINDS) if engine in KINDS[name][0]]


def make(engine, name):
    _, function, command, before = KINDS[name]
    return Workload(name, engine, function(engine), command, before)


# ---- the oracle ----

NEWEST = ("SELECT version, direction, state, done, statements, checksum FROM godwit_history h "
          "WHERE id = (SELECT max(id) FROM godwit_history n WHERE n.version = h.version) ORDER BY version")
# What was done and undone, in order: nothing twice. Attempts that failed or were cut off are not of interest.
ENDED = "SELECT version, direction, state FROM godwit_history WHERE state IN ('applied', 'reverted', 'skipped') ORDER BY id"
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"


def new_database(server):
    database = server.database()
    database.script(GROUND)
    return database


def picture(database):
    """Everything that must be the same after a disturbed run: schema, rows and what the history says, as lines."""
    lines = sorted(database.dump(data=True).splitlines())
    lines += ["newest: " + " ".join(map(str, row)) for row in database.query(NEWEST)]
    ended = [tuple(map(str, row)) for row in database.query(ENDED)]
    lines += ["ended: " + " ".join(row) for row in ended]
    if database.engine == "postgres":
        lines += ["invalid: " + row[0] for row in database.query(INVALID)]
    return lines


def difference(wanted, found):
    return "\n".join(difflib.unified_diff(wanted, found, "undisturbed", "disturbed", lineterm="", n=0))
