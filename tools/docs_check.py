#!/usr/bin/env python3
"""Check the documents against the tables of the program: tools/docs_check.py [PROGRAM]

PROGRAM (default: $GODWIT_BIN, else the newest build's) is asked for `help --json`: commands, options, settings, patterns and exit
codes. Directives come from the table in src/migration/directive.c. Then
  - each command has a page in docs/manual (`db create` stands in db.md), with a row for each of its options, and the index names it;
  - docs/configuration.md has the row of each setting, docs/directives.md that of each directive, docs/manual/new.md that of each
    pattern, docs/manual/README.md that of each exit code;
  - no document speaks of an option, a setting's variable, a directive or a command that is not there;
  - every relative link leads to a file, and to a heading in it.
Prints file:line: problem, and exits 1 when there is one.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
MANUAL = ROOT / "docs/manual"
TRUTH = r",\s*(true|false)"
DIRECTIVE_ROW = re.compile(r'\{"([\w-]+)",\s*"([^"]*)",\s*"([^"]*)"' + 3 * TRUTH + r"\}")
HOOKS = ("before_up", "after_up", "after_each", "on_failure")
# Variables of the tests and of ./do, which CONTRIBUTING.md explains, and of the workflow files that `godwit ci` prints.
OTHER_VARIABLES = {"GODWIT_CACHE", "GODWIT_BIN", "GODWIT_OK", "GODWIT_BUILD", "GODWIT_SOURCE", "GODWIT_TAG"}
problems = []


def problem(path, line, text):
    problems.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def find_program(arguments):
    named = arguments[1] if len(arguments) > 1 else os.environ.get("GODWIT_BIN")
    if named:
        return named
    built = [path for folder in ROOT.glob("build*") if (path := folder / "src/cli/godwit").exists()]
    if not built:
        sys.exit("tools/docs_check.py: there is no program to ask: run ./do build, or name one")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def cell(text):
    """As it stands in a table, where a bar would end the cell."""
    return text.replace("|", "\\|")


def code(text):
    return f"`{cell(text)}`"


# ---- rows that must be there ----


def expect_row(path, row, what):
    """A line that is this row; its last cell may go on."""
    lines = path.read_text().splitlines() if path.exists() else []
    begin = row.removesuffix(" |")
    if not any(line.startswith(begin) and re.match(r"[ ;,:.]", line[len(begin):]) for line in lines):
        problem(path, 1, f"lacks the row of {what}: {row}")


def option_row(option):
    letter = code("-" + option["letter"]) + ", " if option["letter"] else ""
    value = " " + option["value"] if option["value"] else ""
    return f"| {letter}{code('--' + option['name'] + value)} | {cell(option['summary'])} |"


def key_of(setting):
    """The key in godwit.yaml."""
    name = setting["name"]
    if name in ("config", "env", "service"):
        return "–"
    if name in HOOKS:
        return code("hooks." + name)
    return code("hooks.timeout" if name == "hook_timeout" else name)


def check_commands(tables):
    for command in tables["commands"]:
        words = command["name"].split()
        page = MANUAL / f"{words[0]}.md"
        if not page.exists():
            problem(page, 1, f"there is no page for `{command['name']}`")
            continue
        heading = f"## godwit {command['name']}" if len(words) > 1 else f"# godwit {command['name']}"
        if heading not in page.read_text().splitlines():
            problem(page, 1, f"lacks the heading {heading}")
        for option in command["options"]:
            expect_row(page, option_row(option), f"--{option['name']}")
        link = page.name + (f"#godwit-{'-'.join(words)}" if len(words) > 1 else "")
        named = code(f"{command['name']} {command['operands']}".strip())
        expect_row(MANUAL / "README.md", f"| [{named}]({link}) | {cell(command['summary'])} |", command["name"])
    for option in tables["options"]:
        expect_row(MANUAL / "README.md", option_row(option), f"--{option['name']}")


def check_tables(tables, directives):
    for setting in tables["settings"]:
        option = code("--" + setting["option"]) if setting["option"] else "–"
        variables = ", ".join(map(code, setting["env"].split())) or "–"
        default = code(setting["default"]) if setting["default"] else "–"
        expect_row(ROOT / "docs/configuration.md", f"| {key_of(setting)} | {option} | {variables} | {default} | {cell(setting['summary'])} |",
                   setting["name"])
    for exit_code in tables["exit_codes"]:
        expect_row(MANUAL / "README.md", f"| {exit_code['code']} | {exit_code['meaning']} |", f"exit code {exit_code['code']}")
    for pattern in tables["patterns"]:
        expect_row(MANUAL / "new.md", f"| {code(pattern['name'])} | {pattern['summary']} |", pattern["name"])
    for name, value, summary, file, statement, _ in directives:
        where = " or ".join(word for word, here in (("file", file), ("statement", statement)) if here == "true")
        expect_row(ROOT / "docs/directives.md", f"| {code(name)} | {code(value)} | {where} | {cell(summary)} |", name)
    check_no_more(ROOT / "docs/configuration.md", "## Settings", {key_of(one).strip("`") for one in tables["settings"]})
    check_no_more(ROOT / "docs/directives.md", "", {row[0] for row in directives})
    check_no_more(MANUAL / "new.md", "## Patterns", {one["name"] for one in tables["patterns"]})


def check_no_more(path, heading, names):
    """The tables below the heading have rows for these names and no others."""
    section = path.read_text().partition(f"\n{heading}\n")[2].partition("\n## ")[0] if heading else path.read_text()
    for name in re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE):
        if name not in names:
            problem(path, path.read_text()[:path.read_text().index(f"| `{name}` |")].count("\n") + 1, f"there is no {name}")


# ---- words that must mean something ----


def godwit_calls(line):
    """The words behind each `godwit` of a line that is a command, up to where the shell ends it."""
    for call in re.finditer(r"(?:^|[|&;($\"] ?|: |- |\w=\S+ )godwit ((?:'[^']*'|\"[^\"]*\"|[^'\"`|;&<>()#])*)", line):
        yield call[1].split()


def command_lines(text):
    """(line number, text) of code: fenced lines and spans between backquotes."""
    fenced = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fenced = None if fenced is not None else line[3:]
        elif fenced is not None:
            if fenced in ("sh", "yaml", "toml", "") or line.startswith("$ "):
                yield number, line.removeprefix("$ ").strip()
        else:
            for span in re.finditer(r"`([^`]+)`", line):
                yield number, span[1]


def is_command(words, tables):
    """Do the words begin with a command, or the first word of some?"""
    names = [command["name"] for command in tables["commands"]] + [c["alias"] for c in tables["commands"] if c["alias"]]
    return any(words[:len(name.split())] == name.split() or words[:1] == name.split()[:1] for name in names)


def check_words(path, tables, directives):
    text = path.read_text()
    known = {"--" + one["name"] for command in tables["commands"] for one in command["options"]}
    known |= {"--" + one["name"] for one in tables["options"]}
    known |= {"--" + one["option"] for one in tables["settings"] if one["option"]}
    variables = {name for setting in tables["settings"] for name in setting["env"].split()} | OTHER_VARIABLES
    with_value = {"--" + one["option"] for one in tables["settings"] if one["option"] and one["kind"] != "switch"}
    for number, line in command_lines(text):
        for words in godwit_calls(line):
            operands = [word for at, word in enumerate(words) if not word.startswith("-") and (at == 0 or words[at - 1] not in with_value)]
            for word in words:
                if re.match(r"--[a-z]", word) and word.split("=")[0].rstrip(",.:") not in known:
                    problem(path, number, f"there is no option {word}")
            if operands and re.fullmatch(r"[a-z]+", operands[0]) and not is_command(operands, tables):
                problem(path, number, f"there is no command {operands[0]}")
        if re.fullmatch(r"--[a-z-]+( \S+)?", line) and line.split()[0] not in known:
            problem(path, number, f"there is no option {line.split()[0]}")
    names = {row[0] for row in directives}
    for number, line in enumerate(text.splitlines(), 1):
        for name in re.findall(r"-- godwit:([\w-]+)", line):
            if name not in names and name not in known_mistakes(text):
                problem(path, number, f"there is no directive godwit:{name}")
        for name in re.findall(r"\bGODWIT_[A-Z][A-Z_]+\b", line):
            if name not in variables and not name.startswith("GODWIT_TEST_") and not re.search(rf"\b{name}\b", HEADER):
                problem(path, number, f"there is no variable {name}")


def known_mistakes(text):
    """Directives that a page writes wrongly to show the error."""
    return set(re.findall(r"there is no directive godwit:([\w-]+)", text))


# ---- links ----


def anchors_of(path):
    """GitHub's: lower case, blanks to hyphens, everything but letters, digits, hyphens and underscores left out."""
    text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}


def check_links(path):
    text = re.sub(r"^```.*?^```$", lambda fence: "\n" * fence[0].count("\n"), path.read_text(), flags=re.MULTILINE | re.DOTALL)
    for number, line in enumerate(text.splitlines(), 1):
        for link in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", link):
                continue
            name, _, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            if not target.exists():
                problem(path, number, f"the link {link} leads nowhere")
            elif anchor and target.suffix == ".md" and anchor not in anchors_of(target):
                problem(path, number, f"{name or 'this page'} has no heading for #{anchor}")


HEADER = (ROOT / "include/godwit.h").read_text()


def main():
    program = find_program(sys.argv)
    tables = json.loads(subprocess.run([program, "help", "--json"], capture_output=True, text=True, check=True).stdout)
    directives = DIRECTIVE_ROW.findall((ROOT / "src/migration/directive.c").read_text())
    if not directives:
        sys.exit("tools/docs_check.py: src/migration/directive.c has no table that it could read")
    check_commands(tables)
    check_tables(tables, directives)
    pages = sorted((ROOT / "docs").rglob("*.md")) + [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    for path in pages:
        if not path.exists():
            problem(path, 1, "is missing")
            continue
        check_words(path, tables, directives)
        check_links(path)
    for folder in ("examples", "deploy"):
        for path in sorted((ROOT / folder).rglob("*.md")):
            check_links(path)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
