"""Pain Catastrophizing Scale, short form of six items; HEAL names in lower case."""

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.scoring import sum_as

PCS6 = Instrument(
    title="Pain Catastrophizing Scale, 6 items",
    items=between(
        0,
        4,
        (
            "pcqpainawfulovrwhlmscl",
            "pcqfeelcantwithstandscl",
            "pcqafraidpainworsescl",
            "pcqhurtscl",
            "pcqpainstopscl",
            "pcqseriousscl",
        ),
    ),
    scorer=sum_as("pcs"),
    reference="McWilliams et al. (2015), Eur J Pain 19:1342-1349",
)
