"""The published numbers that the twin may be calibrated on."""

import datetime as dt

import pandas as pd

from trialrr.ard import EVERYBODY, Subgroup

ARMS = ("PT", "HC", "UC")
MONTHS = ("3", "6", "12")
OUTCOMES = ("severity", "intensity", "interference")
KEY = ["analysis", "outcome", "month", "subgroup", "quantity", "level"]


class Targets:
    """Published inputs by key; results that the plan predicts are dropped on entry.

    published : tidy table with the columns role, KEY, estimate, lower, upper, n; blank or missing
    = absent. Rows of role `predicted` never get past the constructor.
    """

    def __init__(self, published: pd.DataFrame) -> None:
        calibrating = published[published["role"].isin(["exact", "approximate"])]
        text = calibrating.astype(object).where(calibrating.notna(), "").astype(str)
        self._rows = {tuple(row[k] for k in KEY): row for row in text.to_dict("records")}

    def value(
        self,
        analysis: str,
        outcome: str = "",
        *,
        month: str = "",
        subgroup: Subgroup = EVERYBODY,
        quantity: str = "n",
        level: str = "all",
        field: str = "estimate",
    ) -> float:
        """One published number. Raises KeyError naming the key that is not there."""
        key = (analysis, outcome, month, str(subgroup), quantity, level)
        if key not in self._rows:
            named = ", ".join(f"{k}={v!r}" for k, v in zip(KEY, key, strict=True))
            raise KeyError(f"the published numbers hold no calibration row with {named}")
        return float(self._rows[key][field])

    def count(self, analysis: str, outcome: str = "", **key: str | Subgroup) -> int:
        """`value` as an integer."""
        return int(self.value(analysis, outcome, **key))

    def flow(self, step: str, level: str = "all", reason: str = "") -> int:
        """People at a step of the participant flow."""
        subgroup = Subgroup.of(reason=reason) if reason else EVERYBODY
        return self.count("flow", step, subgroup=subgroup, level=level)

    def reasons(self) -> dict[str, int]:
        """Recorded reasons of the `ineligible_other`: reason → people."""
        found = (
            Subgroup.read(key[3]).get("reason")
            for key in self._rows
            if key[:2] == ("flow", "ineligible_other")
        )
        return {reason: self.flow("ineligible_other", reason=reason) for reason in found if reason}

    def share(self, variable: str, level: str, arm: str) -> tuple[int, int]:
        """Baseline count and its denominator in one arm."""
        key = {"subgroup": Subgroup.of({variable: level}), "quantity": "events", "level": arm}
        events = self.count("baseline", variable, **key)
        return events, int(self.value("baseline", variable, field="n", **key))

    def overall(self, variable: str, level: str) -> int:
        """Baseline count over all arms."""
        who = Subgroup.of({variable: level})
        return self.count("baseline", variable, subgroup=who, quantity="events")

    def levels(self, variable: str, level: str = "all") -> list[str]:
        """Levels of a baseline variable in published order, for one column of the table."""
        return [
            Subgroup.read(key[3])[variable]
            for key in self._rows
            if key[:2] == ("baseline", variable) and key[4] == "events" and key[5] == level
        ]

    def moments(self, variable: str, level: str = "all") -> tuple[float, float]:
        """Baseline mean and standard deviation; a column that lacks one takes the overall value."""
        found = []
        for quantity in ("mean", "sd"):
            key = ("baseline", variable, "", "", quantity, level)
            found.append(
                self.value(
                    "baseline",
                    variable,
                    quantity=quantity,
                    level=level if key in self._rows else "all",
                )
            )
        return found[0], found[1]

    def analyzed(self, arm: str) -> int:
        """People of the analysis in one arm."""
        return self.flow("analyzed", arm)

    def observed(self, outcome: str, month: str, arm: str) -> tuple[int, int]:
        """Observed responders and people observed."""
        key = {"month": month, "quantity": "events", "level": arm}
        return (
            self.count("observed", outcome, **key),
            int(self.value("observed", outcome, field="n", **key)),
        )

    def completed(self, month: str, arm: str) -> int:
        """Follow-up visits completed."""
        return self.count("follow_up", "completed", month=month, level=arm)

    def visits(self, number: int, arm: str) -> int:
        """People who completed this number of follow-up visits."""
        return self.count(
            "follow_up",
            "visits_completed",
            subgroup=Subgroup.of(visits_completed=str(number)),
            quantity="events",
            level=arm,
        )

    def coefficients(self, model: str) -> dict[str, float]:
        """Coefficients or odds ratios of a published model: term → value."""
        return {
            key[5]: float(row["estimate"]) for key, row in self._rows.items() if key[0] == model
        }

    def interval(self, outcome: str, month: str, level: str) -> tuple[float, float]:
        """Published interval of an unadjusted risk ratio."""
        key = {"month": month, "quantity": "risk_ratio", "level": level}
        return (
            self.value("unadjusted", outcome, field="lower", **key),
            self.value("unadjusted", outcome, field="upper", **key),
        )

    def since(self, relation: str) -> tuple[dt.date, int]:
        """Change point of recruitment and people randomized `before` or `after` it."""
        prefix = f"randomized_{relation}_"
        for key in self._rows:
            if key[0].startswith(prefix):
                return dt.date.fromisoformat(key[0].removeprefix(prefix)), self.count(key[0])
        raise KeyError(f"the published numbers hold no row {prefix}<date>")
