"""The report: one HTML file that needs no network and no other file. Its script adds choices, and
everything stands there without it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trialrr.plan import written
from trialrr.present.kit.pictures import Pictures, lacking
from trialrr.present.page import controls, sensitivity, tables
from trialrr.present.page.catalog import Catalog
from trialrr.present.page.derivations import Derivations
from trialrr.present.results import NOT_TESTED, SYNTHETIC_NOTICE, Results
from trialrr.present.words import checklist, labels, multiplicity, numbers
from trialrr.present.words.sentences import relation

FIRST = (
    ("summary", "Result"),
    ("flow", "Participant flow"),
    ("baseline", "Baseline"),
    ("primary", "Primary results"),
    ("sensitivity", "Sensitivity"),
)
LAST = (
    ("published", "Published beside reproduced"),
    ("calibration", "Calibration"),
    ("findings", "Findings in the raw data"),
    ("estimands", "Estimands"),
    ("deviations", "Deviations from the plan"),
    ("methods", "Methods"),
    ("checklist", "Reporting checklist"),
    ("provenance", "Provenance"),
)
NEEDS = {
    "published": "published_vs_reproduced",
    "calibration": "calibration",
    "findings": "findings",
    "estimands": "estimands",
    "deviations": "deviations",
}
"""Section → table without which it is left out."""

POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none';"
    " form-action 'none'"
)
"""What a page of ours may load: nothing, and run: nothing. The report's own script is allowed there
beside it."""

QUICK_NOTICE = (
    "Quick run: replicates, draws, imputations and simulated trials are a fraction of what the plan"
    " asks for. These numbers are for trying things out, not for reporting."
)

MISSING_WORDS = {
    "complete_case": "people without the outcome are left out",
    "pattern_mixture": "a missing outcome takes the value predicted by a pattern-mixture model of"
    " the change in score, then is dichotomized",
    "worst_best_case": "a missing outcome counts as none in the active arms and as an event in the"
    " reference arm",
}

FILLED_WORDS = {
    "mean": "A missing covariate takes the mean of the people who have it",
    "indicator": "A missing covariate takes the mean of the people who have it, and that it was"
    " missing is a covariate too",
    "complete_case": "People who lack a covariate are left out",
    "stop": "None: a missing covariate would have stopped the run",
}

SEPARATION_WORDS = {
    "stop": "A level of a covariate without an event stops the run.",
    "drop": "People with a level of a covariate without an event are set aside, and counted.",
    "report": "Where a level of a covariate has no event there is no estimate but a reason.",
}

SAID = ("risk", "mean_change", "mean", "omnibus_wald", "risk_ratio", "mean_difference")
"""Quantities that the result in sentences names."""

BY_ROW = ("hc0", "stata", "hc1", "hc2", "hc3")
"""Robust covariances that take every row of the data by itself."""


def render_table(results: Results, table: tables.Table) -> str:
    """One table as an HTML page of its own."""
    page = _environment().get_template("page.html.j2")
    return page.render(t=table, notice=SYNTHETIC_NOTICE, trial=results.plan.title)


def render(
    results: Results,
    figures: dict[str, tuple[str, str]],
    published: list[SimpleNamespace] = (),
    calibration: list[SimpleNamespace] = (),
    findings: list[SimpleNamespace] = (),
    provenance: dict[str, str] | None = None,
) -> str:
    """The whole report as HTML.

    figures : {id: (SVG text as wide as a page, as wide as a column)}; published, calibration : rows
    of the comparison files; findings : rows of findings_summary.csv; provenance : more terms for
    the foot, such as the plan's digest and the versions of packages.
    """
    made = {t.id: t for t in tables.make(results, published, calibration) if t.rows}
    if findings:
        made["findings"] = tables.findings_table(results, findings)
    for make in (tables.diagnostics, tables.failures):
        if (table := make(results)).rows:
            made[table.id] = table
    parts = sensitivity.parts(results, figures, made)
    sections = sensitivity.sections(results, figures, made)
    between = [(section.id, section.heading) for section in sections]
    contents = [*FIRST, *between, *(s for s in LAST if s[0] not in NEEDS or NEEDS[s[0]] in made)]
    headings = dict(contents) | {part.id: part.heading for part in parts}
    catalog = Catalog(Derivations(results, published=published, calibration=calibration))
    env, pictures = _environment(), Pictures()
    env.globals |= dict(
        plan=results.plan,
        synthetic=results.synthetic,
        notice=SYNTHETIC_NOTICE,
        summary=summary(results),
        catalog=catalog,
    )
    body = env.get_template("report_body.html.j2").render(
        absent=_absent(results),
        lacking=lacking,
        screened=results.get("flow", "n", "all", "screened") is not None,
        tables=_Optional(made),
        figures=_Optional({id: pictures.add(id, *svgs) for id, svgs in figures.items()}),
        sensitivity=parts,
        sections=sections,
        comparison=tables.COMPARISON,
        calibration=_calibration_words(calibration),
        methods=methods(results),
        maps=controls.maps(results),
        marks=partial(controls.marks, results),
        checklist=checklist.parts,
        checklist_source=checklist.SOURCE,
        anchors_of=lambda shown: headings | {one.anchor: one.number for one in shown},
    )
    return env.get_template("report.html.j2").render(
        letters=pictures.letters,
        body=Markup(body),
        quick=QUICK_NOTICE if results.quick else "",
        contents=contents,
        provenance=_provenance(results, provenance or {}),
    )


def figures_of(results: Results, published: bool) -> list[str]:
    """Ids of the figures that the report of this trial shows: those that the plan asks for and that
    the results have rows for."""
    return [show.id for show in results.figures(published=published) if results.drawn(show)]


class _Optional(dict):
    """A dict whose missing keys are None in a template that is strict elsewhere."""

    def __missing__(self, key):
        return None


class _Compiled(BytecodeCache):
    """Templates of this process, each compiled once: that takes longer than to fill one."""

    def __init__(self):
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket):
        self.code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        bytecode_cache=_COMPILED,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    env.filters["minus"] = numbers.minus
    env.globals["policy"] = Markup(POLICY)
    return env


# ---------------------------------------------------------------------------------- words


def summary(results: Results) -> str:
    """The primary result in sentences, made of ARD rows; where there is no number, or a number
    without an interval, the reason why."""
    analysis, outcome, month = (
        getattr(results.primary, k) for k in ("analysis", "outcome", "month")
    )
    get = partial(results.get, analysis, outcome=outcome, month=month)
    arms = [results.of_arm(analysis, arm, outcome, month) for arm in results.arms]
    effects = [_effect(get, contrast) for contrast in results.contrasts]
    scored = any(row and row.quantity == "mean_difference" for row in effects)
    name = results.score(outcome) if scored else results.outcome(outcome)
    head = f"{name}, {results.visit(month, outcome)}"
    reasons = tables.reasons(results, [analysis], [outcome], [month], quantities=SAID)
    if not any((*arms, *effects)):
        why = " ".join(reasons) or "The table of results does not say why."
        return f"{head}: {results.analysis(analysis)} has no estimate. {why}"
    shares = [
        f"{results.arm(arm)} {_with_ci(results, row)}"
        for arm, row in zip(results.arms, arms, strict=True)
    ]
    compared: dict[str, list[str]] = {}
    for contrast, row in zip(results.contrasts, effects, strict=True):
        words = labels.quantity(row.quantity if row else "risk_ratio")
        said = f"{results.contrast(contrast)} {_with_ci(results, row)}"
        if row and not numbers.missing(row.estimate):
            p = results.pairwise_p(analysis, outcome, month, contrast, row.quantity)
            said += f", {_tested(p)}{multiplicity.named(results) if p[:1] in '<>.1' else ''}"
        compared.setdefault(words, []).append(said)
    omnibus = get("omnibus_wald", "all")
    test = ""
    if omnibus and len(results.contrasts) > 1 and not numbers.missing(omnibus.p_value):
        test = f" Test of all arms together: P {relation(results.p(omnibus.p_value))}."
    sentences = [f"{words}: {'; '.join(texts)}." for words, texts in compared.items()]
    return " ".join([f"{head}: {'; '.join(shares)}.{test}", *sentences, *reasons])


def _absent(results: Results) -> str:
    """What is said in place of the table of primary results."""
    at = results.primary
    name = results.analysis(at.analysis)
    return " ".join(
        [
            f"{name} has no percentages and no relative risk of {results.outcome(at.outcome)}.",
            *tables.reasons(results, [at.analysis], [at.outcome], quantities=SAID),
        ]
    )


def _effect(get: Callable, contrast: str) -> SimpleNamespace | None:
    return get("risk_ratio", contrast) or get("mean_difference", contrast)


def _tested(p: str) -> str:
    return {numbers.MISSING: "no test", NOT_TESTED: NOT_TESTED}.get(p) or f"P {relation(p)}"


def _with_ci(results: Results, row: SimpleNamespace | None) -> str:
    if row is None or numbers.missing(row.estimate):
        return "no estimate"
    form = tables.form(row.quantity)
    text = form(row.estimate) + ("%" if row.quantity == "risk" else "")
    if numbers.missing(row.lower) or numbers.missing(row.upper):
        of = "" if numbers.missing(row.events) else f"{tables.events(row)}, "
        return f"{text} ({of if row.quantity == 'risk' else ''}{numbers.NO_INTERVAL})"
    return f"{text} ({results.ci}, {form(row.lower)} to {form(row.upper)})"


def methods(results: Results) -> list[tuple[str, str]]:
    """Terms and texts on model, covariates, clusters, missing data, comparisons and rounding."""
    plan, primary, entry = results.plan, results.primary, results.primary_entry
    texts = [("Primary analysis", f"{results.analysis(primary.analysis)}.")]
    texts += [("Estimator", f"{row.method}.") for row in _fitted(results)[:1]]
    used = plan.models.adjusted if entry.covariates is None else entry.covariates
    if used:
        texts.append(("Covariates", "; ".join(map(results.covariate, used)) + "."))
        texts.append(("Missing covariates", _missing_covariates(results)))
    elif entry.covariates is not None:
        texts.append(("Covariates", "None: crude."))
    texts.append(("Clusters of the variance", _clusters(results, entry)))
    if plan.randomization:
        texts.append(("Randomization", _randomization(results)))
    if words := MISSING_WORDS.get(entry.missing):
        weights = "; people are weighted by the inverse probability of any follow-up"
        words = words[:1].upper() + words[1:] + (weights if entry.weights else "")
        texts.append(("Missing outcomes", f"{words}."))
    if "separation" in written(entry):
        texts.append(("Levels without an event", SEPARATION_WORDS[entry.separation]))
    texts.append(("Intervals", _intervals(results, entry)))
    if rule := multiplicity.note(results):
        texts.append(("Comparisons", rule))
    texts += sensitivity.methods(results)
    texts.append(
        (
            "Rounding",
            "Half up on the decimal value; percentages and means one decimal, ratios and"
            " differences of means two; number needed away from zero; P values in JAMA style.",
        )
    )
    return texts


def _fitted(results: Results) -> list[SimpleNamespace]:
    """Rows of the primary analysis that have an estimate, those of an effect before those of an
    arm, of the primary outcome and month first."""
    primary = results.primary
    rows = [
        row
        for quantity in ("risk_ratio", "mean_difference", "risk", "mean_change", "mean")
        for row in results.rows(primary.analysis, quantity)
        if not numbers.missing(row.estimate)
    ]
    return sorted(rows, key=lambda r: (r.outcome != primary.outcome, r.month != primary.month))


def _missing_covariates(results: Results) -> str:
    """The plan's rule, and how many people the primary analysis applied it to."""
    rule, at = results.plan.models.missing_covariates, results.primary
    said = f"{FILLED_WORDS[rule]}."
    rows = (
        row
        for quantity in ("covariate_left_out", "covariate_filled")
        for row in results.rows(at.analysis, quantity, outcome=at.outcome)
    )
    lack = {row.level: row.n for row in rows}
    total = lack.pop("all", None)
    if not lack:
        return f"{said} Nobody in the primary analysis lacks one." if rule != "stop" else said
    counts = "; ".join(f"{results.covariate(id)} {numbers.count(n)}" for id, n in lack.items())
    if total is None:
        return f"{said} People of the primary analysis who lack one: {counts}."
    return f"{said} Left out of the primary analysis: {numbers.count(total)} (lacking {counts})."


def _clusters(results: Results, entry: Any) -> str:
    """What the variance is summed over, arm by arm, in the plan's words."""
    if entry.covariance in BY_ROW:
        return "None: each row of the data by itself."
    shared = {} if entry.clusters == "person" else results.shared
    if not shared:
        return "Person."
    said = "; ".join(f"{results.arm(arm)}: {word}" for arm, word in shared.items())
    return said + ("; every other arm: person." if len(shared) < len(results.arms) else ".")


def _randomization(results: Results) -> str:
    """What the trial randomized and how, as a re-randomization repeats it."""
    rules = results.plan.randomization
    what = "People"
    if rules.unit == "cluster":
        words = " or ".join(dict.fromkeys(results.shared.values()))
        what = f"Whole clusters{f' ({words})' if words else ''}"
    *smaller, largest = map(str, rules.block_sizes)
    sizes = f"{', '.join(smaller)} or {largest}" if smaller else largest
    strata = ", ".join(map(results.covariate, rules.strata))
    within = f"within strata of {strata}" if strata else "without strata"
    return f"{what} were randomized in permuted blocks of {sizes}, {within}."


def _intervals(results: Results, entry: Any) -> str:
    if not results.inferred:
        return "None: no estimate has an interval or a test, for the reasons given beside each."
    said = [f"{results.level} confidence intervals; tests at {results.below}."]
    if entry.interval == "logit":
        said.append("Those of percentages are made on the logit scale.")
    if entry.inference == "quasi_score":
        said.append("Those of relative risks invert the robust quasi-score test.")
    return " ".join(said)


def _calibration_words(calibration: list[SimpleNamespace]) -> str:
    exact = [c for c in calibration if c.role == "exact"]
    equal = sum(c.equal == "yes" for c in exact)
    return (
        f"The synthetic trial was made to meet {numbers.count(len(exact))} published counts"
        f" exactly; {numbers.count(equal)} are equal. Means, quartiles, the two published models"
        " and the unadjusted ratios were met approximately, as the second table shows."
    )


def _provenance(results: Results, more: dict[str, str]) -> list[tuple[str, str]]:
    plan = results.plan
    terms = [("Trial", plan.trial), ("Plan version", plan.version)]
    terms += [("Root seed", results.seed)] if results.seed else []
    terms += [("Data", "Synthetic" if results.synthetic else "Real")]
    return [*terms, *((term, str(text)) for term, text in more.items())]


def fragment(table: tables.Table) -> str:
    """One table as a piece of HTML, for a notebook."""
    return str(_environment().get_template("table.html.j2").module.table(table))
