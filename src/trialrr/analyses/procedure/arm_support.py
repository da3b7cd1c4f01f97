"""What stands behind an estimate of risks of arms: clusters, and a variance that is no rounding.

For kinds that fit many data sets at once, or whose estimates come from no `model.Result`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialrr.estimate.identified import unidentified

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ArmSupport:
    """arm : (n,) index of each person's arm; cluster : (n,) labels; arms : their ids; parameters :
    of the model that is fitted, None where none has a rank to ask for."""

    arm: NDArray[np.int64]
    cluster: NDArray
    arms: tuple[str, ...]
    parameters: int | None = None

    def why_not(self, arms: Sequence[int], variance: float, claimed: float | None = None) -> str:
        """Why the variance of an estimate of some arms is not identified, "" where it is.

        claimed : the variance that a model without clusters gives, None to ask for no more than a
        positive one.
        """
        counts = {self.arms[a]: len(np.unique(self.cluster[self.arm == a])) for a in arms}
        total = len(np.unique(self.cluster))
        return unidentified(variance, claimed, counts, self.parameters, total)

    def of_log_risks(
        self, arms: Sequence[int], log_risks: ArrayLike, gradient: ArrayLike, variance: float
    ) -> str:
        """The same with gradient (k,) by the log risks (k,) of the arms (k,), each of which has
        about 1/(events) as its variance."""
        people = np.bincount(self.arm, minlength=len(self.arms))[list(arms)]
        events = people * np.exp(np.asarray(log_risks, float))
        return self.why_not(arms, variance, float((np.asarray(gradient) ** 2 / events).sum()))


def eventless(arms: Sequence[str], month: str, lacking: ArrayLike) -> str:
    """Why there is no relative risk of arms one of which has no event at a month in some data sets,
    "" where all have. lacking : (B, k) booleans, by data set and arm."""
    lacking = np.atleast_2d(lacking)
    told = []
    for arm, here in zip(arms, lacking.T, strict=True):
        if here.all():
            told.append(f"arm {arm} has no event at month {month}")
        elif here.any():
            of = f"{int(here.sum())} of {len(here)} data sets made"
            told.append(f"arm {arm} has no event at month {month} in {of}")
    return f"{'; '.join(told)}: no relative risk; see the counts" if told else ""
