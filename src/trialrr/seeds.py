"""Named streams of random numbers: a stream depends on the root seed and its own name alone."""

import hashlib

import numpy as np


def stream(root: int, *name: str) -> np.random.Generator:
    """Generator keyed by SHA-256 of `root` and the parts of `name`.

    Adding an analysis, or running on more cores, moves nobody else's draws. Parts are joined by a
    separator that no name contains, so ("a", "bc") and ("ab", "c") differ.
    """
    key = "\x1f".join((str(root), *name)).encode("utf-8")
    digest = hashlib.sha256(key).digest()
    words = [int.from_bytes(digest[i : i + 4], "little") for i in range(0, 32, 4)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(words)))
