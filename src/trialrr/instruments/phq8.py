"""Patient Health Questionnaire, eight items of depression; HEAL names in lower case."""

from trialrr.instruments.base import Instrument, between
from trialrr.instruments.scoring import sum_as

PHQ8 = Instrument(
    title="Patient Health Questionnaire, 8 items",
    items=between(
        0,
        3,
        (
            "phqlitintrstscore",
            "phqdeprssnscore",
            "phqsleepimpairscore",
            "phqtirdlittleenrgyscore",
            "phqabnrmldietscore",
            "phqflngfailrscore",
            "phqconcntrtnimprmntscore",
            "phqmovmntspchimprmntscore",
        ),
    ),
    scorer=sum_as("phq8"),
    reference="Kroenke et al. (2009), J Affect Disord 114:163-173",
)
