#!/usr/bin/env python3
"""Checks that every file of src/ includes only what its floor may see (tools/floors.txt).

Usage: floors.py [SOURCE ROOT]. Says file:line and why for each offence; says nothing and ends with 0 when there is none.
"""
import re
import sys
from fnmatch import fnmatch
from pathlib import Path

from ctext import bare, functions, line_at, sources, without_comments

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>\n]+)>|"([^"\n]+)")', re.M)


class Rules:
    """floors.txt, understood."""

    def __init__(self, path):
        self.floor = {}       # folder -> number
        self.only = {}        # folder -> folders of lower floors that it may see
        self.headers = []     # (pattern, folders)
        self.public = None    # the folder that defines what the public header declares
        self.allowed = set()  # (folder, folder or header)
        for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
            words = line.split()
            if words and not words[0].startswith('#'):
                self.take(words, f'{path.name}:{number}')

    def take(self, words, where):
        kind, rest = words[0], words[1:]
        if kind == 'floor' and len(rest) > 1 and rest[0].isdigit():
            self.floor.update((folder, int(rest[0])) for folder in rest[1:])
        elif kind == 'only' and rest:
            self.only[rest[0]] = set(rest[1:])
        elif kind == 'header':
            folders = tuple(word for word in rest if word in self.floor)
            self.headers += [(word, folders) for word in rest if word not in self.floor]
        elif kind == 'public' and len(rest) == 1:
            self.public = rest[0]
        elif kind == 'allow' and len(rest) > 3 and rest[2] == 'because':
            self.allowed.add((rest[0], rest[1]))
        else:
            sys.exit(f'{where}: not understood: {" ".join(words)}')

    def folder_of(self, path):
        """The folder on a floor that a path below src/ belongs to; None when there is none."""
        parts = path.split('/')
        for depth in (2, 1):
            if len(parts) > depth and '/'.join(parts[:depth]) in self.floor:
                return '/'.join(parts[:depth])
        return None

    def name(self, folder):
        return f'{folder} (floor {self.floor[folder]})'

    def offence_of_own(self, here, included):
        there = self.folder_of(included)
        if there is None:
            return f'"{included}" is no file of a folder on a floor: say "<folder>/<file>", or <…> for a foreign header'
        if there == here or (here, there) in self.allowed:
            return None
        if self.floor[there] == self.floor[here]:
            return f'{here} and {there} are neighbours (floor {self.floor[here]}): they may not see each other'
        if self.floor[there] > self.floor[here]:
            return f'{self.name(here)} may not see {self.name(there)}'
        if here in self.only and there not in self.only[here]:
            return f'{self.name(here)} may see <godwit.h> and {", ".join(sorted(self.only[here]))} alone, not {there}'
        return None

    def offence_of_foreign(self, here, included):
        for pattern, folders in self.headers:
            if fnmatch(included, pattern) and here not in folders and (here, included) not in self.allowed:
                return f'<{included}> belongs to {" and ".join(folders)} alone'
        return None


def check(rules, src, path, text):
    """The offences of one file: (line, message)."""
    here = rules.folder_of(path)
    if here is None:
        yield 1, 'its folder stands on no floor: give it one in tools/floors.txt'
        return
    for match in INCLUDE.finditer(without_comments(text)):
        included = match[1] or match[2]
        if included == 'godwit.h':
            continue
        if any(fnmatch(included, pattern) for pattern, _ in rules.headers):
            offence = rules.offence_of_foreign(here, included)
        elif (match[2] and '/' in included) or (src / included).exists():
            offence = rules.offence_of_own(here, included)
        else:  # the system's, or made from the folder's own files
            offence = None
        if offence:
            yield line_at(text, match.start(1 if match[1] else 2)), offence
    if here != rules.public:
        for function in functions(bare(text)):
            if function.is_definition and not function.is_static and function.name.startswith('godwit_'):
                yield function.line, f'{function.name} is public: only {rules.public} defines it'


def main(root):
    rules = Rules(Path(__file__).with_name('floors.txt'))
    src = root / 'src'
    offences = 0
    for path, text in sources(root, ['src'], {'.c', '.h'}):
        for line, message in check(rules, src, path.removeprefix('src/'), text):
            print(f'{path}:{line}: {message}')
            offences += 1
    return 1 if offences else 0


if __name__ == '__main__':
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()))
