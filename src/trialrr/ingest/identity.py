"""Does an id mean one person?"""

import pandas as pd


def several_people(ids: pd.Series, fixed: pd.DataFrame) -> tuple[list[str], pd.Series]:
    """Columns that vary within an id, and the rows that differ from the first row of their id.

    ids : (n,); fixed : (n, k) columns set at or before randomization (arm, sex, age, centre), which
    are the same on all rows of one person. Ids that restart in every centre vary in them: the
    person is then centre x id, and clusters by the id alone are wrong.
    Returns names in the order of `fixed` and (n,) booleans; blank ids are nobody's.
    """
    values = fixed.astype(object).where(fixed.notna(), "")
    differs = values != values.groupby(ids, sort=False).transform("first")
    differs[(ids == "").to_numpy()] = False
    return [name for name in fixed if differs[name].any()], differs.any(axis=1)
