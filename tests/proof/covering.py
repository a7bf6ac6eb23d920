"""A covering array: few rows in which every three values of different parameters meet."""

import random
from collections import defaultdict
from itertools import combinations


def rows(sizes, strength, seed, tries=12):
    """Give rows of indices until every `strength` values of as many parameters have met.

    Greedy: each row begins with three that have not met, and takes for the rest, in turn, the
    value that brings most new meetings.
    """
    rng = random.Random(seed)
    places = list(combinations(range(len(sizes)), strength))
    missing = {}
    for place in places:
        combos = [()]
        for at in place:
            combos = [(*one, value) for one in combos for value in range(sizes[at])]
        rng.shuffle(combos)
        missing[place] = dict.fromkeys(combos)
    through = defaultdict(list)
    for place in places:
        for at in place:
            through[at].append(place)
    order = sorted(places, key=lambda place: -len(missing[place]))
    for place in order:
        while missing[place]:
            wanted = next(iter(missing[place]))
            row = [None] * len(sizes)
            for at, value in zip(place, wanted, strict=True):
                row[at] = value
            free = [at for at in range(len(sizes)) if row[at] is None]
            rng.shuffle(free)
            for at in free:
                values = range(sizes[at])
                some = values if sizes[at] <= tries else rng.sample(values, tries)
                row[at] = max(some, key=lambda value: _new(row, at, value, through[at], missing))
            for each in places:
                missing[each].pop(tuple(row[at] for at in each), None)
            yield row


def _new(row, at, value, places, missing):
    row[at] = value
    found = sum(tuple(row[one] for one in place) in missing[place] for place in places)
    row[at] = None
    return found
