"""What a kind of analysis asks of a plan, as data: each fact stands once, with the words in which
the plan's check tells that it is lacking."""

from collections.abc import Callable
from dataclasses import dataclass

from trialrr.plan.mentions import COMPLETE_CASE, INDICATOR, MEAN, STOP

FIT = "model"
"""Kind of an entry that does not say one: one fit of the outcome model."""
BINARY, SCORE = "binary", "score"
"""Form of its outcomes that a kind analyzes."""
ALL_MODES = (MEAN, INDICATOR, COMPLETE_CASE, STOP)
"""Everything that `models.missing_covariates` may say."""

Get = Callable[[str], object]
"""Value of a key of an entry, with its default where the entry does not say it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """How the plan's check tells that something cannot be done.

    text : with values of keys in braces; keys : it is told if one of them has a value that cannot
    be done, of () any; place : key of the entry that is at fault.
    """

    text: str
    keys: tuple[str, ...] = ()
    place: str = "of"


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to compute something of an entry of kind `model`.

    takes : key of the entry → the values that it can do; of a key that is not there, all. words :
    the same for people, what "expected" is followed by; refusals : the same for the plan's check.
    """

    takes: dict[str, tuple[object, ...]]
    words: str
    refusals: tuple[Refusal, ...] = ()

    def refuses(self, get: Get) -> dict[str, object]:
        """Key → value of what it cannot do of an entry, {} if it can do it."""
        return {key: get(key) for key, able in self.takes.items() if get(key) not in able}

    def can_do(self, entry: object) -> bool:
        """Whether it can do an entry that has the keys as attributes."""
        return not self.refuses(lambda key: getattr(entry, key))

    def faults(self, get: Get, **words: object) -> list[tuple[str, str]]:
        """(key, text) of what it cannot do of an entry; words : what texts name besides keys."""
        refused = self.refuses(get)
        named = {key: get(key) for key in self.takes} | words
        return [
            (refusal.place, refusal.text.format_map(named))
            for refusal in self.refusals
            if (refused and not refusal.keys) or refused.keys() & set(refusal.keys)
        ]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a kind asks of a plan and its data.

    form : of its outcomes, "" if it asks for none; score : whether a responder must have the score
    behind it; of : kind of the entry that its key `of` names, if it has this key; engine : what
    that entry must keep to, None if it may be any; missing_covariates : the modes that it follows;
    randomization : whether it repeats that of the plan; independent : where people are taken as
    independent, what to do instead if whole clusters were randomized, "" if clusters are respected.
    """

    form: str = BINARY
    score: bool = False
    of: str = FIT
    engine: Engine | None = None
    missing_covariates: tuple[str, ...] = (MEAN, STOP)
    randomization: bool = False
    independent: str = ""
