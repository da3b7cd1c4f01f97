"""Whose fit it was: what could not be estimated, said in the names of the plan."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from trialrr.estimate.fit import FitError, RepeatedColumns


@contextmanager
def of_analysis(id: str) -> Iterator[None]:
    """FitError from inside begins with the analysis; one that does so already goes on as it is."""
    try:
        yield
    except FitError as error:
        named = f"analysis {id}"
        if str(error).startswith(named):
            raise
        raise FitError(f"{named}: {error}") from None


@contextmanager
def of_model(whose: str, key: str, names: Sequence[str]) -> Iterator[None]:
    """FitError from inside begins with `whose` model it is and the `key` of its covariates, and
    calls columns that are constant or repeat others by their `names`."""
    where = f"{whose} ({key})"
    try:
        yield
    except RepeatedColumns as error:
        found = ", ".join(names[j] for j in error.columns)
        raise FitError(
            f"{where}: {found} is constant or made of the columns before, so it has no coefficient "
            f"of its own. The columns are, in order: {', '.join(names)}. What to do: take the "
            f"covariate out of {key}, or merge its levels"
        ) from None
    except FitError as error:
        raise FitError(f"{where}: {error}") from None
