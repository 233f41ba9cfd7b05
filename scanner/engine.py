"""The live engine: books that change → episodes of opportunities. No I/O; times are arguments.

A changed book is priced at once, for its own pairs alone; a full pass prices every pair, a slice at
a time. Both ask the same question of the same books, so they agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol

from matching.pairs import MarketKey, Pair, Relation
from scanner.episode import Change, Episode, Happened, Proof, begin, end, go_on, is_material
from scanner.opportunity import Finding, Opportunity
from scanner.scan import Listed, Policy, Reason, look
from venues import ONE, Book
from venues.stream import Watched

AGE_MS_MAX: Final = 30_000
SLICE: Final = 200
"""Pairs in one slice of a full pass: a few milliseconds at worst."""
PAIR_LEFT: Final = "pair_left"
STOPPED: Final = "stopped"


class Books(Protocol):
    """A venue's books as its feed keeps them."""

    def book(self, market: str) -> Watched | None: ...


class Engine:
    """`books` by venue. `policy`: what every pass keeps to. `age_ms_max`: an older book proves
    nothing. `doubts`, by venue, may be written from outside: why nobody may act on anything there
    (trading is paused, its clock is off).

    `episodes` are those that are open, by pair id; `reasons` says of every other pair that was
    priced why it is none.
    """

    def __init__(
        self, books: Mapping[str, Books], *, policy: Policy, age_ms_max: int = AGE_MS_MAX
    ) -> None:
        self.doubts: dict[str, str] = {}
        self.episodes: dict[str, Episode] = {}
        self.reasons: dict[str, str] = {}
        self.priced = 0
        self._books = books
        self.policy = replace(policy, age_ms_max=None)  # the proof tells how old a book is
        self._age_ms_max = age_ms_max
        self._told: dict[str, Opportunity] = {}
        self._listed: dict[str, Listed] = {}
        self._of_market: dict[MarketKey, tuple[str, ...]] = {}

    def watch(self, listed: Iterable[Listed], now_ms: int) -> list[Change]:
        """These pairs from now on, and no others; the episodes of those that left are over."""
        self._listed = {item.pair.id: item for item in listed}
        of_market: dict[MarketKey, list[str]] = {}
        for id, item in self._listed.items():
            for key in (item.pair.one, item.pair.two):
                of_market.setdefault(key, []).append(id)
        self._of_market = {key: tuple(ids) for key, ids in of_market.items()}
        for id in self.reasons.keys() - self._listed.keys():
            del self.reasons[id]
        left = self.episodes.keys() - self._listed.keys()
        return [self._end(id, now_ms, PAIR_LEFT) for id in sorted(left)]

    def stop(self, now_ms: int) -> list[Change]:
        """Everything that is open is over: nobody looks any more."""
        return [self._end(id, now_ms, STOPPED) for id in sorted(self.episodes)]

    @property
    def pairs(self) -> int:
        return len(self._listed)

    @property
    def markets(self) -> Mapping[str, Sequence[str]]:
        """What is watched at each venue, in the order of the pairs."""
        found: dict[str, list[str]] = {venue: [] for venue in self._books}
        for venue, id in self._of_market:
            found[venue].append(id)
        return found

    @property
    def near_misses(self) -> Mapping[str, int]:
        """How many pairs stopped at each gate, as they were priced last."""
        return Counter(self.reasons.values())

    def touched(self, key: MarketKey, now_ms: int, now_ns: int) -> list[Change]:
        """One market's book or fault changed."""
        ids = self._of_market.get(key, ())
        found = (self._price(id, now_ms, now_ns) for id in ids)
        return [change for change in found if change]

    def slices(self) -> Iterator[Sequence[str]]:
        """Every pair that is watched now, in slices for `price`."""
        ids = tuple(self._listed)
        for start in range(0, len(ids), SLICE):
            yield ids[start : start + SLICE]

    def price(self, ids: Iterable[str], now_ms: int, now_ns: int) -> list[Change]:
        """Prices pairs anew; one that has left since is passed over."""
        found = (self._price(id, now_ms, now_ns) for id in ids if id in self._listed)
        return [change for change in found if change]

    def books_of(self, pair_id: str) -> tuple[Book | None, Book | None]:
        """Both YES books as they are now."""
        item = self._listed.get(pair_id)
        if item is None:
            return None, None
        one, two = self._watched(item.pair)
        return one.book if one else None, two.book if two else None

    def _watched(self, pair: Pair) -> tuple[Watched | None, Watched | None]:
        one, two = pair.one, pair.two
        return self._books[one.venue].book(one.id), self._books[two.venue].book(two.id)

    def _price(self, id: str, now_ms: int, now_ns: int) -> Change | None:
        item = self._listed[id]
        pair = item.pair
        self.priced += 1
        one, two = self._watched(pair)
        if id not in self.episodes and one and two and not _cross(one.book, two.book, pair):
            self.reasons[id] = Reason.NOT_CROSSED.value
            return None
        books = {key: w.book for key, w in ((pair.one, one), (pair.two, two)) if w}
        finding = look(item, books, ts_ms=now_ms, policy=self.policy)
        return self._settle(finding, self._proof(pair, (one, two), now_ns), now_ms)

    def _settle(self, finding: Finding, proof: Proof, now_ms: int) -> Change | None:
        id, found = finding.pair_id, finding.opportunity
        before = self.episodes.get(id)
        if found is None:
            reason = finding.reason or ""
            self.reasons[id] = reason
            return self._end(id, now_ms, reason) if before else None
        self.reasons.pop(id, None)
        if before is None:
            return self._tell(Happened.APPEARED, begin(found, proof))
        now = self.episodes[id] = go_on(before, found, proof)
        if is_material(self._told[id], found) or proof.is_good != before.proof.is_good:
            return self._tell(Happened.CHANGED, now)
        return None

    def _tell(self, happened: Happened, episode: Episode) -> Change:
        self.episodes[episode.pair_id] = episode
        self._told[episode.pair_id] = episode.last
        return Change(happened=happened, episode=episode)

    def _end(self, id: str, now_ms: int, by: str) -> Change:
        del self._told[id]
        return Change(happened=Happened.ENDED, episode=end(self.episodes.pop(id), now_ms, by))

    def _proof(
        self, pair: Pair, watched: tuple[Watched | None, Watched | None], now_ns: int
    ) -> Proof:
        ages = tuple(w.age_ms(now_ns) if w and w.confirmed_ns else None for w in watched)
        doubts = []
        for key, book, age in zip((pair.one, pair.two), watched, ages, strict=True):
            why = self.doubts.get(key.venue) or _doubt(book, age, self._age_ms_max)
            if why:
                doubts.append(f"{key.venue}: {why}")
        return Proof(ages_ms=(ages[0], ages[1]), doubts=tuple(doubts))


def _doubt(watched: Watched | None, age_ms: int | None, age_ms_max: int) -> str | None:
    if watched is None or age_ms is None:
        return "its book was never confirmed"
    if watched.fault:
        return watched.fault
    if age_ms > age_ms_max:
        return f"its book was last confirmed {age_ms // 1_000} s ago"
    return None


def _cross(one: Book, two: Book, pair: Pair) -> bool:
    """Whether a bid at one venue is above the ask at the other, the twin's priced for our YES."""
    bid, ask = _best(one)
    other_bid, other_ask = _best(two)
    if pair.relation is Relation.INVERTED:
        other_bid, other_ask = ONE - other_ask, ONE - other_bid
    return bid > other_ask or other_bid > ask


def _best(book: Book) -> tuple[int, int]:
    """The best bid and ask; 0 and ONE, at which nobody trades, for an empty side."""
    bids, asks = book.bids, book.asks
    return bids[0][0] if bids else 0, asks[0][0] if asks else ONE
