"""How numbers are printed: one rounding rule, JAMA style.

Rounding is half up (away from zero) on the decimal value of the number, that is on its first twelve
digits, so that what a fit adds beyond them decides nothing: 0.125 prints as 0.13, 2.675 as 2.68,
and 21 of 48 as 43.8% by a model as by counting. Tables, figures, report and notebooks print numbers
through this module only.

- Percentages have one decimal, ratios two, means and SDs one, differences of means and standardized
  differences two, counts none (a comma from 10,000 on).
- Number needed to treat: rounded away from zero, so that it never promises too much.
- P values have no leading zero: two decimals from .01 on, three below, `<.001` and `>.99` at the
  ends. Where two decimals would print a value below the level of tests as that level, decimals are
  added until it reads below: at .05 these are .048, .0497. (AMA Manual of Style, 11th ed, 19.5.)
- Missing prints as an em dash.
"""

import re
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from math import isfinite, isnan

MISSING = "—"
INFINITY = "∞"
DIGITS = 12  # significant ones that are printed from; further ones depend on the processor
NO_INTERVAL = "no interval"
BENEFIT = ("NNT", "NNH")  # one more event is good: number needed to treat, or to harm
MOST_NEEDED = 1_000_000  # a larger number needed says no more than that the risks are alike
NEUTRAL = ("1 more in", "1 fewer in")  # nobody said whether the event is good


def decimal(value) -> Decimal:
    """The decimal value of a float, of at most DIGITS digits: 0.125 and 0.12499999999999994, which
    is 0.125 but for rounding, are both 0.125."""
    return Decimal(f"{float(value):.{DIGITS}g}")


def missing(value) -> bool:
    """True for None, NaN and pandas' NA."""
    try:
        return value is None or isnan(value)
    except TypeError:  # pandas' NA has no float
        return True


def fixed(value, places: int) -> str:
    """`value` with `places` decimals, half up; never "-0.0"."""
    if missing(value):
        return MISSING
    if not isfinite(value):
        return INFINITY if value > 0 else f"-{INFINITY}"
    return _plain(decimal(value), places)


def ratio(value) -> str:
    """A relative risk or odds ratio, or a difference of means: two decimals."""
    return fixed(value, 2)


def mean(value) -> str:
    """A mean, SD, median or quartile: one decimal."""
    return fixed(value, 1)


def percent(proportion, places: int = 1) -> str:
    """A proportion as a percentage without the sign: 0.266 prints as 26.6."""
    if missing(proportion) or not isfinite(proportion):
        return fixed(proportion, places)
    return _plain(decimal(proportion) * 100, places)


def count(value) -> str:
    """A whole number; a comma groups thousands from 10,000 on. Raises ValueError for 2.5."""
    if missing(value):
        return MISSING
    if int(value) != value:
        raise ValueError(f"a count must be a whole number, found {value}")
    return f"{int(value):,}" if abs(value) >= 10_000 else f"{int(value)}"


def share(events, n) -> str:
    """Count, denominator and percentage: 571/776 (73.6)."""
    if missing(events) or missing(n):
        return count(events)
    if n == 0:
        return f"{count(events)}/0"
    tenths = Decimal((2000 * int(events) + int(n)) // (2 * int(n)))  # half up, in integers
    return f"{count(events)}/{count(n)} ({tenths / 10:.1f})"


def interval(estimate, lower, upper, form=ratio) -> str:
    """An estimate with its confidence limits, 1.54 (1.30 to 1.82), or without: 1.54 (no
    interval)."""
    if missing(estimate):
        return MISSING
    if missing(lower) or missing(upper):
        return f"{form(estimate)} ({NO_INTERVAL})"
    return f"{form(estimate)} ({form(lower)} to {form(upper)})"


def span(smallest, largest, fits: int, form=ratio) -> str:
    """Smallest and largest of several estimates: 1.50 to 1.62 (12 fits)."""
    return f"{form(smallest)} to {form(largest)} ({count(fits)} {'fit' if fits == 1 else 'fits'})"


def p_value(p, places: int = 2, alpha: float = 0.05) -> str:
    """A P value in JAMA style, see the module's docstring, with at least `places` decimals (more
    than two beside one that was printed so). alpha : level of tests. Raises ValueError outside 0 to
    1."""
    if missing(p):
        return MISSING
    if not 0 <= p <= 1:
        raise ValueError(f"a P value lies between 0 and 1, found {p}")
    value, level = decimal(p), decimal(alpha)
    least = min(Decimal("0.001"), level)
    if value < least:
        return f"<{least:f}".replace("0.", ".")
    if value > Decimal("0.99"):
        return ">.99"
    places = max(places, 3 if value < Decimal("0.01") else 2)
    while (value < level) != (_round(value, places) < level):
        places += 1
    return _plain(value, places).removeprefix("0")


def nnt(estimate, lower=None, upper=None, words: tuple[str, str] = BENEFIT) -> str:
    """Number needed to treat, rounded away from zero, with its limits.

    estimate, lower, upper : 1/RD, 1/(upper limit of RD), 1/(lower limit of RD). lower > 0 > upper
    says that the interval of RD covers 0: it then runs through infinity from one sign to the other,
    and the side of the estimate is printed first. Of equal risks the number is infinite, ∞; above
    MOST_NEEDED it is not told apart. NaN limits: there is no interval.
    9 (7 to 14); NNH 12 (8 to 30); 40 (NNT 20 to ∞ to NNH 35).
    """
    if missing(estimate):
        return MISSING
    head = _needed(estimate)
    if isfinite(estimate) and (estimate < 0 or words != BENEFIT):
        head = f"{words[estimate < 0]} {head}"
    if lower is upper is None:
        return head
    if missing(lower) or missing(upper):
        return f"{head} ({NO_INTERVAL})"
    if lower > 0 > upper:
        ends = [f"{words[0]} {_needed(lower)}", f"{words[1]} {_needed(upper)}"]
        first, last = ends if estimate > 0 else reversed(ends)
        return f"{head} ({first} to {INFINITY} to {last})"
    near, far = sorted((abs(lower), abs(upper)))
    return f"{head} ({_needed(near)} to {_needed(far)})"


def minus(text: str) -> str:
    """`text` with the hyphens before numbers as minus signs, for figures and pages."""
    return re.sub(r"(?<![\w.)])-(?=[\d.∞])", "−", text)


def _needed(value) -> str:
    if not isfinite(value):
        return INFINITY
    if abs(value) > MOST_NEEDED:
        return f">{MOST_NEEDED:,}"
    return count(int(abs(decimal(value)).quantize(Decimal(1), ROUND_UP)))


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _plain(value: Decimal, places: int) -> str:
    rounded = _round(value, places)
    return f"{abs(rounded) if rounded == 0 else rounded:f}"
