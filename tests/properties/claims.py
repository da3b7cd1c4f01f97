"""What must hold of every run, whatever the trial and the plan: each function gives sentences about
rows or words that break it, none if all is well."""

import math
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pandas as pd
from scipy import stats

from tests.properties.chain import Run

FITTED = (
    "model",
    "leave_one_out",
    "responder_curve",
    "selected_covariates",
    "subgroups",
    "per_protocol",
    "compliers",
    "mmrm",
    "multiple_imputation",
    "delta",
    "informative_odds",
    "reference_based",
)
"""Kinds of analyses whose intervals and tests come from a standard error."""
WITHOUT_ERROR = ("nnt", "omnibus_wald", "protected_test", "adjusted_test", "fisher_exact")
WITHOUT_ERROR += ("cochran_mantel_haenszel", "selection_p_missing", "selection_p_outcome")
WITHOUT_ERROR += ("interaction_wald", "interaction_wald_difference")
"""Quantities of them that have none: limits that are the inverse of others', tests of several
parameters at once, exact and stratified tests of tables."""
RESAMPLED = ("bootstrap", "mediation", "economics")
"""Kinds whose intervals are quantiles of samples: a skewed one at a low level may leave the
estimate out, but has a width."""
TESTED = ("risk_ratio", "risk_difference", "odds_ratio", "mean_difference")
ESTIMATED = ("risk", "mean", "mean_change", *TESTED)
TESTS = ("omnibus_wald", "adjusted_test", "protected_test", "fisher_exact")
TINY = 1e-9
NO_NUMBER = re.compile(r"(?<![\w'-])(nan|-?inf|NaN|NaT|<NA>)(?![\w'-])")
"""A program's word for a number that is not there."""

RULES = {
    "protected_lsd": r"[Ff]isher's protected|protected LSD|[Pp]rotected pairs",
    "holm": r"\bHolm\b",
    "hochberg": r"\bHochberg\b",
    "hommel": r"\bHommel\b",
    "fixed_sequence": r"[Ff]ixed.sequence|fixed order",
}


def variance(run: Run) -> Iterator[str]:
    """No interval, standard error or test without a variance; none out of order or of width 0."""
    kinds = _kinds(run)
    for row in run.ard.itertuples():
        limits, p = (row.lower, row.upper), row.p_value
        given = [v for v in limits if not math.isnan(v)]
        if len(given) == 1:
            yield f"one limit without the other: {_told(row)}"
        if not math.isnan(p) and not 0 <= p <= 1:
            yield f"p outside 0 to 1: {_told(row)}"
        simulated = kinds.get(row.analysis) in ("power", "simulation")  # errors of Monte Carlo
        if not math.isnan(row.std_error) and not 0 < row.std_error < math.inf and not simulated:
            yield f"standard error that is not above 0 and finite: {_told(row)}"
        ordered = row.quantity != "nnt" and not row.quantity.startswith(("equivalent", "tipping"))
        if len(given) == 2 and ordered:
            if not row.lower < row.upper:
                yield f"interval of no width: {_told(row)}"
            slack = TINY * max(1.0, abs(row.estimate))
            if kinds.get(row.analysis) in RESAMPLED:
                continue
            if not row.lower - slack <= row.estimate <= row.upper + slack:
                yield f"estimate outside its interval: {_told(row)}"
        of_fit = kinds.get(row.analysis) in FITTED and row.quantity not in WITHOUT_ERROR
        if of_fit and (given or not math.isnan(p)) and math.isnan(row.std_error):
            yield f"interval or test without a standard error: {_told(row)}"


BACK = {
    "identity": (float, float),
    "log": (math.log, math.exp),
    "logit": (lambda p: math.log(p / (1 - p)), lambda x: 1 / (1 + math.exp(-x))),
}
"""Scale of a standard error → the way to it, and back."""
BY_QUANTILES = ("percentile interval", "BCa interval", "basic interval", "quasi-score")
"""Words of a method whose limits are no estimate ± quantile × standard error."""


def scales(run: Run) -> Iterator[str]:
    """A limit is the estimate ± quantile × standard error on the scale that the row names."""
    alpha = float(run.document["models"]["alpha"])
    yield from unlike_their_scale(run.ard, alpha)


def unlike_their_scale(table: pd.DataFrame, alpha: float) -> Iterator[str]:
    """Rows by the normal or the t distribution whose limits are not what their `scale` says."""
    for row in table.itertuples():
        drawn = any(words in row.method for words in BY_QUANTILES)
        if drawn or math.isnan(row.std_error) or math.isnan(row.lower):
            continue
        there, back = BACK[row.scale]
        df = math.inf if math.isnan(row.df) else row.df
        half, middle = stats.t.ppf(1 - alpha / 2, df) * row.std_error, there(row.estimate)
        wanted = back(middle - half), back(middle + half)
        near = (math.isclose(a, b, rel_tol=1e-7, abs_tol=1e-9)
                for a, b in zip((row.lower, row.upper), wanted, strict=True))  # fmt: skip
        if not all(near):
            yield f"limits {wanted} by the scale {row.scale}: {_told(row)}"


def clusters(run: Run) -> Iterator[str]:
    """An arm of fewer than two clusters has no interval, and nothing is tested against it; but for
    exact tests of a single person.
    """
    people = {a["id"] for a in run.document["arms"] if a.get("clusters", "person") == "person"}
    kinds = _kinds(run)
    own = run.ard[[kinds.get(a) in FITTED for a in run.ard["analysis"]]]
    where = ["analysis", "outcome", "month", "subgroup"]
    risks = own[own["quantity"].isin(("risk", "mean", "mean_change"))]
    few = {
        (*(getattr(r, k) for k in where), r.level)
        for r in risks.itertuples()
        if not pd.isna(r.n_clusters) and r.n_clusters < 2
    }
    for row in own.itertuples():
        arms = set(row.level.split(":"))
        exact = row.quantity in ("fisher_exact", "cochran_mantel_haenszel")
        arms -= people if exact else set()
        bad = any((*(getattr(row, k) for k in where), arm) in few for arm in arms)
        if bad and not (math.isnan(row.lower) and math.isnan(row.p_value)):
            yield f"interval or test of an arm with fewer than two clusters: {_told(row)}"


def reasons(run: Run) -> Iterator[str]:
    """A number that the quantity has elsewhere is missing only with its reason."""
    kinds = _kinds(run)
    for row in run.ard.itertuples():
        if row.reason or kinds.get(row.analysis) not in FITTED:
            continue
        wanted = []
        if row.quantity in ESTIMATED:
            wanted = ["estimate", "std_error", "lower", "upper"]
            wanted += ["p_value"] if row.quantity in TESTED else []
        elif row.quantity == "nnt":
            wanted = ["estimate", "lower", "upper"]
        elif row.quantity in TESTS:
            wanted = ["p_value"]
        gone = [c for c in wanted if math.isnan(getattr(row, c))]
        if gone and not (kinds[row.analysis] == "subgroups" and gone == ["p_value"]):
            yield f"no {', '.join(gone)} and no reason: {_told(row)}"


def page(run: Run) -> Iterator[str]:
    """The page and the tables tell the level, the rule and the people of this plan and results."""
    text = visible(run.html)
    for table in run.tables:
        text += "\n" + "\n".join([table.title, *table.columns, *table.notes])
    yield from _levels(run, text)
    yield from _rule(run, text)
    yield from _people(run, text)
    cells = {c for t in run.tables if t.id != "estimands" for line in t.rows for c in line}
    if "None" in cells:
        yield "a cell of a table says None"
    ids = {arm["id"] for arm in run.document["arms"]}
    for found in NO_NUMBER.finditer(text):
        if found[0] not in ids:
            at = found.start()
            yield f"the page says {found[0]!r}: …{text[max(0, at - 60) : at + 40]!r}…"
    if "<b>bold" in run.html:
        yield "a label is not escaped"


def _levels(run: Run, text: str) -> Iterator[str]:
    level = 100 * (1 - float(run.document["models"]["alpha"]))
    told = re.findall(r"(\d+(?:\.\d+)?)\s?%[\s-]*(?:CI|interval|confidence|Wilson)", text)
    told += re.findall(r"Wilson\s+(\d+(?:\.\d+)?)\s?%", text)
    for found in sorted({t for t in told if abs(float(t) - level) > TINY}):
        at = re.search(rf"{re.escape(found)}\s?%", text).start()
        around = text[max(0, at - 50) : at + 30]
        yield f"the page says {found}% for an interval of {level:g}%: …{around!r}…"


def _rule(run: Run, text: str) -> Iterator[str]:
    rule = run.document["models"].get("multiplicity", "none")
    for name, words in RULES.items():
        if name != rule and (found := re.search(words, text)):
            around = text[max(0, found.start() - 50) : found.end() + 30]
            yield f"the plan's rule is {rule}, the page names {name}: …{around!r}…"
    several = len(run.document["contrasts"]) > 1
    if rule != "none" and several and not re.search(RULES[rule], text):
        yield f"the plan's rule is {rule}, and the page does not name it"


def _people(run: Run, text: str) -> Iterator[str]:
    """Analyzed of the primary outcome and month by arm, as the table of sensitivity tells them."""
    primary = run.document["primary"]
    table = next((t for t in run.tables if t.id == "sensitivity"), None)
    for arm in run.document["arms"]:
        row = run.results.get(
            primary["analysis"], "risk", arm["id"], primary["outcome"], primary["month"]
        )
        if row is None or math.isnan(row.estimate):
            continue
        told = f"{row.events:.0f}/{row.n:.0f}"
        if table and not any(told == cell for line in table.rows for cell in line):
            yield f"the table of sensitivity tells no {told} of arm {arm['id']}"


class _Text(HTMLParser):
    """The words of a page: no scripts, no styles, no drawings."""

    def __init__(self):
        super().__init__()
        self.words, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("script", "style", "svg")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style", "svg")

    def handle_data(self, data):
        if not self.hidden:
            self.words.append(data)


def visible(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return re.sub(r"[ \n]+", " ", " ".join(parser.words))


def _kinds(run: Run) -> dict[str, str]:
    return {a["id"]: a.get("kind", "model") for a in run.document["analyses"]}


def _told(row) -> str:
    cells = row._asdict()
    shown = ("analysis", "outcome", "month", "subgroup", "quantity", "level", "estimate")
    shown += ("std_error", "lower", "upper", "p_value", "n", "events", "n_clusters", "method")
    return ", ".join(f"{k}={cells[k]}" for k in shown if str(cells[k]) not in ("", "nan", "<NA>"))


ALL = (variance, scales, clusters, reasons, page)


def broken(run: Run) -> list[str]:
    """Every sentence about the run that should not be true."""
    return [f"{claim.__name__}: {sentence}" for claim in ALL for sentence in claim(run)]


RAW = (
    "Traceback",
    "broadcast",
    "singular matrix",
    "Singular matrix",
    "cannot convert",
    "could not convert",
    "object has no attribute",
    "invalid literal",
    "math domain",
    "math range",
    "NoneType",
    "dtype",
)


def wordless(error: Exception) -> str:
    """What is wrong with the text of a refusal: nothing, or that it is another library's."""
    text = str(error)
    if len(text.split()) < 4:
        return f"a refusal of few words: {text!r}"
    return next(
        (f"a refusal in another library's words: {text!r}" for raw in RAW if raw in text), ""
    )
