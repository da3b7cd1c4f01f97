"""A kind of analysis that stands in a folder of its own: Fisher's exact test.

Everything that is known of it is declared here; `exact_test` does the work.
"""

from dataclasses import dataclass

from trialrr.analyses.base import ALL_MODES, Kind, Needs
from trialrr.plan.kinds import Entry


@dataclass(frozen=True, slots=True)
class FisherExact(Entry):
    """Fisher's exact test of each contrast at each visit, among people observed.
    alternative : two-sided, or greater or less, of the first arm's odds."""

    alternative: str = "two-sided"


KIND = Kind(
    "fisher_exact",
    FisherExact,
    "tests.doors.toy_kind.exact_test",
    needs=Needs(
        missing_covariates=ALL_MODES,
        independent="Fisher's test has people as independent; leave the entry out",
    ),
)
