"""A kind of analysis that stands in a folder of its own: Fisher's exact test.

Everything that is known of it is declared here; `exact_test` does the work, and `shown` makes its
table and its figure.
"""

from typing import ClassVar, Literal

from trialrr.analyses.base import Kind
from trialrr.plan import Plan
from trialrr.plan.base import Distinct, Name, key
from trialrr.plan.entry import Entry
from trialrr.plan.needs import ALL_MODES, Needs
from trialrr.plan.rules import Faults, unknown
from trialrr.present.shows.base import FigureShow, KindShow, PartShow, Shows, TableShow


class FisherExact(Entry):
    """Fisher's exact test of each contrast at each visit, among people observed."""

    needs: ClassVar[Needs] = Needs(
        missing_covariates=ALL_MODES,
        independent="Fisher's test has people as independent; leave the entry out",
    )

    kind: Literal["fisher_exact"] = key("fisher_exact", "what is done")
    alternative: Literal["two-sided", "greater", "less"] = key(
        "two-sided", "of the first arm's odds"
    )
    months: Distinct[Name] = key((), "visits at which it is done; absent: all", min_length=1)

    def faults(self, plan: Plan) -> Faults:
        return [("months", text) for text in unknown(self.months, plan.months, "month")]


KINDS = (Kind(FisherExact, ".exact_test"),)

SHOWS = Shows(
    kinds=(KindShow("fisher_exact", "Exact test of two arms", method="fisher_exact"),),
    figures=(
        FigureShow(
            "exact_tests",
            ".shown:figure",
            part="exact-tests",
            kinds=("fisher_exact",),
            quantity="fisher_exact",
        ),
    ),
    tables=(TableShow("exact_tests", ".shown:table", part="exact-tests", kinds=("fisher_exact",)),),
    parts=(PartShow("Exact tests", (".shown:introduction",), section=True),),
)
