"""The user channel of one connection (§13): whose it is, of which markets, and what it is told.

Nothing is told of before it began. While it is of all markets, adding and taking away changes
nothing; an empty list in the first frame means all (our choices).
"""

from __future__ import annotations

from collections.abc import Iterator
from hmac import compare_digest

from venues.sim.polymarket import frames_user as frames
from venues.sim.polymarket.house import House
from venues.sim.polymarket.notices import Notice, OrderUpdated, TradeUpdated
from venues.sim.polymarket.records import ApiKey, TradeRecord
from venues.sim.polymarket.stream_knobs import StreamKnobs
from venues.sim.polymarket.stream_words import Closing, Said, is_subscribe, names
from venues.sim.polymarket.wire_text import Object

Told = Iterator[Object | list[Object]]


class UserChannel:
    """`key` is None until the first frame."""

    def __init__(self, house: House, knobs: StreamKnobs) -> None:
        self.key: ApiKey | None = None
        self.markets: set[str] | None = None
        """Conditions; None for all."""
        self._house = house
        self._knobs = knobs

    def open(self, said: Said) -> Told:
        if said.get("type") not in ("user", "USER"):
            raise Closing.invalid_payload()
        markets = names(said, "markets")
        self.key = self._key(said.get("auth"))
        self.markets = set(markets) or None
        return iter(())

    def update(self, said: Said) -> Told:
        adds, markets = is_subscribe(said), names(said, "markets")
        if self.markets is not None:
            self.markets = self.markets | {*markets} if adds else self.markets - {*markets}
        return iter(())

    def told(self, notice: Notice) -> Told:
        match notice:
            case OrderUpdated(order=it) if self._sees(it.market, it.owner):
                yield frames.order(notice, self._knobs)
            case TradeUpdated(trade=it) if self._sees(it.market, *_owners(it)):
                assert self.key is not None
                market = self._house.catalogue.markets[it.market]
                yield frames.trade(notice, self.key, market, self._knobs)
            case _:
                return

    def _sees(self, market: str, *owners: str) -> bool:
        mine = self.key is not None and self.key.key in owners
        return mine and (self.markets is None or market in self.markets)

    def _key(self, auth: object) -> ApiKey:
        said = auth if isinstance(auth, dict) else {}
        id, secret, passphrase = (
            str(said.get(each, "")) for each in ("apiKey", "secret", "passphrase")
        )
        key = self._house.keys.find(id)
        same = key is not None and (
            compare_digest(secret.encode(), key.secret.encode())
            & compare_digest(passphrase.encode(), key.passphrase.encode())
        )
        if key is None or not same:
            raise Closing.unauthorized(told=self._house.knobs.user_close_reason)
        return key


def _owners(trade: TradeRecord) -> tuple[str, ...]:
    """API keys: the taker's, then the makers'."""
    return trade.owner, *(each.owner for each in trade.makers)
