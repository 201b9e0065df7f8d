"""What godwit must not believe, or do, although the server says so: histories with hidden rows."""
import secrets

import pytest


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
