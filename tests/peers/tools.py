"""Driving another tool, and what every adoption must come to."""
import contextlib
import os
import subprocess

import getting
from godwit import clean_environment

TIMEOUT = 180


class Peer:
    """A tool in its folder of the cache, run where godwit runs."""

    def __init__(self, name, folder, godwit):
        self.name, self.folder, self.godwit, self.env = name, folder, godwit, {}
        if name in getting.NPM:  # what a project's own files import is looked for beside them
            os.symlink(folder / "node_modules", godwit.cwd / "node_modules")

    def prepare(self, command, env=None):
        program = next(path for path in (self.folder / "node_modules/.bin" / command[0], self.folder / command[0], self.folder / "bin" / command[0],
                                         command[0]) if isinstance(path, str) or path.exists())
        return {"args": [str(c) for c in (program, *command[1:])], "cwd": self.godwit.cwd, "text": True,
                "env": clean_environment(self.godwit.home, **self.env | (env or {}))}

    def run(self, *command, rc=0, text="", env=None):
        """A program of the tool with its arguments, to the end that is expected; what it said."""
        done = subprocess.run(**self.prepare(command, env), capture_output=True, input=text, timeout=TIMEOUT, check=False)
        assert done.returncode == rc, f"{command} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    @contextlib.contextmanager
    def running(self, *command, env=None):
        """The same, while the block lasts; then it must come to a good end."""
        begun = subprocess.Popen(**self.prepare(command, env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            yield
            said = begun.communicate(timeout=TIMEOUT)[0]
            assert begun.returncode == 0, f"{command} ended with {begun.returncode}\n{said}"
        finally:
            begun.kill()


def newest(folder):
    """The newest file or folder, by name."""
    return max(folder.iterdir(), key=lambda path: path.name)


def take_over(godwit, tool, count, *where, says=()):
    """Adopted: so many taken over, none pending, nothing executed, and the other tool's rows as they were."""
    said = [f"took over {count} migration{'s' * (count > 1)} of {tool}", *says]
    godwit.run(*where, "adopt").expect(0, err_contains=said)
    godwit.run(*where, "status", "--exit-code").expect(0, out_contains=f"{count} applied, 0 pending")
    godwit.run(*where, "up").expect(0, out_contains="nothing to do")
    godwit.run(*where, "verify").expect(0)


def apply_one(godwit, *where):
    """The one that was made since runs under godwit, alone."""
    godwit.run(*where, "up").expect(0, out_contains="1 migration in")
    godwit.run(*where, "status", "--exit-code").expect(0, out_contains="0 pending")


def same_as_alone(db, migrate):
    """The schema is what the tool makes of the same files by itself."""
    other = db.server.database()
    migrate(other)
    assert db.dump() == other.dump()
    other.drop()
