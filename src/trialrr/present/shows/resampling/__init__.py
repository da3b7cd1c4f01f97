"""How an analysis done again is shown: on other samples, assignments, trials or thresholds."""

from trialrr.present.shows.base import FigureShow, KindShow, PartShow, Shows, TableShow

SENTENCES = "trialrr.present.words.sentences"

SHOWS = Shows(
    kinds=(
        KindShow("bootstrap", method="risk_ratio", place=10),
        KindShow("rerandomization", "Re-randomization", method="rerandomization_test", place=60),
        KindShow("leave_one_out", "Leaving one out", method="risk_ratio", place=70, ranging=True),
        KindShow(
            "responder_curve", method="responder_share", place=80, ranging=True, explored=True
        ),
        KindShow(
            "specification_curve",
            method="median_risk_ratio",
            place=110,
            ranging=True,
            explored=True,
        ),
        KindShow("power", method="power", place=120),
        KindShow("simulation", method="coverage", place=130),
    ),
    figures=(
        FigureShow(
            "specification_curve",
            ".specification_curve:draw",
            place=80,
            part="all-specifications-together",
            kinds=("specification_curve",),
            quantity="risk_ratio",
        ),
        FigureShow(
            "responder_curve",
            ".responder_curve:draw",
            place=130,
            part="other-definitions",
            kinds=("responder_curve",),
            quantity="risk_ratio",
        ),
    ),
    tables=(
        TableShow(
            "bootstrap",
            ".repetitions:bootstrap",
            place=60,
            part="resampling",
            kinds=("bootstrap",),
        ),
        TableShow(
            "rerandomization",
            ".repetitions:rerandomization",
            place=70,
            part="resampling",
            kinds=("rerandomization",),
        ),
        TableShow(
            "definitions",
            ".definitions:definitions",
            place=80,
            part="other-definitions",
            kinds=("responder_curve", "leave_one_out"),
        ),
        TableShow(
            "operating_characteristics",
            ".repetitions:operating_characteristics",
            place=100,
            part="operating-characteristics",
            kinds=("power", "simulation"),
        ),
    ),
    parts=(
        PartShow(
            "Resampling", (f"{SENTENCES}:bootstrap", f"{SENTENCES}:rerandomization"), place=20
        ),
        PartShow("Other definitions", (f"{SENTENCES}:left_out",), place=30),
        PartShow("All specifications together", (f"{SENTENCES}:specifications",), place=40),
        PartShow(
            "Operating characteristics",
            (f"{SENTENCES}:power", f"{SENTENCES}:type_one_error"),
            place=50,
        ),
    ),
)
