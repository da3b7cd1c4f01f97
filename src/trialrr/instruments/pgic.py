"""Patient Global Impression of Change: of pain, and overall, one item and one score each."""

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.scoring import exact

ITEMS = ("pgic_pain", "pgic_overall")

PGIC = Instrument(
    title="Patient Global Impression of Change",
    items=between(1, 7, ITEMS),
    scorer=lambda items: {name: exact(items[:, k]) for k, name in enumerate(ITEMS)},
    reference="Guy (1976), ECDEU Assessment Manual for Psychopharmacology, 218-222",
)
