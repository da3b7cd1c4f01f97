"""An object with other values of some attributes, be it of the plan or a dataclass."""

import dataclasses
from typing import Any

from trialrr import plan


def replace(of: Any, /, **changes: Any) -> Any:
    if isinstance(of, plan.Model):
        return plan.replace(of, **changes)
    return dataclasses.replace(of, **changes)
