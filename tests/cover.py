#!/usr/bin/env python3
"""Line and branch coverage per folder of src/, from a build with -Db_coverage=true: tests/cover.py BUILD

A line or a block that cannot be reached carries its reason, `/* uncovered: needs a full disk */`, and is counted as an exception
instead. assert() has a branch that nobody may take; it is not counted.
"""
import collections
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]


def main(build):
    command = ["gcovr", "--root", str(ROOT), "--filter", "src/", "--exclude-lines-by-pattern", r".*/\* uncovered: .*",
               "--exclude-branches-by-pattern", r".*\bassert\(.*", "--exclude-unreachable-branches", "--exclude-throw-branches",
               "--json-summary", f"{build}/coverage.json", "--html-details", f"{build}/coverage.html", build]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    rooms = json.loads(pathlib.Path(ROOT, build, "coverage.json").read_text())["files"]
    folders = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    for room in rooms:
        reasons = sum("/* uncovered: " in line for line in (ROOT / room["filename"]).read_text().splitlines())
        numbers = [room["line_covered"], room["line_total"], room["branch_covered"], room["branch_total"], reasons]
        for name in (str(pathlib.Path(room["filename"]).parent), "all"):
            folders[name] = [a + b for a, b in zip(folders[name], numbers)]
    print(f"{'folder':22} {'lines':>13} {'%':>6} {'branches':>13} {'%':>6} {'exceptions':>11}")
    for name, (lines, of_lines, branches, of_branches, reasons) in sorted(folders.items(), key=lambda pair: (pair[0] == "all", pair[0])):
        print(f"{name:22} {lines:6}/{of_lines:<6} {100 * lines / max(1, of_lines):6.1f} "
              f"{branches:6}/{of_branches:<6} {100 * branches / max(1, of_branches):6.1f} {reasons:11}")


if __name__ == "__main__":
    main(*sys.argv[1:])
