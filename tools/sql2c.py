#!/usr/bin/env python3
"""Compile .sql files into one C header: each becomes `static const char gw_sql_<file name>[]`.

Lines that are only a comment stay out of the program; the files can be pasted into a client as they are.

    sql2c.py OUTPUT.h INPUT.sql...
"""
import pathlib
import sys


def literal(line: str) -> str:
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"'


def main(output: str, *inputs: str) -> None:
    out = ["/* made by tools/sql2c.py */"]
    for name in inputs:
        path = pathlib.Path(name)
        lines = [line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
        kept = [line for line in lines if line and not line.lstrip().startswith("--")]
        body = "\n    ".join(literal(line) for line in kept) or '""'
        out.append(f"static const char gw_sql_{path.stem}[] =\n    {body};")
    pathlib.Path(output).write_text("\n".join(out) + "\n", encoding="utf-8")


main(*sys.argv[1:])
