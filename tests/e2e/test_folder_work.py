"""The folder of a branch: back to its base, with the next numbers, and rows of configuration."""
import os
import subprocess

import pytest

A, B, C, D = (f"CREATE TABLE {name} (n INTEGER);\n" for name in "abcd")


def git(folder, *args):
    identity = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True).stdout


def snapshot(godwit):
    folder = godwit.cwd / "migrations"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def names(godwit):
    return list(snapshot(godwit))


def commit(godwit, message="More"):
    git(godwit.cwd, "add", "-A", "migrations")
    git(godwit.cwd, "commit", "-m", message)


def begin(godwit, files):
    """A repository whose main has these files, and a branch of it."""
    godwit.folder(files)
    git(godwit.cwd, "init")
    commit(godwit, "First")
    git(godwit.cwd, "checkout", "-b", "work")


# ---- back to the base ----


@pytest.fixture
def branch(db, godwit):
    begin(godwit, {"0001_a.sql": A, "0002_b.sql": B, "0002_b_down.sql": "DROP TABLE b;\r\n", "deep/README.md": "read\n", ".keep": ""})
    godwit.run("hash").expect(0)
    git(godwit.cwd, "checkout", "main")
    commit(godwit, "Sum")
    git(godwit.cwd, "checkout", "-B", "work")
    return godwit


@pytest.mark.engines("sqlite")
def test_the_folder_is_again_what_the_base_has_byte_for_byte(branch):
    before = snapshot(branch)
    branch.run("reset-migrations", "--base", "main").expect(0, err_contains="migrations is as it is on main")
    branch.write("migrations/0003_c.sql", C)
    branch.write("migrations/deep/er/notes.txt", "mine\n")
    branch.write("migrations/0001_a.sql", A + "-- edited\n")
    (branch.cwd / "migrations/0002_b_down.sql").unlink()
    (branch.cwd / "migrations/deep/README.md").unlink()
    branch.run("hash").expect(0)
    commit(branch)
    staged = git(branch.cwd, "ls-files", "-s")
    done = branch.run("reset-migrations", "--base", "main").expect(0, err_contains=[
        "0003_c.sql is gone: the base does not have it", "deep/er/notes.txt is gone", "0001_a.sql was another here",
        "godwit.sum was another here", "0002_b_down.sql was missing here", "deep/README.md was missing here"])
    assert sorted(done.out.splitlines()) == [f"migrations/{name}" for name in ("0001_a.sql", "0002_b_down.sql", "deep/README.md", "godwit.sum")]
    assert snapshot(branch) == before and not (branch.cwd / "migrations/deep/er").exists()
    assert git(branch.cwd, "ls-files", "-s") == staged
    branch.run("validate").expect(0)
    branch.run("reset-migrations", "--base", "main").expect(0, err_contains="is as it is on main")


@pytest.mark.engines("sqlite")
def test_what_is_not_committed_is_kept_unless_forced(branch):
    base = snapshot(branch)
    branch.write("migrations/0003_c.sql", C)
    branch.write("migrations/0001_a.sql", A + "-- edited\n")
    before = snapshot(branch)
    branch.run("reset-migrations", "--base", "main").expect(8, err_contains=[
        "migrations/0003_c.sql is not committed as it is", "nor migrations/0001_a.sql", "--force"])
    assert snapshot(branch) == before
    commit(branch)
    branch.write("migrations/0003_c.sql", C + "-- later\n")
    branch.run("reset-migrations", "--base", "main").expect(8, err_contains="migrations/0003_c.sql is not committed as it is", err_lacks="0001_a")
    branch.run("reset-migrations", "--base", "main", "--force").expect(0)
    assert snapshot(branch) == base


@pytest.mark.engines("sqlite")
def test_a_folder_in_the_middle_of_a_merge_can_go_back(branch):
    base = snapshot(branch)
    branch.write("migrations/0003_c.sql", C)
    branch.write("migrations/0003_d.sql", D)
    branch.write("migrations/godwit.sum", "<<<<<<< HEAD\n=======\n>>>>>>> main\n")
    branch.run("reset-migrations", "--base", "main", "--force").expect(0)
    assert snapshot(branch) == base


@pytest.mark.engines("sqlite")
def test_what_hides_and_what_only_points_elsewhere_is_left_alone(branch):
    branch.write("migrations/.env.local", "mine\n")
    os.symlink("0001_a.sql", branch.cwd / "migrations/link.sql")
    branch.run("reset-migrations", "--base", "main", "--force").expect(0)
    assert (branch.cwd / "migrations/.env.local").exists() and (branch.cwd / "migrations/link.sql").is_symlink()


@pytest.mark.engines("sqlite")
def test_a_base_or_a_folder_that_is_none_is_named(branch):
    branch.run("reset-migrations").expect(2, err_contains=["no commit 'origin/main'", "git fetch"])
    branch.run("reset-migrations", "--dir", "gone", "--base", "main").expect(7, err_contains=["no folder gone", "git checkout main -- gone"])
    (branch.cwd / ".git").rename(branch.cwd / "nothing")
    branch.run("reset-migrations", "--base", "main").expect(2, err_contains="is in no git repository")


@pytest.mark.engines("sqlite")
def test_a_folder_that_the_base_does_not_have_becomes_empty(db, godwit):
    godwit.write("README.md", "first\n")
    for args in (["init"], ["add", "README.md"], ["commit", "-m", "First"], ["checkout", "-b", "work"]):
        git(godwit.cwd, *args)
    godwit.folder({"0001_a.sql": A})
    commit(godwit)
    godwit.run("reset-migrations", "--base", "main").expect(0, err_contains="0001_a.sql is gone")
    assert names(godwit) == []


# ---- the next numbers ----


@pytest.mark.engines("sqlite")
def test_renumber_closes_gaps_and_parts_duplicates(db, godwit):
    begin(godwit, {"001_a.sql": A})
    godwit.folder({"002_x.sql": B, "002_x_down.sql": "DROP TABLE b;\n", "002_y.sql": C, "002_y_down.sql": "DROP TABLE c;\n",
                   "007_z.sql": D, "007_z.verify.sql": "SELECT n FROM d;\n", "R__v.sql": "SELECT 1;\n"})
    before = snapshot(godwit)
    godwit.run("rebase", "--base", "main", "--renumber").expect(0, err_contains=["002_y.sql is 003_y.sql now", "007_z.sql is 004_z.sql now"],
                                                                 err_lacks="002_x")
    after = snapshot(godwit)
    assert list(after) == ["001_a.sql", "002_x.sql", "002_x_down.sql", "003_y.sql", "003_y_down.sql", "004_z.sql", "004_z.verify.sql", "R__v.sql"]
    assert after["003_y_down.sql"] == before["002_y_down.sql"] and after["002_x_down.sql"] == before["002_x_down.sql"]
    godwit.run("validate", "--base", "main").expect(0)
    godwit.run("up").expect(0)
    godwit.run("rebase", "--base", "main", "--renumber").expect(0, err_contains="have the next numbers behind main")


@pytest.mark.engines("sqlite")
def test_renumber_comes_behind_a_base_that_went_on_and_keeps_the_sum(db, godwit):
    begin(godwit, {"0001_a.sql": A})
    godwit.folder({"0002_b.sql": B, "0009_b.sql": C})
    commit(godwit)
    git(godwit.cwd, "checkout", "main")
    godwit.folder({"0002_theirs.sql": D, "0003_theirs.sql": "CREATE TABLE e (n INTEGER);\n"})
    commit(godwit)
    git(godwit.cwd, "checkout", "work")
    git(godwit.cwd, "merge", "main", "--no-edit")
    godwit.run("hash").expect(0)
    godwit.run("rebase", "--base", "main", "--renumber").expect(0, out_contains="godwit.sum")
    assert names(godwit) == ["0001_a.sql", "0002_theirs.sql", "0003_theirs.sql", "0004_b.sql", "0005_b.sql", "godwit.sum"]
    assert snapshot(godwit)["0004_b.sql"] == B.encode()
    godwit.run("validate", "--base", "main").expect(0)


@pytest.mark.engines("sqlite")
def test_a_number_that_would_be_wider_than_those_of_the_base_is_refused(db, godwit):
    begin(godwit, {f"{i}_m.sql": f"CREATE TABLE t{i} (n INTEGER);\n" for i in range(1, 9)})
    godwit.folder({"9_x.sql": A, "9_y.sql": B})
    before = snapshot(godwit)
    godwit.run("rebase", "--base", "main", "--renumber").expect(8, err_contains=["9_y.sql would be number 10", "8_m.sql, which is on main", "hint:"])
    assert snapshot(godwit) == before


@pytest.mark.engines("sqlite")
def test_a_folder_of_the_branch_alone_gets_the_width_that_it_needs(db, godwit):
    begin(godwit, {"README.md": "first\n"})
    godwit.folder({f"{i}_{name}.sql": f"CREATE TABLE {name}{i} (n INTEGER);\n" for i in range(1, 10) for name in ("x", "y")})
    godwit.run("rebase", "--base", "main", "--renumber").expect(0)
    assert names(godwit)[:3] == ["01_x.sql", "02_y.sql", "03_x.sql"] and names(godwit)[-2:] == ["18_y.sql", "README.md"]
    godwit.run("validate").expect(0)


@pytest.mark.engines("sqlite")
def test_times_are_not_renumbered(db, godwit):
    begin(godwit, {"20260101000000_a.sql": A})
    godwit.folder({"20260102000000_b.sql": B})
    godwit.run("rebase", "--base", "main", "--renumber").expect(2, err_contains=["20260101000000_a.sql has no number", "hint:"])


# ---- a folder for each migration ----


LOCK = {"migration_lock.toml": 'provider = "sqlite"\n'}


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("more", [LOCK, {}], ids=["prisma", "drizzle"])
def test_folders_of_migrations_are_put_behind_the_base(db, godwit, more):
    begin(godwit, {"20260101000000_a/migration.sql": A, **more})
    godwit.folder({"20260102000000_mine/migration.sql": B, "20260102000000_mine/down.sql": "DROP TABLE b;\n", "20260102000000_mine/notes.txt": "{}"})
    godwit.run("validate", "--base", "main").expect(0)
    commit(godwit)
    git(godwit.cwd, "checkout", "main")
    godwit.folder({"20260103000000_theirs/migration.sql": C})
    commit(godwit)
    git(godwit.cwd, "checkout", "work")
    git(godwit.cwd, "merge", "main", "--no-edit")
    godwit.run("validate", "--base", "main").expect(3, err_contains="20260102000000_mine/migration.sql does not come behind 20260103000000_theirs")
    godwit.run("rebase", "--base", "main").expect(0, err_contains="20260102000000_mine is 2")
    mine = [name for name in names(godwit) if "_mine/" in name]
    assert [name.split("/")[1] for name in mine] == ["down.sql", "migration.sql", "notes.txt"] and all(name > "20260103" for name in mine)
    godwit.run("validate", "--base", "main").expect(0)
    godwit.write("migrations/20260101000000_a/migration.sql", A + "-- edited\n")
    godwit.run("validate", "--base", "main").expect(3, err_contains="20260101000000_a/migration.sql is on main, and was edited here")


# ---- rows of configuration ----


SETTINGS = "CREATE TABLE feature_flags (name VARCHAR(40) PRIMARY KEY, value VARCHAR(40));\nINSERT INTO feature_flags VALUES ('example', 'old');\n"


def test_rows_of_configuration_are_a_migration_that_may_run_twice(db, godwit):
    godwit.folder({"0001_flags.sql": SETTINGS})
    godwit.run("new", "--config", "feature flags").expect(0, out_contains=["migrations/0002_config_feature_flags.sql",
                                                                           "migrations/0002_config_feature_flags_down.sql"])
    godwit.run("up").expect(0)
    assert db.value("SELECT value FROM feature_flags WHERE name = 'example'") == "on"
    assert db.value("SELECT count(*) FROM feature_flags") == "2"
    db.query("UPDATE feature_flags SET value = 'x'")
    godwit.run("--history", "second_history", "baseline", "1").expect(0)
    godwit.run("--history", "second_history", "up").expect(0)
    db.query("DROP TABLE second_history")
    assert db.value("SELECT value FROM feature_flags WHERE name = 'other'") == "off"
    godwit.run("down").expect(0)
    assert db.value("SELECT count(*) FROM feature_flags") == "0"


@pytest.mark.engines("sqlite")
def test_config_is_a_configuration_file_where_there_is_one(db, godwit):
    godwit.write("other.yaml", "migrations: elsewhere\n")
    godwit.run("new", "--config", "other.yaml", "things").expect(0, out_contains=["elsewhere/", "_things.sql"])
    godwit.run("--config", "other.yaml", "new", "more", "things").expect(0, out_contains="_more_things.sql")
    godwit.run("new", "--config", "gone.yaml", "things").expect(7, err_contains="gone.yaml")
    godwit.run("new", "--config", "limits", "of", "today", "--no-down").expect(0, out_contains="_config_limits_of_today.sql", out_lacks="_down")
    godwit.run("new", "--config", "limits", "--pattern", "add-table").expect(0)
    godwit.run("new").expect(2, err_contains="new needs NAME")
    godwit.run("new", "--config", "?").expect(2, err_contains="'?' does not make a file name")
