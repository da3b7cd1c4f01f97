"""How it is shown what people took of their treatment, and through what it works."""

from trialrr.present.shows.base import KindShow, PartShow, Shows, TableShow

SHOWS = Shows(
    kinds=(
        KindShow("mediation", "Mechanisms", method="proportion_mediated", place=160, apart=True),
        KindShow("adherence", apart=True),
        KindShow("compliers", "Effect among compliers", method="risk_ratio", place=170, apart=True),
        KindShow("per_protocol", "Per protocol", method="risk_ratio", place=180, apart=True),
    ),
    tables=(
        TableShow(
            "mediation", ".mechanisms:mediation", place=150, part="mechanisms", kinds=("mediation",)
        ),
        TableShow(
            "adherence", ".adherence:adherence", place=160, part="adherence", kinds=("adherence",)
        ),
        TableShow(
            "compliers",
            ".adherence:compliers",
            place=170,
            part="adherence",
            kinds=("compliers", "per_protocol"),
        ),
    ),
    parts=(
        PartShow("Mechanisms", (".introductions:mechanisms",), place=140, section=True),
        PartShow("Adherence", (".introductions:adherence",), place=150, section=True),
    ),
)
