"""What godwit must not believe although the server says so: histories with hidden rows, statements that seem not to have happened."""
import contextlib
import secrets
import threading

import pytest

from godwit import eventually
from servers import ServerError


@pytest.fixture
def other(db, server):
    """Another user, who may write in the schema and in the history. (name, URL, grant: call it once there is a history)."""
    name, password = f"other_{secrets.token_hex(4)}", "pw"
    server.create_user(name, password)
    db.script(f'GRANT ALL ON SCHEMA public TO "{name}";')

    def grant():
        db.script(f'GRANT ALL ON ALL TABLES IN SCHEMA public TO "{name}"; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO "{name}";')

    yield name, server.url(db.name, user=name, password=password), grant
    db.script(f'DROP OWNED BY "{name}";')
    server.drop_user(name)


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("policy", ["", "CREATE POLICY p ON godwit_history USING (id > 1)"])
def test_a_history_of_which_rows_are_hidden_is_refused(db, godwit, other, policy):
    name, url, grant = other
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id INTEGER);\n", "0002_a.sql": "INSERT INTO a VALUES (1);\n"})
    godwit.run("up").expect(0)
    grant()
    db.script(f"ALTER TABLE godwit_history ENABLE ROW LEVEL SECURITY; {policy};")
    godwit.folder({"0003_a.sql": "INSERT INTO a VALUES (3);\n"})
    for command in ("up", "status", "history"):
        godwit.run(command, url=url).expect(8, err_contains=[
            f"row-level security hides rows of the history table public.godwit_history from the user '{name}'",
            "ALTER TABLE public.godwit_history DISABLE ROW LEVEL SECURITY"])
    assert db.query("SELECT id FROM a") == [("1",)]
    godwit.run("up").expect(0)  # the owner sees all
    db.script("ALTER TABLE godwit_history DISABLE ROW LEVEL SECURITY;")
    godwit.run("up", url=url).expect(0, out_contains="nothing to do")


@pytest.mark.engines("postgres")
def test_a_history_that_hides_rows_from_its_owner_too_is_refused(db, godwit, other):
    name, url, _ = other
    godwit.folder({"0001_a.sql": "CREATE TABLE a (id INTEGER);\n"})
    godwit.run("up", url=url).expect(0)
    db.script("ALTER TABLE godwit_history ENABLE ROW LEVEL SECURITY;")
    godwit.run("up", url=url).expect(0, out_contains="nothing to do")
    db.script("ALTER TABLE godwit_history FORCE ROW LEVEL SECURITY;")
    godwit.run("up", url=url).expect(8, err_contains="row-level security")
    db.script(f'ALTER ROLE "{name}" BYPASSRLS;')
    godwit.run("up", url=url).expect(0, out_contains="nothing to do")


@pytest.fixture
def application(db):
    """A transaction that has written to z and stays open until it is called."""
    wait = "SELECT pg_sleep(120)"

    def hold():
        with contextlib.suppress(ServerError):
            db.script(f"BEGIN; INSERT INTO z VALUES (1); {wait};")

    def end():
        db.query(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query = '{wait};'")
        holder.join()

    db.script("CREATE TABLE z (i int); CREATE INDEX z0 ON z (i);")
    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    eventually(lambda: db.executes(wait), what="the application")
    yield end
    end()


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("statement, left", [("CREATE INDEX CONCURRENTLY zi ON z (i)", ["z0", "zi"]), ("DROP INDEX CONCURRENTLY z0", [])],
                         ids=["create", "drop"])
def test_what_the_server_still_carries_out_for_a_runner_that_is_gone_is_waited_for(db, godwit, pgbouncer, application, statement, left):
    godwit.folder({"0001_a.sql": f"-- godwit:tx none\nINSERT INTO z VALUES (2);\n{statement};\nINSERT INTO z VALUES (3);\n"})
    godwit.url = pgbouncer.url(db.name)
    gone = godwit.start("up", "--lease", "2s")
    eventually(lambda: db.executes(statement), what="the statement")
    gone.process.kill()
    gone.process.wait()
    godwit.run("up", "--lease", "2s", "--lock-wait", "5s", "--lock-poll", "100ms").expect(
        5, err_contains=["statement 2 of ", " is still being carried out by ", ", pid "])
    late = godwit.start("up", "--lease", "2s", "--lock-poll", "100ms")
    eventually(lambda: db.value("SELECT count(*) FROM godwit_history_lease WHERE owner IS NOT NULL") == "1", what="the second runner")
    application()
    late.end().expect(0, err_contains="it was carried out")
    assert [row[0] for row in db.query("SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'z'::regclass AND indisvalid ORDER BY 1")] == left
    assert [row[0] for row in db.query("SELECT i FROM z ORDER BY 1")] == ["2", "3"]


@pytest.mark.engines("postgres")  # MySQL does not tell it from a connection that was lost
@pytest.mark.parametrize("files", [3, 1], ids=["in a batch", "alone"])
def test_an_owner_whose_lock_was_taken_by_force_does_not_come_back(db, godwit, files):
    slow = "SELECT pg_sleep(30)"
    godwit.folder({"0000_t.sql": "CREATE TABLE t (i int);\n"})
    godwit.run("up").expect(0)
    godwit.folder({f"000{i}_a.sql": f"INSERT INTO t VALUES ({i});\n{slow if i == 1 else 'SELECT 1'};\n" for i in range(1, files + 1)})
    owner = godwit.start("up", "--retry-backoff", "1ms")
    eventually(lambda: db.executes(slow), what="the statement")
    godwit.run("lock", "release", "--force").expect(0)
    owner.end().expect(4, err_contains="somebody ended this session on the server, so it is not tried again")
    assert db.query("SELECT i FROM t") == []
    godwit.run("lock").expect(0, out_contains="free")
