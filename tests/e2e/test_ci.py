"""Workflow files for CI systems: what they say is parsed, and their last step is run here, on the engine that they start there."""
import os
import re
import shlex
import subprocess

import pytest
import yaml

from godwit import Godwit, clean_environment, program

A, B = "CREATE TABLE a (n INTEGER);\n", "CREATE TABLE b (n INTEGER);\n"
IMAGES = {"postgres": "postgres:17", "mysql": "mysql:8.4", "mariadb": "mariadb:11.4"}
SYSTEMS = ("github", "gitlab")


def parts(system, text):
    """(services: name → image, variables of the job, how godwit comes there, what it then does)"""
    parsed = yaml.safe_load(text)
    job = parsed["jobs"]["migrations"] if system == "github" else parsed["migrations"]
    if system == "gitlab":
        assert job["image"] == "debian:12"
        services = {one["alias"]: one["name"] for one in job.get("services", [])}
        return services, job["variables"], "\n".join(job["before_script"]), "\n".join(job["script"])
    assert job["container"] == "debian:12" and parsed[True].keys() == {"pull_request", "push"}
    uses = [step["uses"] for step in job["steps"] if "uses" in step]
    assert uses and all(re.fullmatch(r"[\w/-]+@v\d+", use) for use in uses)
    runs = [step["run"] for step in job["steps"] if "run" in step]
    services = {name: one["image"] for name, one in job.get("services", {}).items()}
    return services, job["env"], "\n".join(runs[:-1]), runs[-1]


def git(folder, *args):
    identity = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *args], cwd=folder, check=True, capture_output=True)


def run_step(godwit, script, urls, **variables):
    """The script in the shell of a job, each database of a container replaced by one of ours, in order."""
    ours = iter(urls)
    script = re.sub(r"(?m)^export DATABASE_URL=.*$", lambda _: f"export DATABASE_URL={shlex.quote(next(ours))}", script)
    (godwit.home / "godwit").write_text(f"#!/bin/sh\nexec {shlex.join(program())} \"$@\"\n")
    (godwit.home / "godwit").chmod(0o755)
    env = clean_environment(godwit.home, PATH=f"{godwit.home}:{os.environ['PATH']}", GITHUB_WORKSPACE=str(godwit.cwd), CI_PROJECT_DIR=str(godwit.cwd),
                            **variables)
    return subprocess.run(["sh", "-e", "-c", script], cwd=godwit.cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def branch(tmp_path):
    """A branch of a clone, with a migration on top of its origin."""
    (tmp_path / "far").mkdir()
    far = Godwit(tmp_path / "far")
    far.folder({"0001_a.sql": A})
    far.write("godwit.yaml", "url: sqlite:app.db\n")
    for args in (["init"], ["add", "migrations", "godwit.yaml"], ["commit", "-m", "First"], ["clone", "-q", ".", str(tmp_path / "near")]):
        git(far.cwd, *args)
    near = Godwit(tmp_path / "near")
    git(near.cwd, "checkout", "-qb", "work")
    near.write("migrations/0002_b.sql", B)
    return near


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_workflow_does_on_its_engine_what_it_says(system, engine, db, branch):
    text = branch.run("ci", system, "--engine", engine).expect(0).out
    services, variables, build, script = parts(system, text)
    assert services == ({engine: IMAGES[engine]} if engine in IMAGES else {})
    assert variables["GODWIT_TAG"] == "v" + branch.run("--version").out.split()[1]
    base = {"GITHUB_BASE_REF": "main", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
    done = run_step(branch, script, [db.url], **base)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the folder is in order" in done.stdout and "2 applied, 0 pending" in done.stdout
    assert [line for line in build.splitlines() if line.startswith(("git clone", "/opt", "install"))] == [
        'git clone --depth 1 --branch "$GODWIT_TAG" "$GODWIT_SOURCE" /opt/godwit', "/opt/godwit/do build",
        "install -m 755 /opt/godwit/build/godwit /usr/local/bin/godwit"]
    branch.write("migrations/0001_a.sql", B)
    refused = run_step(branch, script, [db.url], **base)
    assert refused.returncode == 3 and "is on origin/main, and was edited here" in refused.stderr
    assert run_step(branch, script, [db.url]).returncode == 3  # without a base: edited since it was applied


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_service_has_its_database_and_each_engine_its_container(system, tmp_path):
    godwit = Godwit(tmp_path)
    godwit.write("godwit.yaml", "services:\n"
                 "  auth: { migrations: services/auth/sql, url: \"postgres://db.internal/auth\" }\n"
                 "  \"it's\": { migrations: \"services/it's/sql\", url: \"sqlite:its.db\" }\n"
                 "  stock: { migrations: services/stock/sql, url: \"mariadb://db.internal/stock\" }\n")
    text = godwit.run("ci", system).expect(0).out
    services, _, _, script = parts(system, text)
    assert services == {"postgres": "postgres:17", "mariadb": "mariadb:11.4"}
    assert "services/auth/sql/**" in text and "services/it''s/sql/**" in text
    for name in ("auth", "its", "stock"):
        godwit.folder({"0001_a.sql": A}, f"services/{name}/sql")
    godwit.folder({"0001_a.sql": A}, "services/it's/sql")
    done = run_step(godwit, script, [f"sqlite:{name}.db" for name in ("auth", "its", "stock")])
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("1 applied, 0 pending") == 3 and (tmp_path / "its.db").exists()


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_godwit_yaml_below_the_top_is_gone_to(system, tmp_path):
    git(tmp_path, "init")
    (tmp_path / "back end").mkdir()
    godwit = Godwit(tmp_path / "back end", "sqlite:app.db")
    text = godwit.run("ci", system).expect(0).out
    assert "'back end/migrations/**'" in text and ("working-directory: 'back end/'" in text or "cd 'back end/'" in text)
    parts(system, text)


def test_a_file_is_written_once(tmp_path):
    godwit = Godwit(tmp_path, "sqlite:app.db")
    path = ".github/workflows/migrations.yml"
    assert godwit.run("ci", "github", "--output", path).expect(0).out == path + "\n"
    assert (tmp_path / path).read_text() == godwit.run("ci", "github").out
    (tmp_path / path).write_text("mine\n")
    godwit.run("ci", "gitlab", "--output", path).expect(7, err_contains="already exists")
    assert (tmp_path / path).read_text() == "mine\n"
    assert godwit.run("ci", "gitlab", "--output", "new.yml", "--json").report["files_written"] == ["new.yml"]


@pytest.mark.parametrize("args,says", [
    (["jenkins"], ["no workflow for 'jenkins'", "github or gitlab"]),
    (["github", "--engine", "oracle"], ["no engine 'oracle'", "mariadb"]),
    (["github"], ["no database URL", "--engine"]),
    ([], ["ci needs github|gitlab"]),
])
def test_what_is_missing_is_asked_for(args, says, tmp_path):
    Godwit(tmp_path).run("ci", *args).expect(2, err_contains=says)
