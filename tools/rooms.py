#!/usr/bin/env python3
"""Checks that rooms (files) stay small and keep the rules of the house: sizes, exported functions, calls, words.

Usage: rooms.py [SOURCE ROOT]. Says file:line and why for each offence; says nothing and ends with 0 when there is none.
"""
import re
import sys
from fnmatch import fnmatch
from pathlib import Path

from ctext import bare, functions, line_at, sources

SOURCE_LINES = 600
HEADER_LINES = 120
FUNCTION_LINES = 60
EXPORTED = 7

# Headers that may export more, how many, and why.
EXPORT_BUDGET = {
    'src/base/str.h': (22, 'the text room: one noun, many small verbs'),
    'src/base/arena.h': (16, 'the memory room: everybody allocates, copies and defers'),
    'src/base/json.h': (9, 'one verb for each kind of value'),
    'src/sql/cursor.h': (9, 'one verb for each way to look at a word, and to go on'),
    'src/workflow/session.h': (8, 'opened, locked, lost and made again, asked: the life of one connection'),
    'src/workflow/workflow.h': (32, 'the list of workflows, one function and one file each'),
}

# Calls, where they are allowed (patterns of paths below the root), and what to do instead.
PRINTING = ('src/cli/*', 'src/base/arena.c', 'src/base/hash.c')
FREEING = ('src/base/*', 'src/engine/*', 'src/config/yaml.c')
BANNED = [
    ('strcpy strncpy strcat strncat sprintf vsprintf', (), 'use gw_buf, gw_printf or snprintf'),
    ('strtok gets', (), 'use gw_str_cut'),
    ('atoi atol atoll atof', (), 'they hide errors: use strtol and look at its end'),
    ('system popen', (), 'use base/proc'),
    ('abort', ('src/base/*',), 'wrong data is an error, a wrong program an assert'),
    ('exit _exit quick_exit', ('src/cli/*',), 'a library does not end the program: return an error'),
    ('printf fprintf vprintf vfprintf puts fputs putchar putc fputc perror', PRINTING, 'only faces print'),
    ('malloc calloc realloc free strdup strndup asprintf vasprintf', FREEING, 'memory belongs to an arena'),
    ('setenv putenv unsetenv setlocale chdir umask', (), 'the process belongs to the program that embeds us'),
]
CALL = {name: (allowed, advice) for names, allowed, advice in BANNED for name in names.split()}
CALLED = re.compile(r'(?<![\w.])(?<!->)(' + '|'.join(CALL) + r')\s*\(')
UNFINISHED = re.compile(r'\b(?:TO' r'DO|FIX' r'ME|XX' r'X)\b')


def is_allowed(path, patterns):
    return any(fnmatch(path, pattern) for pattern in patterns)


def check_words(path, text):
    """What holds for every file that people write: (line, message)."""
    for number, line in enumerate(text.splitlines(), 1):
        if '\t' in line:
            yield number, 'a tab: indent with blanks'
        match = UNFINISHED.search(line)
        if match:
            yield number, f'{match[0]}: finish it, or make it an issue'


def check_calls(path, code):
    for match in CALLED.finditer(code):
        allowed, advice = CALL[match[1]]
        if not is_allowed(path, allowed):
            yield line_at(code, match.start()), f'{match[1]}() is not called here: {advice}'


def check_functions(code):
    for function in functions(code):
        length = function.last_line - function.line + 1
        if length > FUNCTION_LINES:
            yield function.line, f'{function.name} has {length} lines, more than {FUNCTION_LINES}'
        if re.search(r'\bgoto\b', function.body) and re.search(r'\bGW_TRY\b', function.body):
            yield function.line, f'{function.name} uses GW_TRY beside goto: it would return past the cleanup'


def check_header(path, code, lines):
    if lines > HEADER_LINES:
        yield HEADER_LINES + 1, f'the header has {lines} lines, more than {HEADER_LINES}'
    exported = {f.name: f.line for f in functions(code) if not f.name.endswith('_')}  # x_ is for the header's macros
    budget, _ = EXPORT_BUDGET.get(path, (EXPORTED, ''))
    if len(exported) > budget:
        line = list(exported.values())[budget]
        yield line, f'the header exports {len(exported)} functions, more than {budget}: split the noun'


def check_source(path, text):
    """What holds for the rooms of src/."""
    code = bare(text)
    lines = len(text.splitlines())
    yield from check_calls(path, code)
    yield from check_functions(code)
    if path.endswith('.h'):
        yield from check_header(path, code, lines)
    elif lines > SOURCE_LINES:
        yield SOURCE_LINES + 1, f'the room has {lines} lines, more than {SOURCE_LINES}: split the noun'


def main(root):
    offences = 0
    for path, text in sources(root, ['include', 'src', 'tests', 'tools'], {'.c', '.h', '.py', '.sql'}):
        found = [] if path.startswith('tests/data/') else list(check_words(path, text))
        if path.startswith('src/') and path.endswith(('.c', '.h')):
            found += check_source(path, text)
        for line, message in sorted(found):
            print(f'{path}:{line}: {message}')
            offences += 1
    return 1 if offences else 0


if __name__ == '__main__':
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()))
