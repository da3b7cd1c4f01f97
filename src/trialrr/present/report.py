"""The report: one HTML file that needs no network and no other file. Its script adds choices, and
everything stands there without it."""

from functools import partial
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from trialrr.present import checklist, controls, labels, numbers, sensitivity, shown, tables
from trialrr.present.catalog import Catalog
from trialrr.present.computed import Computing
from trialrr.present.pictures import Pictures
from trialrr.present.sentences import relation
from trialrr.present.source import SYNTHETIC_NOTICE, Results

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


def render_table(results: Results, table: tables.Table) -> str:
    """One table as an HTML page of its own."""
    page = _environment().get_template("page.html.j2")
    return page.render(t=table, notice=SYNTHETIC_NOTICE, trial=results.plan["title"])


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
    catalog = Catalog(Computing(results, published=published, calibration=calibration))
    env, pictures = _environment(), Pictures()
    env.globals |= dict(
        plan=results.plan,
        synthetic=results.synthetic,
        notice=SYNTHETIC_NOTICE,
        summary=summary(results),
        catalog=catalog,
    )
    body = env.get_template("report_body.html.j2").render(
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
    empty = {id for id in (*shown.COUNTED, *shown.FIGURES) if not results.drawn(id)}
    empty |= set() if results.has_flow() else {"participant_flow"}
    asked = shown.figures(results.plan | {"published": published})
    return [id for id in asked if id not in empty]


class _Optional(dict):
    """A dict whose missing keys are None in a template that is strict elsewhere."""

    def __missing__(self, key):
        return None


def _environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    env.filters["minus"] = numbers.minus
    return env


# ---------------------------------------------------------------------------------- words


def summary(results: Results) -> str:
    """The primary result in sentences, made of ARD rows."""
    analysis, outcome, month = (
        getattr(results.primary, k) for k in ("analysis", "outcome", "month")
    )
    where = dict(outcome=outcome, month=month)
    shares = [
        f"{results.arm(arm)} {_with_ci(results.need(analysis, 'risk', arm, **where), '%')}"
        for arm in results.arms
    ]
    ratios = []
    for contrast in results.contrasts:
        row = results.need(analysis, "risk_ratio", contrast, **where)
        p = results.pairwise_p(analysis, outcome, month, contrast)
        tested = p if p == "not tested" else f"P {relation(p)}"
        ratios.append(f"{results.contrast(contrast)} {_with_ci(row)}, {tested}")
    omnibus = results.get(analysis, "omnibus_wald", "all", **where)
    test = ""
    if omnibus and len(results.contrasts) > 1:
        test = f" Test of all arms together: P {relation(numbers.p_value(omnibus.p_value))}."
    return (
        f"{results.outcome(outcome)}, {results.visit(month)}: {'; '.join(shares)}.{test}"
        f" Relative risk: {'; '.join(ratios)}."
    )


def _with_ci(row: SimpleNamespace, unit: str = "") -> str:
    form = tables.form(row.quantity)
    if numbers.missing(row.lower):
        return f"{form(row.estimate)}{unit}"
    return f"{form(row.estimate)}{unit} (95% CI, {form(row.lower)} to {form(row.upper)})"


def methods(results: Results) -> list[tuple[str, str]]:
    """Terms and texts on model, covariates, clusters, missing data, comparisons and rounding."""
    plan, primary = results.plan, results.primary
    entry = next((a for a in plan["analyses"] if a["id"] == primary.analysis), {})
    row = results.need(
        primary.analysis, "risk_ratio", results.contrasts[0], primary.outcome, primary.month
    )
    name = f"{results.analysis(primary.analysis)}."
    texts = [("Primary analysis", name), ("Estimator", f"{row.method}.")]
    used = entry.get("covariates")
    used = plan.get("models", {}).get("adjusted", ()) if used is None else used
    names = {c["id"]: c.get("label", c["id"]) for c in plan.get("covariates", ())}
    if used:
        texts.append(
            ("Covariates", "; ".join(names.get(id) or labels.words(id) for id in used) + ".")
        )
    elif "covariates" in entry:
        texts.append(("Covariates", "None: crude."))
    shared = [
        f"{results.arm(a['id'])}: {a['clusters']}"
        for a in plan["arms"]
        if a.get("clusters", "person") != "person"
    ]
    others = "; every other arm: person." if shared else "Person."
    texts.append(("Clusters of the variance", "; ".join(shared) + others))
    if words := MISSING_WORDS.get(entry.get("missing", "")):
        weights = "; people are weighted by the inverse probability of any follow-up"
        words = words[:1].upper() + words[1:] + (weights if entry.get("weights") else "")
        texts.append(("Missing outcomes", f"{words}."))
    if len(results.contrasts) > 1:
        texts.append(
            (
                "Comparisons",
                "Fisher's protected pairs: tested only where the test of all"
                " arms together is significant; no other adjustment.",
            )
        )
    texts += sensitivity.methods(results)
    texts.append(
        (
            "Rounding",
            "Half up on the decimal value; percentages and means one decimal, ratios and"
            " differences of means two; number needed away from zero; P values in JAMA style.",
        )
    )
    return texts


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
    terms = [("Trial", plan["trial"]), ("Plan version", str(plan["version"]))]
    terms += [("Root seed", results.seed)] if results.seed else []
    terms += [("Data", "Synthetic" if results.synthetic else "Real")]
    return [*terms, *((term, str(text)) for term, text in more.items())]


def fragment(table: tables.Table) -> str:
    """One table as a piece of HTML, for a notebook."""
    return str(_environment().get_template("table.html.j2").module.table(table))
