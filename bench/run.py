"""Measures godwit side by side with the plain clients and with the peers, dbmate and node-pg-migrate; prints medians and their ratios.

    bench/run.py --program build/godwit [--engines sqlite,postgres] [--parts up,idle] [--runs 5] [--json]

What is compared runs in turns within one run, on the same server, so that a busy machine is busy for both. Every figure names the
command that it is the time of; a part alone is `--parts NAME`. The servers are private ones of this run. Unless --fast, they are as
durable as they are by default: fsync and full_page_writes (PostgreSQL), innodb_flush_log_at_trx_commit=1 and the doublewrite buffer
(MySQL, MariaDB), synchronous=FULL (SQLite), with their data in the folder for temporary files. No TLS, so that no side pays for it.
MySQL and MariaDB write no binary log. "File by file" is the plain client again, with the least that a runner cannot leave out: it reads each file, and inserts a row with the
file's checksum behind it. dbmate brings its own SQLite, which is built with synchronous=NORMAL: one wait for the disk less.
With --fast nothing is waited for and the data is in memory: what is left is the work of the clients and of the servers.
Processor time is that of the program alone, without the server's: it tells more where the machine is busy.

The parts: start, size, split and memory are about the program; up and idle about a server that is near, against the plain client and the peer;
latency about one behind a round trip of 20 ms; trips counts the round trips (see far.py for both).
"""
import argparse
import json
import os
import pathlib
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
from far import part_latency, part_trips
from target import ENGINES, Target, find_peer, make_folder, row, servers, step_by_step

PARTS = ("start", "size", "split", "idle", "up", "trips", "latency", "memory")
# What godwit may take, as a multiple of what the plain client takes.
BUDGET_UP = {"sqlite": 1.1, "postgres": 1.1, "mariadb": 1.3, "mysql": 1.1}
BUDGET_IDLE = 1.3
# Files of the folder that most people have, beside the one of --count.
USUAL = 20


class Bench:
    """Where everything is: tools, scratch folder, options; and what was measured."""

    def __init__(self, args, scratch):
        self.args, self.scratch = args, scratch
        self.program = pathlib.Path(args.program).resolve()
        self.build = self.program.parents[2] if self.program.parent.name == "cli" else self.program.parent
        self.figures = []
        self.home = scratch / "home"
        self.home.mkdir()
        self.measure = self.compile("measure")
        self.dbmate = find_peer("dbmate")
        self.node_pg_migrate = find_peer("node-pg-migrate") if {"trips", "latency"} & set(args.parts) and "postgres" in args.engines else None

    def compile(self, name, *more):
        out = self.scratch / name
        servers.run(["cc", "-O2", "-Wall", "-o", out, HERE / f"{name}.c", *more])
        return out

    def environment(self, more=None):
        keep = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
        return {**keep, "HOME": str(self.home), "NO_COLOR": "1", **(more or {})}

    def once(self, command, stdin=None, env=None):
        """(seconds, KiB, seconds of a processor) of one command; it must succeed."""
        read, write = os.pipe()
        with open(stdin or os.devnull, "rb") as source, open(self.scratch / "said", "wb") as said:
            done = subprocess.Popen([str(c) for c in [self.measure, *command]], stdin=source, stdout=said, stderr=said,
                                    cwd=self.scratch, env=self.environment(env), close_fds=False, preexec_fn=lambda: os.dup2(write, 3))
            os.close(write)
            with os.fdopen(read) as result:
                words = result.read().split()
            done.wait()
        if not words or words[2] != "0":
            sys.exit(f"bench: {shlex.join(str(c) for c in command)} failed:\n{(self.scratch / 'said').read_text(errors='replace')[-2000:]}")
        return float(words[0]), int(words[1]), float(words[3])

    def figure(self, part, what, unit, mine, theirs=None, peer="", budget=None, commands=()):
        ratio = mine / theirs if theirs else None
        self.figures.append({"part": part, "what": what, "unit": unit, "godwit": mine, "peer": peer, "other": theirs, "ratio": ratio,
                             "budget": budget, "commands": list(commands)})
        if not self.args.json:
            number = {"ms": "{:.2f}", "KiB": "{:.0f}", "MB/s": "{:.0f}", "us/file": "{:.1f}", "trips": "{:.0f}"}[unit].format
            print(f"{what:36} {number(mine):>9} {unit:7}"
                  + (f" {peer:18} {number(theirs):>9}  x {ratio:5.2f}" if theirs else " " * 38)
                  + (f"  budget {budget}" if budget else ""), flush=True)

    @staticmethod
    def median(seconds):
        """In milliseconds."""
        return statistics.median(seconds) * 1000

    def turns(self, tries, runs):
        """Run the tries in turns. {name: (median milliseconds, most KiB, median milliseconds of a processor)}. A try is once()."""
        seen = {name: [] for name in tries}
        for _ in range(runs):
            for name, function in tries.items():
                seen[name].append(function())
        return {name: (self.median([s for s, _, _ in all_]), max(k for _, k, _ in all_), self.median([w for _, _, w in all_]))
                for name, all_ in seen.items()}


def part_up(bench, target, folder, everything):
    count, engine = bench.args.count, target.engine

    def on_new(make):
        def run():
            database = target.server.database()
            command, stdin = make(database)
            shown.setdefault(make, target.shown(command, stdin))
            result = bench.once(command, stdin, target.environment())
            database.drop()
            return result
        return run

    shown = {}
    makes = {"client": lambda d: target.client(d, everything),
             "recorded": lambda d: target.client(d, step_by_step(folder, engine)),
             "godwit": lambda d: (target.up(d, folder), None)}
    if bench.dbmate:
        makes["dbmate"] = lambda d: (target.dbmate(d, folder), None)
    seen = bench.turns({name: on_new(make) for name, make in makes.items()}, bench.args.runs)
    name = {"postgres": "psql -1", "sqlite": "sqlite3"}.get(engine, "mariadb")
    for peer, title, budget in (("client", name, BUDGET_UP[engine] if count == 1000 else None),
                                ("recorded", "file by file", None), ("dbmate", "dbmate", None)):
        if peer in seen:
            bench.figure("up", f"{engine}: up, {count:,} files", "ms", seen["godwit"][0], seen[peer][0], title, budget,
                         [shown[makes["godwit"]], shown[makes[peer]]])


def part_idle(bench, target, folders):
    for count, folder in folders.items():
        idle_with(bench, target, count, folder)


def idle_with(bench, target, count, folder):
    engine, env = target.engine, target.environment()
    database, other = target.server.database(), target.server.database()
    up = target.up(database, folder)
    bench.once(up)
    commands = {"plain": target.plain(database), "godwit": up}
    if bench.dbmate:
        commands["dbmate"] = target.dbmate(other, folder)
        bench.once(commands["dbmate"])
    seen = bench.turns({name: (lambda c=command: bench.once(c, None, env)) for name, command in commands.items()}, bench.args.runs * 6)
    for peer, title, budget in (("plain", "connect + 1 query", BUDGET_IDLE), ("dbmate", "dbmate", None)):
        if peer in seen:
            bench.figure("idle", f"{engine}: nothing to do, {count:,} files", "ms", seen["godwit"][0], seen[peer][0], title,
                         budget if count in (USUAL, 1000) else None, [target.shown(commands["godwit"]), target.shown(commands[peer])])
            bench.figure("idle", f"{engine}: the same, processor", "ms", seen["godwit"][2], seen[peer][2], title)
    database.drop()
    other.drop()


def part_memory(bench, place):
    """Many files on SQLite: what is held in memory, and whether time is linear in the files."""
    target = Target(bench, "sqlite", place)
    few, many = bench.args.many // 10, bench.args.many
    per_file = {}
    for count in (few, many):
        folder, _ = make_folder(bench.scratch / f"many{count}", count, "sqlite", row)
        database = target.server.database()
        base = target.godwit(database, folder)
        for verb, command in (("up", [*base, "--create", "up"]), ("up, nothing to do", [*base, "up"]), ("status", [*base, "status"])):
            tries = 1 if verb == "up" else bench.args.runs
            seen = bench.turns({verb: lambda c=command: bench.once(c)}, tries)[verb]
            per_file[verb, count] = seen[0] * 1000 / count
            if count == many:
                bench.figure("memory", f"{verb}: memory, {count:,} files", "KiB", seen[1], None, "", "65536 KiB" if many == 10000 else None,
                             [target.shown(command)])
                bench.figure("memory", f"{verb}: a file, of {count:,}", "us/file", per_file[verb, count], per_file[verb, few],
                             f"of {few:,}", "linear: x 1", [target.shown(command)])
        database.drop()


def part_start(bench):
    true = shutil.which("true")
    commands = {"true": [true], "godwit": [bench.program, "--version"]}
    seen = bench.turns({name: (lambda c=command: bench.once(c)) for name, command in commands.items()}, 200)
    bench.figure("start", "godwit --version, of 200", "ms", seen["godwit"][0], seen["true"][0], "true", "2 ms", ["godwit --version", "true"])


def part_size(bench):
    sizes = (("program, stripped", bench.program, "3072 KiB"), ("libgodwit.so, stripped", bench.build / "src/api/libgodwit.so", None))
    for what, path, budget in sizes:
        if path.exists():
            stripped = bench.scratch / "stripped"
            servers.run(["strip", "-o", stripped, path])
            bench.figure("size", what, "KiB", stripped.stat().st_size / 1024, None, "", budget, [f"strip -o out {path.name}; wc -c out"])


def part_split(bench):
    libraries = [bench.build / f"src/{floor}/libgw_{floor}.a" for floor in ("sql", "base")]
    out = bench.compile("split_speed", "-std=gnu11", "-D_GNU_SOURCE", "-DNDEBUG", f"-I{ROOT}/include", f"-I{ROOT}/src", *libraries,
                        "-lcrypto", "-pthread")
    for line in servers.run([out]).splitlines():
        name, speed = line[:34].strip(), line[34:].split()[0]
        bench.figure("split", f"split {name}", "MB/s", float(speed), None, "", ">= 200 MB/s" if "plain DDL" in name else None,
                     ["bench/split_speed.c"])


def run_engine(bench, engine, place):
    parts = [part for part in ("idle", "up", "trips", "latency") if part in bench.args.parts and (engine != "sqlite" or part in ("idle", "up"))]
    if not parts:
        return
    folder, everything = make_folder(bench.scratch / engine, bench.args.count, engine)
    folders = {bench.args.count: folder}
    if "idle" in parts and bench.args.count != USUAL:
        folders = {USUAL: make_folder(bench.scratch / f"{engine}{USUAL}", USUAL, engine)[0], **folders}
    target = Target(bench, engine, place)
    carry_out = {"idle": lambda: part_idle(bench, target, folders), "up": lambda: part_up(bench, target, folder, everything),
                 "trips": lambda: part_trips(bench, target), "latency": lambda: part_latency(bench, target)}
    try:
        for part in parts:
            carry_out[part]()
    finally:
        target.close()


def run_parts(bench, place):
    args = bench.args
    for part, function in (("start", part_start), ("size", part_size), ("split", part_split)):
        if part in args.parts:
            function(bench)
    for engine in args.engines:
        run_engine(bench, engine, place)
    if "memory" in args.parts:
        part_memory(bench, place)


def words(allowed):
    def read(text):
        found = text.split(",")
        wrong = [word for word in found if word not in allowed]
        if wrong:
            raise argparse.ArgumentTypeError(f"no {wrong[0]}; there are {', '.join(allowed)}")
        return found
    return read


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the godwit to measure, of a release build")
    parser.add_argument("--engines", type=words(ENGINES), default=list(ENGINES))
    parser.add_argument("--parts", type=words(PARTS), default=list(PARTS))
    parser.add_argument("--runs", type=int, default=5, help="how often each is run; the median counts (nothing to do: six times that)")
    parser.add_argument("--count", type=int, default=1000, help="migrations to apply")
    parser.add_argument("--many", type=int, default=10000, help="files of the part memory")
    parser.add_argument("--far", type=int, default=1000, help="at most so many migrations in the part latency: 1000 take dbmate minutes")
    parser.add_argument("--fast", action="store_true", help="nothing waits for the disk, and data is in memory")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")
    args = parser.parse_args()
    place = servers.new_folder(servers.fast_place() if args.fast else pathlib.Path(tempfile.gettempdir()))
    try:
        scratch = place / "scratch"
        scratch.mkdir()
        bench = Bench(args, scratch)
        run_parts(bench, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if args.json:
        print(json.dumps({"durable": not args.fast, "runs": args.runs, "figures": bench.figures}, indent=2))
    else:
        print("\nthe commands that these are the times of"
              + (", each on a new database:" if "up" in args.parts else ":"))
        for command in dict.fromkeys(c for f in bench.figures for c in f["commands"]):
            print(f"  {command}")


if __name__ == "__main__":
    main()
