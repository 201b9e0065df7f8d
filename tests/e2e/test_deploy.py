"""The recipes of deploy/: they are read here, what they say to godwit is looked up, and what they build from is complete. Their platforms are not here."""
import functools
import json
import pathlib
import re
import subprocess
import tomllib

import pytest
import yaml

from godwit import Godwit, clean_environment, program

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
RECIPES = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and path.suffix != ".md"]
MIGRATING = [path for path in RECIPES if path.name not in ("Dockerfile", "Chart.yaml", "values.yaml")]
JOBS = [DEPLOY / "kubernetes-job.yaml", DEPLOY / "helm/templates/migrate.yaml"]
# Of a platform's job that another try helps: no connection, a held lock, ended by a signal.
WORTH_ANOTHER_TRY = {4, 5, 130}


def name_of(path):
    return str(path.relative_to(DEPLOY))


@functools.cache
def tables():
    return json.loads(subprocess.run([*program(), "help", "--json"], capture_output=True, text=True, check=True).stdout)


def rendered(path):
    """A template of helm with the chart's values in it."""
    values = yaml.safe_load((DEPLOY / "helm/values.yaml").read_text())
    known = {f".Values.{name}": value for name, value in values.items()} | {".Release.Name": "shop"}
    return re.sub(r"\{\{ (\S+) \}\}", lambda found: str(known[found[1]]), path.read_text())


def instructions(path):
    """(instruction, its words) of a Dockerfile."""
    text = re.sub(r"^#.*\n", "", path.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in text.splitlines() if line.strip()]


def parsed(path):
    if path.suffix == ".toml":
        return tomllib.loads(path.read_text())
    if path.name.endswith("Dockerfile"):
        return {name: json.loads(words) for name, words in instructions(path) if name == "CMD"}
    return yaml.safe_load(rendered(path))


def leaves(node, key=""):
    """(key, value) of everything in it; a list of words is one value, and an item {name|key: N, value: V} is N's."""
    if isinstance(node, list) and not all(isinstance(item, str) for item in node):
        for item in node:
            yield from leaves(item, key)
    elif isinstance(node, dict) and "value" in node and ("name" in node or "key" in node):
        yield node.get("name", node.get("key")), node["value"]
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from leaves(value, name)
    else:
        yield key, node


def calls(path):
    """The words of every call of godwit."""
    for _, value in leaves(parsed(path)):
        words = value if isinstance(value, list) else str(value).split()
        if words and words[0] == "godwit":
            yield words


@pytest.mark.parametrize("path", MIGRATING, ids=name_of)
def test_every_recipe_calls_what_godwit_has(path):
    found = list(calls(path))
    assert found == [["godwit", "up"]] * len(found) and found
    names = [command["name"] for command in tables()["commands"]]
    options = {"--" + one["name"] for command in tables()["commands"] for one in command["options"]}
    assert all(words[1] in names and all(word in options for word in words[2:]) for words in found)


@pytest.mark.parametrize("path", MIGRATING, ids=name_of)
def test_what_a_recipe_sets_is_a_setting_and_is_accepted(path, tmp_path):
    known = {name for setting in tables()["settings"] for name in setting["env"].split()}
    said = {key: value for key, value in leaves(parsed(path)) if re.match(r"GODWIT_|DB_MIGRATE_|APP_ENV$|DATABASE_URL", key)}
    assert said.keys() <= known
    env = {name: value for name, value in said.items() if "${" not in str(value)} | {"DATABASE_URL": None}
    Godwit(tmp_path, "sqlite:app.db").run("up", "--allow-missing", env=env).expect(0)


@pytest.mark.parametrize("path", JOBS, ids=name_of)
def test_a_job_is_tried_again_only_where_that_helps(path):
    rules = parsed(path)["spec"]["podFailurePolicy"]["rules"]
    assert [rule["action"] for rule in rules] == ["FailJob"]
    codes = {one["code"] for one in tables()["exit_codes"]}
    assert set(rules[0]["onExitCodes"]["values"]) == codes - WORTH_ANOTHER_TRY - {0}
    template = parsed(path)["spec"]["template"]["spec"]
    assert template["restartPolicy"] == "Never" and rules[0]["onExitCodes"]["containerName"] == template["containers"][0]["name"]


def test_the_containers_of_compose_know_each_other():
    compose = parsed(DEPLOY / "compose.yaml")
    services = compose["services"]
    for service in services.values():
        assert service.get("depends_on", {}).keys() <= services.keys()
    assert services["app"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["depends_on"]["db"]["condition"] == "service_healthy" and "healthcheck" in services["db"]
    assert (DEPLOY / services["migrate"]["build"]["dockerfile"]).exists()


def installed_by(words):
    return set(re.search(r"--no-install-recommends ([^&]*)", words)[1].split())


def test_the_image_has_what_godwit_is_built_with_and_what_it_loads():
    installs = [installed_by(words) for name, words in instructions(DEPLOY / "Dockerfile") if name == "RUN" and "apt-get install" in words]
    wanted = re.search(r"build_packages=\(([^)]*)\)", (ROOT / "do").read_text())[1].split()
    assert installs[0] == set(wanted) - {"libcmocka-dev"}
    loaded = {name for path in (ROOT / "src").rglob("library.c") for name in re.findall(r'\.package = "([^"]+)"', path.read_text())}
    assert installs[1] == loaded | {"ca-certificates"}


def test_the_image_is_built_from_all_that_it_needs(tmp_path):
    """Everything but the compiling itself."""
    for name, words in instructions(DEPLOY / "Dockerfile"):
        if name == "COPY" and not words.startswith("--from"):
            for source in words.split()[:-1]:
                (tmp_path / source).symlink_to(ROOT / source)
    build = [words for name, words in instructions(DEPLOY / "Dockerfile") if name == "RUN" and words.startswith("meson ")]
    setup, ninja = build[0].split(" && ")
    for command in (setup, ninja + " -n"):
        done = subprocess.run(command.split(), cwd=tmp_path, env=clean_environment(tmp_path), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "src/cli/godwit" in done.stdout


def test_the_list_of_recipes_is_complete():
    listed = set(re.findall(r"\]\(([\w./-]+)\) \|", (DEPLOY / "README.md").read_text()))
    assert listed == {name_of(path) for path in RECIPES if path.name not in ("Chart.yaml", "values.yaml")}
