"""Running the program with killat.so preloaded, and building it with fault points."""
import os
import pathlib
import re
import signal

ROOT = pathlib.Path(__file__).resolve().parents[2]
SENDING = ("write", "send", "sync", "truncate", "unlink", "rename", "fallocate")


class KillAt:
    """Runs of `godwit` that act at a chosen call."""

    def __init__(self, godwit, library, scratch):
        self.godwit, self.library, self.log = godwit, library, scratch / "calls.log"
        assert library.exists(), f"{library} was not built"

    def _env(self, more):
        return {"LD_PRELOAD": self.library, **more}

    def calls(self, *args, url=...):
        """The calls of an undisturbed run: a list of texts "3 send fd 7 size 12"."""
        self.log.unlink(missing_ok=True)
        self.godwit.run(*args, env=self._env({"KILLAT_LOG": self.log}), url=url).expect(0)
        return self.log.read_text().splitlines()

    def run(self, at, *args, after=None, sig=signal.SIGKILL, url=...):
        """A run that gets the signal at the call `at`: before it, or `after` so many milliseconds. Its last calls are in .trace()."""
        self.log.unlink(missing_ok=True)
        env = {"KILLAT_LOG": self.log, "KILLAT_AT": at, "KILLAT_SIGNAL": int(sig)}
        if after is not None:
            env["KILLAT_AFTER"] = after
        return self.godwit.run(*args, env=self._env(env), url=url)

    def trace(self, lines=3):
        return " | ".join(self.log.read_text().splitlines()[-lines:]) if self.log.exists() else ""


def faults():
    """The names of the fault points in the sources."""
    found = set()
    for path in (ROOT / "src").rglob("*.c"):
        found |= set(re.findall(r'GW_FAULT\("(\w+)"\)', path.read_text()))
    assert found, "no fault point in the sources"
    return sorted(found)


def faulty_program():
    """The program with fault points built in: GODWIT_FAULTS_BIN, or what `./do test` builds."""
    program = pathlib.Path(os.environ.get("GODWIT_FAULTS_BIN") or ROOT / "build-faults/src/cli/godwit")
    assert program.exists(), f"{program} was not built: ./do test builds it"
    return program
