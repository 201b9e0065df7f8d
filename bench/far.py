"""The parts that are about servers far away: how long a run takes there, and how often it waits for the server.

Both go through the proxy of the breaking tests (tests/crash/proxy.py), which runs here and delays, or counts, what passes. In clear, so that
it sees where the login ends.
"""
from target import Target, make_folder, servers
from proxy import Proxy

ROUND_TRIP = 0.020
# How long both sides must be silent before an answer passes: see trips_of(). PostgreSQL's answers come while more is being sent.
SILENCE = {"postgres": 0.1, "mariadb": 0.02, "mysql": 0.02}
# 100 migrations on every server; 1,000 where no server needs minutes for them.
LATENCY = {"postgres": (100, 1000), "mariadb": (100,), "mysql": (100,)}
BUDGET_LATENCY = {("postgres", 100): "600 ms"}
TRIPS = (0, 1, 100, 1000)
TURNS = 3


def budget_of_trips(engine, count):
    """As the issue has it: 2 with nothing to do; a thousand on PostgreSQL 12; on MySQL one a migration."""
    if count == 0:
        return "2"
    if engine == "postgres":
        return "12" if count == 1000 else None
    return f"{count} + 12" if count >= 100 else None


def folders(bench, engine, part, counts):
    return {count: make_folder(bench.scratch / f"{part}_{engine}_{count}", count, engine)[0] for count in counts}


# ---- how long ----


def timed(bench, target, call, folder, way):
    database = target.server.database()
    try:
        return bench.once(call(database, folder, way.port), None, target.environment())[0]
    finally:
        database.drop()


def latency_of(bench, target, folder, count, way):
    """godwit as often as said; the peers, which take seconds to minutes, at most three times, and once for a thousand."""
    engine, tools = target.engine, target.tools()
    seen = {name: [] for name in tools}
    for turn in range(bench.args.runs):
        for name, call in tools.items():
            if name == "godwit" or turn < (TURNS if count <= 100 else 1):
                seen[name].append(timed(bench, target, call, folder, way))
    shown = {name: target.shown(call(target.server.database(create=False), folder, way.port)) for name, call in tools.items()}
    mine = bench.median(seen["godwit"])
    what, budget = f"{engine}: up, {count:,} files, 20 ms away", BUDGET_LATENCY.get((engine, count))
    for name in [n for n in tools if n != "godwit"] or [None]:
        bench.figure("latency", what, "ms", mine, bench.median(seen[name]) if name else None, name or "", budget,
                     [shown["godwit"], *([shown[name]] if name else [])])
        budget = None


def part_latency(bench, target):
    with Proxy(target.server.host, target.server.port, target.engine) as way:
        way.delay = ROUND_TRIP / 2
        counts = [count for count in LATENCY[target.engine] if count <= bench.args.far]
        for count, folder in folders(bench, target.engine, "far", counts).items():
            latency_of(bench, target, folder, count, way)


# ---- how often ----


def trips_of(bench, target, command, way, silence):
    """(round trips after the login, connections). With `silence` answers are held back until both sides have been silent for so long: what
    is answered while it is still being sent is one round trip then. The peers send nothing ahead: they are counted as they are."""
    way.lockstep = silence
    way.reset()
    bench.once(command, None, target.environment())
    return way.trips, len(way.links)


def count_trips(bench, target, name, call, by_count, way):
    silence = SILENCE[target.engine] if name == "godwit" else 0.0
    found = {}
    for count in TRIPS:
        database = target.server.database()
        folder = by_count[count or 1]
        command = call(database, folder, way.port)
        if count == 0:  # nothing to do: it was done before
            trips_of(bench, target, command, way, 0.0)
        found[count] = trips_of(bench, target, command, way, silence)[0], target.shown(command)
        database.drop()
    return found


def part_trips(bench, target):
    engine = target.engine
    by_count = folders(bench, engine, "trips", [count for count in TRIPS if count])
    with Proxy(target.server.host, target.server.port, engine) as way:
        seen = {name: count_trips(bench, target, name, call, by_count, way) for name, call in target.tools().items()}
    for count in TRIPS:
        what = f"{engine}: round trips, {f'{count:,} files' if count else 'nothing to do'}"
        mine, mine_shown = seen["godwit"][count]
        budget = budget_of_trips(engine, count)
        for name in [n for n in seen if n != "godwit"] or [None]:
            theirs, shown = seen[name][count] if name else (None, None)
            bench.figure("trips", what, "trips", mine, theirs, name or "", budget, [mine_shown, *([shown] if shown else [])])
            budget = None
