"""How it is shown what is assumed of missing outcomes."""

from trialrr.present.shows.base import FigureShow, KindShow, PartShow, Shows, TableShow

SENTENCES = "trialrr.present.words.sentences"

SHOWS = Shows(
    kinds=(
        KindShow(
            "multiple_imputation",
            method="risk_ratio",
            place=20,
            assumption="Multiple imputation, missing at random",
        ),
        KindShow(
            "delta",
            "Shifted imputations",
            method="risk_ratio",
            place=30,
            ranging=True,
            explored=True,
            assumption="Imputed scores shifted",
        ),
        KindShow(
            "informative_odds",
            "Informative missingness",
            method="risk_ratio",
            place=40,
            ranging=True,
            explored=True,
            assumption="Informative missingness odds ratio",
        ),
        KindShow(
            "reference_based",
            "Reference-based imputation",
            method="risk_ratio",
            place=50,
            assumption="Imputation by the reference arm",
        ),
        KindShow("selected_covariates", method="risk_ratio", place=90),
        KindShow("balance", "Balance of weights", method="standardized_difference", place=100),
    ),
    figures=(
        FigureShow(
            "tipping",
            ".surface:tipping",
            place=90,
            part="missing-outcomes",
            kinds=("delta",),
            quantity="risk_ratio",
            start="delta_",
            surface=".grid:TIPPING",
        ),
        FigureShow(
            "informative_odds",
            ".surface:informative_odds",
            place=100,
            part="missing-outcomes",
            kinds=("informative_odds",),
            quantity="risk_ratio",
            start="imor_",
            surface=".grid:INFORMATIVE_ODDS",
        ),
        FigureShow(
            "imputation_diagnostics",
            ".imputation:draw",
            place=110,
            part="missing-outcomes",
            kinds=("multiple_imputation",),
            quantity="chain_mean",
        ),
        FigureShow(
            "balance",
            ".balance:draw",
            place=120,
            part="missing-outcomes",
            kinds=("balance",),
            quantity="standardized_difference",
        ),
    ),
    tables=(
        TableShow(
            "missing_data",
            ".missing_data:missing_data",
            place=50,
            part="missing-outcomes",
            kinds=("multiple_imputation", "reference_based", "delta", "informative_odds"),
        ),
        TableShow(
            "selected_covariates",
            "trialrr.present.shows.resampling.definitions:selected_covariates",
            place=90,
            part="other-definitions",
            kinds=("selected_covariates",),
        ),
    ),
    parts=(
        PartShow(
            "Missing outcomes",
            (f"{SENTENCES}:tips", f"{SENTENCES}:on_the_map", f"{SENTENCES}:odds_tip"),
            place=10,
        ),
    ),
)
