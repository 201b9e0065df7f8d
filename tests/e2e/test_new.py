"""Beginning: `init`, `new` in every layout, and its patterns, which must run as they are."""
import datetime
import re

import pytest

import servers
from godwit import Godwit

TABLE = "CREATE TABLE a (id INTEGER);\n"
FORMAT = "%Y%m%d%H%M%S"


@pytest.fixture
def plain(tmp_path):
    return Godwit(tmp_path)


def names(godwit, folder="migrations"):
    return sorted(path.name for path in (godwit.cwd / folder).iterdir())


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


# ---- names and versions ----


def test_an_empty_folder_gets_timestamps(plain):
    plain.folder({})
    done = plain.run("new", "create", "users").expect(0)
    up, down = names(plain)
    version = re.fullmatch(r"(\d{14})_create_users\.sql", up)[1]
    assert down == f"{version}_create_users_down.sql"
    assert abs(datetime.datetime.strptime(version, FORMAT) - now()) < datetime.timedelta(minutes=1)
    assert done.out == f"migrations/{up}\nmigrations/{down}\n"
    assert (plain.cwd / "migrations" / up).read_text() == "-- create users\n\n"
    assert (plain.cwd / "migrations" / down).read_text() == "-- undo: create users\n\n"


@pytest.mark.parametrize("files, made", [
    (["0007_x.sql"], ["0008_more.sql", "0008_more_down.sql"]),
    (["1_x.sql"], ["2_more.sql", "2_more_down.sql"]),
    (["0999_x.sql"], ["1000_more.sql", "1000_more_down.sql"]),
    (["099_x.sql", "100_y.sql"], ["101_more.sql", "101_more_down.sql"]),
    (["9999_x.sql"], ["10000_more.sql", "10000_more_down.sql"]),
    (["0007_x.sql", "0007_x.down.sql"], ["0008_more.sql", "0008_more_down.sql"]),
    (["000007_x.up.sql", "000007_x.down.sql"], ["000008_more.up.sql", "000008_more.down.sql"]),
    (["20250101000000_x.up.sql"], ["T_more.up.sql", "T_more.down.sql"]),
    (["20250101000000_x.sql"], ["T_more.sql", "T_more_down.sql"]),
])
def test_a_folder_is_continued_as_it_began(plain, files, made):
    plain.folder({name: TABLE for name in files}, "db")
    plain.run("--dir", "db", "--gaps", "new", "more").expect(0)
    new = [name for name in names(plain, "db") if name not in files]
    assert [re.sub(r"^\d{14}_", "T_", name) for name in new] == sorted(made)
    if made[0].startswith("T"):
        version = new[0].split("_")[0]
        assert abs(datetime.datetime.strptime(version, FORMAT) - now()) < datetime.timedelta(minutes=1)


@pytest.mark.parametrize("newest, version", [
    ("20990704120000", "20990704120001"),
    ("20990704120059", "20990704120100"),
    ("20991231235959", "21000101000000"),
    ("20960228235959", "20960229000000"),
])
def test_a_timestamp_in_the_future_is_followed_by_the_next_second(plain, newest, version):
    plain.folder({f"{newest}_x.sql": TABLE})
    plain.run("new", "more").expect(0, out_contains=f"migrations/{version}_more.sql")
    plain.run("--url", "sqlite:a.db", "up", "--pretend", "--empty").expect(0, out_contains=f"{version} more")


def test_nothing_comes_after_the_end_of_time(plain):
    plain.folder({"99991231235959_x.sql": TABLE})
    plain.run("new", "more").expect(3, err_contains=["99991231235959", "dated"])


def test_many_in_one_second_are_valid_and_in_order(plain):
    plain.folder({})
    made = [plain.run("new", f"step {i}", "--no-down").expect(0).out.strip().split("/")[1] for i in range(12)]
    assert made == sorted(made) == names(plain) and len({name[:14] for name in made}) == 12
    for name in made:
        datetime.datetime.strptime(name[:14], FORMAT)


@pytest.mark.parametrize("words, name", [
    (["Add Users"], "add_users"),
    (["add", "users", "table"], "add_users_table"),
    (["  add -- users!  "], "add_users"),
    (["Ada's e-mail"], "adas_e_mail"),
    (["../../etc/passwd"], "etc_passwd"),
    (["x; DROP TABLE y"], "x_drop_table_y"),
    (["one", "two", "three", "four"], "one_two_three_four"),
    (["größe ändern"], "größe_ändern"),
    (["v1.2"], "v1_2"),
    (["--", "-x"], "x"),
    (["a" * 120], "a" * 120),
])
def test_a_name_is_made_fit_for_a_file(plain, words, name):
    plain.folder({"0001_a.sql": TABLE})
    plain.run("new", *words).expect(0)
    assert names(plain) == sorted(["0001_a.sql", f"0002_{name}.sql", f"0002_{name}_down.sql"])


@pytest.mark.parametrize("words, says", [
    (["---"], "no option"), (["!?"], "does not make a file name"), ([""], "does not make a file name"),
    (["a" * 121], "at most 120"), ([], "new needs NAME"),
])
def test_a_name_that_makes_no_file_name_is_refused(plain, words, says):
    plain.folder({})
    plain.run("new", *words).expect(2, err_contains=says)
    assert names(plain) == []


@pytest.mark.parametrize("words", ["down", "users down", "Users' DOWN!"])
def test_a_name_that_the_layout_would_read_otherwise_is_refused(plain, words):
    plain.folder({"0001_a.sql": TABLE})
    plain.run("new", words).expect(2, err_contains=["0002_", "down.sql would not be read as a migration", "hint:"])
    assert names(plain) == ["0001_a.sql"]
    plain.folder({"0001_a.up.sql": TABLE}, "other")
    plain.run("--dir", "other", "new", words).expect(0)
    plain.run("--dir", "other", "--url", "sqlite:none.db", "up", "--pretend", "--empty").expect(0, out_contains="would apply 0002")


def test_no_down_writes_the_up_file_only(plain):
    plain.folder({"0001_a.up.sql": TABLE})
    plain.run("new", "b", "--no-down").expect(0, out_lacks="down")
    assert names(plain) == ["0001_a.up.sql", "0002_b.up.sql"]


def test_new_makes_the_folder_and_refuses_one_that_it_cannot_read(plain):
    plain.run("new", "x", "--no-down", "--dir", "db/sql").expect(0)
    assert re.fullmatch(r"\d{14}_x\.sql", *names(plain, "db/sql"))
    plain.write("file", "")
    plain.run("--dir", "file", "new", "x").expect(7, err_contains="file is not a folder")
    plain.folder({"0001_a.sql": TABLE, "0001_b.sql": TABLE}, "twice")
    plain.run("--dir", "twice", "new", "x").expect(3, err_contains=["0001_a.sql", "0001_b.sql"])
    assert names(plain, "twice") == ["0001_a.sql", "0001_b.sql"]


def test_the_layout_may_be_said(plain):
    plain.folder({})
    plain.run("--layout", "up-down", "new", "x").expect(0)
    assert [name.split("_", 1)[1] for name in names(plain)] == ["x.down.sql", "x.up.sql"]


def test_a_pattern_needs_to_know_the_database(plain):
    plain.folder({})
    plain.run("new", "x", "--pattern", "add-table").expect(2, err_contains=["no database URL", "the pattern's SQL depends on the database"])
    plain.run("--url", "oracle://u@h/d", "new", "x", "--pattern", "add-table").expect(2, err_contains="oracle")
    plain.run("--url", "postgres://u@h:x/d", "new", "x", "--pattern", "add-table").expect(2, err_contains="port")
    plain.run("--url", "sqlite:a.db", "new", "x", "--pattern", "add-tabel").expect(2, err_contains="did you mean 'add-table'?")
    for pattern in ("add-function", "modify-function"):
        plain.run("--url", "sqlite:a.db", "new", "x", "--pattern", pattern).expect(2, err_contains=["SQLite has no functions", pattern])
    assert names(plain) == [] and not (plain.cwd / "a.db").exists()


# ---- patterns that run ----

USERS = "CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(100), name VARCHAR(100));\n"
ROWS = "INSERT INTO users VALUES (1, '  Ada@X.org', 'Ada'), (2, 'zoe@x.org', 'Zoë'), (3, NULL, 'Nil');\n"
# What `new` is told, and a question to which up and down give these answers; None: an error.
PATTERNS = {
    "add-table": ("create orders", "SELECT count(*) FROM orders", "0", None),
    "add-column": ("nickname to users", "SELECT count(*) FROM users WHERE nickname = ''", "3", None),
    "add-index": ("users email", None, "users_email_idx", None),
    "data-migration": ("users email", "SELECT email FROM users WHERE id = 1", "ada@x.org", "  Ada@X.org"),
    "add-function": ("clean name", "SELECT clean_name('  A  B ')", "a  b", None),
    "modify-function": ("clean name", "SELECT clean_name('  A  B ')", "a b", "a  b"),
}


def answer(db, question, expected):
    """The answer to the question, None when the database refuses it; without a question: is the name in the schema?"""
    if question is None:
        return "users_email_idx" if "users_email_idx" in db.dump() else None
    try:
        return db.value(question)
    except (servers.ServerError, servers.sqlite3.Error):
        return None


def contents(db):
    """Schema and rows, whatever order a table keeps them in."""
    return sorted(db.dump(data=True).splitlines())


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_runs_up_and_down_as_it_is(db, godwit, engine, pattern):
    subject, question, after_up, after_down = PATTERNS[pattern]
    if engine == "sqlite" and "function" in pattern:
        godwit.folder({"0001_users.sql": USERS})
        godwit.run("new", subject, "--pattern", pattern).expect(2)
        return
    folder = godwit.folder({"0001_users.sql": USERS + ROWS})
    if pattern == "modify-function":
        godwit.run("new", subject, "--pattern", "add-function").expect(0)
    godwit.run("up").expect(0)
    before = contents(db)
    godwit.run("new", subject, "--pattern", pattern).expect(0)
    up = sorted(folder.iterdir())[-2]
    for _ in range(2):
        godwit.run("up").expect(0, out_contains="applied")
        assert answer(db, question, after_up) == after_up
        godwit.run("down").expect(0, out_contains="reverted")
        assert answer(db, question, after_down) == after_down and contents(db) == before
    promises = "Safe to run twice" in up.read_text()
    assert promises == (engine in ("mysql", "mariadb"))
    godwit.run("up").expect(0)
    applied = contents(db)
    # A history of its own knows of nothing: the same file runs a second time.
    godwit.run("--history", "second_history", "baseline", str(int(up.name[:4]) - 1)).expect(0)
    second = godwit.run("--history", "second_history", "up")
    db.query("DROP TABLE second_history")
    if promises:
        second.expect(0)
    else:
        assert second.rc == (0 if pattern == "modify-function" else 1), second
    assert contents(db) == applied
    godwit.run("down").expect(0)
    assert contents(db) == before
    if promises:
        godwit.folder({"0009_again.sql": (folder / up.name.replace(".sql", "_down.sql")).read_text()}, "again")
        godwit.run("--dir", "again", "--history", "second_history", "up").expect(0)
        db.query("DROP TABLE second_history")
        assert contents(db) == before


def test_an_added_column_ends_up_not_null_with_a_default(db, godwit, engine):
    godwit.folder({"0001_users.sql": USERS + ROWS})
    godwit.run("new", "nickname to users", "--pattern", "add-column").expect(0)
    godwit.run("up").expect(0)
    with pytest.raises((servers.ServerError, servers.sqlite3.Error)):
        db.query("UPDATE users SET nickname = NULL WHERE id = 1")
    db.query("INSERT INTO users (id, email, name) VALUES (4, 'd', 'D')")
    assert db.value("SELECT count(*) FROM users WHERE nickname = ''") == "4"
    assert engine != "postgres" or "CHECK" not in db.dump()


def test_a_data_migration_that_leaves_a_row_out_fails_and_says_so(db, godwit, engine):
    godwit.folder({"0001_users.sql": USERS + ROWS})
    godwit.run("new", "users email", "--pattern", "data-migration").expect(0)
    file = godwit.cwd / "migrations/0002_users_email.sql"
    text = file.read_text()
    file.write_text(re.sub(r"(\nUPDATE [^;]* WHERE )", r"\1id < 0 AND ", text, count=1))
    assert file.read_text() != text
    godwit.run("up").expect(1, err_contains="no row has the old form" if engine == "sqlite" else "still have the old form")
    assert db.value("SELECT email FROM users WHERE id = 1") == "  Ada@X.org"
    file.write_text(text)
    if engine in ("mysql", "mariadb"):
        # What it did is kept there, and the file may run twice.
        godwit.run("up").expect(3, err_contains="was changed, and it is already applied")
        godwit.run("resolve", "2", "--reverted").expect(0)
    godwit.run("up").expect(0)
    assert db.value("SELECT email FROM users WHERE id = 1") == "ada@x.org"
    godwit.run("down").expect(0)
    assert db.value("SELECT email FROM users WHERE id = 1") == "  Ada@X.org"


# ---- init ----


def test_init_up_down_and_redo_work_from_nothing(plain):
    plain.run("init").expect(0, out_contains=["godwit.yaml\n", "migrations/0001_create_notes.sql\n", "migrations/0001_create_notes_down.sql\n"])
    plain.run("status").expect(0, out_contains=["pending   0001 create_notes", "on sqlite:app.db"])
    plain.run("up").expect(0, out_contains="applied 0001 create_notes")
    database = servers.SQLite({"folder": str(plain.cwd)}).database("app")
    assert database.tables() == ["godwit_history", "notes"]
    database.query("INSERT INTO notes (title) VALUES ('hello')")
    plain.run("redo").expect(0, out_contains=["reverted 0001", "applied 0001"])
    assert database.query("SELECT * FROM notes") == []
    plain.run("new", "author", "to", "notes", "--pattern", "add-column").expect(0, out_contains="migrations/0002_author_to_notes.sql")
    plain.run("up").expect(0, out_contains="applied 0002 author_to_notes")
    plain.run("down", "0").expect(0)
    assert database.tables() == ["godwit_history"]


def test_init_a_second_time_changes_nothing(plain):
    plain.run("init").expect(0)
    before = {path: path.read_bytes() for path in plain.cwd.rglob("*") if path.is_file()}
    plain.run("init").expect(7, err_contains=["godwit.yaml exists already", "hint:"])
    assert {path: path.read_bytes() for path in plain.cwd.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("folder", ["migrations", "db/migrations", "db/migrate", "sql/migrations", "database/migrations",
                                    "src/db/migrations", "schema/migrations"])
def test_init_takes_a_folder_and_a_dotenv_over(plain, folder):
    files = {"20250101000000_x.up.sql": TABLE, "20250101000000_x.down.sql": "DROP TABLE a;\n"}
    plain.folder(files, folder)
    plain.write(".env", "DATABASE_URL=sqlite:shop.db\n")
    plain.run("init").expect(0, out_contains="godwit.yaml", out_lacks="create_notes",
                             err_contains=[f"taking over {folder}", "layout up-down"])
    assert names(plain, folder) == sorted(files)
    text = (plain.cwd / "godwit.yaml").read_text()
    assert f"migrations: {folder}\n" in text and "envs:" not in text and ".env DATABASE_URL" in text and "sqlite:" not in text
    plain.run("up").expect(0, out_contains=["applied 20250101000000 x", "on sqlite:shop.db"])


def test_init_with_a_url_in_the_environment_writes_no_url_and_no_secret(plain):
    plain.run("init", env={"DATABASE_URL": "postgres://me:s3cret@h/d"}).expect(0, out_lacks="s3cret")
    text = (plain.cwd / "godwit.yaml").read_text()
    assert "environment DATABASE_URL" in text and "s3cret" not in text and "postgres" not in text
    assert names(plain) == []


def test_init_with_a_folder_but_no_url_writes_no_example_into_it(plain):
    plain.folder({"0001_a.sql": TABLE})
    plain.run("init").expect(0, out_lacks="create_notes")
    assert names(plain) == ["0001_a.sql"]
    plain.run("up").expect(0, out_contains=["applied 0001 a", "on sqlite:app.db"])


def test_init_refuses_a_folder_that_it_cannot_read(plain):
    plain.folder({"0001_a.sql": TABLE, "0001_b.sql": TABLE})
    plain.run("init").expect(3, err_contains=["0001_a.sql", "0001_b.sql"])
    assert not (plain.cwd / "godwit.yaml").exists()


def test_init_tells_what_it_wrote_as_json(plain):
    report = plain.run("--json", "init").expect(0).report
    assert report["files_written"] == ["godwit.yaml", "migrations/0001_create_notes.sql", "migrations/0001_create_notes_down.sql"]
