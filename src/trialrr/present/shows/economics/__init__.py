"""How it is shown what the treatment costs and what that buys."""

from trialrr.present.shows.base import FigureShow, KindShow, PartShow, Shows, TableShow

SHOWS = Shows(
    kinds=(
        KindShow(
            "economics",
            "Costs and effects",
            method="mean_difference_percentile",
            place=190,
            apart=True,
        ),
    ),
    figures=(
        FigureShow(
            "cost_effectiveness",
            ".cost_effectiveness:draw",
            place=150,
            part="economics",
            kinds=("economics",),
            quantity="acceptability",
        ),
    ),
    tables=(
        TableShow(
            "economics", ".economics:economics", place=190, part="economics", kinds=("economics",)
        ),
    ),
    parts=(
        PartShow(
            "Economics",
            (".introductions:economics",),
            place=170,
            section=True,
        ),
    ),
)
