"""Candidates: for one listing, those of the other venue that may be the same, the likeliest first.

An inverted index over keys. A listing is looked up by its rarest keys only, so that common words
cost nothing; where these give too little, character pieces find names that are spelled otherwise.
Never all pairs.
"""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable
from heapq import nlargest
from operator import itemgetter
from typing import Final, TypeAlias

_POSTINGS_MAX: Final = 150  # ids that all keys of a look-up may name, the rarest keys first
_COMMON_MAX: Final = 250  # ids from which on a key tells nothing
_ENOUGH: Final = 5  # ids that need no second look by character pieces


Hashes: TypeAlias = "array[int]"  # signed, of 64 bits


def hashed(keys: Iterable[str]) -> Hashes:
    """Keys as an index keeps them; good in this process and those forked from it."""
    return array("q", map(hash, keys))


class Index:
    """Keys → ids. `add` and `remove` keep it current as a catalogue changes.

    Keys are kept as their hashes and ids as numbers: most keys have one id, and a catalogue has
    millions of keys. Two keys of one hash only make a candidate more.
    """

    def __init__(self) -> None:
        self._postings: dict[int, int | array[int]] = {}
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []  # by number
        self._keys: list[array[int]] = []  # by number: the hashes of its keys
        self._free: list[int] = []  # numbers of listings that are gone

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, id: str, keys: Hashes) -> None:
        """Puts an id under its keys (`hashed`), in place of any it had."""
        self.remove(id)
        number = self._number(id)
        postings = self._postings
        self._keys[number] = keys
        for at in keys:
            known = postings.get(at)
            if known is None:
                postings[at] = number
            elif isinstance(known, int):
                if known != number:
                    postings[at] = array("I", (known, number))
            else:
                known.append(number)

    def _number(self, id: str) -> int:
        if self._free:
            number = self._free.pop()
            self._ids[number] = id
        else:
            number = len(self._ids)
            self._ids.append(id)
            self._keys.append(array("q"))
        self._numbers[id] = number
        return number

    def remove(self, id: str) -> None:
        """Takes an id away; one that is not there is no error."""
        number = self._numbers.pop(id, None)
        if number is None:
            return
        for at in self._keys[number]:
            known = self._postings.get(at)
            if isinstance(known, int):
                if known == number:
                    del self._postings[at]
            elif known is not None and number in known:
                known.remove(number)
                if len(known) == 1:
                    self._postings[at] = known[0]
        self._keys[number] = array("q")
        self._free.append(number)

    def best(self, keys: Iterable[str], grams: Iterable[str], most: int) -> list[tuple[str, float]]:
        """The likeliest ids, best first, at most `most`."""
        scores = self._scores(keys)
        if len(scores) < _ENOUGH:
            for number, score in self._scores(grams).items():
                scores[number] = scores.get(number, 0.0) + score / 4
        ranked = nlargest(most, scores.items(), key=itemgetter(1))
        return [(self._ids[number], score) for number, score in ranked]

    def _scores(self, keys: Iterable[str]) -> dict[int, float]:
        """Numbers by the summed rarity of the keys they share, the rarest keys first.

        In an order that does not depend on that of `keys`: of equals the first are kept.
        """
        postings, total = self._postings, len(self._numbers) + 1
        single: list[int] = []
        several: list[tuple[int, int, array[int]]] = []
        for key in keys:
            found = postings.get(hash(key))
            if isinstance(found, int):
                single.append(found)
            elif found is not None:
                several.append((len(found), found[0], found))
        scores = defaultdict(float, {n: single.count(n) * math.log(total) for n in sorted(single)})
        several.sort()
        left = _POSTINGS_MAX
        for size, _, numbers in several:
            weight = math.log(total / size)
            if size <= left or not scores:
                left -= size
                for number in numbers[:_COMMON_MAX]:
                    scores[number] += weight
            elif size <= _COMMON_MAX:
                for number in numbers:
                    if number in scores:
                        scores[number] += weight
        return scores
