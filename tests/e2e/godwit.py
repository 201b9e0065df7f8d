"""Driving the program from tests: run it in a folder of its own with a clean environment, look at what it said."""
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What the surroundings must not decide: connection settings of the clients and of godwit itself, colours, proxies of hooks.
LEAKS = re.compile(r"^(PG|MYSQL|MARIADB|GODWIT_|DATABASE_URL|DB_MIGRATE|MIGRATION_|APP_ENV$|NO_COLOR$|FORCE_COLOR$|CLICOLOR)")
TIMEOUT = 60


def program():
    """The program under test, after a wrapper (valgrind, another release's loader) when GODWIT_WRAP names one."""
    binary = os.environ.get("GODWIT_BIN") or str(ROOT / "build/godwit")
    return [*shlex.split(os.environ.get("GODWIT_WRAP", "")), binary]


def clean_environment(home, **more):
    """Our environment without what could leak into a test; a value of None takes a variable away."""
    env = {name: value for name, value in os.environ.items() if not LEAKS.match(name)}
    env |= {"HOME": str(home), "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "dumb", "USER": "tester"}
    env |= {name: str(value) for name, value in more.items() if value is not None}
    return {name: value for name, value in env.items() if not (name in more and more[name] is None)}


class Result:
    """How a run ended: rc, out, err, seconds; with --json also events and report."""

    def __init__(self, command, rc, out, err, seconds):
        self.command, self.rc, self.out, self.err, self.seconds = command, rc, out, err, seconds

    def __str__(self):
        return (f"$ {shlex.join(self.command)}\nexit code {self.rc} after {self.seconds:.2f} s\n"
                f"--- out\n{self.out}--- err\n{self.err}---")

    @property
    def events(self):
        """One object a line of standard output, as --json prints them; the report is the last."""
        try:
            return [json.loads(line) for line in self.out.splitlines()]
        except ValueError as error:
            raise AssertionError(f"not one JSON object a line: {error}\n{self}") from error

    @property
    def report(self):
        assert self.events, f"no report\n{self}"
        return self.events[-1]

    def expect(self, rc=0, out_contains=(), err_contains=(), out_lacks=(), err_lacks=()):
        """Fails with the whole run when the exit code or a text is not as said. Returns self."""
        assert self.rc == rc, f"expected exit code {rc}\n{self}"
        for name, text, wanted, unwanted in (("out", self.out, out_contains, out_lacks), ("err", self.err, err_contains, err_lacks)):
            for part in as_list(wanted):
                assert part in text, f"std{name} lacks {part!r}\n{self}"
            for part in as_list(unwanted):
                assert part not in text, f"std{name} must not contain {part!r}\n{self}"
        return self


def as_list(texts):
    return [texts] if isinstance(texts, str) else list(texts)


class Running:
    """A run that has begun: signal it, wait for what it prints, and end it with .end()."""

    def __init__(self, command, **popen):
        self.command, self.begun = command, time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **popen)

    def signal(self, sig=signal.SIGINT):
        self.process.send_signal(sig)

    def end(self, timeout=TIMEOUT):
        """Wait for the end; a run that does not end in time is killed and fails the test."""
        try:
            out, err = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            result = Result(self.command, self.process.returncode, out, err, time.monotonic() - self.begun)
            raise AssertionError(f"still running after {timeout} s\n{result}") from None
        return Result(self.command, self.process.returncode, out, err, time.monotonic() - self.begun)


class Godwit:
    """The program in a folder. `url`, when given, goes before every command as --url."""

    def __init__(self, cwd, url=None, command=None):
        self.cwd, self.url = pathlib.Path(cwd), url
        self.command = command or program()
        self.home = self.cwd / ".home"
        self.home.mkdir(exist_ok=True)

    def _prepare(self, args, env, cwd, url):
        url = self.url if url is ... else url
        command = [*self.command, *(["--url", str(url)] if url else []), *(str(arg) for arg in args)]
        return command, {"cwd": cwd or self.cwd, "env": clean_environment(self.home, **(env or {}))}

    def run(self, *args, env=None, cwd=None, timeout=TIMEOUT, text=None, url=...):
        """Run to the end. url=None: without --url; env adds variables or, with None, takes them away; text is standard input."""
        command, how = self._prepare(args, env, cwd, url)
        begun = time.monotonic()
        try:
            done = subprocess.run(command, input=text or "", capture_output=True, timeout=timeout, text=True, check=False, **how)
        except subprocess.TimeoutExpired as late:
            said = Result(command, None, (late.stdout or b"").decode(errors="replace"), (late.stderr or b"").decode(errors="replace"),
                          timeout)
            raise AssertionError(f"still running after {timeout} s\n{said}") from None
        return Result(command, done.returncode, done.stdout, done.stderr, time.monotonic() - begun)

    def start(self, *args, env=None, cwd=None, url=...):
        """Begin a run and come back at once, for signals and for several runners at the same time."""
        command, how = self._prepare(args, env, cwd, url)
        return Running(command, stdin=subprocess.DEVNULL, **how)

    def folder(self, files, name="migrations"):
        """Write files (path below the folder → text or bytes) and return the folder."""
        folder = self.cwd / name
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    def write(self, path, content):
        """One file in the folder of the run: godwit.yaml, .env, a hook."""
        self.folder({path: content}, ".")
        return self.cwd / path


def eventually(check, seconds=10, what="the condition"):
    """Poll until check() answers something true, and return it; fails when it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = check()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come true within {seconds} s")
