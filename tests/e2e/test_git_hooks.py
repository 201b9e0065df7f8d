"""git hooks: written for the user, and what they refuse. git itself commits and pushes here."""
import os
import pathlib
import shlex
import subprocess

import pytest

from godwit import Godwit, clean_environment, program

A, B, C = ("CREATE TABLE a (n INTEGER);\n", "CREATE TABLE b (n INTEGER);\n", "CREATE TABLE c (n INTEGER);\n")
HOOKS = ("pre-commit", "pre-push")


class Repository(Godwit):
    """A folder with a git repository, and the program on PATH."""

    def __init__(self, cwd, home):
        super().__init__(cwd)
        self.home = home
        self.bin = home / "bin"

    def git(self, *args, rc=0, cwd=None, env=None):
        identity = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "init.defaultBranch=main"]
        where = clean_environment(self.home, PATH=f"{self.bin}:{os.environ['PATH']}", GIT_CONFIG_NOSYSTEM="1", **(env or {}))
        done = subprocess.run(["git", *identity, *args], cwd=cwd or self.cwd, env=where, capture_output=True, text=True, check=False)
        assert done.returncode == rc, f"git {shlex.join(map(str, args))} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def run(self, *args, env=None, **how):
        return super().run(*args, env={"PATH": f"{self.bin}:{os.environ['PATH']}", "GIT_CONFIG_NOSYSTEM": "1", **(env or {})}, **how)

    def hook(self, name):
        return self.cwd / ".git/hooks" / name

    def commit(self, message="More", rc=0, **how):
        self.git("add", "-A", **how)
        return self.git("commit", "-m", message, rc=rc, **how)


@pytest.fixture
def repository(tmp_path):
    """Two sealed migrations in a commit, and the hooks."""
    home = tmp_path / "home"
    (home / "bin").mkdir(parents=True)
    (home / "bin/godwit").write_text(f"#!/bin/sh\nexec {shlex.join(program())} \"$@\"\n")
    (home / "bin/godwit").chmod(0o755)
    (tmp_path / "shop").mkdir()
    made = Repository(tmp_path / "shop", home)
    (made.cwd / ".home").rmdir()
    made.folder({"0001_a.sql": A, "0002_b.sql": B})
    made.write("godwit.yaml", "url: sqlite:app.db\n")
    made.git("init")
    made.run("hash").expect(0)
    made.commit("First")
    made.run("hooks", "install").expect(0)
    return made


def edit(repository):
    repository.write("migrations/0001_a.sql", A + "-- later\n")


def unread(path):
    """What changes when somebody writes it."""
    status = path.lstat()
    return status.st_ino, status.st_mtime_ns, status.st_mode, status.st_size


# ---- written and taken away ----


def test_both_hooks_are_written_once_and_taken_away(repository):
    texts = [repository.hook(name).read_text() for name in HOOKS]
    assert all(os.access(repository.hook(name), os.X_OK) for name in HOOKS)
    repository.run("hooks", "install").expect(0, err_contains="is as it should be", out_lacks="pre-")
    assert [repository.hook(name).read_text() for name in HOOKS] == texts
    repository.hook("pre-push").chmod(0o644)
    repository.hook("pre-commit").write_text(texts[0] + "# of an older godwit\n")
    repository.run("hooks", "install").expect(0, out_contains=HOOKS)
    assert [repository.hook(name).read_text() for name in HOOKS] == texts and os.access(repository.hook("pre-push"), os.X_OK)
    repository.run("hooks", "remove").expect(0, err_contains=["pre-commit is gone", "pre-push is gone"])
    assert not any(repository.hook(name).exists() for name in HOOKS)
    repository.run("hooks", "remove").expect(0)


def test_the_report_says_what_was_written(repository):
    repository.run("hooks", "remove", "--json").expect(0)
    report = repository.run("hooks", "install", "--json").expect(0).report
    assert [pathlib.Path(path).name for path in report["files_written"]] == list(HOOKS)


@pytest.mark.parametrize("make", [
    lambda path: path.write_text("#!/bin/sh\nmake lint\n"),
    lambda path: path.write_bytes(b"\x7fELF\x00\xff"),
    lambda path: path.symlink_to("/nowhere"),
    lambda path: path.mkdir(),
], ids=["script", "binary", "dangling link", "folder"])
def test_a_hook_of_the_user_s_is_left_alone_and_the_other_is_not_written_either(repository, make):
    repository.run("hooks", "remove").expect(0)
    make(repository.hook("pre-push"))
    before = unread(repository.hook("pre-push"))
    repository.run("hooks", "install").expect(8, err_contains=["pre-push is a hook of yours", "`godwit hooks run pre-push \"$@\""])
    assert not repository.hook("pre-commit").exists() and unread(repository.hook("pre-push")) == before
    repository.run("hooks", "remove").expect(0, err_contains="pre-push is a hook of yours, and stays")
    assert unread(repository.hook("pre-push")) == before


def test_a_hook_of_the_user_s_that_calls_godwit_is_fine_and_works(repository):
    repository.run("hooks", "remove").expect(0)
    repository.hook("pre-commit").write_text("#!/bin/sh\ngodwit hooks run pre-commit \"$@\" || exit\n")
    repository.hook("pre-commit").chmod(0o755)
    repository.run("hooks", "install").expect(0, out_contains="pre-push", err_contains="pre-commit is a hook of yours that calls godwit")
    edit(repository)
    assert "0001_a.sql was edited" in repository.commit(rc=1)


def test_the_folder_that_the_repository_says_is_used(repository):
    repository.run("hooks", "remove").expect(0)
    repository.git("config", "core.hooksPath", ".githooks")
    deep = repository.cwd / "some/where"
    deep.mkdir(parents=True)
    repository.run("hooks", "install", cwd=deep).expect(0, out_contains=str(repository.cwd / ".githooks/pre-commit"))
    assert not repository.hook("pre-commit").exists() and (repository.cwd / ".githooks/pre-push").exists()
    repository.run("hooks", "remove", cwd=deep).expect(0)
    repository.run("hooks", "install").expect(0)
    edit(repository)
    assert "0001_a.sql was edited" in repository.commit(rc=1)


def test_a_folder_of_hooks_for_all_repositories_is_refused(repository):
    repository.git("config", "--global", "core.hooksPath", str(repository.home / "hooks"))
    repository.run("hooks", "install").expect(8, err_contains=["for every repository", "hint:", "godwit hooks run pre-commit"])
    assert not (repository.home / "hooks").exists()


@pytest.mark.parametrize("command", [["install"], ["remove"], ["run", "pre-commit"]], ids=lambda words: words[0])
def test_what_is_missing_is_named(repository, command, tmp_path):
    (tmp_path / "none").mkdir()
    repository.run("hooks", *command, cwd=tmp_path / "none").expect(2, err_contains="this folder is in no git repository")
    (tmp_path / "only").mkdir()
    (tmp_path / "only/sh").symlink_to("/bin/sh")
    repository.run("hooks", *command, env={"PATH": str(tmp_path / "only")}).expect(7, err_contains=["\"git\"", "hint:", "PATH"])


def test_a_repository_without_a_work_tree_and_wrong_words_are_named(repository, tmp_path):
    repository.git("init", "--bare", str(tmp_path / "bare"))
    repository.run("hooks", "install", cwd=tmp_path / "bare").expect(2, err_contains="no work tree")
    repository.run("hooks").expect(2, err_contains="hooks install, hooks remove or hooks run")
    repository.run("hooks", "run").expect(2, err_contains="hooks run needs")
    repository.run("hooks", "run", "commit-msg").expect(2, err_contains=["commit-msg", "pre-commit or pre-push"])


def test_hooks_that_cannot_be_written_are_named(repository):
    repository.run("hooks", "remove").expect(0)
    repository.hook("x").parent.rename(repository.cwd / "aside")
    (repository.cwd / ".git/hooks").write_text("")
    repository.run("hooks", "install").expect(7, err_contains=".git/hooks")


# ---- pre-commit ----


def test_a_commit_whose_folder_differs_from_its_sum_file_is_refused_unless_git_is_told_otherwise(repository):
    edit(repository)
    said = repository.commit(rc=1)
    assert "error: migrations/godwit.sum:2:1: 0001_a.sql was edited" in said and "hint:" in said
    repository.git("commit", "--no-verify", "-m", "Anyway")
    repository.write("README", "nothing of ours\n")
    assert "godwit" not in repository.commit()


def test_what_counts_is_what_is_staged(repository):
    repository.write("migrations/0003_c.sql", C)
    repository.git("add", "migrations")
    repository.run("hash").expect(0)
    assert "0003_c.sql is not in it" in repository.git("commit", "-m", "Without its sum", rc=1)
    repository.git("add", "migrations/godwit.sum")
    edit(repository)
    repository.git("commit", "-m", "The work tree has an edit that is not staged")
    assert "0001_a.sql was edited" in repository.git("commit", "-am", "With it", rc=1)
    assert "0001_a.sql was edited" in repository.git("commit", "-m", "That path", "--", "migrations/0001_a.sql", rc=1)
    repository.git("add", "--intent-to-add", repository.write("migrations/0004_later.sql", ""))
    repository.write("README", "\n")
    repository.git("add", "README")
    repository.git("commit", "-m", "Neither is in it")


def test_sql_that_cannot_be_split_is_refused(repository):
    repository.write("migrations/0003_c.sql", "CREATE TABLE 'open;\n")
    repository.run("hash").expect(0)
    assert "migrations/0003_c.sql:1:14: this string is not closed" in repository.commit(rc=1)


def test_a_folder_may_go_and_the_first_commit_may_bring_one(repository, tmp_path):
    repository.git("rm", "-rq", "migrations")
    repository.git("commit", "-m", "Gone")
    (tmp_path / "new").mkdir()
    other = Repository(tmp_path / "new", repository.home)
    other.git("init")
    other.run("hooks", "install").expect(0)
    other.folder({"0001_a.sql": A})
    other.run("hash").expect(0)
    other.write("migrations/0001_a.sql", B)
    assert "0001_a.sql was edited" in other.commit(rc=1)
    other.run("hash").expect(0)
    other.commit()


def test_of_several_services_those_are_checked_in_which_something_is_staged(repository):
    repository.write("godwit.yaml", "services:\n" + "".join(
        f"  {name}: {{ migrations: {name}/sql, url: \"sqlite:{name}.db\" }}\n" for name in ("auth", "auth2", "none")))
    for name in ("auth", "auth2"):
        repository.folder({"0001_a.sql": A}, f"{name}/sql")
        repository.run("hash", "--service", name).expect(0)
    repository.commit()
    repository.write("auth2/sql/0001_a.sql", B)
    assert "error: auth2/sql/godwit.sum:2:1" in repository.commit(rc=1)
    repository.git("commit", "--no-verify", "-m", "Anyway")
    repository.write("auth/sql/README.md", "\n")
    repository.commit()


def test_a_godwit_yaml_below_the_top_has_its_hooks_run_there(repository):
    repository.run("hooks", "remove").expect(0)
    name = "back 'end"
    repository.folder({"0001_a.sql": A}, f"{name}/db")
    repository.write(f"{name}/godwit.yaml", "migrations: db\nurl: sqlite:app.db\n")
    inside = repository.cwd / name
    repository.run("hash", cwd=inside).expect(0)
    repository.run("hooks", "install", cwd=inside).expect(0)
    repository.run("hooks", "install").expect(8, err_contains=["for another folder", "services"])
    repository.run("hooks", "install", cwd=inside).expect(0, err_contains="as it should be")
    repository.commit()
    repository.write(f"{name}/db/0001_a.sql", B)
    assert "error: db/godwit.sum:2:1: 0001_a.sql was edited" in repository.commit(rc=1)
    repository.git("worktree", "add", "-q", "../tree")
    tree = repository.cwd.parent / "tree"
    (tree / name / "db/0001_a.sql").write_text(C)
    assert "0001_a.sql was edited" in repository.commit(rc=1, cwd=tree)
    repository.git("checkout", "-q", "--", ".", cwd=tree)
    repository.git("rm", "-rqf", name, cwd=tree)
    repository.commit(cwd=tree)


def test_work_trees_share_the_hooks_and_have_their_own_folder(repository):
    repository.git("worktree", "add", "-q", "../tree")
    tree = repository.cwd.parent / "tree"
    edit(repository)
    (tree / "README").write_text("\n")
    repository.commit(cwd=tree)
    (tree / "migrations/0002_b.sql").write_text(C)
    assert "0002_b.sql was edited" in repository.commit(rc=1, cwd=tree)
    repository.run("hooks", "install", cwd=tree).expect(0, err_contains="as it should be")


def test_without_the_program_a_commit_goes_on_and_says_so(repository):
    edit(repository)
    (repository.bin / "godwit").unlink()
    assert "godwit is not there" in repository.commit()


# ---- pre-push ----


@pytest.fixture
def pushed(repository, tmp_path):
    """Its main is on a remote that was cloned from, and a branch is on top."""
    repository.git("clone", "-q", "--bare", str(repository.cwd), str(tmp_path / "far.git"))
    repository.git("remote", "add", "origin", str(tmp_path / "far.git"))
    repository.git("fetch", "-q", "origin")
    repository.git("checkout", "-qb", "work")
    return repository


def reseal(repository):
    repository.run("hash").expect(0)
    repository.commit()


def test_a_branch_that_edits_what_the_remote_has_is_not_pushed_unless_git_is_told_otherwise(pushed):
    edit(pushed)
    reseal(pushed)
    said = pushed.git("push", "origin", "work", rc=1)
    assert "migrations/0001_a.sql is on origin/main, and was edited here" in said and "hint:" in said
    pushed.git("push", "--no-verify", "origin", "work")


def test_what_counts_is_what_is_pushed(pushed):
    pushed.write("migrations/0003_c.sql", C)
    reseal(pushed)
    edit(pushed)
    pushed.git("push", "origin", "work")
    reseal(pushed)
    pushed.git("checkout", "-q", "main")
    assert "was edited here" in pushed.git("push", "origin", "work", rc=1)
    pushed.git("push", "origin", "main", "work~1:refs/heads/other")
    pushed.git("push", "origin", "--delete", "other")


def test_a_branch_behind_which_the_remote_went_on_is_told_to_rebase(pushed):
    pushed.write("migrations/0003_mine.sql", C)
    reseal(pushed)
    pushed.git("checkout", "-q", "main")
    pushed.write("migrations/0003_theirs.sql", "CREATE TABLE d (n INTEGER);\n")
    reseal(pushed)
    pushed.git("push", "origin", "main")
    assert "0003_mine.sql does not come behind 0003_theirs.sql" in pushed.git("push", "origin", "work", rc=1)


def test_a_push_without_migrations_is_not_looked_at(pushed):
    edit(pushed)
    pushed.write("README", "\n")
    pushed.git("add", "README")
    pushed.git("commit", "-qm", "README")
    pushed.git("tag", "v1")
    assert "godwit" not in pushed.git("push", "origin", "work", "v1")
    pushed.git("checkout", "-q", "--orphan", "pages")
    pushed.git("rm", "-rqf", ".")
    pushed.write("index.html", "\n")
    pushed.commit()
    pushed.git("push", "origin", "pages")


def test_to_a_remote_that_nobody_fetched_from_the_folder_by_itself_counts(pushed, tmp_path):
    edit(pushed)
    reseal(pushed)
    pushed.git("init", "-q", "--bare", str(tmp_path / "fresh.git"))
    pushed.git("push", str(tmp_path / "fresh.git"), "work")
    pushed.write("migrations/0002_b.sql", C)
    pushed.git("commit", "--no-verify", "-am", "Unsealed")
    assert "0002_b.sql was edited" in pushed.git("push", str(tmp_path / "fresh.git"), "work", rc=1)
