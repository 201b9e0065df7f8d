#!/usr/bin/env python3
"""Checks that every file of src/ includes only what its floor may see (tools/floors.txt), and that no rooms include each other in a circle.

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
        self.circles = []     # sets of rooms
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
        elif kind == 'circle' and 'because' in rest[2:-1]:
            self.circles.append(set(rest[:rest.index('because')]))
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


def neighbours(src, path, text):
    """The rooms (a .c file with its header) of its own folder that a file includes: (line, room)."""
    for match in INCLUDE.finditer(without_comments(text)):
        room = (match[1] or match[2]).removesuffix('.h')
        if Path(room).parent == Path(path).parent and room != room_of(path) and (src / f'{room}.h').exists():
            yield line_at(text, match.start(1 if match[1] else 2)), room


def room_of(path):
    return str(Path(path).with_suffix(''))


def way_back(included, room, start):
    """The shortest way of includes from a room to `start`, as a list of rooms; None: there is none."""
    ways = [[room]]
    seen = {room}
    for way in ways:
        if way[-1] == start:
            return way
        ways += [[*way, there] for there in sorted(included.get(way[-1], {}).keys() - seen)]
        seen |= included.get(way[-1], {}).keys()
    return None


def circles(rules, included):
    """Rooms that include each other, each circle once: (path, line, message). `included`: room -> {room: (path, line)}."""
    told = set()
    for room in sorted(included):
        for there, (path, line) in sorted(included[room].items()):
            way = way_back(included, there, room)
            if way and frozenset(way) not in told and not any(set(way) <= allowed for allowed in rules.circles):
                told.add(frozenset(way))
                yield path, line, f'a circle of includes: {" -> ".join([room, *way])}'


def main(root):
    rules = Rules(Path(__file__).with_name('floors.txt'))
    src = root / 'src'
    offences = []
    included = {}
    for path, text in sources(root, ['src'], {'.c', '.h'}):
        below = path.removeprefix('src/')
        offences += [(path, line, message) for line, message in check(rules, src, below, text)]
        for line, room in neighbours(src, below, text):
            included.setdefault(room_of(below), {}).setdefault(room, (path, line))
    offences += circles(rules, included)
    for path, line, message in offences:
        print(f'{path}:{line}: {message}')
    return 1 if offences else 0


if __name__ == '__main__':
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()))
