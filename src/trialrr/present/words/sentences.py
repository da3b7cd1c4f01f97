"""Sentences on the sensitivity analyses, made of ARD rows: for the report and for figures."""

from types import SimpleNamespace

from trialrr import ard
from trialrr.present.results import Results
from trialrr.present.words import numbers


def joint_test(results: Results, analysis: str, contrast: str) -> list[str]:
    """Median relative risk and share of small P values over all specifications as fitted, each with
    the joint re-randomization test of its one-step counterpart."""
    said = []
    for quantity, form, unit in (
        ("median_risk_ratio", numbers.ratio, ""),
        ("share_significant", numbers.percent, "%"),
    ):
        row = one(results, analysis, quantity, level=contrast)
        if row is None:
            continue
        fitted = one(results, analysis, f"{quantity}_fitted", level=contrast)
        if numbers.missing(row.p_value):
            return [f"No joint test: {row.reason}."]
        value = f"{form((fitted or row).estimate)}{unit}"
        head = f"{value} with P < {results.below}" if unit else f"Median RR {value}"
        p = relation(results.p(row.p_value))
        by = f"one-step {form(row.estimate)}{unit}; " if fitted else ""
        expected = f"without effect {form(row.lower)} to {form(row.upper)}{unit}"
        said.append(f"{head}; joint re-randomization P {p} ({by}{expected}).")
    return said


def tips(results: Results) -> list[str]:
    """Where each comparison with the reference arm tips by a shift of the scores not seen, beside
    the change of the scores that were seen in the reference arm; one sentence a comparison."""
    said = []
    for entry in results.entries("delta"):
        analysis, month = entry.id, results.primary.month
        where = dict(outcome=results.outcome_of(entry), month=month)
        reference = results.plan.reference
        change = one(results, analysis, "observed_change", level=reference, **where)
        sd = one(results, analysis, "observed_change_sd", level=reference, **where)
        for contrast in results.against_reference:
            tip = one(results, analysis, "tipping_delta", level=contrast, **where)
            if tip is None:
                said += _no_tip(results, analysis, contrast, where)
                continue
            name, arm = results.contrast(contrast), results.arm(ard.arms_of(contrast)[0])
            if tip.estimate == 0:
                said.append(
                    f"The interval of {name} includes 1 already where data are missing at"
                    " random: nothing is left to tip."
                )
                continue
            grid = results.rows(analysis, "risk_ratio", level=contrast, **where)
            shifts = [float(ard.Subgroup.read(row.subgroup).get("delta_active", 0)) for row in grid]
            beyond = numbers.missing(tip.estimate)
            size = max(shifts, default=0.0) if beyond else tip.estimate
            people = f"people of {arm} who were not seen had been {_points(size)} worse on average"
            held = f"unless {people} than predicted"
            if beyond:
                held = f"even if {people} than predicted, the largest shift tried"
            beside = _beside_change(results, size, change, sd)
            said.append(f"The conclusion on {name} holds {held}{beside}.")
    return said


def _no_tip(results: Results, analysis: str, contrast: str, where: dict) -> list[str]:
    """Why there is no tipping point to look for, if the results say so."""
    found = one(results, analysis, ard.ABSENT, level=contrast, **where)
    name = f"{results.analysis(analysis)}, {results.contrast(contrast)}"
    return [f"{name}: {found.reason}."] if found else []


def on_the_map(results: Results) -> list[str]:
    """Which shifts give each arm the risk that other analyses give it; a sentence an analysis."""
    said = []
    for entry in results.entries("delta"):
        where = dict(outcome=results.outcome_of(entry), month=results.primary.month)
        for id in entry.points:
            found = [
                one(
                    results,
                    entry.id,
                    "equivalent_delta",
                    level=a,
                    subgroup=str(ard.Subgroup.of(of=id)),
                    **where,
                )
                for a in results.arms
            ]
            if all(found):
                texts = (f"{results.arm(row.level)} {shift(row)}" for row in found)
                name = results.analysis(id)
                said.append(
                    f"{name} gives the risks that shifts of the scores not seen would give, in"
                    f" points, positive worse: {'; '.join(texts)}."
                )
    return said


def shift(row: SimpleNamespace) -> str:
    """Where an arm of another analysis stands on the map, in words."""
    if not numbers.missing(row.estimate):
        return numbers.ratio(row.estimate)
    if numbers.missing(row.lower) and numbers.missing(row.upper):
        return "no shift"
    if numbers.missing(row.upper):
        return f"more than {row.lower:g}"
    return f"less than {row.upper:g}"


def _beside_change(results: Results, size: float, change, sd) -> str:
    """A shift of `size` points held against the change seen in the reference arm (mean and SD)."""
    if change is None or sd is None or numbers.missing(sd.estimate):
        return ""
    moved = "improved" if change.estimate < 0 else "got worse"
    against_mean = "larger than" if size > abs(change.estimate) else "no larger than"
    against_sd = "more than" if size > sd.estimate else "at most"
    return (
        f", while those seen in {results.arm(change.level)} {moved} by"
        f" {_points(abs(change.estimate), numbers.mean)} on average"
        f" (SD {numbers.mean(sd.estimate)}): a shift {against_mean} this whole change, and"
        f" {against_sd} one SD"
    )


def _points(size: float, form="{:g}".format) -> str:
    text = form(size)
    return f"{text} point" if text == "1" else f"{text} points"


def odds_tip(results: Results) -> list[str]:
    """Where each comparison tips by the odds of response among people not seen."""
    said = []
    for entry in results.entries("informative_odds"):
        where = dict(outcome=results.outcome_of(entry), month=results.primary.month)
        for contrast in results.against_reference:
            tip = one(results, entry.id, "tipping_imor", level=contrast, **where)
            if tip is None:
                said += _no_tip(results, entry.id, contrast, where)
            if tip is None or tip.estimate == 1:
                continue
            name, arm = results.contrast(contrast), results.arm(ard.arms_of(contrast)[0])
            if numbers.missing(tip.estimate):
                said.append(f"By the odds of response, {name} tips nowhere on the grid.")
            else:
                said.append(
                    f"By the odds of response, {name} tips if people of {arm} who were not seen had"
                    f" {tip.estimate:g} times the odds of those seen who are like them."
                )
    return said


def bootstrap(results: Results) -> list[str]:
    """Intervals of the first bootstrap beside those of the model."""
    for entry in results.entries("bootstrap")[:1]:
        keys = dict(outcome=results.outcome_of(entry), month=results.primary.month, subgroup="")
        texts = []
        for contrast in results.against_reference:
            row = one(results, entry.id, "risk_ratio", level=contrast, **keys)
            model = one(results, entry.of, "risk_ratio", level=contrast, **keys)
            if row and model:
                ends = [None if numbers.missing(r.lower) else _ends(r) for r in (row, model)]
                by = f"{ends[0] or 'none'} where the model gives {ends[1] or 'none'}"
                by = by if any(ends) else "none by either"
                texts.append(f"{results.contrast(contrast)} {by}")
        if texts:
            return [f"{results.analysis(entry.id)}, {results.level} intervals: {'; '.join(texts)}."]
    return []


def _ends(row: SimpleNamespace) -> str:
    return f"{numbers.ratio(row.lower)} to {numbers.ratio(row.upper)}"


def rerandomization(results: Results) -> list[str]:
    """P values of the first re-randomization test."""
    for entry in results.entries("rerandomization")[:1]:
        outcome = results.outcome_of(entry)
        keys = dict(outcome=outcome, month=results.primary.month)
        draws = one(results, entry.id, "draws", level="all", outcome=outcome)
        texts = []
        for level in ("all", *results.against_reference):
            if row := one(results, entry.id, "rerandomization_test", level=level, **keys):
                name = "all arms together" if level == "all" else results.contrast(level)
                texts.append(f"{name} P {relation(results.p(row.p_value))}")
        if texts and draws:
            number = numbers.count(draws.estimate)
            return [
                f"Against {number} repetitions of the trial's randomization: {'; '.join(texts)}."
            ]
    return []


def left_out(results: Results) -> list[str]:
    """How far relative risks move where one level at a time is left out."""
    said = []
    for entry in results.entries("leave_one_out"):
        outcome, texts = results.outcome_of(entry), []
        for contrast in results.against_reference:
            if span := results.span(entry.id, contrast, outcome, results.primary.month):
                text = numbers.span(span.smallest, span.largest, span.fits)
                texts.append(f"{results.contrast(contrast)} {text}")
        if texts:
            said.append(f"{results.analysis(entry.id)}, relative risk: {'; '.join(texts)}.")
    return said


def specifications(results: Results) -> list[str]:
    """The joint test of all specifications, a sentence a comparison."""
    return [
        f"{results.contrast(contrast)}. {' '.join(texts)}"
        for entry in results.entries("specification_curve")
        for contrast in results.contrasts
        if (texts := joint_test(results, entry.id, contrast))
    ]


def power(results: Results) -> list[str]:
    """Power as simulated."""
    said = []
    for entry in results.entries("power"):
        texts = [
            f"{results.contrast(row.level)} {numbers.percent(row.estimate)}%"
            for row in results.rows(entry.id, "power")
            if ard.Contrast.read(row.level)
        ]
        if texts:
            said.append(f"{results.analysis(entry.id)}, simulated: {'; '.join(texts)}.")
    return said


def type_one_error(results: Results) -> list[str]:
    """How often the whole procedure errs in simulated trials whose arms do nothing, beside the same
    trials with nobody missing; and whom the imputation takes for responders."""
    said = []
    for entry in results.entries("simulation"):
        where = dict(outcome=results.outcome_of(entry), month=results.primary.month)
        true = results.rows(entry.id, "true_risk_ratio", **where)
        scenarios = dict.fromkeys(row.subgroup for row in true)
        for scenario in scenarios:
            if any(row.estimate != 1 for row in true if row.subgroup == scenario):
                continue
            texts, of = [], ard.Subgroup.read(scenario)
            for contrast in results.contrasts:
                keys = where | dict(level=contrast)
                own, complete = (
                    one(results, entry.id, "rejection", subgroup=str(at), **keys)
                    for at in (of, of | ard.Subgroup.of(missing="none"))
                )
                if own and complete:
                    texts.append(
                        f"{results.contrast(contrast)} {numbers.percent(own.estimate)}%"
                        f" ({numbers.percent(complete.estimate)}% with nobody missing)"
                    )
            if texts:
                said.append(
                    "In simulated trials whose arms do nothing, a comparison by itself has P <"
                    f" {results.below} in: {'; '.join(texts)}."
                )
            said += _filled(results, entry.id, scenario, where)
    return said


def _filled(results: Results, analysis: str, scenario: str, where: dict) -> list[str]:
    texts = []
    for arm in results.arms:
        filled, true = (
            one(results, analysis, f"{name}_response", level=arm, subgroup=scenario, **where)
            for name in ("imputed", "missing")
        )
        if filled and true:
            shares = f"{numbers.percent(filled.estimate)}% for {numbers.percent(true.estimate)}%"
            texts.append(f"{results.arm(arm)} {shares}")
    if not texts:
        return []
    return [
        "Of people who miss the visit, responders as imputed for responders in truth:"
        f" {'; '.join(texts)}."
    ]


def relation(p: str) -> str:
    """A printed P as it follows the letter: "= .03", "<.001"."""
    if p == numbers.MISSING:
        return "not estimated"
    return p if p[0] in "<>" else f"= {p}"


def one(results: Results, analysis: str, quantity: str, **keys: str) -> SimpleNamespace | None:
    """The first row of an analysis and quantity, if there is one."""
    return next(iter(results.rows(analysis, quantity, **keys)), None)
