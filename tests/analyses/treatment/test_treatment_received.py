"""The column that says how much people took: who has it, who took it, what is refused."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.analyses.oracle import PLAN
from tests.typed import typed
from trialrr.analyses.treatment.treatment_received import amount, arms_with, took

ENTRY = SimpleNamespace(id="adherence", column="sessions", took=">=6")


def people(sessions, arm=("PT", "PT", "HC", "UC")):
    return typed(pd.DataFrame({"arm": arm, "sessions": sessions}))


def test_arms_and_takers():
    table = people(["8", "0", "6", ""])
    assert arms_with(ENTRY, PLAN, table) == ["PT", "HC"]
    assert took(ENTRY, PLAN, table).tolist() == [True, False, True, False]
    assert arms_with(ENTRY, PLAN, people(["8", "0", "", ""])) == ["PT"]
    np.testing.assert_array_equal(amount(ENTRY, table), [8, 0, 6, np.nan])


def test_refusals():
    with pytest.raises(ValueError, match="lack the column 'sessions'"):
        amount(ENTRY, pd.DataFrame({"arm": ["PT"]}))
    with pytest.raises(ValueError, match="2 people have no number in sessions, first 'many'"):
        amount(ENTRY, people(["", "many", "few", ""]))
    with pytest.raises(ValueError, match="blank for 1 of 2 people of arm PT"):
        arms_with(ENTRY, PLAN, people(["8", "", "6", ""]))
    with pytest.raises(ValueError, match="1 people of the reference arm UC have sessions>=6"):
        took(ENTRY, PLAN, people(["8", "0", "6", "7"]))
