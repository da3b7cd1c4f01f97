"""PEG: pain, enjoyment of life and general activity in the past week, three items."""

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.scoring import mean_of_answered

PEG = Instrument(
    title="PEG",
    items=between(0, 10, ("peg_1", "peg_2", "peg_3")),
    scorer=lambda items: {"peg": mean_of_answered(items, needed=3)},
    reference="Krebs et al. (2009), J Gen Intern Med 24:733-738",
)
