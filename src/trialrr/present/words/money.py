"""How money is printed: as a count, half up; the currency stands beside it."""

from trialrr.present.words import numbers


def amount(value) -> str:
    """A sum without decimals: 1234; 12,345; -500."""
    if numbers.missing(value):
        return numbers.MISSING
    whole = numbers.fixed(value, 0)
    return numbers.count(int(whole)) if whole.lstrip("-").isdigit() else whole


def price(value) -> str:
    """What one costs: whole, or to the hundredth: 9000; 1.50."""
    if numbers.missing(value) or float(value).is_integer():
        return amount(value)
    return numbers.ratio(value)


def tick(value: float) -> str:
    """A place on an axis, its minus sign as on axes: 30,000; −500; 0.5."""
    text = amount(value) if float(value).is_integer() else f"{value:g}"
    return numbers.minus(text)
