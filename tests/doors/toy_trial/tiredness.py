"""Three questions about tiredness, 0-10 each; the last one asks the other way round."""

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.scoring import mean_of_answered

TIREDNESS = Instrument(
    title="Tiredness",
    items=between(0, 10, ("tired_waking", "tired_noon", "fresh_evening")),
    scorer=lambda items: {"tiredness": mean_of_answered(items, needed=2)},
    reference="made up for a test",
    reversed_items=("fresh_evening",),
)
