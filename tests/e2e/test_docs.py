"""The documents: what they show is run here, and what it prints must be what they say.

A ```console block holds commands (lines that begin with "$ ", with what belongs to them: here-documents, lines ended by a
backslash) and what each printed. All blocks of a page run in order, in one shell, in an empty folder. A command must succeed unless
its line ends in `; echo "exit $?"`. A line of three dots stands for any lines. Times, durations, numbers of runs, keys, processes
and the address of the server are wildcards, see SAME.

A page that needs a server begins with `<!-- runs on: postgres -->`: then DATABASE_URL names an empty database there. Of several
names (`mysql, mariadb`) each gets its turn. `pgbouncer` is PostgreSQL behind one, `galera` a cluster, whose nodes are NODE1, NODE2 and NODE3.
Other pages run without any configuration.

    python3 tests/e2e/test_docs.py PAGE...      runs pages and writes what their commands print into them
"""
import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import pytest
import yaml

import servers
from godwit import clean_environment, program

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENGINES = re.compile(r"\A<!-- runs on: ([\w, ]+) -->")
HERE = re.compile(r"<<'?(\w+)'?")
MARK = "\x1e"
SECONDS = 60


# ---- reading pages ----


class Command:
    """One command of a page: its text as the shell gets it, what the page says that it prints, and where that stands."""

    def __init__(self, text, line):
        self.text, self.line = text, line
        self.expected = []
        self.output, self.rc = None, None


def commands_of(block, line):
    """The commands of a console block whose first line is number `line` of its page."""
    found, until = [], None
    for number, text in enumerate(block.splitlines(), line):
        if until is not None:
            found[-1].text += "\n" + text
            until = None if until in (text, "\\") and (until == text or not text.endswith("\\")) else until
            continue
        if text.startswith("$ "):
            found.append(Command(text[2:], number))
            here = HERE.search(text)
            until = here[1] if here else "\\" if text.endswith("\\") else None
            continue
        assert found, f"line {number} is output of no command"
        found[-1].expected.append(text)
    assert until is None, f"the command of line {found[-1].line} does not end"
    return found


def console_of(text):
    """All commands of a page, in order."""
    return [command for fence in FENCE.finditer(text) if fence[1] == "console"
            for command in commands_of(fence[2], text.count("\n", 0, fence.start(2)) + 1)]


def blocks(*languages):
    """(page:line, text) of every block in one of these languages; for parametrize, the place is the name of the test."""
    for page in PAGES:
        text = page.read_text()
        for fence in FENCE.finditer(text):
            if fence[1] in languages:
                where = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, fence.start()) + 1}"
                yield pytest.param(where, fence[2], id=where)


def engines_of(page):
    said = ENGINES.match(page.read_text())
    return [name.strip() for name in said[1].split(",")] if said else ["sqlite"]


def pages_on(engine):
    return [str(page.relative_to(ROOT)) for page in PAGES if engine in engines_of(page) and console_of(page.read_text())]


# ---- running them ----


def run_page(commands, folder, database_url=None, **variables):
    """Run all commands in one shell; each gets its output and exit code."""
    bin_folder = folder.parent / f"{folder.name}.bin"
    bin_folder.mkdir()
    (bin_folder / "godwit").write_text(f"#!/bin/sh\nexec {shlex.join(program())} \"$@\"\n")
    (bin_folder / "godwit").chmod(0o755)
    env = clean_environment(folder, DATABASE_URL=database_url, PATH=f"{bin_folder}:{os.environ['PATH']}", PS1="", USER="me", LOGNAME="me",
                            **variables)
    script = "".join(f"printf '{MARK}'\n{command.text}\nprintf '{MARK}%s' $?\n" for command in commands)
    # The shell reads its script from a file: commands that read their standard input must not find it there.
    (bin_folder / "script").write_text(script)
    done = subprocess.run(["bash", "--noprofile", "--norc", str(bin_folder / "script")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=SECONDS, cwd=folder, env=env, check=False)
    parts = done.stdout.split(MARK)[1:]
    for command, output, rc in zip(commands, parts[0::2], parts[1::2]):
        command.output, command.rc = output.splitlines(), int(rc or 0)
    unrun = [command.line for command in commands if command.output is None]
    assert not unrun, f"the shell ended before line {unrun[0]}\n{done.stdout}"


# What may differ between two runs, and what a page shows in its place. Both sides of a comparison go through this.
SAME = [(re.compile(pattern), text) for pattern, text in [
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?", "TIME"),
    (r"(?<!\d)20\d{12}(?!\d)", "STAMP"),
    (r"\b\d+ h \d\d m \d\d s\b|\b\d+ m \d\d s\b|\b\d+(\.\d+)? (ms|s)\b", "DURATION"),
    (r'"(elapsed_ms|duration_ms)":-?\d+', r'"\1":N'),
    (r'"run_id":"[0-9a-f]{16}"', '"run_id":"RUN"'),
    (r"\brun [0-9a-f]{16}\b", "run RUN"),
    (r'\bkey -?\d+|"key":"-?\d+"', "key KEY"),
    (r"\b(pid|connection|session) \d+", r"\1 N"),
    (r"\b(postgres|mysql|mariadb)://\S*?(?=[\s\"',;)]|$)", "URL"),
    (r"(by |\"applied_by\":\")[^\s,\"]+|\b(admin|app)@[\w.%]+", "SOMEBODY"),
    (r"\bgodwit \d+\.\d+\.\d+", "godwit VERSION"),
    (r'"(tool|version)":"\d+\.\d+\.\d+"', r'"\1":"VERSION"'),
    (r"\bt[0-9a-f]{10}\b|\bshop\b", "DATABASE"),
    (r"(/[\w.-]+)*/(page|shop)\d*(?=/)", "FOLDER"),
]]


def plain(lines):
    text = "\n".join(line.rstrip() for line in lines)
    for pattern, replacement in SAME:
        text = pattern.sub(replacement, text)
    return text.split("\n") if text else []


def agrees(expected, output):
    """Line by line; "..." stands for any number of lines."""
    if not expected:
        return not output
    if expected[0] == "...":
        return any(agrees(expected[1:], output[skipped:]) for skipped in range(len(output) + 1))
    return bool(output) and expected[0] == output[0] and agrees(expected[1:], output[1:])


def shown(line, folder):
    """A line of real output as a page shows it: without this machine's names."""
    line = re.sub(r"\b(postgres|mysql|mariadb)://\w+(:\w+)?@[\w.]+:\d+/\w*", r"\1://app@localhost/shop", line)
    line = re.sub(r"\bt[0-9a-f]{10}\b", "shop", line).replace(str(folder), "/home/me/shop")
    line = re.sub(r"\badmin@", "app@", line)
    return re.sub(r"(by |\"applied_by\":\")(?!app@1)[^\s,\"]+@[^\s,\"]+", r"\1me@laptop", line).rstrip()


def node_urls(cluster, database):
    return {f"NODE{number}": node.url(database) for number, node in enumerate(cluster.nodes, 1)}


def check_page(name, tmp_path, database_url=None, **variables):
    commands = console_of((ROOT / name).read_text())
    folder = tmp_path / "page"
    folder.mkdir()
    run_page(commands, folder, database_url, **variables)
    for command in commands:
        said = f"{name}:{command.line}: $ {command.text}\n--- printed (exit code {command.rc})\n" + "\n".join(command.output)
        assert command.rc == 0, f'this fails; if it is meant to, end it with ; echo "exit $?"\n{said}'
        assert agrees(plain(command.expected), plain(command.output)), said + "\n--- the page says\n" + "\n".join(command.expected)


@pytest.mark.engines("sqlite")
@pytest.mark.parametrize("name", pages_on("sqlite"))
def test_the_examples_print_what_the_page_says(name, engine, tmp_path):
    check_page(name, tmp_path)


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("name", pages_on("postgres"))
def test_the_examples_for_postgresql_print_what_the_page_says(name, engine, db, tmp_path):
    check_page(name, tmp_path, db.url)


@pytest.mark.engines("mysql")
@pytest.mark.parametrize("name", pages_on("mysql"))
def test_the_examples_for_mysql_print_what_the_page_says(name, engine, db, tmp_path):
    check_page(name, tmp_path, db.url)


@pytest.mark.engines("mariadb")
@pytest.mark.parametrize("name", pages_on("mariadb"))
def test_the_examples_for_mariadb_print_what_the_page_says(name, engine, db, tmp_path):
    check_page(name, tmp_path, db.url)


@pytest.mark.engines("postgres")
@pytest.mark.parametrize("name", pages_on("pgbouncer"))
def test_the_examples_for_pgbouncer_print_what_the_page_says(name, engine, db, pgbouncer, tmp_path):
    check_page(name, tmp_path, pgbouncer.url(db.name))


@pytest.mark.engines("mariadb")
@pytest.mark.parametrize("name", pages_on("galera"))
def test_the_examples_for_galera_print_what_the_page_says(name, engine, galera, tmp_path):
    database = galera.nodes[0].database()
    try:
        check_page(name, tmp_path, **node_urls(galera, database.name))
    finally:
        database.drop()


def test_the_commands_of_a_page_are_read_with_what_belongs_to_them():
    one, two, three = commands_of("$ cat > f <<'END'\n$ no command\nEND\n$ a \\\n  b\nout\n\n$ c", 10)
    assert (one.text, one.line, one.expected) == ("cat > f <<'END'\n$ no command\nEND", 10, [])
    assert (two.text, two.line, two.expected) == ("a \\\n  b", 13, ["out", ""])
    assert (three.text, three.line) == ("c", 17)


@pytest.mark.parametrize("page,printed,same", [
    ("applied 0001 a  12 ms", "applied 0001 a  1.50 s", True),
    ("applied 0001 a  12 ms", "applied 0002 a  12 ms", False),
    ("1 migration in 3 ms on postgres://app@localhost/shop", "1 migration in 9 ms on postgres://x@127.0.0.1:20001/t0123456789", True),
    ("applied   0001 a  2026-01-01 00:00:00 UTC, 0 ms", "failed    0001 a  2026-01-01 00:00:00 UTC, 0 ms", False),
    ("first\n...\nlast", "first\n2\n3\nlast", True),
    ("first\n...\nlast", "first\n2\n3", False),
    ("one line", "one line\nand another", False),
    ("", "something", False),
])
def test_only_what_differs_from_run_to_run_may_differ(page, printed, same):
    assert agrees(plain(page.splitlines()), plain(printed.splitlines())) is same


# ---- the other blocks ----


def run(*command, **how):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **how)
    assert done.returncode == 0, f"{shlex.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


class Yaml(yaml.SafeLoader):
    """YAML with godwit's one tag."""


Yaml.add_constructor("!exec", lambda loader, node: {"!exec": loader.construct_scalar(node)})


@pytest.mark.parametrize("where,text", blocks("json", "yaml"))
def test_json_and_yaml_can_be_parsed(where, text):
    if text.lstrip().startswith(("{", "[")):
        for line in [text] if text.count("\n{") == 0 else text.splitlines():
            json.loads(line)
    else:
        assert yaml.load(text, Yaml) is not None, where


@pytest.mark.parametrize("where,text", [block for block in blocks("yaml") if block.values[1].startswith("# godwit.yaml")])
def test_every_godwit_yaml_is_accepted_in_every_environment(where, text, tmp_path):
    parsed = yaml.load(text, Yaml)
    (tmp_path / "godwit.yaml").write_text(text)
    variables = {name: "sqlite:x.db" if name.endswith("URL") else "x" for name in re.findall(r"\$\{(\w+)", text)}
    variables |= {"DB_MIGRATE_USER": "x", "DB_MIGRATE_PASSWORD": "x"}
    chosen = [("", name) for name in parsed.get("envs", {})]
    chosen += [(service, name) for service, said in parsed.get("services", {}).items() for name in said.get("envs", {"": None})]
    for service, env in chosen or [("", "")]:
        asked = [*(["--service", service] if service else []), *(["--env", env] if env else [])]
        # Refuses before it connects: the configuration was read then.
        done = subprocess.run([*program(), *asked, "db", "drop"], capture_output=True, text=True, check=False, cwd=tmp_path,
                              env=clean_environment(tmp_path, **variables))
        assert "this would delete everything" in done.stderr, f"{where} {asked}\n{done.stderr}"


def test_the_program_of_the_embedding_guide_is_the_example():
    guide = (ROOT / "docs/guides/embedding.md").read_text()
    code = [fence[2] for fence in FENCE.finditer(guide) if fence[1] == "c"]
    assert code[0] == (ROOT / "examples/embed/embed.c").read_text()


def test_the_pieces_of_c_in_the_documents_compile(tmp_path):
    pieces = [block.values for block in blocks("c") if "int\nmain(" not in block.values[1]]
    assert pieces
    for where, text in pieces:
        (tmp_path / "piece.c").write_text("#include <godwit.h>\n#include <stdio.h>\n\nvoid piece(godwit *gw, godwit_error *error);\n"
                                          f"\nvoid\npiece(godwit *gw, godwit_error *error)\n{{\n#line 1 \"{where}\"\n{text}}}\n")
        run("gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include", "-fsyntax-only", tmp_path / "piece.c")


# ---- tables, help, completions ----


def ask_program(*arguments):
    return run(*program(), *arguments, env=clean_environment("/nonexistent"))


def test_the_documents_say_what_the_tables_of_the_program_say():
    run(sys.executable, ROOT / "tools/docs_check.py", program()[-1], cwd=ROOT)


def test_the_manual_page_has_no_mistake(tmp_path):
    (tmp_path / "godwit.1").write_text(ask_program("help", "--man"))
    run("mandoc", "-Tlint", "-W", "warning", tmp_path / "godwit.1")
    page = re.sub(".\b", "", run("mandoc", "-Tutf8", tmp_path / "godwit.1"))
    for text in ("godwit up [TARGET]", "--lock-wait", "EXIT STATUS", "GODWIT_LOCK_WAIT"):
        assert text in page, page


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completions_are_a_script_of_their_shell(shell, tmp_path):
    (tmp_path / "completion").write_text(ask_program("completion", shell))
    run(shell, "-n", tmp_path / "completion", env=clean_environment(tmp_path))


def complete_in_bash(tmp_path, *words):
    """What bash offers for the last of the words."""
    (tmp_path / "completion").write_text(ask_program("completion", "bash"))
    script = (f"source {tmp_path}/completion\nCOMP_WORDS=(godwit \"$@\")\nCOMP_CWORD=$#\nCOMPREPLY=()\n"
              "_godwit godwit\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
    return run("bash", "--noprofile", "--norc", "-c", script, "bash", *words, env=clean_environment(tmp_path)).split()


@pytest.mark.parametrize("words,offered", [
    (["up", "--pre"], ["--pretend"]),
    (["sta"], ["status"]),
    (["db", ""], ["create", "drop", "reset", "wait"]),
    (["lock", "re"], ["release"]),
    (["completion", "z"], ["zsh"]),
    (["status", "--lock-w"], ["--lock-wait"]),
    (["status", "--pre"], []),
    (["db", "drop", "--y"], ["--yes"]),
])
def test_bash_completes_commands_and_options(words, offered, tmp_path):
    assert complete_in_bash(tmp_path, *words) == offered


@pytest.mark.parametrize("line,offered", [("sta", ["status"]), ("db re", ["reset"]), ("up --pre", ["--pretend"]), ("status --pre", [])])
def test_fish_completes_commands_and_options(line, offered, tmp_path):
    (tmp_path / "completion").write_text(ask_program("completion", "fish"))
    lines = run("fish", "--no-config", "-c", f"source {tmp_path}/completion; complete -C 'godwit {line}'",
                env=clean_environment(tmp_path)).splitlines()
    assert [line.split("\t")[0] for line in lines] == offered


@pytest.mark.parametrize("how", ["source {0}/_godwit", "fpath=({0} $fpath)"])
def test_zsh_takes_the_completions_from_a_script_or_a_folder(how, tmp_path):
    (tmp_path / "_godwit").write_text(ask_program("completion", "zsh"))
    script = "autoload -U compinit; {0}compinit -D -u{1}; print $_comps[godwit]"
    first, then = (how.format(tmp_path) + "; ", "") if how.startswith("fpath") else ("", "; " + how.format(tmp_path))
    assert run("zsh", "-f", "-c", script.format(first, then), env=clean_environment(tmp_path)) == "_godwit\n"


# ---- writing what commands print into their pages ----


def rewrite(page, commands, folder):
    """Replace expected output that does not agree with what was printed; the rest stays to the byte."""
    lines = page.read_text().split("\n")
    for command in reversed(commands):
        if agrees(plain(command.expected), plain(command.output)):
            continue
        begin = command.line + command.text.count("\n")
        lines[begin:begin + len(command.expected)] = [shown(line, folder) for line in command.output]
        print(f"{page}:{command.line}: {command.text.splitlines()[0]}")
    page.write_text("\n".join(lines))


def prepare(stack, base, engine):
    """(DATABASE_URL, further variables) for a page; what was made goes with the stack."""
    server = servers.attach(base, "postgres" if engine == "pgbouncer" else engine)
    cluster = stack.enter_context(server.alone()) if engine == "galera" else None
    database = (cluster.nodes[0] if cluster else server).database()
    stack.callback(database.drop)
    if cluster:
        return None, node_urls(cluster, database.name)
    if engine != "pgbouncer":
        return database.url, {}
    bouncer = servers.PgBouncer(server, servers.fast_place())
    stack.callback(bouncer.stop)
    return bouncer.url(database.name), {}


def main(names):
    failed = False
    with contextlib.ExitStack() as stack:
        fleet = None
        base = os.environ.get("GODWIT_TEST_FLEET")
        for page in [pathlib.Path(name).resolve() for name in names]:
            for engine in engines_of(page)[:1]:
                url, variables = None, {}
                if engine != "sqlite":
                    if fleet is None and base is None:
                        fleet = servers.Fleet()
                        stack.callback(fleet.stop)
                    url, variables = prepare(stack, base or fleet.base, engine)
                scratch = pathlib.Path(tempfile.mkdtemp())
                stack.callback(shutil.rmtree, scratch, True)
                (scratch / "page").mkdir()
                commands = console_of(page.read_text())
                run_page(commands, scratch / "page", url, **variables)
                rewrite(page, commands, scratch / "page")
                for command in commands:
                    if command.rc:
                        failed = True
                        print(f"{page}:{command.line}: exit code {command.rc}: {command.text}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
