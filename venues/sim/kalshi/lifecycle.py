"""The life of a market, by the clock and by hand (section 14)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from venues.money import ONE, Price
from venues.sim.exchange import Reason
from venues.sim.kalshi.accounts import Accounts
from venues.sim.kalshi.catalogue import (
    STRUCTURES,
    Event,
    FeeChange,
    Market,
    Result,
    Series,
    Status,
)
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.floor import Floor
from venues.sim.kalshi.notices import EventCreated, EventFeeChanged, MarketChanged, MarketEvent

VALUES: Final = {Result.YES: Price(ONE), Result.NO: Price(0)}


class Lifecycle:
    """The only one that changes the catalogue. Wrong steps are ValueError: no client makes them."""

    def __init__(self, core: Core, accounts: Accounts, floor: Floor) -> None:
        self._core = core
        self._accounts = accounts
        self._floor = floor

    def add_series(self, series: Series) -> Series:
        series = replace(series, updated_ms=self._core.now_ms)
        self._core.catalogue.series[series.ticker] = series
        return series

    def add_event(self, event: Event) -> Event:
        """Takes category and shard as given; tells `EventCreated`."""
        with self._core.operation():
            if event.series_ticker not in self._core.catalogue.series:
                raise ValueError(f"no series {event.series_ticker}")
            event = replace(event, updated_ms=self._core.now_ms)
            self._core.catalogue.events[event.ticker] = event
            self._core.tell(EventCreated(event=event, ts_ms=self._core.now_ms))
            return event

    def add_market(self, market: Market) -> Market:
        """Fills in id, shard, created and updated times; tells `created`; opens and closes by the
        clock from here on."""
        with self._core.operation():
            now = self._core.now_ms
            event = self._core.catalogue.events[market.event_ticker]
            market = replace(
                market,
                id=market.id or self._core.new_id(),
                exchange_index=event.exchange_index,
                created_ms=market.created_ms or now,
                updated_ms=now,
                latest_expiration_ms=market.latest_expiration_ms or market.close_ms,
                status=Status.INITIALIZED,
            )
            self._core.catalogue.markets[market.ticker] = market
            self._floor.open_market(market.ticker, market.grid)
            self._tell(MarketEvent.CREATED, market)
            self._core.at(market.open_ms, lambda: self._opens(market.ticker))
            self._book_close(market)
            return market

    def pause(self, ticker: str) -> None:
        """active → inactive, tells `deactivated`."""
        with self._core.operation():
            self._must_be(ticker, Status.ACTIVE)
            self._tell(MarketEvent.DEACTIVATED, self._set(ticker, status=Status.INACTIVE))

    def resume(self, ticker: str) -> None:
        """inactive → active: cancels all its resting orders first, tells `activated`."""
        with self._core.operation():
            self._must_be(ticker, Status.INACTIVE)
            self._floor.cancel_market(ticker, Reason.HALTED)
            self._tell(MarketEvent.ACTIVATED, self._set(ticker, status=Status.ACTIVE))

    def move_close(self, ticker: str, close_ms: int) -> None:
        """Tells `close_date_updated`; a closed market with a new close ahead re-opens."""
        with self._core.operation():
            old = self._must_be(
                ticker, Status.INITIALIZED, Status.ACTIVE, Status.INACTIVE, Status.CLOSED
            )
            market = self._set(ticker, close_ms=close_ms)
            self._tell(MarketEvent.CLOSE_DATE_UPDATED, market)
            if old.status is Status.CLOSED and close_ms > self._core.now_ms:
                self._tell(MarketEvent.ACTIVATED, self._set(ticker, status=Status.ACTIVE))
            self._book_close(market)

    def determine(self, ticker: str, result: Result, value: Price | None = None) -> None:
        """closed → determined (an open one closes now); `value` for a scalar result only."""
        with self._core.operation():
            old = self._must_be(ticker, Status.ACTIVE, Status.INACTIVE, Status.CLOSED)
            if old.status is not Status.CLOSED:
                market = self._set(ticker, status=Status.CLOSED, close_ms=self._core.now_ms)
                self._tell(MarketEvent.CLOSE_DATE_UPDATED, market)
            self._floor.cancel_market(ticker, Reason.CLOSED)
            self._resolve(ticker, Status.DETERMINED, result, value)

    def dispute(self, ticker: str) -> None:
        """determined → disputed; nothing is paid until `amend_result` or `uphold`."""
        with self._core.operation():
            self._must_be(ticker, Status.DETERMINED, Status.AMENDED)
            self._set(ticker, status=Status.DISPUTED)

    def uphold(self, ticker: str) -> None:
        """disputed → determined again, and the timer starts anew."""
        with self._core.operation():
            market = self._must_be(ticker, Status.DISPUTED)
            self._resolve(ticker, Status.DETERMINED, market.result, market.settlement_value)

    def amend_result(self, ticker: str, result: Result, value: Price | None = None) -> None:
        """determined or disputed → amended, and the timer starts anew."""
        with self._core.operation():
            self._must_be(ticker, Status.DETERMINED, Status.DISPUTED, Status.AMENDED)
            self._resolve(ticker, Status.AMENDED, result, value)

    def set_structure(self, ticker: str, structure: str) -> None:
        """New prices from now on: tells `price_level_structure_updated`."""
        with self._core.operation():
            bands = STRUCTURES[structure]
            market = self._set(ticker, price_level_structure=structure, bands=bands)
            self._floor.engine(ticker).set_grid(ticker, market.grid)
            self._tell(MarketEvent.PRICE_LEVEL_STRUCTURE_UPDATED, market)

    def set_metadata(self, market: Market) -> None:
        """New titles, rules and strikes, all else as before: tells `metadata_updated`."""
        with self._core.operation():
            new = self._set(
                market.ticker,
                title=market.title,
                yes_sub_title=market.yes_sub_title,
                no_sub_title=market.no_sub_title,
                rules_primary=market.rules_primary,
                rules_secondary=market.rules_secondary,
                strike_type=market.strike_type,
                floor_strike=market.floor_strike,
                cap_strike=market.cap_strike,
                custom_strike=market.custom_strike,
            )
            self._tell(MarketEvent.METADATA_UPDATED, new)

    def schedule_fee(
        self,
        *,
        at_ms: int,
        series_ticker: str = "",
        event_ticker: str = "",
        fee_type: str | None = None,
        fee_multiplier: int | None = None,
    ) -> FeeChange:
        """One of the two tickers; for an event both values None clear the overrides."""
        if event_ticker:
            series_ticker = self._core.catalogue.events[event_ticker].series_ticker
        elif fee_type is None or fee_multiplier is None:
            raise ValueError("a series always has a fee type and a multiplier")
        change = FeeChange(
            id=self._core.new_id(),
            series_ticker=series_ticker,
            event_ticker=event_ticker,
            fee_type=fee_type,
            fee_multiplier=fee_multiplier,
            scheduled_ms=at_ms,
        )
        self._core.catalogue.fee_changes.append(change)
        self._core.at(at_ms, lambda: self._fee_changes(change))
        return change

    def _opens(self, ticker: str) -> None:
        if self._core.catalogue.markets[ticker].status is Status.INITIALIZED:
            self._set(ticker, status=Status.ACTIVE)

    def _book_close(self, market: Market) -> None:
        ticker, due_ms = market.ticker, market.close_ms
        self._core.at(due_ms, lambda: self._closes(ticker, due_ms))

    def _closes(self, ticker: str, due_ms: int) -> None:
        market = self._core.catalogue.markets[ticker]
        early = {Status.INITIALIZED, Status.ACTIVE, Status.INACTIVE}
        if market.close_ms > due_ms or market.status not in early:
            return
        self._set(ticker, status=Status.CLOSED)
        later = self._core.now_ms + self._core.knobs.close_cancel_ms
        self._core.at(later, lambda: self._sweep(ticker))

    def _sweep(self, ticker: str) -> None:
        if self._core.catalogue.markets[ticker].status is not Status.ACTIVE:
            self._floor.cancel_market(ticker, Reason.CLOSED)

    def _resolve(self, ticker: str, status: Status, result: Result, value: Price | None) -> None:
        paid = VALUES.get(result, value)
        if paid is None or result is Result.NONE:
            raise ValueError("a result is yes, no, or scalar with a value")
        now = self._core.now_ms
        market = self._set(
            ticker, status=status, result=result, settlement_value=paid, determined_ms=now
        )
        self._tell(MarketEvent.DETERMINED, market)
        due_ms = now + market.settlement_timer_s * 1_000
        self._core.at(due_ms, lambda: self._pays(ticker, now))

    def _pays(self, ticker: str, determined_ms: int) -> None:
        market = self._core.catalogue.markets[ticker]
        waiting = market.status in {Status.DETERMINED, Status.AMENDED}
        if not waiting or market.determined_ms != determined_ms:
            return
        assert market.settlement_value is not None
        paid = self._set(ticker, status=Status.FINALIZED, settled_ms=self._core.now_ms)
        self._accounts.settle(ticker, market.settlement_value)
        self._tell(MarketEvent.SETTLED, paid)

    def _fee_changes(self, change: FeeChange) -> None:
        catalogue, now = self._core.catalogue, self._core.now_ms
        if not change.event_ticker:
            assert change.fee_type is not None
            assert change.fee_multiplier is not None
            series = catalogue.series[change.series_ticker]
            catalogue.series[series.ticker] = replace(
                series,
                fee_type=change.fee_type,
                fee_multiplier=change.fee_multiplier,
                updated_ms=now,
            )
            return
        event = replace(
            catalogue.events[change.event_ticker],
            fee_type_override=change.fee_type,
            fee_multiplier_override=change.fee_multiplier,
            updated_ms=now,
        )
        catalogue.events[event.ticker] = event
        self._core.tell(EventFeeChanged(event=event, ts_ms=now))

    def _must_be(self, ticker: str, *statuses: Status) -> Market:
        market = self._core.catalogue.markets[ticker]
        if market.status not in statuses:
            raise ValueError(f"{ticker} is {market.status}, not {' or '.join(statuses)}")
        return market

    def _set(self, ticker: str, **changes: object) -> Market:
        old = self._core.catalogue.markets[ticker]
        market: Market = replace(old, updated_ms=self._core.now_ms, **changes)  # type: ignore[arg-type]
        self._core.catalogue.markets[ticker] = market
        engine = self._floor.engine(ticker)
        engine.set_tradable(ticker, tradable=market.status is Status.ACTIVE)
        return market

    def _tell(self, event: MarketEvent, market: Market) -> None:
        parent = self._core.catalogue.events[market.event_ticker]
        notice = MarketChanged(event=event, market=market, parent=parent, ts_ms=self._core.now_ms)
        self._core.tell(notice)
