"""How much was tried: numbers that tests record and the end of a run sums up, "crash points: sqlite 412, postgres 380"."""
import collections

PROPERTY = "counted"


def pack(what, where, number):
    return f"{what}|{where}|{number}"


def lines(packed):
    """One line for each kind of thing that was counted."""
    sums = collections.defaultdict(collections.Counter)
    for text in packed:
        what, where, number = text.split("|")
        sums[what][where] += int(number)
    return [f"{what}: " + ", ".join(f"{where} {number}" for where, number in sorted(places.items())) for what, places in sorted(sums.items())]
