"""Brief Pain Inventory, short form: worst, least, average and current pain, and interference.

Items have the names of the HEAL common data elements in lower case.
"""

import numpy as np
from numpy.typing import NDArray

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.scoring import mean_of_answered
from trialrr.responder import Score

INTENSITY = (
    "bpiwrstpnlast24hrtngscl",
    "bpileastpnlst24hrtngscl",
    "bpiavgpainrtngscl",
    "bpicurrentpainrtngscl",
)
INTERFERENCE = (
    "bpipainintfrgnrlactvtyscl",
    "bpipainintfrmoodscl",
    "bpipainintfrwlkablscl",
    "bpipainnrmlwrkintrfrscl",
    "bpipainrelationsintrfrscl",
    "bpipainsleepintrfrscl",
    "bpipainenjoymntintrfrscl",
)
PEG_IN_BPI = ("bpiavgpainrtngscl", "bpipainenjoymntintrfrscl", "bpipainintfrgnrlactvtyscl")
"""The three items from which the PEG was made: average pain, enjoyment, general activity."""
MIN_INTERFERENCE = 4
"""Interference items that must be answered for interference and severity to be scored."""


def bpi(items: NDArray[np.float64]) -> dict[str, Score]:
    """Severity, intensity and interference of the BPI-SF, each 0-10.

    items : (n, 11), intensity before interference, NaN = missing.
    Intensity is the mean of its 4 items, all needed; interference the mean of those answered of
    its 7, at least 4 needed; severity the mean of those answered of the 11, needing both.
    """
    intensity, interference = items[:, : len(INTENSITY)], items[:, len(INTENSITY) :]
    four = mean_of_answered(intensity, len(INTENSITY))
    seven = mean_of_answered(interference, MIN_INTERFERENCE)
    both = Score(
        four.total + seven.total, four.answered + seven.answered, four.scored & seven.scored
    )
    return {"severity": both, "intensity": four, "interference": seven}


BPI = Instrument(
    title="Brief Pain Inventory, short form",
    items=between(0, 10, INTENSITY + INTERFERENCE),
    scorer=bpi,
    reference="Cleeland & Ryan (1994), Ann Acad Med Singap 23:129-138",
)
