"""The trial's randomization done again: permuted blocks of random size within strata."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Scheme:
    """Permuted blocks over sequences of people, one a stratum.

    Each stratum is longer than its people by the largest block less one: its last block is drawn
    whole and cut off where the people end. position : (n,) place of each person, slot : (L,) arm
    of the k-th place once the places of a block are in random order, first : (S,) first place of
    each stratum, length : (S,) places.
    """

    arms: int
    block_sizes: tuple[int, ...]
    position: NDArray[np.int64]
    slot: NDArray[np.int8]
    first: NDArray[np.int64]
    length: NDArray[np.int64]

    def draw(self, rng: np.random.Generator, draws: int) -> NDArray[np.int8]:
        """(draws, n) arms, 0 to arms - 1.

        Sizes of blocks are drawn alike; inside a block, which starts at a multiple of the number of
        arms, places are sorted by random bits and take the arms in turn.
        """
        places, smallest = len(self.slot), min(self.block_sizes)
        most = -(-self.length // smallest)  # blocks of each stratum
        sizes = rng.choice(self.block_sizes, size=(draws, int(most.sum())))
        ends = np.cumsum(sizes, axis=1)
        column = np.cumsum(most) - most
        before = np.where(column > 0, ends[:, column - 1], 0)
        ends -= np.repeat(before, most, axis=1)  # counted from the start of the stratum
        inside = ends < np.repeat(self.length, most)
        key = np.zeros((draws, places), dtype=np.int64)
        key[:, self.first] = 1
        draw, block = np.nonzero(inside)
        key[draw, np.repeat(self.first, most)[block] + ends[draw, block]] = 1
        np.cumsum(key, axis=1, out=key)

        place_bits = max(places - 1, 1).bit_length()
        random_bits = 63 - place_bits - int(key.max()).bit_length()
        key <<= random_bits
        key |= rng.integers(0, 1 << random_bits, size=key.shape, dtype=np.int64)
        key <<= place_bits
        key |= np.arange(places)
        key.sort(axis=1)
        key &= (1 << place_bits) - 1
        arms = np.empty((draws, places), dtype=np.int8)
        np.put_along_axis(arms, key, np.broadcast_to(self.slot, arms.shape), axis=1)
        return arms[:, self.position]


def scheme(strata: NDArray, order: ArrayLike, arms: int, block_sizes: tuple[int, ...]) -> Scheme:
    """The scheme for n people: strata (n,) or (n, k) labels, order (n,) the sequence of
    randomization, of which only the ranks inside a stratum matter.

    Only people who are given have a place: one randomized in error, whom no analysis has, leaves
    none. Raises ValueError for block sizes that are no multiples of the number of arms, and for two
    people of a stratum at the same place of the sequence.
    """
    wrong = [size for size in block_sizes if size < arms or size % arms]
    if wrong or not block_sizes:
        raise ValueError(
            f"block sizes {list(block_sizes)} for {arms} arms; each must be a multiple of the "
            "number of arms, or blocks are not balanced"
        )
    strata, order = np.asarray(strata), np.asarray(order)
    _, index, count = np.unique(strata, axis=0, return_inverse=True, return_counts=True)
    index = index.ravel()
    sorted_people = np.lexsort((order, index))
    same = np.diff(index[sorted_people]) == 0
    if (same & (order[sorted_people][1:] == order[sorted_people][:-1])).any():
        raise ValueError(
            "two people of a stratum have the same place in the order of randomization"
        )
    length = count + max(block_sizes) - 1
    first = np.cumsum(length) - length
    position = np.empty(len(order), dtype=np.int64)
    position[sorted_people] = np.arange(len(order)) + np.repeat(
        first - (np.cumsum(count) - count), count
    )
    slot = np.concatenate([np.arange(size) % arms for size in length]).astype(np.int8)
    return Scheme(arms, tuple(block_sizes), position, slot, first, length)


def p_value(drawn: NDArray[np.floating], observed: NDArray[np.floating]) -> NDArray[np.float64]:
    """(1 + #{T* ≥ T}) / (1 + B) over draws (B, …) for observed statistics (…): a valid p-value for
    any B, the observed assignment being one of 1 + B (Phipson & Smyth 2010, Stat Appl Genet Mol
    Biol 9:39).

    Statistics are χ², shares or log ratios, whose size is about 1. Those of assignments that are
    the same but for the order of summation are ties and count, whatever the rounding: equal within
    1e-9 of that size or of their own, in single precision within 1e-6. A draw without a statistic
    (NaN) counts as no smaller; without an observed statistic there is no p-value (NaN).
    """
    tie = TIE if np.asarray(drawn).dtype == np.float64 else SINGLE_TIE
    limit = observed - tie * np.maximum(np.abs(observed), 1)
    larger = (~(drawn < limit)).sum(axis=0)
    return np.where(np.isnan(observed), np.nan, (1 + larger) / (1 + len(drawn)))


TIE, SINGLE_TIE = 1e-9, 1e-6
