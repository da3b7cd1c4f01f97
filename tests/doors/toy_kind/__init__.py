"""A kind of analysis that stands in a folder of its own: Fisher's exact test.

Everything that is known of it is declared here; `exact_test` does the work.
"""

from typing import Literal

from trialrr.analyses.base import ALL_MODES, Kind, Needs
from trialrr.plan.base import key
from trialrr.plan.kinds import Entry


class FisherExact(Entry):
    """Fisher's exact test of each contrast at each visit, among people observed."""

    kind: Literal["fisher_exact"] = key("fisher_exact", "what is done")
    alternative: Literal["two-sided", "greater", "less"] = key(
        "two-sided", "of the first arm's odds"
    )


KIND = Kind(
    "fisher_exact",
    FisherExact,
    "tests.doors.toy_kind.exact_test",
    needs=Needs(
        missing_covariates=ALL_MODES,
        independent="Fisher's test has people as independent; leave the entry out",
    ),
)
