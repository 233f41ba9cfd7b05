"""What is known of markets and of our own orders: names that never change, terms that do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from venues.fees import FeeModel, UnknownFee
from venues.market import Grid
from venues.money import Price, Quantity
from venues.order import Order
from venues.sides import Outcome

_ORDERS_MAX: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an order of one market must keep to, as the exchange said it at `read_ms` (our clock).

    `yes`, `no` are its tokens. `version` is "v1" or "v2" and, with `neg_risk`, says which contract
    an order is signed for. `delayed`: orders that take may wait before they trade.
    """

    market: str
    yes: str
    no: str
    tick: Price
    minimum: Quantity
    fees: FeeModel | UnknownFee
    neg_risk: bool
    version: str
    accepting: bool
    delayed: bool
    read_ms: int

    def token(self, outcome: Outcome) -> str:
        return self.yes if outcome is Outcome.YES else self.no

    @property
    def grid(self) -> Grid:
        return Grid.even(self.tick)


class TermsBook:
    """Markets by condition id and by token. Tokens are kept for good; terms until forgotten.

    `named` hears of a market's tokens (YES, NO) when they become known."""

    def __init__(self) -> None:
        self.named: Callable[[str, str, str], None] = lambda *_: None
        self._tokens: dict[str, tuple[str, str]] = {}
        self._contracts: dict[str, tuple[str, Outcome]] = {}
        self._terms: dict[str, Terms] = {}
        self._fees: dict[str, FeeModel | UnknownFee] = {}

    def tokens(self, market: str) -> tuple[str, str] | None:
        """(YES, NO)"""
        return self._tokens.get(market)

    def contract_of(self, token: str) -> tuple[str, Outcome] | None:
        """The market of a token, and what holding it means."""
        return self._contracts.get(token)

    def terms(self, market: str) -> Terms | None:
        return self._terms.get(market)

    def fees(self, market: str) -> FeeModel | UnknownFee | None:
        """As last told, also where the other terms changed since."""
        return self._fees.get(market)

    def learn_tokens(self, market: str, yes: str, no: str) -> None:
        """Raises ValueError where that contradicts what was learned before."""
        is_new = market not in self._tokens
        if self._tokens.setdefault(market, (yes, no)) != (yes, no) or yes == no:
            raise ValueError(f"the tokens of {market} changed")
        for token, outcome in ((yes, Outcome.YES), (no, Outcome.NO)):
            if self._contracts.setdefault(token, (market, outcome)) != (market, outcome):
                raise ValueError(f"token {token} belongs to two markets")
        if is_new:
            self.named(market, yes, no)

    def learn(self, terms: Terms) -> Terms:
        self.learn_tokens(terms.market, terms.yes, terms.no)
        self._terms[terms.market] = terms
        self._fees[terms.market] = terms.fees
        return terms

    def forget_terms(self, market: str) -> None:
        """They changed, and nobody knows yet to what."""
        self._terms.pop(market, None)


class Known:
    """Our own orders by the venue's id, in the words in which we asked for them: the venue tells
    neither our own id nor, of a fill, the order's limit. The oldest give way after 20,000."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}
        self._ids: dict[str, str] = {}

    def get(self, order_id: str) -> Order | None:
        return self._orders.get(order_id)

    def by_client_id(self, client_id: str) -> Order | None:
        return self._orders.get(self._ids.get(client_id, ""))

    def remember(self, order: Order) -> Order:
        """Keeps its newest state."""
        self._orders.pop(order.order_id, None)
        self._orders[order.order_id] = order
        if order.client_id:
            self._ids[order.client_id] = order.order_id
        if len(self._orders) > _ORDERS_MAX:
            oldest = self._orders.pop(next(iter(self._orders)))
            if self._ids.get(oldest.client_id) == oldest.order_id:
                del self._ids[oldest.client_id]
        return order
