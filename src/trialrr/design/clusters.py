"""Clusters of a partially nested trial: shared in some arms, persons elsewhere."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Clusters:
    """labels : (n,) one a person; real : number of clusters that people share by design."""

    labels: NDArray[np.str_]
    real: int

    @property
    def count(self) -> int:
        return len(np.unique(self.labels))


def of_people(people: pd.DataFrame, nested: dict[str, str]) -> Clusters:
    """The highest level that scores are summed over (plan, item 2).

    people : one row a person with `participant_id`, `arm`, `cluster`; nested : arm → what its
    people share ("coach"), or "person", for which the column is not looked at. Raises ValueError
    for a person of a nested arm without a cluster.
    """
    shared = people["arm"].map(nested).ne("person").to_numpy()
    label = people["cluster"].fillna("").astype(str).to_numpy(str)
    ids = people["participant_id"].astype(str).to_numpy(str)
    lost = shared & (label == "")
    if lost.any():
        raise ValueError(
            f"{lost.sum()} people of a clustered arm have no cluster, first "
            f"{', '.join(ids[lost][:3])}; give each a cluster or declare `clusters: person`"
        )
    labels = np.where(shared, np.char.add("cluster ", label), np.char.add("person ", ids))
    return Clusters(labels, len(np.unique(label[shared])))


def one_person_each(ids: NDArray, fixed: dict[str, NDArray]) -> None:
    """Check that an id means one person: what does not change in a trial is the same on all rows.

    ids : (n,); fixed : name → (n,) values set at or before randomization (arm, sex, age, centre).
    Raises ValueError naming the columns that vary within an id, how many ids, and the first: ids
    that restart in every centre look like this, and clusters by them are wrong.
    """
    table = pd.DataFrame({"id": np.asarray(ids), **fixed})
    varies = table.groupby("id", sort=True).nunique(dropna=False) > 1
    columns = [name for name in varies if varies[name].any()]
    if columns:
        bad = varies.index[varies[columns].any(axis=1)]
        raise ValueError(
            f"{len(bad)} of {len(varies)} ids stand for more than one person: within an id, "
            f"{', '.join(columns)} vary (first: {bad[0]}). Do ids restart in every centre? Make "
            "the person centre x id before clustering"
        )
