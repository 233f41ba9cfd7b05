"""Every core endpoint of Polymarket: one call each, sent to the simulated venue, and understood.

The list of endpoints is what the official SDK calls (facts/polymarket-endpoints.tsv). The relayer's
are proven in test_relayer.py and with the recycling.
"""

from __future__ import annotations

import csv
import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, Final, get_origin, get_type_hints

import pytest
from polymarket_stage import BASE, HOST, PolymarketStage
from polymarket_tickets import buy, open_orders

from venues import ONE, Cash, Clock, Prepared, Side
from venues.bucket import TokenBucket
from venues.http import Call, Http
from venues.polymarket import calls, wire, wire_orders, wire_trades
from venues.polymarket import calls_account as account
from venues.polymarket import calls_data as data
from venues.polymarket import calls_orders as orders
from venues.polymarket import calls_prices as prices
from venues.polymarket import calls_reference as reference
from venues.polymarket import wire_reference as words
from venues.polymarket.keys import WalletAuth
from venues.sim.polymarket.positions import tokens_of
from venues.skew import Skew

ROOT: Final = Path(__file__).resolve().parents[2]
HOSTS: Final = {"gamma": "gamma", "clob": "", "data": "data"}
MARKET, RESOLVED = PolymarketStage.market, PolymarketStage.second
YES, NO, SECOND = *tokens_of(MARKET, neg_risk=True), tokens_of(RESOLVED)[0]

# Calls beside the list, which is of one call for each endpoint.
BESIDE: Final = {
    "calls.one": "the shape of those that name one thing",
    "calls.markets": "the list of before the keyset: it takes open and closed ones by id at once",
    "calls.history": "the exchange's own past prices: the SDK asks the indexer",
    **dict.fromkeys(("calls.time", "calls.ok"), "what the SDK never asks"),
    "calls_orders.geoblock": "of the web site",
    "calls_orders.held": "/balance-allowance of a token, beside `cash`",
    "calls_orders.redeemed": "/v2/activity of one kind, beside `activity`",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """We bought 10 YES at 0.60 and bid 0.30 for ten more; others bid 0.40 and ask 0.60. The second
    market resolved YES. `next` is two orders, signed and not sent."""

    stage: PolymarketStage
    bid: str
    trade: str
    next: tuple[Prepared, Prepared]

    @property
    def wallet(self) -> str:
        return self.stage.wallet.maker

    @property
    def bodies(self) -> list[bytes]:
        return [each.body for each in self.next]

    @property
    def ids(self) -> list[str]:
        return [each.order.order_id for each in self.next]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(each.key for each in self.stage.house.keys.of(self.stage.wallet.owner))


@dataclass(frozen=True, slots=True)
class Row:
    """A call of `function` with `given`; what `shown` takes from its answer is `expected`. What is
    given or expected may be made of the scene."""

    function: Callable[..., Call[Any]]
    given: Mapping[str, object]
    shown: Callable[[Any, Scene], object]
    expected: object

    @property
    def name(self) -> str:
        return f"{self.function.__module__.rpartition('.')[2]}.{self.function.__name__}"

    def call(self, scene: Scene) -> Call[Any]:
        return self.function(**{name: made(value, scene) for name, value in self.given.items()})


def made(value: object, scene: Scene) -> Any:
    return value(scene) if callable(value) else value


def numbers(rows: Any, *names: str) -> list[tuple[object, ...]]:
    return [tuple(getattr(row, name) for name in names) for row in rows]


def each(raws: Any, kind: Any, *names: str) -> list[tuple[object, ...]]:
    return numbers([wire.read(raw, kind) for raw in raws], *names)


def canceled(answer: Any, scene: Scene) -> tuple[object, ...]:
    return answer.canceled, open_orders(scene.stage)


def now_s(scene: Scene) -> int:
    return scene.stage.house.now_ms // 1_000


D: Final = Decimal
BOTH: Final = [YES, NO]
YES_ALONE: Final = {"token": YES}
TWO: Final = {"tokens": BOTH}
TYPE: Final = {"signature_type": lambda s: int(s.stage.wallet.kind)}
WALLET: Final = {"wallet": lambda s: s.wallet}
FIRST: Final = {"cursor": orders.FIRST}
CATALOGUE: Final = (
    Row(
        reference.markets_page,
        {},
        lambda a, _: each(a.markets, wire.Market, "condition_id"),
        [(MARKET,)],
    ),
    Row(calls.open_events, {}, lambda a, _: each(a.events, wire.Event, "id"), [("1",)]),
    Row(calls.market_by_number, {"number": "1"}, lambda a, _: a.condition_id, MARKET),
    Row(calls.market_by_slug, {"slug": "will-it-2"}, lambda a, _: a.condition_id, RESOLVED),
    Row(
        reference.market_tags,
        {"number": "1"},
        lambda a, _: numbers(a, "id", "slug"),
        [("100001", "economy"), ("100002", "fed-rates")],
    ),
    Row(
        reference.event_by_number,
        {"number": "2"},
        lambda a, _: (a.slug, *each(a.markets, wire.Market, "condition_id", "closed")),
        ("event-2", (RESOLVED, True)),
    ),
    Row(calls.event_by_slug, {"slug": "event-1"}, lambda a, _: a.series_slug, "fomc"),
    Row(
        reference.event_tags,
        {"number": "1"},
        lambda a, _: numbers(a, "label"),
        [("Economy",), ("Fed Rates",)],
    ),
    Row(calls.search, {"words": "will"}, lambda a, _: each(a.events, wire.Event, "id"), [("1",)]),
    Row(reference.tags, {"offset": 1}, lambda a, _: numbers(a, "slug"), [("fed-rates",)]),
    Row(reference.tag_by_number, {"number": "100002"}, lambda a, _: a.slug, "fed-rates"),
    Row(reference.tag_by_slug, {"slug": "economy"}, lambda a, _: a.id, "100001"),
    Row(reference.series_page, {}, lambda a, _: numbers(a, "id", "title"), [("10001", "Fomc")]),
    Row(reference.series, {"number": "10001"}, lambda a, _: a.slug, "fomc"),
    # The house plays no sports: that the list can be read is shown in test_calls_reference.py.
    Row(reference.sports, {}, lambda a, _: a, ()),
    Row(
        reference.sports_market_types,
        {},
        lambda a, _: a.market_types,
        ("moneyline", "spreads", "totals"),
    ),
)
PRICES: Final = (
    Row(
        prices.book,
        YES_ALONE,
        lambda a, _: (a.market, numbers(a.bids, "price", "size"), numbers(a.asks, "price", "size")),
        (MARKET, [("0.3", "10"), ("0.4", "20")], [("0.6", "20")]),
    ),
    Row(
        calls.books,
        {"tokens": [*BOTH, "7" * 77]},
        lambda a, _: sorted(each(a, wire.Book, "asset_id")),
        sorted([(YES,), (NO,)]),
    ),
    Row(prices.price, YES_ALONE | {"resting": Side.SELL}, lambda a, _: a.price, D("0.6")),
    Row(
        prices.prices,
        {"asked": [(YES, Side.BUY), (YES, Side.SELL), (NO, Side.BUY)]},
        lambda a, _: a,
        {YES: {"BUY": D("0.4"), "SELL": D("0.6")}, NO: {"BUY": D("0.4")}},
    ),
    Row(prices.midpoint, YES_ALONE, lambda a, _: a.mid, D("0.5")),
    Row(prices.midpoints, TWO, lambda a, _: a, dict.fromkeys(BOTH, D("0.5"))),
    Row(prices.spread, YES_ALONE, lambda a, _: a.spread, D("0.2")),
    Row(prices.spreads, TWO, lambda a, _: a, dict.fromkeys(BOTH, D("0.2"))),
    Row(prices.last_trade, YES_ALONE, lambda a, _: (a.price, a.side), (D("0.6"), "BUY")),
    Row(
        prices.last_trades,
        {"tokens": [YES, SECOND]},
        lambda a, _: numbers(a, "token_id", "price", "side"),
        [(YES, D("0.6"), "BUY"), (SECOND, D("0.5"), "")],
    ),
    Row(prices.tick_size, YES_ALONE, lambda a, _: a.minimum_tick_size, D("0.01")),
    Row(prices.neg_risk, YES_ALONE, lambda a, _: a.neg_risk, True),
    Row(
        calls.market_of_token,
        {"token": NO},
        lambda a, _: (a.condition_id, a.primary_token_id),
        (MARKET, YES),
    ),
    Row(
        calls.compact_market,
        {"condition": MARKET},
        lambda a, _: (a.tick, a.fee.r, [token.t for token in a.tokens]),
        (D("0.01"), D("0.05"), BOTH),
    ),
)
ACCOUNT: Final = (
    Row(orders.create_key, {}, lambda a, _: (a.api_key,), lambda s: s.keys),
    Row(orders.derive_key, {}, lambda a, _: a.secret, lambda s: s.stage.keys.secret),
    Row(account.api_keys, {}, lambda a, _: a.api_keys, lambda s: (s.stage.keys.api_key,)),
    Row(account.delete_key, {}, lambda a, s: (a, s.keys), ("OK", ())),
    Row(orders.closed_only, {}, lambda a, _: a.closed_only, True),
    Row(
        orders.place,
        {"body": lambda s: s.bodies[0], "urgent": False},
        lambda a, s: (a.order_id, a.status, open_orders(s.stage)),
        lambda s: (s.ids[0], "live", 2),
    ),
    Row(orders.cancel, {"order_id": lambda s: s.bid}, canceled, lambda s: ((s.bid,), 0)),
    Row(
        orders.place_batch,
        {"bodies": lambda s: s.bodies, "urgent": False},
        lambda a, s: (each(a, wire_orders.Placed, "order_id"), open_orders(s.stage)),
        lambda s: ([(id,) for id in s.ids], 3),
    ),
    Row(
        orders.cancel_batch,
        {"order_ids": lambda s: [s.bid, s.ids[0]]},
        lambda a, s: (*canceled(a, s), *a.not_canceled),
        lambda s: ((s.bid,), 0, s.ids[0]),
    ),
    Row(orders.cancel_all, {}, canceled, lambda s: ((s.bid,), 0)),
    Row(orders.cancel_market, {"market": RESOLVED}, canceled, ((), 1)),
    Row(
        orders.orders,
        FIRST,
        lambda a, _: each(a.data, wire_orders.Order, "id", "price"),
        lambda s: [(s.bid, "0.3")],
    ),
    Row(
        orders.order,
        {"order_id": lambda s: s.bid},
        lambda a, _: (a.status, a.original_size, a.asset_id),
        ("LIVE", "10", YES),
    ),
    Row(
        orders.trades,
        FIRST,
        lambda a, _: each(a.data, wire_trades.Trade, "taker_order_id", "size"),
        lambda s: [(s.trade, "10")],
    ),
    # 1,000 less 10 at 0.60 and a fee of 5 % of 10 × 0.6 × 0.4; five more came in before `refresh`.
    Row(orders.cash, TYPE, lambda a, _: a.balance, "993880000"),
    Row(
        account.refresh,
        {"of": lambda s: orders.cash(int(s.stage.wallet.kind))},
        lambda _, s: s.stage.house.wallets.seen(s.wallet, None),
        998_880_000,
    ),
    Row(orders.heartbeat, {"id": ""}, lambda a, _: (bool(a.heartbeat_id), a.error_msg), (True, "")),
)
INDEXER: Final = (
    Row(
        data.trades,
        WALLET | {"markets": [MARKET, RESOLVED], "side": Side.BUY},
        lambda a, _: each(a.data, words.PublicTrade, "token_id", "size", "price"),
        [(YES, D(10), D("0.6"))],
    ),
    Row(
        data.activity,
        WALLET | {"start_s": 1},
        lambda a, _: each(a.data, words.AnyActivity, "type", "condition_id", "usdc_size"),
        [("TRADE", MARKET, D(6))],
    ),
    Row(
        orders.holdings,
        WALLET,
        lambda a, _: each(a.data, wire_orders.Holding, "token_id", "current_size"),
        [(YES, D(10))],
    ),
    Row(data.value, WALLET, lambda a, _: a.data.value, D(5)),
    Row(
        data.past_prices,
        YES_ALONE | {"start_s": lambda s: now_s(s) - 3_600, "end_s": now_s},
        lambda a, _: each(a.data, words.PastPrice, "price", "resolution_seconds"),
        [(D("0.5"), 3_600)],
    ),
    Row(
        orders.resolutions,
        {"markets": [RESOLVED, MARKET]},
        lambda a, _: each(a.data, wire_orders.Resolution, "condition_id", "payouts"),
        [(RESOLVED, (D(1_000_000), D(0)))],
    ),
)
ROWS: Final = (*CATALOGUE, *PRICES, *ACCOUNT, *INDEXER)


@pytest.fixture
async def scene(clock: Clock) -> AsyncIterator[Scene]:
    """The exchange believes old balances for an hour, unless it is told to look."""
    knobs = replace(BASE, cache_ms=3_600_000)
    async with PolymarketStage(clock, knobs, neg_risk=True).open() as stage:
        events = stage.house.catalogue.events
        events["1"] = replace(events["1"], tags=("economy", "fed-rates"), series="fomc")
        stage.rest(Side.BUY, "0.40", "20")
        stage.rest(Side.SELL, "0.60", "30")
        trade = await stage.trading.place(buy(stage, "0.60", "10"))
        bid = await stage.trading.place(buy(stage, "0.30", "10"))
        following = [await stage.trading.prepare(buy(stage, at, "5")) for at in ("0.20", "0.10")]
        stage.house.lifecycle.resolve(RESOLVED, 0)
        await stage.pass_ms(10_000)
        yield Scene(stage, bid.order_id, trade.order_id, (following[0], following[1]))


@pytest.fixture(scope="module")
def core(shared: Path) -> dict[tuple[str, str, str], str]:
    """(host, method, route) → auth of what is core, without the relayer."""
    text = (shared / "facts/polymarket-endpoints.tsv").read_text()
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return {
        (HOSTS[row["api"]], row["method"], row["path"]): row["auth"]
        for row in rows
        if row["core"] == "yes" and row["api"] in HOSTS
    }


def key(call: Call[Any]) -> tuple[str, str, str]:
    return call.host, call.method, call.route or call.path


def written() -> set[str]:
    """The name of every function in calls*.py that gives a Call; the relayer's and the chain's are
    not of these hosts."""
    found = set()
    for path in (ROOT / "venues/polymarket").glob("calls*.py"):
        module = import_module(f"venues.polymarket.{path.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            ours = function.__module__ == module.__name__ and not name.startswith("_")
            if ours and get_origin(get_type_hints(function).get("return")) is Call:
                found.add(f"{path.stem}.{name}")
    return {name for name in found if not name.startswith(("calls_relayer.", "calls_rpc."))}


async def test_each_core_endpoint_has_one_call_and_each_call_an_endpoint(
    scene: Scene, core: dict[tuple[str, str, str], str]
) -> None:
    reached = [key(row.call(scene)) for row in ROWS]
    assert sorted(reached) == sorted(core)


async def test_a_call_is_signed_exactly_where_keys_are_asked_for(
    scene: Scene, core: dict[tuple[str, str, str], str]
) -> None:
    """Two calls are the wallet's own to sign: they fetch the keys."""
    sent = [row.call(scene) for row in ROWS]
    assert [core[key(call)] == "L2" for call in sent] == [call.signed for call in sent]
    wallets = {call.path for call in sent if core[key(call)] == "L1"}
    assert wallets == {"/auth/api-key", "/auth/derive-api-key"}


def test_no_call_is_left_without_proof() -> None:
    assert {row.name for row in ROWS} | set(BESIDE) == written()


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
async def test_its_answer_tells_what_is_so(scene: Scene, row: Row) -> None:
    stage, wallets = scene.stage, scene.stage.house.wallets
    if row.function is orders.create_key:  # one wallet has one key
        await stage.http.send(account.delete_key())
    if row.function is orders.closed_only:
        wallets.close_only(stage.wallet.owner)
    if row.function is account.refresh:
        wallets.deposit(scene.wallet, Cash(5 * ONE))
        assert wallets.seen(scene.wallet, None) == 993_880_000
    async with wallets_own(stage) as own:
        is_own = row.function in {orders.create_key, orders.derive_key}
        answer = await (own if is_own else stage.http).send(row.call(scene))
    assert row.shown(answer, scene) == made(row.expected, scene)


def wallets_own(stage: PolymarketStage) -> Http:
    """A line to the exchange on which the wallet itself signs."""
    return Http(
        venue="polymarket",
        hosts={"": HOST},
        clock=stage.clock,
        bucket=TokenBucket(stage.clock, capacity=10, refill_per_s=10),
        auth=WalletAuth(stage.wallet, stage.clock, Skew()),
        transport=stage.wire,
        attempts=1,
    )
