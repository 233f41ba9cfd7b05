"""How events and markets come, change and end (§4.5–§4.7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from venues.money import ONE, Price, Quantity
from venues.sim.polymarket.catalogue import Event, Fee, Market, Phase
from venues.sim.polymarket.chain import Chain
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.floor import Floor
from venues.sim.polymarket.notices import MarketListed, MarketResolved, TickChanged
from venues.sim.polymarket.records import OrderStatus
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.wallets import Wallets

_HALF = Price(ONE // 2)


class Lifecycle:
    def __init__(self, core: Core, floor: Floor, wallets: Wallets, chain: Chain) -> None:
        self._core = core
        self._floor = floor
        self._wallets = wallets
        self._chain = chain

    def add_event(self, event: Event) -> Event:
        self._core.catalogue.events[event.id] = event
        return event

    def add_market(self, market: Market) -> Market:
        """Gamma shows it at once, the exchange knows it `listing_lag_ms` later."""
        catalogue, lag_ms = self._core.catalogue, self._core.knobs.listing_lag_ms
        catalogue.markets[market.condition] = market
        self._core.agenda.advance()
        if lag_ms:
            self._set(market.condition, phase=Phase.LISTED)
            self._core.after(lag_ms, lambda: self._open(market.condition, market.phase))
        else:
            self._open(market.condition, market.phase)
        if market.game_start_ms is not None:
            self._plan_game(market.condition, market.game_start_ms)
        return catalogue.markets[market.condition]

    def pause(self, condition: str) -> None:
        """ValueError for a market that is not open."""
        self._leave(condition, Phase.OPEN)
        self._set(condition, phase=Phase.PAUSED)

    def resume(self, condition: str) -> None:
        """ValueError for a market that is not paused."""
        self._leave(condition, Phase.PAUSED)
        self._set(condition, phase=Phase.OPEN)

    def close(self, condition: str) -> None:
        """Over, and no outcome yet: nothing is taken any more, what rests is canceled."""
        self._leave(condition, Phase.LISTED, Phase.OPEN, Phase.PAUSED, Phase.CLOSED)
        self._set(condition, phase=Phase.CLOSED)
        self._end_all(condition, OrderStatus.CANCELED)

    def propose(self, condition: str) -> None:
        """No answer tells which outcome."""
        self._set(condition, uma_status="proposed")

    def dispute(self, condition: str) -> None:
        self._set(condition, uma_status="disputed")

    def resolve(self, condition: str, winner: int | None) -> None:
        """0: the first outcome; None: 50/50. Winners that approved it are paid by themselves.
        ValueError for a market that is resolved, and for another outcome than its two."""
        self._leave(condition, Phase.LISTED, Phase.OPEN, Phase.PAUSED, Phase.CLOSED)
        if winner not in {0, 1, None}:
            raise ValueError(f"a market has two outcomes, no {winner}")
        payouts = (_HALF, _HALF)
        if winner is not None:
            payouts = (Price(ONE * (winner == 0)), Price(ONE * (winner == 1)))
        market = self._set(
            condition,
            phase=Phase.RESOLVED,
            uma_status="resolved",
            payouts=payouts,
            resolved_ms=self._core.now_ms,
        )
        self._end_all(condition, OrderStatus.CANCELED_MARKET_RESOLVED)
        self._wallets.pays(condition, market.tokens, payouts)
        self._core.tell(
            MarketResolved(
                market=market,
                event=self._core.catalogue.events[market.event_id],
                winner=winner,
                ts_ms=self._core.now_ms,
            )
        )
        wait_ms = self._core.knobs.auto_redeem_ms
        if wait_ms is not None:
            self._core.after(wait_ms, lambda: self._chain.redeem_all(condition))

    def change_tick(self, condition: str, tick: Price) -> None:
        """What rests keeps its price."""
        self._core.agenda.advance()
        old = self._market(condition).tick
        self._floor.set_grid(self._set(condition, tick=tick))
        notice = TickChanged(market=condition, old=old, new=tick, ts_ms=self._core.now_ms)
        self._core.tell(notice)

    def change_minimum(self, condition: str, minimum: Quantity) -> None:
        self._set(condition, minimum=minimum)

    def change_fee(self, condition: str, fee: Fee | None) -> None:
        self._set(condition, fee=fee)

    def start_game(self, condition: str) -> None:
        """Now, whatever was planned."""
        self._core.agenda.advance()
        self._set(condition, game_start_ms=self._core.now_ms)
        self._begin_game(condition, self._core.now_ms)

    def redeem_late(self, wallet: str, condition: str) -> None:
        """Shares that came after the resolution are paid as those that were there."""
        wait_ms = self._core.knobs.auto_redeem_ms
        if wait_ms is not None:
            self._core.after(wait_ms, lambda: self._chain.redeem_winner(wallet, condition))

    def _plan_game(self, condition: str, start_ms: int) -> None:
        self._core.at(start_ms, lambda: self._begin_game(condition, start_ms))

    def _begin_game(self, condition: str, start_ms: int) -> None:
        market = self._market(condition)
        if market.cleared_at_start and market.game_start_ms == start_ms:
            self._end_all(condition, OrderStatus.CANCELED)

    def _leave(self, condition: str, *phases: Phase) -> None:
        """ValueError unless the market is in one of these phases."""
        self._core.agenda.advance()
        found = self._market(condition).phase
        if found not in phases:
            raise ValueError(f"market {condition} is {found}")

    def _open(self, condition: str, phase: Phase) -> None:
        if (found := self._market(condition).phase) is not Phase.LISTED:
            phase = found
        market = self._set(condition, phase=phase)
        for token in market.tokens:
            self._core.catalogue.by_token[token] = condition
        self._floor.open_market(market)
        event = self._core.catalogue.events[market.event_id]
        self._core.tell(MarketListed(market=market, event=event, ts_ms=self._core.now_ms))

    def _end_all(self, condition: str, status: OrderStatus) -> None:
        for order in self._floor.resting(market=condition):
            self._floor.end(order.id, status)

    def _market(self, condition: str) -> Market:
        found = self._core.catalogue.markets.get(condition)
        if found is None:
            raise Refusal(404, "market not found")
        return found

    def _set(self, condition: str, **changes: object) -> Market:
        change: Callable[..., Market] = replace
        market = change(self._market(condition), **changes)
        self._core.catalogue.markets[condition] = market
        return market
