"""How the outcome model is shown: one fit, its mixed-model counterpart, effects in subgroups."""

from trialrr.present.shows.base import ALWAYS, FigureShow, KindShow, PartShow, Shows, TableShow

SHOWS = Shows(
    kinds=(
        KindShow(
            "mmrm",
            "Mixed model for repeated measures",
            method="mean_difference",
            place=140,
            apart=True,
        ),
        KindShow("subgroups", method="risk_ratio", place=150, apart=True),
    ),
    figures=(
        FigureShow(
            "percentages", ".percentages:draw", place=30, asked=ALWAYS, rests=".rests:primary"
        ),
        FigureShow(
            "forest", ".forest:draw", place=50, asked=ALWAYS, rests=".rests:primary_outcome"
        ),
        FigureShow(
            "forest_active",
            ".forest:draw_active",
            place=60,
            asked=".asked:active_arms",
            rests=".rests:primary_outcome",
        ),
        FigureShow(
            "subgroups",
            ".subgroups_figure:draw",
            place=140,
            part="subgroups",
            kinds=("subgroups",),
            quantity="risk_ratio",
        ),
    ),
    tables=(
        TableShow(
            "primary",
            ".estimates:primary",
            place=30,
            asked=ALWAYS,
            rests=".rests:primary",
            controls=True,
        ),
        TableShow(
            "sensitivity",
            ".estimates:sensitivity",
            place=40,
            asked=ALWAYS,
            rests=".rests:headline_outcomes",
            controls=True,
        ),
        TableShow(
            "secondary",
            ".outcomes:secondary",
            place=110,
            part="secondary-outcomes",
            asked=".asked:scores",
            rests=".rests:scores",
            controls=True,
        ),
        TableShow(
            "secondary_analyses",
            ".outcomes:secondary_analyses",
            place=120,
            part="secondary-outcomes",
            asked=".asked:scores_twice",
            rests=".rests:scores",
            controls=True,
        ),
        TableShow(
            "exploratory",
            ".outcomes:exploratory",
            place=130,
            part="exploratory-outcomes",
            asked=".asked:explored",
            rests=".rests:exploratory_outcomes",
            controls=True,
        ),
        TableShow(
            "subgroups",
            ".subgroups:subgroups",
            place=140,
            part="subgroups",
            kinds=("subgroups",),
            controls=True,
        ),
    ),
    parts=(
        PartShow("Secondary outcomes", (".introductions:secondary",), place=110, section=True),
        PartShow("Exploratory outcomes", (".introductions:exploratory",), place=120, section=True),
        PartShow("Subgroups", (".introductions:subgroups",), place=130, section=True),
    ),
)
