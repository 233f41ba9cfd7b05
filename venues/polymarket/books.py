"""The books of one connection to the market channel: from snapshot to doubt to the next one. Pure.

Frames bear no numbers. What shows that one was lost: the best prices that later frames tell, and
stamps that go back. A loss deep in a book shows in neither; it lasts until the next `book` of that
market (one comes with every trade) or until a full read, see venues.crosscheck.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from venues.book import Book, Top
from venues.ladder import CROSSED, Ladder, Micros
from venues.market import Contract
from venues.money import ONE, micros
from venues.polymarket import wire_stream as wire
from venues.polymarket.normalize import VENUE
from venues.polymarket.subscriptions import Subscriptions
from venues.polymarket.terms import TermsBook
from venues.sides import Outcome
from venues.stream import Counts, Watched

GRACE_NS: Final = 500_000_000
UNNAMED: Final = "its tokens are not known"
DISAGREES: Final = "its best prices are not those that the venue tells"
PRICES: Final = Micros(micros)
SIZES: Final = Micros(micros)
BIDS: Final = Micros(lambda text: micros(text or "0") % ONE)
"""Best bids as told: "0", "" or "1" where there is none."""
ASKS: Final = Micros(lambda text: micros(text or "0") or ONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """The venue told other best prices (`top`) than ours, at `at_ms`.

    `last` word: told by a change itself, so that only changes of the same moment can still be due;
    one order moves several levels, and every one of its frames tells the best prices after all.
    """

    at_ms: int
    top: tuple[int, int]
    since_ns: int
    last: bool


class Books:
    """Watches the YES token of each market: the other's book mirrors it (facts §9.6)."""

    def __init__(self, terms: TermsBook, subscriptions: Subscriptions, counts: Counts) -> None:
        self.changed: set[str] = set()
        self.ladders: dict[str, Ladder] = {}
        self.disagreements: dict[str, Disagreement] = {}
        self._terms = terms
        self._subscriptions = subscriptions
        self._counts = counts
        self._tokens: dict[str, str] = {}
        self._unnamed: dict[str, None] = {}
        self._snapshot_ms: dict[str, int] = {}
        self._crossed: set[str] = set()

    @property
    def unproven(self) -> int:
        return len(self._unnamed) + self._subscriptions.unproven

    def add(self, markets: Iterable[str], now_ns: int) -> None:
        new = [each for each in markets if each not in self._tokens]
        self._unnamed.update(dict.fromkeys(new))
        self.changed.update(new)
        self.look_for_names(now_ns)

    def look_for_names(self, now_ns: int) -> None:
        """Markets whose tokens were learned meanwhile are subscribed."""
        named = {id: found[0] for id in self._unnamed if (found := self._terms.tokens(id))}
        for market, token in named.items():
            del self._unnamed[market]
            self._tokens[market] = token
            self.ladders[token] = Ladder(Contract(VENUE, market, Outcome.YES))
        self.changed.update(named)
        self._subscriptions.want(named.values(), now_ns)

    def remove(self, markets: Iterable[str]) -> None:
        gone: list[str] = []
        for market in markets:
            self._unnamed.pop(market, None)
            if token := self._tokens.pop(market, None):
                gone.append(token)
                del self.ladders[token]
                self.disagreements.pop(token, None)
                self._snapshot_ms.pop(token, None)
        self._subscriptions.drop(gone)

    def watched(self, market: str, confirmed_ms: int, confirmed_ns: int) -> Watched | None:
        token = self._tokens.get(market)
        if token is None and market not in self._unnamed:
            return None
        if token is None:
            book = Book(Contract(VENUE, market, Outcome.YES), (), (), 0)
            return Watched(book=book, confirmed_ms=0, confirmed_ns=0, fault=UNNAMED)
        ladder = self.ladders[token]
        book, fault = ladder.book(), ladder.fault
        if fault is None and token in self.disagreements:
            fault = DISAGREES
        elif fault is None and ladder.crossed:
            fault = CROSSED
        if token not in self._snapshot_ms:
            confirmed_ms = confirmed_ns = 0
        return Watched(book=book, confirmed_ms=confirmed_ms, confirmed_ns=confirmed_ns, fault=fault)

    def top(self, market: str) -> Top | None:
        token = self._tokens.get(market)
        return self.ladders[token].top if token else None

    def replace(self, found: wire.Book, now_ms: int, now_ns: int) -> None:
        """A whole book. One older than what was applied already lacks that, and is no answer."""
        token, at_ms = found.asset_id, found.timestamp
        ladder = self.ladders.get(token)
        if ladder is None:
            self.stray(token)
            return
        if at_ms < (ladder.venue_ms or 0):
            self._counts.duplicates += 1
            return
        self._subscriptions.arrived(token)
        ladder.received_ms, ladder.venue_ms = now_ms, at_ms
        self._snapshot_ms[token] = at_ms
        self.disagreements.pop(token, None)
        self.changed.add(ladder.contract.market)
        try:
            if found.tick_size or ladder.fault:  # which may be that the tick changed unheard
                ladder.step = max(PRICES[found.tick_size or "0"], 1)
            ladder.replace(_rungs(found.bids, found.buys), _rungs(found.asks, found.sells))
        except ValueError as error:
            ladder.fault = f"poisoned: {error}"
        if ladder.fault:
            self.poisoned(token, ladder.fault, now_ns)

    def poisoned(self, token: str, why: str, now_ns: int) -> None:
        self._counts.poisoned += 1
        self.resync_one(token, why, now_ns)

    def out_of_order(self, token: str, at_ms: int, now_ns: int) -> None:
        """A change that comes after later ones: what an earlier snapshot held already is no loss,
        anything else is not to be put in its place any more."""
        if at_ms < self._snapshot_ms.get(token, 0):
            self._counts.duplicates += 1
            return
        self._counts.gaps += 1
        self.resync_one(token, "its frames came out of order", now_ns)

    def compare(self, token: str, told: tuple[int, int], at_ms: int, now_ns: int) -> None:
        """Our best prices with those of a change that we have applied."""
        top, before = _top(self.ladders[token]), self.disagreements.get(token)
        if top != told:
            self._disagree(token, told, at_ms, before.since_ns if before else now_ns, last=True)
        elif before and (at_ms >= before.at_ms or top == before.top):
            del self.disagreements[token]

    def compare_quote(self, found: wire.BestBidAsk, now_ns: int) -> None:
        """With a quote, which may be ahead of the change that it sums up, and also behind."""
        token, told = found.asset_id, (BIDS[found.best_bid], ASKS[found.best_ask])
        ladder, before = self.ladders.get(token), self.disagreements.get(token)
        if ladder is None or ladder.fault or found.timestamp < (ladder.venue_ms or 0):
            return
        if _top(ladder) == told:
            if before and not before.last:
                del self.disagreements[token]
                self.changed.add(ladder.contract.market)
        elif before is None or not before.last:
            since_ns = before.since_ns if before else now_ns
            self._disagree(token, told, found.timestamp, since_ns, last=False)

    def next_moment(self, token: str, at_ms: int, now_ns: int) -> None:
        """A later change: nothing more can settle what an earlier one disagreed with."""
        before = self.disagreements.get(token)
        if before and before.last and at_ms > before.at_ms:
            self.gap(token, now_ns)

    def new_tick(self, market: str, now_ns: int) -> None:
        self.resync_market(market, "its tick size changed", now_ns)

    def gap(self, token: str, now_ns: int) -> None:
        self._counts.gaps += 1
        self.resync_one(token, f"frames are missing: {DISAGREES}", now_ns)

    def doubt(self, why: str) -> None:
        """Every book, without asking for anything."""
        for ladder in self.ladders.values():
            ladder.fault = why
        self.disagreements.clear()
        self.changed.update(self._tokens)

    def resync(self, why: str, now_ns: int) -> None:
        self._counts.resyncs += 1
        self.doubt(why)
        self._subscriptions.want(self.ladders, now_ns)

    def resync_one(self, token: str, why: str, now_ns: int) -> None:
        if ladder := self.ladders.get(token):
            ladder.fault = why
            self.disagreements.pop(token, None)
            self.changed.add(ladder.contract.market)
            self._subscriptions.want((token,), now_ns)

    def resync_market(self, market: str, why: str, now_ns: int) -> None:
        if token := self._tokens.get(market):
            self.resync_one(token, why, now_ns)

    def stray(self, token: str) -> None:
        """Told of a token that we don't watch: counted, unless it is one of a known market."""
        if self._terms.contract_of(token) is None:
            self._counts.stray += 1

    def tick(self, now_ns: int) -> None:
        """What should have come by now and did not; what should have passed by now and lasts."""
        for token in self._subscriptions.overdue(now_ns):
            self._counts.overdue += 1
            ladder = self.ladders[token]
            ladder.fault, ladder.venue_ms = "the venue sent no book in time", None
            self.changed.add(ladder.contract.market)
        for token, found in [*self.disagreements.items()]:
            if now_ns - found.since_ns > GRACE_NS:
                self.gap(token, now_ns)
        crossed = {t for t, ladder in self.ladders.items() if not ladder.fault and ladder.crossed}
        for token in self._crossed & crossed:
            self.poisoned(token, CROSSED, now_ns)
        self._crossed = crossed - self._crossed

    def _disagree(
        self, token: str, told: tuple[int, int], at_ms: int, since_ns: int, *, last: bool
    ) -> None:
        found = Disagreement(at_ms=at_ms, top=told, since_ns=since_ns, last=last)
        self.disagreements[token] = found
        self.changed.add(self.ladders[token].contract.market)


def _top(ladder: Ladder) -> tuple[int, int]:
    return ladder.best_bid, ladder.best_ask


def _rungs(*sides: tuple[wire.Rung, ...] | None) -> list[tuple[int, int]]:
    """By today's name or by the old one. Raises ValueError where neither is there."""
    for rungs in sides:
        if rungs is not None:
            return [(PRICES[rung.price], SIZES[rung.size]) for rung in rungs]
    raise ValueError("a book without one of its sides")
