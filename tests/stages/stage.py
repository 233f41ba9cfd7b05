"""A stage: a simulated venue, our adapter in front of it, and a rival who trades there too."""

from __future__ import annotations

from typing import Any, Protocol

from venues import Account, Clock, MarketData, OrderRequest, Side, Trading
from venues.feed import Feed
from venues.sim.stream_faults import StreamFaults


class Stage(Protocol):
    """`market` trades in whole cents and is empty in the beginning, `second` likewise; `elsewhere`
    needs cash of another pocket, where we have none ("" where the venue has just one pocket)."""

    name: str
    market: str
    second: str
    elsewhere: str
    clock: Clock
    lag_ms: int
    numbered: bool
    """Frames bear numbers: no loss stays unseen once the next one comes."""

    @property
    def data(self) -> MarketData: ...

    @property
    def account(self) -> Account: ...

    @property
    def trading(self) -> Trading: ...

    def rest(self, side: Side, at: str, size: str) -> None:
        """The rival leaves an order of YES in the book."""
        ...

    def take(self, side: Side, at: str, size: str) -> None:
        """The rival takes from the book of YES, now or never."""
        ...

    def lose_request(self) -> None:
        """The next order never reaches the venue."""
        ...

    def lose_answer(self) -> None:
        """The next order reaches the venue, its answer does not reach us."""
        ...

    def orders_seen(self) -> int:
        """How many orders of ours the venue ever took in."""
        ...

    def close(self) -> None: ...

    def resolve_yes(self) -> None: ...

    async def pass_ms(self, duration_ms: int) -> None: ...

    def ticket(self, side: Side, limit: str, size: str) -> OrderRequest:
        """A resting order of YES, to be placed once."""
        ...

    def feed(self) -> Feed[Any]: ...

    async def live(self) -> None:
        """What this venue gives as a sign that its books are still true, once."""
        ...

    def damage(self, faults: StreamFaults) -> None: ...

    def cut(self) -> None: ...

    def break_reads(self) -> None: ...

    def freeze(self) -> None: ...

    def was_so(self, bids: object, asks: object) -> bool: ...

    def were_best(self, bid: object, ask: object) -> bool: ...
