"""A recorded day through the live engine again. Pure.

A pair that the engine watched then is looked at exactly when it was looked at then, with the same
proof of its books, so that the same episodes come out; any other pair is priced whenever one of its
books changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import TypeAlias

from matching.pairs import MarketKey
from scanner.clicks import Clicked, Clicks
from scanner.engine import Engine
from scanner.episode import Change, Proof
from scanner.scan import Listed
from venues import Market
from venues.playback import Player
from venues.tape import Record
from venues.tape_stream import Break, Call, Names, Polled, Priced, Terms, Watch, market_of

Moment: TypeAlias = Call | Polled | Priced | Watch | Break

ListNow: TypeAlias = Callable[[Mapping[MarketKey, Market], Set[str]], Iterable[Listed]]
"""Takes the markets as they are known now, and the ids of the pairs that were watched then, of
which nothing else may be assumed; gives the pairs with their markets."""


class Relived:
    """`engine` looks at the books of `player`. `lived`: pairs that were watched at that moment."""

    def __init__(self, engine: Engine, player: Player, clicks: Clicks, list_now: ListNow) -> None:
        self.now_ms = 0
        self._engine = engine
        self._player = player
        self._clicks = clicks
        self._list_now = list_now
        self._markets: dict[MarketKey, Market] = {}
        self._lived: dict[str, None] = {}
        self._left: set[str] = set()
        self._listed: dict[str, Listed] = {}
        self._others: dict[MarketKey, list[str]] = {}
        self._is_new = True

    def run(
        self, records: Iterable[Record], *, since_ms: int = 0, until_ms: int | None = None
    ) -> Iterator[Change | Clicked]:
        """Every change, and every click when its time has come. Raises ValueError for tapes
        that contradict themselves."""
        for record in self._moments(records):
            at_ms = record.now_ms
            if until_ms is not None and at_ms > until_ms:
                break
            if isinstance(record, Break):
                yield from self._clicks.rest(self.now_ms)
            yield from self._clicks.due(at_ms)
            self.now_ms = max(self.now_ms, at_ms)
            for change in self._play(record, may_price=at_ms >= since_ms):
                yield change
                if item := self._listed.get(change.episode.pair_id):
                    self._clicks.hear(change, item, at_ms)
        yield from self._engine.stop(self.now_ms)
        yield from self._clicks.rest(self.now_ms)

    def _moments(self, records: Iterable[Record]) -> Iterator[Moment]:
        """What happened at some moment; what is merely known is taken in on the way."""
        for record in records:
            match record:
                case Terms():
                    market = market_of(record)
                    self._markets[MarketKey(market.venue, market.id)] = market
                case Names():
                    self._player.play(record)
                case Call() | Polled() | Priced() | Watch() | Break():
                    yield record
                case _:  # answers are parsed already, and quotes are another kind of tape
                    pass

    def _play(self, record: Moment, *, may_price: bool) -> list[Change]:
        if isinstance(record, Watch):
            before, gone = self._lived, set(self._lived if record.anew else record.gone)
            self._lived = {id: None for id in before if id not in gone}
            self._lived |= dict.fromkeys(record.pairs)
            self._left = (self._left | before.keys()) - self._lived.keys()
            return self._watch(record.now_ms)
        if isinstance(record, Priced):
            if not may_price or record.pair not in self._lived:
                return []
            proof = Proof(ages_ms=record.ages_ms, doubts=record.doubts)
            change = self._engine.look_again(record.pair, record.now_ms, proof)
            return [change] if change else []
        if self._is_new:
            self._watch(record.now_ms)
        keys = self._player.play(record)
        if isinstance(record, Break):
            return self._engine.stop(record.now_ms)
        if not may_price or not self._others:
            return []
        ids = [id for key in keys for id in self._others.get(MarketKey(*key), ())]
        return self._engine.price(ids, record.now_ms, record.now_ns)

    def _watch(self, now_ms: int) -> list[Change]:
        """Pairs in the order in which the engine had them; those that it let go are over."""
        self._is_new = False
        found = {item.pair.id: item for item in self._list_now(self._markets, self._lived.keys())}
        order = [*self._lived, *(id for id in found if id not in self._lived)]
        self._listed = {id: found[id] for id in order if id in found and id not in self._left}
        self._others = {}
        for id, item in self._listed.items():
            if id not in self._lived:
                for key in (item.pair.one, item.pair.two):
                    self._others.setdefault(key, []).append(id)
        return self._engine.watch(self._listed.values(), now_ms)
