"""What a questionnaire declares."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialrr.responder import Score

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A questionnaire, or a short form of one.

    items : item, named as the column that holds its answers → least and greatest answer;
    scorer : (n, k) answers in the order of `items`, NaN = missing → name of a score → the score,
    which says by itself how many answers it needs; reversed_items : those whose answers are turned
    back, minimum + maximum - answer, before they are scored; reference : where items and scoring
    are published.
    """

    title: str
    items: Mapping[str, tuple[int, int]]
    scorer: Callable[[Array], dict[str, Score]]
    reference: str
    reversed_items: tuple[str, ...] = ()

    def scores(self, table) -> dict[str, Score]:
        """The scores of each row of a table with the items as columns. Raises KeyError."""
        answers = table[list(self.items)].to_numpy(float, copy=True)
        for k, (item, (low, high)) in enumerate(self.items.items()):
            if item in self.reversed_items:
                answers[:, k] = low + high - answers[:, k]
        return self.scorer(answers)


def between(low: int, high: int, items: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Items that have the same least and greatest answer."""
    return dict.fromkeys(items, (low, high))
