"""include/godwit.h and the library as a stranger meets them: other compilers, C++, pkg-config, what is exported."""
import json
import pathlib
import re
import shlex
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADER = ROOT / "include/godwit.h"
EXAMPLE = ROOT / "examples/embed/embed.c"


def run(*command, **how):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **how)
    assert done.returncode == 0, f"{shlex.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize("compiler", [
    "gcc -std=c99 -Wall -Wextra -pedantic -Werror -x c",
    "clang-14 -std=c99 -Weverything -Wno-padded -Wno-documentation-unknown-command -Werror -x c",
    "g++ -std=c++11 -Wall -Wextra -pedantic -Werror -x c++",
    "clang++-14 -std=c++11 -Wall -Wextra -pedantic -Werror -x c++",
])
def test_the_header_compiles_alone(compiler, tmp_path):
    source = tmp_path / "alone"
    source.write_text("#include <godwit.h>\n#include <godwit.h>\nint main(void) { return GODWIT_OK; }\n")
    run(*compiler.split(), f"-I{HEADER.parent}", "-fsyntax-only", source)


def test_exactly_what_the_header_declares_is_exported(build_folder):
    library = next(build_folder.rglob("libgodwit.so"))
    symbols = {line.split()[-1].split("@")[0] for line in run("nm", "-D", "--defined-only", library).splitlines()}
    symbols = {name for name in symbols if not name.startswith("__gcov")}  # of a build that measures coverage
    declared = set(re.findall(r"GODWIT_API[^;]*?\b(godwit_\w+)\(", HEADER.read_text()))
    assert declared and symbols == declared


@pytest.fixture(scope="module")
def installed(build_folder, tmp_path_factory):
    """The library installed below a folder, as if that were its prefix: (the folder of godwit.pc, flags that this build needs)."""
    place = tmp_path_factory.mktemp("installed")
    run("meson", "install", "--no-rebuild", "-C", build_folder, "--destdir", place)
    options = {one["name"]: one["value"] for one in json.loads(run("meson", "introspect", "--buildoptions", build_folder))}
    flags = [f"-fsanitize={options['b_sanitize']}"] if options["b_sanitize"] != "none" else []
    flags += ["--coverage"] if options["b_coverage"] else []
    description = next(place.rglob("godwit.pc"))
    description.write_text(description.read_text().replace(f"prefix={options['prefix']}", f"prefix={place}{options['prefix']}"))
    return description.parent, flags


def ask_pkg_config(folder, *question):
    return run("pkg-config", *question, env={"PKG_CONFIG_PATH": str(folder), "PATH": "/usr/bin:/bin"}).split()


def compile_with_pkg_config(installed, source, program, static):
    folder, flags = installed
    asked = ask_pkg_config(folder, "--cflags", "--libs", "godwit")
    if static:
        # godwit itself inside the program, the client libraries of the databases as the system has them.
        others = ask_pkg_config(folder, "--print-requires-private", "godwit")
        asked = ["-l:libgodwit.a" if part == "-lgodwit" else part for part in asked] + ask_pkg_config(folder, "--libs", *others)
    run("gcc", "-Wall", "-Wextra", "-Werror", *flags, "-o", program, source, *asked, "-pthread")
    return {} if static else {"LD_LIBRARY_PATH": str(folder.parent)}


@pytest.mark.parametrize("kind", ["shared", "static"])
def test_the_example_links_through_pkg_config_and_migrates(kind, installed, sqlite, tmp_path):
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/0001_a.sql").write_text("CREATE TABLE a (x INTEGER);\n")
    env = compile_with_pkg_config(installed, EXAMPLE, tmp_path / "embed", kind == "static")
    database = sqlite.database()
    out = run(tmp_path / "embed", database.url, tmp_path / "migrations", env={"PATH": "/usr/bin:/bin", **env}, cwd=tmp_path)
    assert "success: yes\nfiles executed: 1\nerrors: 0\n" in out
    assert "a" in database.tables()
