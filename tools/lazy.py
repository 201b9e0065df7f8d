#!/usr/bin/env python3
"""A C header that lets a foreign library be loaded when it is first needed, instead of at every start of the program.

    lazy.py OUTPUT.h TABLE NAMES.txt

NAMES.txt lists the functions that are used, one a line. The header declares a struct of pointers to them, `TABLE`, and
makes each name mean its pointer; it is included after the library's own header, which knows their types. With
GW_LINKED the names stay those of the functions, and TABLE_LINKED is the table of a program that is linked with them.
"""
import pathlib
import sys


def main(output: str, table: str, names: str) -> None:
    functions = pathlib.Path(names).read_text(encoding="utf-8").split()
    out = [f"/* made by tools/lazy.py from {pathlib.Path(names).name} */", f"typedef struct {table}_functions {{"]
    out += [f"    __typeof__({name}) *{name};" for name in functions]
    out += [f"}} {table}_functions;", f"extern {table}_functions {table};", f"#define {table.upper()}_NAMES \\"]
    out += [f'    "{name}", \\' for name in functions] + ["    NULL"]
    out += ["#ifdef GW_LINKED", f"#define {table.upper()}_LINKED {{ \\"]
    out += [f"    .{name} = {name}, \\" for name in functions] + ["    }", "#else"]
    out += [f"#define {name} ({table}.{name})" for name in functions] + ["#endif"]
    pathlib.Path(output).write_text("\n".join(out) + "\n", encoding="utf-8")


main(*sys.argv[1:])
