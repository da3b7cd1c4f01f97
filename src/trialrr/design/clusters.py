"""Clusters of a partially nested trial: shared in some arms, persons elsewhere."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trialrr.data import written


@dataclass(frozen=True, slots=True)
class Clusters:
    """labels : (n,) one a person; real : number of clusters that people share by design."""

    labels: NDArray[np.str_]
    real: int

    @property
    def count(self) -> int:
        return len(np.unique(self.labels))


def ranked(labels: Iterable[str]) -> pd.DataFrame:
    """What clusters are called where they are shown: `rank` by the number of people, the largest
    first, equals by id, each with as many digits; `cluster`, the id, and `n`. The ids themselves,
    which may be names of people, are for private files.

    labels : one per person analyzed; missing for a person without a cluster.
    """
    sizes = Counter(str(label) for label in labels if pd.notna(label))
    ids = sorted(sizes, key=lambda id: (-sizes[id], id))
    ranks = [f"{k:0{len(str(len(ids)))}}" for k in range(1, len(ids) + 1)]
    return pd.DataFrame({"rank": ranks, "cluster": ids, "n": [sizes[id] for id in ids]})


def names(labels: Iterable[str]) -> dict[str, str]:
    """Id → rank, as in `ranked`."""
    table = ranked(labels)
    return dict(zip(table["cluster"], table["rank"], strict=True))


def of_people(people: pd.DataFrame, nested: dict[str, str]) -> Clusters:
    """The highest level that scores are summed over (plan, item 2).

    people : one row a person with `participant_id`, `arm`, `cluster`; nested : arm → what its
    people share ("ward"), or "person", for which the column is not looked at. Raises ValueError
    for a person of a nested arm without a cluster.
    """
    shared = people["arm"].map(nested).ne("person").to_numpy()
    label = written(people["cluster"]).fillna("").to_numpy(str)
    ids = people["participant_id"].to_numpy(str)
    lost = shared & people["cluster"].isna().to_numpy()
    if lost.any():
        raise ValueError(
            f"{lost.sum()} people of a clustered arm have no cluster, first "
            f"{', '.join(ids[lost][:3])}; give each a cluster or declare `clusters: person`"
        )
    labels = np.where(shared, np.char.add("cluster ", label), np.char.add("person ", ids))
    return Clusters(labels, len(np.unique(label[shared])))
