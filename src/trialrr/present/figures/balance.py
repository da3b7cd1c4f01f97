"""Love plot: how people seen differ from everybody, before and after weighting."""

from types import SimpleNamespace

from trialrr.present import labels, numbers
from trialrr.present.figures import intervals, style
from trialrr.present.sentences import one
from trialrr.present.source import Results, parts

EDGE, GAP = 0.12, 0.3  # inches
USUAL = 0.1  # a standardized difference below it passes for balance (Austin 2009)
LONGEST = 1.9  # inches that the name of a covariate may take
SIZE = style.SIZE - 0.75

# {covariate: {weights: standardized difference}}
Columns = dict[str, dict[str, float]]


def draw(results: Results) -> style.Drawing:
    """A line of panels an analysis: everybody, then each arm; a row a covariate, open before and
    filled after weighting."""
    lines = []
    for entry in results.entries("balance"):
        outcome = results.outcome_of(entry)
        rows = results.rows(entry["id"], "standardized_difference", outcome=outcome)
        found = {arm: _columns(rows, arm) for arm in ("", *results.arms)}
        if found := {arm: columns for arm, columns in found.items() if columns}:
            lines.append((entry["id"], outcome, found))
    with style.house():
        return _draw(results, lines)


def _columns(rows: list[SimpleNamespace], arm: str) -> Columns:
    """Differences among everybody, or in an arm."""
    columns: Columns = {}
    for row in rows:
        at = parts(row.subgroup)
        if at.get("arm", "") == arm and not numbers.missing(row.estimate):
            columns.setdefault(row.level, {})[at["weights"]] = row.estimate
    return columns


def _draw(results: Results, lines) -> style.Drawing:
    names = {
        column: _name(results, column)
        for _, _, found in lines
        for columns in found.values()
        for column in columns
    }
    name = max(style.text_width(text, SIZE) for text in names.values())
    across = max(len(found) for _, _, found in lines)
    start = EDGE + name + 0.15
    width = (style.PAGE - EDGE - start - GAP * (across - 1)) / across
    orders = [
        list(dict.fromkeys(c for columns in f.values() for c in columns)) for _, _, f in lines
    ]
    tall = [0.155 * (len(order) + 1) + 0.88 for order in orders]
    figure, sheet = style.page(sum(tall) + 0.4, results.synthetic)
    marks, said, top = [], [], 0.0
    values = (
        v
        for _, _, f in lines
        for columns in f.values()
        for at in columns.values()
        for v in at.values()
    )
    end = max(2 * USUAL, *(0.05 * (int(abs(v) / 0.05) + 1) for v in values))
    for (analysis, outcome, found), order, high in zip(lines, orders, tall, strict=True):
        sheet.text(EDGE, top + 0.17, results.analysis(analysis), weight="bold", va="center")
        for place, (arm, columns) in enumerate(found.items()):
            x = start + place * (width + GAP)
            effective = one(results, analysis, "effective_n", outcome=outcome, level=arm or "all")
            head = results.arm(arm) if arm else "Everybody"
            note = effective and f"effective n {numbers.fixed(effective.estimate, 0)}"
            titles = [*style.wrap(head, width + GAP / 2, SIZE, "bold")[:2], note or ""]
            for i, text in enumerate(titles):
                weight = "normal" if text == note else "bold"
                y = top + 0.36 + 0.125 * i
                sheet.text(x, y, text, size=SIZE, weight=weight, va="center")
            rows = []
            for column in order:
                drawn = tuple(
                    intervals.Mark(value, value, value, style.INK, "o", weights != "none")
                    for weights, value in columns.get(column, {}).items()
                )
                rows.append(intervals.Row((names[column],) if place == 0 else (), (), drawn))
            layout = intervals.Layout((EDGE,), (x, x + width), (), "l", 0.155, SIZE)
            intervals.draw(
                figure,
                sheet,
                top + 0.58,
                rows,
                layout,
                ((), ()),
                (-end, end),
                [-end, -USUAL, 0, USUAL, end],
                "",
                log=False,
                reference=0.0,
                band=intervals.Mark(0.0, -USUAL, USUAL, style.GRAY),
            )
            for column, at in columns.items():
                marks += [(analysis, arm, column, weights, value) for weights, value in at.items()]
            said.append(f"{results.analysis(analysis)}, {head}: {_said(names, columns)}.")
        top += high
    note = (
        "Standardized difference of people seen from everybody. Open: unweighted. Filled: weighted."
        f" Band: within {USUAL:g}."
    )
    sheet.text(EDGE, top + 0.08, note, va="center", color=style.GRAY, size=style.SIZE - 0.5)
    title = "Balance of people seen against everybody, before and after weighting"
    return style.Drawing("balance", title, " ".join(said), figure, tuple(marks))


def _said(names: dict[str, str], columns: Columns) -> str:
    return "; ".join(
        f"{names[column]} "
        + ", ".join(
            f"{numbers.minus(numbers.ratio(v))} {'unweighted' if w == 'none' else 'weighted'}"
            for w, v in at.items()
        )
        for column, at in columns.items()
    )


def _name(results: Results, column: str) -> str:
    """Words for a column of the design: the covariate's label and its level, cut if too long."""
    id, _, level = column.partition("=")
    known = {c["id"]: c.get("label") for c in results.plan.get("covariates", ())}
    name = known.get(id) or (results.arm(id) if id in results.arms else labels.words(id))
    text = f"{name}: {labels.level(level)}" if level else name
    lines = style.wrap(text, LONGEST, SIZE)
    return text if len(lines) == 1 else f"{lines[0]} …"
