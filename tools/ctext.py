"""C source as the checks of floors.py and rooms.py see it: without comments, literals and directives, in place."""
import re
from dataclasses import dataclass
from pathlib import Path

TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n]*\\\n)*[^\n]*', re.M)
ATTRIBUTE = re.compile(r'__attribute__\s*\(\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\)')
CALLEE = re.compile(r'(\w+)\s*\(')


def spaces(text):
    """As many characters and lines as text, and nothing in them."""
    return re.sub(r'[^\n]', ' ', text)


def without_comments(text):
    return TOKEN.sub(lambda m: spaces(m[0]) if m[0].startswith('/') else m[0], text)


def bare(text):
    """Neither comments nor what stands in quotes nor preprocessor lines; every other character in its place."""
    text = TOKEN.sub(lambda m: spaces(m[0]) if m[0].startswith('/') else m[0][0] + spaces(m[0][1:-1]) + m[0][-1], text)
    text = DIRECTIVE.sub(lambda m: spaces(m[0]), text)
    return ATTRIBUTE.sub(lambda m: spaces(m[0]), text)


def line_at(text, offset):
    return text.count('\n', 0, offset) + 1


@dataclass
class Function:
    name: str
    line: int         # of its name
    last_line: int    # of its closing brace; a prototype's own line
    is_static: bool
    is_definition: bool
    body: str


def top_level(text):
    """The declarations and definitions at brace depth 0 of bare text: (offset, head, body or None)."""
    start, depth, opened = 0, 0, 0
    for m in re.finditer(r'[{};]', text):
        at = m.start()
        if m[0] == '{':
            opened = at if depth == 0 else opened
            depth += 1
        elif m[0] == '}':
            depth -= 1
            is_function = text[start:opened].rstrip().endswith(')') and '=' not in text[start:opened]
            if depth == 0 and is_function:
                yield start, text[start:opened], text[opened:at + 1]
                start = at + 1
        elif depth == 0:
            yield start, text[start:at], None
            start = at + 1


def functions(text):
    """Prototypes and definitions of bare text."""
    for offset, head, body in top_level(text):
        match = CALLEE.search(head)
        if match is None or '=' in head or '{' in head[:match.start()] or re.match(r'\s*typedef\b', head):
            continue
        before = head[:match.start()]
        if re.search(r'[(\[]', before) or not re.search(r'\w', before):
            continue
        line = line_at(text, offset + match.start())
        end = line_at(text, offset + len(head) + len(body) - 1) if body is not None else line
        yield Function(match[1], line, end, bool(re.search(r'\bstatic\b', before)), body is not None, body or '')


def sources(root, folders, suffixes):
    """Every source below the folders of root that are there, in order of their names: (path as people say it, text)."""
    for folder in folders:
        for path in sorted(Path(root, folder).rglob('*')):
            if path.suffix in suffixes and path.is_file():
                yield path.relative_to(root).as_posix(), path.read_text(encoding='utf-8')
