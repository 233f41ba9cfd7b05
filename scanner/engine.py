"""The live engine: books that change → episodes of opportunities. No I/O; times are arguments.

A changed book is priced at once, for its own pairs alone; a full pass prices every pair, a slice at
a time. Both ask the same question of the same books, so they agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol, TypeAlias

from matching.pairs import MarketKey, Pair, Relation
from scanner.episode import Change, Episode, Happened, Proof, begin, end, go_on, is_material
from scanner.opportunity import Finding, Opportunity
from scanner.scan import Listed, Policy, Reason, look
from venues import ONE, Book, FeeModel, MarketStatus, Price, UnknownFee
from venues.book import Top
from venues.stream import Watched

AGE_MS_MAX: Final = 30_000
SLICE: Final = 100
"""Pairs in one slice of a full pass: a millisecond or two."""
PAIR_LEFT: Final = "pair_left"
STOPPED: Final = "stopped"
CUBE_PER_MICRO: Final = ONE**2
"""1e-18 dollars in a micro-dollar."""
_APART: Final = Reason.NOT_CROSSED.value
_FEES: Final = Reason.SPREAD_UP_TO_FEES.value
_FEES_MS: Final = 60_000
"""How long the fees of the quick look are taken for those of now."""
_Two: TypeAlias = tuple[Watched | None, Watched | None]


class Books(Protocol):
    """A venue's books as its feed keeps them."""

    def book(self, market: str) -> Watched | None: ...

    def top(self, market: str) -> Top | None:
        """The best prices of `book`, at less cost."""
        ...


class _Marginal(dict[int, int]):
    """What one contract more costs in fees at a price, in 1e-18 dollars, unrounded."""

    def __init__(self, fees: FeeModel) -> None:
        self._fees = fees

    def __missing__(self, price: int) -> int:
        found = self[price] = self._fees.marginal(Price(price))
        return found


class _Gauge:
    """The best prices of a pair, close at hand: whether anything can be left of it after fees.

    Before rounding, that is; what rounding alone would give, some micro-dollars, is let go.
    """

    __slots__ = (
        "_fees",
        "_inverted",
        "_item",
        "_one",
        "_top_one",
        "_top_two",
        "_two",
        "id",
        "until_ms",
    )

    def __init__(self, item: Listed, books: Mapping[str, Books]) -> None:
        pair = item.pair
        self.id = pair.id
        self._item = item
        self._one, self._two = pair.one.id, pair.two.id
        self._top_one, self._top_two = books[pair.one.venue].top, books[pair.two.venue].top
        self._inverted = pair.relation is Relation.INVERTED
        self._fees: tuple[_Marginal, _Marginal] | None = None
        self.until_ms = 0

    def take_fees(self, now_ms: int, known: dict[FeeModel, _Marginal]) -> None:
        """The fees of now; None where a market is not open or nobody knows its fee."""
        found = []
        for market in (self._item.one, self._item.two):
            fees = market.fees.at(now_ms) if market else None
            if market is None or market.status is not MarketStatus.OPEN or fees is None:
                break
            if isinstance(fees, UnknownFee):
                break
            if fees not in known:
                known[fees] = _Marginal(fees)
            found.append(known[fees])
        self._fees = (found[0], found[1]) if len(found) == 2 else None
        self.until_ms = now_ms + _FEES_MS

    def why_nothing(self) -> str | None:
        """The gate at which the best prices stop; None where only the whole books can tell."""
        one, two, fees = self._top_one(self._one), self._top_two(self._two), self._fees
        if one is None or two is None or fees is None:
            return None
        bid, ask = two
        if self._inverted:  # priced for our YES; a fee is the same at p and at 1 − p
            bid, ask = ONE - ask, ONE - bid
        first, second = bid - one[1], one[0] - ask  # YES here and its opposite there, or turned
        if first <= 0 and second <= 0:
            return _APART
        here, there = fees
        if first * CUBE_PER_MICRO > here[one[1]] + there[bid]:
            return None
        if second * CUBE_PER_MICRO > here[one[0]] + there[ask]:
            return None
        return _FEES


class Engine:
    """`books` by venue. `policy`: what every pass keeps to. `age_ms_max`: an older book proves
    nothing. `doubts`, by venue, may be written from outside: why nobody may act on anything there
    (trading is paused, its clock is off).

    `episodes` are those that are open, by pair id; `reasons` says of every other pair that was
    priced why it is none. `looked` hears of every look at a pair's whole books: its id, UTC ms and
    how well they are known; all else follows from these.
    """

    def __init__(
        self, books: Mapping[str, Books], *, policy: Policy, age_ms_max: int = AGE_MS_MAX
    ) -> None:
        self.doubts: dict[str, str] = {}
        self.episodes: dict[str, Episode] = {}
        self.reasons: dict[str, str] = {}
        self.priced = 0
        self.looked: Callable[[str, int, Proof], None] = lambda *_: None
        self._books = books
        self.policy = replace(policy, age_ms_max=None)  # the proof tells how old a book is
        self._age_ms_max = age_ms_max
        self._told: dict[str, Opportunity] = {}
        self._begun: dict[str, int] = {}
        self._listed: dict[str, Listed] = {}
        self._gauges: dict[str, _Gauge] = {}
        self._of_market: dict[MarketKey, tuple[_Gauge, ...]] = {}

    def watch(self, listed: Iterable[Listed], now_ms: int) -> list[Change]:
        """These pairs from now on, and no others; the episodes of those that left are over."""
        self._listed = {item.pair.id: item for item in listed}
        self._gauges = {id: _Gauge(item, self._books) for id, item in self._listed.items()}
        self._marginal: dict[FeeModel, _Marginal] = {}
        of_market: dict[MarketKey, list[_Gauge]] = {}
        for id, item in self._listed.items():
            for key in (item.pair.one, item.pair.two):
                of_market.setdefault(key, []).append(self._gauges[id])
        self._of_market = {key: tuple(found) for key, found in of_market.items()}
        known: tuple[dict[str, str] | dict[str, int], ...] = (self.reasons, self._begun)
        for of_pairs in known:
            for id in of_pairs.keys() - self._listed.keys():
                del of_pairs[id]
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
        """What is watched at each venue, in the order of the pairs: no market that it does not
        know."""
        found: dict[str, dict[str, None]] = {venue: {} for venue in self._books}
        for item in self._listed.values():
            for market in (item.one, item.two):
                if market:
                    found[market.venue][market.id] = None
        return {venue: list(ids) for venue, ids in found.items()}

    @property
    def near_misses(self) -> Mapping[str, int]:
        """How many pairs stopped at each gate, as they were priced last."""
        return Counter(self.reasons.values())

    def touched(self, key: MarketKey, now_ms: int, now_ns: int) -> list[Change]:
        """One market's book or fault changed."""
        return self._look(self._of_market.get(key, ()), now_ms, now_ns)

    def slices(self) -> Iterator[Sequence[str]]:
        """Every pair that is watched now, in slices for `price`."""
        ids = tuple(self._listed)
        for start in range(0, len(ids), SLICE):
            yield ids[start : start + SLICE]

    def price(self, ids: Iterable[str], now_ms: int, now_ns: int) -> list[Change]:
        """Prices pairs anew; one that has left since is passed over."""
        found = [self._gauges[id] for id in ids if id in self._gauges]
        return self._look(found, now_ms, now_ns)

    def look_again(self, id: str, now_ms: int, proof: Proof) -> Change | None:
        """Looks at a pair's whole books as it was done then, when they were known so well."""
        if id not in self._listed:
            return None
        self.priced += 1
        return self._price(id, now_ms, self._watched(self._listed[id].pair), proof)

    def books_of(self, pair_id: str) -> tuple[Book | None, Book | None]:
        """Both YES books as they are now."""
        item = self._listed.get(pair_id)
        if item is None:
            return None, None
        one, two = self._watched(item.pair)
        return one.book if one else None, two.book if two else None

    def _watched(self, pair: Pair) -> _Two:
        one, two = pair.one, pair.two
        return self._books[one.venue].book(one.id), self._books[two.venue].book(two.id)

    def _look(self, gauges: Iterable[_Gauge], now_ms: int, now_ns: int) -> list[Change]:
        """Of most pairs the best prices tell that nothing is left, without a whole book."""
        found, episodes, reasons = [], self.episodes, self.reasons
        for gauge in gauges:
            id = gauge.id
            self.priced += 1
            if now_ms >= gauge.until_ms:
                gauge.take_fees(now_ms, self._marginal)
            if id not in episodes and (reason := gauge.why_nothing()):
                reasons[id] = reason
                continue
            pair = self._listed[id].pair
            watched = self._watched(pair)
            if change := self._price(id, now_ms, watched, self._proof(pair, watched, now_ns)):
                found.append(change)
        return found

    def _price(self, id: str, now_ms: int, watched: _Two, proof: Proof) -> Change | None:
        self.looked(id, now_ms, proof)
        item = self._listed[id]
        keys = (item.pair.one, item.pair.two)
        books = {key: each.book for key, each in zip(keys, watched, strict=True) if each}
        return self._settle(look(item, books, ts_ms=now_ms, policy=self.policy), proof, now_ms)

    def _settle(self, finding: Finding, proof: Proof, now_ms: int) -> Change | None:
        id, found = finding.pair_id, finding.opportunity
        before = self.episodes.get(id)
        if found is None:
            reason = finding.reason or ""
            self.reasons[id] = reason
            return self._end(id, now_ms, reason) if before else None
        self.reasons.pop(id, None)
        if before is None:
            began = begin(found, proof, after_ms=self._begun.get(id))
            self._begun[id] = began.first_ms
            return self._tell(Happened.APPEARED, began)
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

    def _proof(self, pair: Pair, watched: _Two, now_ns: int) -> Proof:
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
