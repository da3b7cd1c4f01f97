"""Opioid therapy from dispensings: days covered in a window, and their longest run."""

from collections.abc import Iterable

WINDOW = (-90, -1)
"""Window of the baseline, days from randomization, both ends inside."""
QUARTERS = {"3": (1, 90), "6": (91, 180), "9": (181, 270), "12": (271, 360)}
"""Month → window of the quarter that ends with it."""
NEEDED = 60


def covered_days(dispensings: Iterable[tuple[int, int]], window: tuple[int, int]) -> set[int]:
    """Days of `window` (both ends inside) with supply at hand.

    dispensings : (day dispensed, days' supply) in days from randomization, in any order. A script
    filled before the last one ran out starts when that one ends: supplies add up, they do not
    overlap. Scripts before the window are carried into it.
    """
    first, last = window
    days: set[int] = set()
    free = None
    for start, supply in sorted(dispensings):
        begin = start if free is None else max(start, free)
        free = begin + supply
        days.update(range(max(begin, first), min(free - 1, last) + 1))
    return days


def longest_run(days: Iterable[int]) -> int:
    """Length of the longest run of consecutive days."""
    longest = run = 0
    previous = None
    for day in sorted(days):
        run = run + 1 if previous is not None and day == previous + 1 else 1
        longest, previous = max(longest, run), day
    return longest


def opioid_run(dispensings: Iterable[tuple[int, int]], window: tuple[int, int] = WINDOW) -> int:
    """Longest run of covered days inside `window`."""
    return longest_run(covered_days(dispensings, window))


def long_term(
    dispensings: Iterable[tuple[int, int]], window: tuple[int, int] = WINDOW, needed: int = NEEDED
) -> bool:
    """Whether `window` holds at least `needed` days' supply without a gap (`trial.md`)."""
    return opioid_run(dispensings, window) >= needed
