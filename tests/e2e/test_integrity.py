"""The sum file: written, kept, compared, and what is said when the folder differs from it."""
import pathlib
import subprocess

import pytest

pytestmark = pytest.mark.engines("sqlite")

A, B, C = ("CREATE TABLE a (n INTEGER);\n", "CREATE TABLE b (n INTEGER);\n", "CREATE TABLE c (n INTEGER);\n")


@pytest.fixture
def sealed(db, godwit):
    godwit.folder({"0001_a.sql": A, "0002_b.sql": B, "0002_b_down.sql": "DROP TABLE b;\n"})
    godwit.run("hash").expect(0, out_contains="migrations/godwit.sum")
    return godwit


def tables(db):
    return [name for (name,) in db.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'godwit%' ORDER BY name")]


def refuses_everywhere(godwit, *texts):
    """Every command that would write, before it connects; those that look say it too."""
    for command in (["up"], ["up", "--pretend"], ["down"], ["redo"], ["baseline"]):
        godwit.run(*command).expect(3, err_contains=texts)
    godwit.run("validate").expect(3, err_contains=texts)
    godwit.run("verify").expect(3, err_contains=texts)


def test_a_sum_file_is_that_of_the_bytes_and_does_not_change_by_itself(sealed):
    text = (sealed.cwd / "migrations/godwit.sum").read_text()
    assert [line.split(" h1:")[0] for line in text.splitlines()[1:]] == ["0001_a.sql", "0002_b.sql", "0002_b_down.sql"]
    sealed.run("hash").expect(0, err_contains="is as it should be", out_lacks="godwit.sum")
    assert (sealed.cwd / "migrations/godwit.sum").read_text() == text
    sealed.run("up").expect(0, out_contains="2 migrations")
    sealed.run("validate").expect(0, out_contains="in order")
    sealed.run("verify").expect(0)


@pytest.mark.parametrize(("name", "text", "says"), [
    ("0001_a.sql", A + "-- later\n", ["godwit.sum:2:1: ", "0001_a.sql was edited", "restore it"]),
    ("0002_b_down.sql", "DROP TABLE IF EXISTS b;\n", ["godwit.sum:4:1: ", "0002_b_down.sql was edited", "restore it"]),
    ("0001_a.sql", A.replace("\n", "\r\n"), ["godwit.sum:2:1: ", "0001_a.sql has other line ends", ".gitattributes"]),
    ("0001_a.sql", "\ufeff" + A, ["godwit.sum:2:1: ", "0001_a.sql differs by a byte order mark"]),
    ("0003_c.sql", C, ["godwit.sum:5:1: ", "0003_c.sql is not in it", "godwit hash"]),
    ("0001_a_down.sql", "DROP TABLE a;\n", ["godwit.sum:3:1: ", "0001_a_down.sql is not in it", "newer version"]),
], ids=["edited", "down file edited", "line ends", "mark", "added", "slipped in"])
def test_a_folder_that_differs_is_refused_before_anything_runs(sealed, db, name, text, says):
    (sealed.cwd / "migrations" / name).write_bytes(text.encode())
    refuses_everywhere(sealed, *says)
    assert tables(db) == []
    sealed.run("status").expect(0, err_contains=says[1])
    sealed.run("hash").expect(0, out_contains="migrations/godwit.sum")
    sealed.run("up").expect(0)


def test_a_file_that_is_gone_is_named_with_its_line(sealed, db):
    (sealed.cwd / "migrations/0002_b_down.sql").unlink()
    refuses_everywhere(sealed, "godwit.sum:4:1: ", "0002_b_down.sql is gone", "restore it")
    assert tables(db) == []


@pytest.mark.parametrize(("text", "says"), [
    ("", ["godwit.sum:1:1: ", "no first line of a sum file"]),
    ("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n0001_a.sql\n", ["godwit.sum:2:1: ", "no line of a sum file"]),
    ("<<<<<<< HEAD\n", ["godwit.sum:1:1: ", "both sides of a merge"]),
    ("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n0001_a.sql h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
     ["godwit.sum:1:1: ", "the first line does not belong"]),
], ids=["empty", "no hash", "merge", "by hand"])
def test_a_sum_file_that_is_none_is_refused_with_its_place(sealed, db, text, says):
    (sealed.cwd / "migrations/godwit.sum").write_text(text)
    sealed.run("up").expect(3, err_contains=says)
    assert tables(db) == []
    sealed.run("hash").expect(0)
    sealed.run("up").expect(0)


def test_new_keeps_the_sum_file_and_seals_nobody_elses_change(sealed):
    sealed.run("new", "more").expect(0, out_contains=["0003_more.sql", "migrations/godwit.sum"])
    sealed.run("validate", "--empty").expect(0)
    (sealed.cwd / "migrations/0001_a.sql").write_text(A + "-- later\n")
    sealed.run("new", "again").expect(3, err_contains="0001_a.sql was edited")
    assert not (sealed.cwd / "migrations/0004_again.sql").exists()


def test_atlas_s_file_is_kept_as_atlas_keeps_it(db, godwit):
    godwit.folder({"1_a.sql": "CREATE TABLE t (c int);\n", "3_c.sql": "ALTER TABLE t ADD d int;\n", "2_b.sql": "-- atlas:sum ignore\nSELECT 1;\n"})
    (godwit.cwd / "migrations/atlas.sum").write_text(
        "h1:g9JcKwKHRuGXB8+Wvjjf+f2NzKh+R5nf01AWteI51E8=\n"
        "1_a.sql h1:KPYkcSLH8cE4AL6nhZXW7WbvpA5lkEOtTvphn2WF3EI=\n"
        "3_c.sql h1:HaOnp8lqqbSZFOeYCMM+wBae79wnpCwaRNElNZFocEw=\n")
    godwit.run("hash").expect(0, out_lacks="sum")
    godwit.run("validate").expect(0)
    godwit.folder({"1_a.down.sql": "DROP TABLE t;\n", "1_a.up.sql": "CREATE TABLE t (c int);\n"}, name="other")
    (godwit.cwd / "other/atlas.sum").write_text("")
    godwit.run("hash", "--dir", "other").expect(0, out_contains="other/atlas.sum")
    assert "down" not in (godwit.cwd / "other/atlas.sum").read_text()
    # One that was written without `format=golang-migrate` has the down files too.
    with_down = ("h1:aA3UeouqUDGy6SKo9fbFwmeaSNlyBjAhg77ObwmCMEU=\n"
                 "1_a.down.sql h1:gUMfgB3Wxl2vTZv4ZJhhc8r4SZ35XQ8b3XPCdv6MnwA=\n"
                 "1_a.up.sql h1:zTWja7K301Z9pihsGMV4pJKhv9mi9vYs1VAdodPC7EM=\n")
    (godwit.cwd / "other/atlas.sum").write_text(with_down)
    godwit.run("validate", "--dir", "other").expect(0)
    godwit.run("hash", "--dir", "other").expect(0, out_lacks="sum")
    assert (godwit.cwd / "other/atlas.sum").read_text() == with_down
    (godwit.cwd / "other/godwit.sum").write_text("")
    godwit.run("hash", "--dir", "other").expect(3, err_contains=["two sum files", "remove one"])


# ---- against a commit ----


def git(folder, *args):
    identity = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def branch(db, godwit):
    """A repository whose main has two migrations, and a branch of it."""
    godwit.folder({"0001_a.sql": A, "0002_b.sql": B})
    for args in (["init"], ["add", "migrations"], ["commit", "-m", "First"], ["checkout", "-b", "work"]):
        git(godwit.cwd, *args)
    return godwit


def on_main(godwit, name, text):
    git(godwit.cwd, "checkout", "main")
    (godwit.cwd / "migrations" / name).write_text(text)
    for args in (["add", f"migrations/{name}"], ["commit", "-m", "More"], ["checkout", "work"]):
        git(godwit.cwd, *args)


def test_a_folder_may_grow_at_its_end(branch):
    branch.run("validate", "--base", "main").expect(0)
    branch.write("migrations/0003_c.sql", C)
    branch.run("validate", "--base", "main").expect(0)


@pytest.mark.parametrize(("name", "text", "says"), [
    ("0000_early.sql", C, "migrations/0000_early.sql does not come behind 0002_b.sql, which is on main"),
    ("0001_a.sql", A + "-- later\n", "migrations/0001_a.sql is on main, and was edited here"),
    ("0002_b.sql", None, "migrations/0002_b.sql is on main, and was removed here"),
], ids=["slipped in", "edited", "removed"])
def test_what_a_branch_does_to_what_the_base_has_is_named(branch, name, text, says):
    path = pathlib.Path(branch.cwd / "migrations" / name)
    path.unlink() if text is None else path.write_text(text)
    branch.run("validate", "--base", "main").expect(3, err_contains=[says, "hint:"])
    branch.run("validate").expect(0)


def test_a_base_that_went_on_is_come_behind(branch):
    branch.write("migrations/0003_mine.sql", C)
    on_main(branch, "0003_theirs.sql", "CREATE TABLE d (n INTEGER);\n")
    branch.run("validate", "--base", "main").expect(3, err_contains="0003_mine.sql does not come behind 0003_theirs.sql")


def test_a_base_that_is_none_is_named(branch, tmp_path):
    branch.run("validate", "--base", "nowhere").expect(2, err_contains=["no commit 'nowhere'", "git fetch"])
    branch.run("validate", "--base", "--help").expect(2, err_contains="no commit '--help'")
    (tmp_path / ".git").rename(tmp_path / "gone")
    branch.run("validate", "--base", "main").expect(2, err_contains="is in no git repository")


def test_the_base_is_found_in_a_hook_of_a_linked_work_tree(branch):
    """git runs it with GIT_DIR, and without GIT_WORK_TREE."""
    tree = branch.cwd / "tree"
    git(branch.cwd, "worktree", "add", "-b", "other", tree)
    found = {"GIT_DIR": str(branch.cwd / ".git/worktrees/tree")}
    branch.run("validate", "--base", "main", cwd=tree, env=found).expect(0)
    (tree / "migrations/0001_a.sql").write_text(C)
    branch.run("validate", "--base", "main", cwd=tree, env=found).expect(3, err_contains="0001_a.sql is on main, and was edited here")


# ---- what is staged, and what a commit has ----


@pytest.fixture
def tracked(sealed):
    """A repository whose only commit has the sealed folder."""
    for args in (["init"], ["add", "migrations"], ["commit", "-m", "First"]):
        git(sealed.cwd, *args)
    return sealed


def test_what_is_staged_is_checked_and_the_work_tree_is_not(tracked):
    (tracked.cwd / "migrations/0001_a.sql").write_text(A + "-- later\n")
    tracked.run("validate").expect(3)
    tracked.run("validate", "--staged").expect(0, out_contains="in order")
    git(tracked.cwd, "add", "migrations")
    refused = tracked.run("validate", "--staged").expect(3, err_contains=["error: migrations/godwit.sum:2:1: 0001_a.sql was edited", "hint:"])
    assert "/godwit-" not in refused.err
    (tracked.cwd / "migrations/0001_a.sql").write_text(A)
    tracked.run("validate").expect(0)
    tracked.run("validate", "--staged").expect(3)


def test_what_a_commit_has_is_checked_from_any_folder(tracked):
    (tracked.cwd / "migrations/0003_c.sql").write_text("CREATE TABLE 'open;\n")
    for args in (["checkout", "-b", "work"], ["add", "migrations"], ["commit", "-m", "More"], ["checkout", "main"]):
        git(tracked.cwd, *args)
    tracked.run("validate", "--commit", "main").expect(0)
    tracked.run("validate", "--commit", "work").expect(
        3, err_contains=["godwit.sum:5:1: 0003_c.sql is not in it", "migrations/0003_c.sql:1:14: this string is not closed"], err_lacks="/godwit-")
    deep = tracked.cwd / "some/where"
    deep.mkdir(parents=True)
    tracked.run("validate", "--dir", "../../migrations", "--commit", "work", cwd=deep).expect(3, err_contains="../../migrations/0003_c.sql:1:14")


@pytest.mark.parametrize("how", ["staged", "commit"])
def test_against_a_base_what_is_staged_and_a_commit_may_only_grow(tracked, how):
    git(tracked.cwd, "checkout", "-b", "work")
    (tracked.cwd / "migrations/0001_a.sql").write_text(C)
    tracked.run("hash").expect(0)
    git(tracked.cwd, "add", "migrations")
    if how == "commit":
        for args in (["commit", "-m", "Edit"], ["checkout", "main"]):
            git(tracked.cwd, *args)
    asked = ["--staged"] if how == "staged" else ["--commit", "work"]
    tracked.run("validate", *asked).expect(0)
    tracked.run("validate", *asked, "--base", "main").expect(3, err_contains="migrations/0001_a.sql is on main, and was edited here",
                                                             err_lacks="/godwit-")


def test_line_ends_that_attributes_ask_for_belong_to_what_is_staged(db, godwit):
    godwit.folder({"0001_a.sql": A.replace("\n", "\r\n")})
    godwit.run("hash").expect(0)
    godwit.write(".gitattributes", "*.sql text eol=crlf\n")
    for args in (["init"], ["config", "core.autocrlf", "true"], ["add", "migrations", ".gitattributes"]):
        git(godwit.cwd, *args)
    godwit.run("validate", "--staged").expect(0)


def test_a_url_that_is_not_at_hand_is_not_asked_for(tracked):
    tracked.write("godwit.yaml", "url: !exec touch asked && echo sqlite:app.db\n")
    tracked.run("validate", "--staged", url=None).expect(0, err_contains="which SQL the files are in")
    tracked.write("godwit.yaml", "url: ${NOT_SET_ANYWHERE}\n")
    tracked.run("validate", "--commit", "main", url=None).expect(0)
    assert not (tracked.cwd / "asked").exists()


def test_where_git_has_nothing_there_is_nothing_to_check(tracked, tmp_path):
    godwit = tracked
    godwit.folder({"0001_x.sql": "oops 'open\n"}, name="new")
    godwit.run("validate", "--dir", "new", "--staged").expect(0, err_contains="git has nothing of new there")
    godwit.run("validate", "--commit", "nowhere").expect(2, err_contains=["no commit 'nowhere'", "hint:"])
    godwit.run("validate", "--commit", "main", "--staged").expect(2, err_contains="either")
    (tmp_path / ".git").rename(tmp_path / "gone")
    godwit.run("validate", "--staged").expect(2, err_contains="migrations is in no git repository")


def test_without_a_database_only_names_and_sums_are_checked(db, godwit):
    godwit.folder({"0001_a.sql": "CREATE TABLE 'open;\n"})
    godwit.run("validate").expect(3, err_contains="0001_a.sql:1:14: this string is not closed")
    godwit.run("validate", url=None).expect(0, err_contains="which SQL the files are in")


# ---- behind a base that went on ----


def names(godwit):
    return sorted(path.name for path in (godwit.cwd / "migrations").iterdir())


def test_rebase_puts_the_branch_behind_its_base(branch):
    branch.write("migrations/0003_mine.sql", C)
    branch.write("migrations/0003_mine_down.sql", "DROP TABLE c;\n")
    branch.write("migrations/0003_mine.verify.sql", "SELECT n FROM c;\n")
    branch.write("migrations/R__again.sql", "SELECT 1;\n")
    branch.write("migrations/0004_more.sql", "CREATE TABLE e (n INTEGER);\n")
    branch.write("migrations/0009_far.sql", "CREATE TABLE f (n INTEGER);\n")
    for args in (["add", "migrations"], ["commit", "-m", "Mine"]):
        git(branch.cwd, *args)
    for name in ("0003_theirs.sql", "0004_others.sql"):
        on_main(branch, name, f"CREATE TABLE {name[5]} (n INTEGER);\n")
    git(branch.cwd, "merge", "--no-edit", "main")
    branch.run("up").expect(3, err_contains="two files have version 0003")
    done = branch.run("rebase", "--base", "main").expect(0, err_contains=["0003_mine.sql is 0005_mine.sql now", "0004_more.sql is 0006_more.sql now"])
    assert done.out.splitlines() == ["migrations/0006_more.sql", "migrations/0005_mine.sql", "migrations/0005_mine.verify.sql",
                                       "migrations/0005_mine_down.sql"]
    assert names(branch) == ["0001_a.sql", "0002_b.sql", "0003_theirs.sql", "0004_others.sql", "0005_mine.sql", "0005_mine.verify.sql",
                             "0005_mine_down.sql", "0006_more.sql", "0009_far.sql", "R__again.sql"]
    branch.run("validate", "--base", "main", "--gaps").expect(0)
    branch.run("up", "--gaps").expect(0, out_contains="8 migrations")
    branch.run("verify", "--gaps").expect(0)
    branch.run("rebase", "--base", "main").expect(0, err_contains="comes behind those of main", out_lacks="migrations")


def test_rebase_settles_a_sum_file_that_both_sides_wrote(db, godwit):
    godwit.folder({"20260101000000_a.sql": A})
    godwit.run("hash").expect(0)
    for args in (["init"], ["add", "migrations"], ["commit", "-m", "First"], ["checkout", "-b", "work"]):
        git(godwit.cwd, *args)
    git(godwit.cwd, "checkout", "main")
    godwit.write("migrations/20260301000000_theirs.sql", B)
    godwit.run("hash").expect(0)
    for args in (["add", "migrations"], ["commit", "-m", "Theirs"], ["checkout", "work"]):
        git(godwit.cwd, *args)
    godwit.write("migrations/20260201000000_mine.sql", C)
    godwit.run("hash").expect(0)
    for args in (["add", "migrations"], ["commit", "-m", "Mine"]):
        git(godwit.cwd, *args)
    with pytest.raises(subprocess.CalledProcessError):
        git(godwit.cwd, "merge", "--no-edit", "main")
    godwit.run("up").expect(3, err_contains=["godwit.sum:1:1: git left both sides of a merge here", "godwit rebase"])
    godwit.run("rebase", "--base", "main").expect(0, out_contains=["_mine.sql", "migrations/godwit.sum"])
    assert [name.split("_")[1] for name in names(godwit)[:3]] == ["a.sql", "theirs.sql", "mine.sql"]
    godwit.run("validate", "--base", "main").expect(0)
    godwit.run("up").expect(0, out_contains="3 migrations")


def test_rebase_keeps_the_order_of_the_branch_and_wants_a_base(branch):
    branch.run("rebase").expect(2, err_contains=["no commit 'origin/main'", "hint:"])
    branch.write("migrations/0002_mine.sql", C)
    branch.write("migrations/0003_mine.sql", "-- not a copy\n" + C)
    before = {name: (branch.cwd / "migrations" / name).read_text() for name in names(branch)}
    branch.run("rebase", "--base", "main").expect(0)
    after = {name: (branch.cwd / "migrations" / name).read_text() for name in names(branch)}
    assert sorted(after) == ["0001_a.sql", "0002_b.sql", "0003_mine.sql", "0004_mine.sql"]
    assert after["0003_mine.sql"] == before["0002_mine.sql"] and after["0004_mine.sql"] == before["0003_mine.sql"]


def test_a_sum_file_covers_the_folders_within_and_what_says_the_order(db, godwit):
    godwit.folder({"20260101000000_a/migration.sql": A, "20260102000000_b/migration.sql": B, "migration_lock.toml": 'provider = "sqlite"\n',
                   "README.md": "no migration\n"})
    godwit.run("hash").expect(0)
    lines = (godwit.cwd / "migrations/godwit.sum").read_text().splitlines()[1:]
    assert [line.split(" h1:")[0] for line in lines] == ["20260101000000_a/migration.sql", "20260102000000_b/migration.sql", "migration_lock.toml"]
    (godwit.cwd / "migrations/20260102000000_b/migration.sql").write_text(C)
    refuses_everywhere(godwit, "godwit.sum:3:1: 20260102000000_b/migration.sql was edited")
    godwit.folder({"20260102000000_b/migration.sql": B})
    godwit.run("up").expect(0, out_contains="2 migrations")
    godwit.folder({ "20260103000000_c/migration.sql": C})
    refuses_everywhere(godwit, "20260103000000_c/migration.sql is not in it")
    godwit.run("hash").expect(0)
    godwit.run("up").expect(0, out_contains="1 migration in")


def test_files_that_a_sum_file_leaves_out_are_read_all_the_same(db, godwit):
    """atlas.sum knows of no folders within."""
    godwit.folder({"20260101000000_a/migration.sql": A})
    (godwit.cwd / "migrations/atlas.sum").write_text("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")
    godwit.run("up").expect(0, out_contains="1 migration in")
    godwit.run("verify").expect(0)
