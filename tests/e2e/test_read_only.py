"""Migrations that make their session or their transaction read only: what godwit writes itself does not depend on that."""
import os
import pathlib
import signal

import pytest

import servers

SERVERS = ("postgres", "mariadb", "mysql")
SESSION = {"postgres": "SET default_transaction_read_only = on", "mariadb": "SET SESSION TRANSACTION READ ONLY",
           "mysql": "SET SESSION TRANSACTION READ ONLY", "sqlite": "PRAGMA query_only = 1"}
NEXT = {"postgres": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "mariadb": "SET TRANSACTION READ ONLY",
        "mysql": "SET TRANSACTION READ ONLY", "sqlite": "PRAGMA query_only(yes)"}
A, B = "CREATE TABLE a (id INTEGER);\n", "CREATE TABLE b (id INTEGER);\n"


def files(says):
    """One that ends so, one that begins so, one that goes on after it, one that is nothing else; and files after each."""
    return {
        "0001_last.sql": f"{A}INSERT INTO a VALUES (1);\n{says};\n", "0002_then.sql": "INSERT INTO a VALUES (2);\n",
        "0003_first.sql": f"{says};\nSELECT count(*) FROM a;\n", "0004_then.sql": "INSERT INTO a VALUES (4);\n",
        "0005_alone.sql": f"{says};\n", "0006_then.sql": "INSERT INTO a VALUES (6);\n",
        "0007_parts.sql": f"-- godwit:tx none\nINSERT INTO a VALUES (7);\n{says};\nSELECT count(*) FROM a;\nSELECT 2;\n", "0008_then.sql": B,
    }


@pytest.mark.parametrize("how", [SESSION, NEXT], ids=["session", "otherwise"])
@pytest.mark.parametrize("lock", ["auto", "lease"])
def test_a_session_that_a_file_made_read_only_is_none_to_godwit(db, godwit, engine, how, lock):
    more = () if engine == "sqlite" or lock == "auto" else ("--lock", "lease")
    godwit.folder(files(how[engine]))
    godwit.run("up", *more).expect(0)
    assert sorted(row[0] for row in db.query("SELECT id FROM a")) == ["1", "2", "4", "6", "7"]
    godwit.run("status").expect(0, out_contains="8 applied, 0 pending")
    assert db.value("SELECT count(*) FROM godwit_history") == "8"


@pytest.mark.parametrize("version", [1, 3, 5, 7])
def test_one_at_a_time_too(db, godwit, engine, version):
    every = files(SESSION[engine])
    godwit.folder({name: text for name, text in every.items() if name.startswith("0001")} if version == 1 else {
        "0001_a.sql": A, **{f"0002{name[4:]}": text for name, text in every.items() if name.startswith(f"000{version}")}})
    godwit.run("up").expect(0)
    godwit.run("status").expect(0, out_contains=", 0 pending")


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("says, by", [
    ("SET TRANSACTION READ ONLY", True), ("SET LOCAL transaction_read_only = on", True), ("SELECT set_config('transaction_read_only', 'on', true)", True),
    ("DO $$ BEGIN EXECUTE 'SET TRANSACTION READ' || ' ONLY'; END $$", False)])
def test_a_transaction_that_a_file_made_read_only_is_told_and_keeps_nothing(db, godwit, says, by):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": f"INSERT INTO a VALUES (1);\n{says};\n"})
    godwit.run("up").expect(1, out_contains="applied 0001 a", err_contains=[
        "the file made its transaction read only", "[25006]", "while applying 0002 b", "hint: ", *([f"by: {says[:20]}"] if by else [])])
    assert db.query("SELECT id FROM a") == []
    godwit.folder({"0002_b.sql": "INSERT INTO a VALUES (1);\n"})
    godwit.run("up").expect(0)


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("says", ["SET TRANSACTION READ ONLY", "BEGIN READ ONLY;\nCOMMIT", "SET transaction_read_only = on"])
def test_it_is_none_to_godwit_before_the_first_query(db, godwit, says):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": f"{says};\n", "0003_c.sql": "INSERT INTO a VALUES (1);\n"})
    godwit.run("up").expect(0)
    assert db.query("SELECT id FROM a") == [("1",)]


@pytest.mark.engines(*SERVERS)
def test_a_read_only_transaction_of_the_files_own_is_told(db, godwit):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": "START TRANSACTION READ ONLY;\nSELECT count(*) FROM a;\nCOMMIT;\n"})
    godwit.run("up").expect(1, err_contains=["the file made its transaction read only", "READ ONLY", "while applying 0002 b", "hint: "])
    godwit.run("status").expect(0, out_contains="1 applied")


@pytest.mark.engines("postgres")
def test_a_database_that_is_to_be_read_stays_so(db, godwit):
    db.query(f"ALTER DATABASE {db.name} SET default_transaction_read_only = on")
    godwit.folder({"0001_a.sql": A})
    godwit.run("up").expect(1, err_contains="read-only")
    assert db.tables() == []


@pytest.mark.engines("postgres")
def test_a_standby_is_named_and_nothing_is_tried_there(godwit, engine):
    server = servers.launch(engine, servers.fast_place(), tls=False)
    try:
        db = server.database()
        godwit.url = db.url
        godwit.folder({"0001_a.sql": A})
        godwit.run("up").expect(0)
        server.process.stop(signal.SIGINT)
        signal_file = pathlib.Path(server.folder, "data/standby.signal")
        signal_file.touch()
        os.chown(signal_file, *(getattr(os.stat(signal_file.parent), f"st_{who}") for who in ("uid", "gid")))
        servers.revive(server)
        godwit.run("up").expect(0)
        godwit.folder({"0001_a.sql": A, "0002_b.sql": B})
        godwit.run("up").expect(8, err_contains="is a standby")
        godwit.run("status").expect(0, out_contains="1 applied, 1 pending")
    finally:
        servers.put_away(server)
