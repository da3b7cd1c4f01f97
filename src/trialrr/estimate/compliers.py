"""Effect among compliers, under exclusion and no defiers, from counts of a trial in which nobody of
the control arm can have the treatment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComplierEffect:
    """risk_ratio among compliers; intention_to_treat, the risk ratio of the arms; risk_difference
    among compliers; compliance, the share of compliers."""

    risk_ratio: float
    intention_to_treat: float
    risk_difference: float
    compliance: float


def complier_effect(
    compliers: tuple[int, int], never_takers: tuple[int, int], controls: tuple[int, int]
) -> ComplierEffect:
    """RR_c = (r₁ - P(never) r_never)/(r₀ - P(never) r_never), RD_c = (r₁ - r₀)/P(complier).

    Each argument is (events, people): of the treated arm those who took the treatment and those who
    did not, and the control arm, in which never-takers are as many and fare as the treated arm's
    (Angrist, Imbens & Rubin 1996; Sommer & Zeger 1991, Stat Med 10:45, for the vitamin A trial).
    Raises ValueError when events exceed people, an arm is empty, nobody complied, or the never-
    takers' events exceed what the control arm can hold, so that the ratio would not be positive.
    """
    for name, (events, people) in (
        ("compliers", compliers),
        ("never-takers", never_takers),
        ("controls", controls),
    ):
        if not 0 <= events <= people:
            raise ValueError(f"{name}: {events} events in {people} people")
    treated = compliers[1] + never_takers[1]
    if compliers[1] == 0 or controls[1] == 0:
        raise ValueError("nobody complied, or the control arm is empty: no effect to estimate")
    r1 = (compliers[0] + never_takers[0]) / treated
    r0 = controls[0] / controls[1]
    of_never = never_takers[0] / treated  # P(never) × their risk
    if r0 <= of_never:
        raise ValueError(
            f"the never-takers' risk {of_never:.6g} (of the arm) is not below the controls' "
            f"{r0:.6g}: no positive risk is left for compliers, so exclusion does not hold here"
        )
    compliance = compliers[1] / treated
    ratio = (r1 - of_never) / (r0 - of_never)
    return ComplierEffect(ratio, r1 / r0, (r1 - r0) / compliance, compliance)
