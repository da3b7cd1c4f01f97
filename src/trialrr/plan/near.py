"""The word that was probably meant."""

import difflib
from collections.abc import Iterable


def nearest(word: str, allowed: Iterable[str]) -> str:
    """ " (did you mean 'x'?)", or "" if nothing is near; a word in other capitals is nearest."""
    words = list(allowed)
    same = [w for w in words if w.casefold() == word.casefold()]
    near = same or difflib.get_close_matches(word, words, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
