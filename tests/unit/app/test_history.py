"""What happened, in both databases: episodes come back, counts add up, metadata has versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.store.history import HOUR_MS, History, HistoryUnavailable
from app.store.opening import Place, open_database
from matching.pairs import MarketKey
from scanner.episode import Change, Episode, Happened, Proof, begin, end, go_on
from scanner.opportunity import Leg, Opportunity
from venues import (
    Book,
    Cash,
    Contract,
    FeeSchedule,
    Grid,
    Level,
    Market,
    MarketStatus,
    Outcome,
    Price,
    Quantity,
    UnknownFee,
)

GOOD = Proof(ages_ms=(12, 300))
ONE, TWO = MarketKey("kalshi", "KXA"), MarketKey("polymarket", "0x1")


@pytest.fixture
def engine(place: Place) -> Iterator[Engine]:
    with open_database(place) as engine:
        yield engine


@pytest.fixture
def history(engine: Engine) -> History:
    return History(engine, "a")


def leg(venue: str, market: str, outcome: Outcome, cost: int) -> Leg:
    return Leg(
        contract=Contract(venue, market, outcome),
        bought=Quantity(10_000_000),
        average_price=Price(cost // 10),
        worst_price=Price(cost // 10),
        cost=Cash(cost),
        fee=Cash(20_000),
    )


def found(seen_ms: int, cost: int = 5_000_000, pair_id: str = "p") -> Opportunity:
    return Opportunity(
        pair_id=pair_id,
        legs=(leg("kalshi", "KXA", Outcome.YES, cost), leg("polymarket", "0x1", Outcome.NO, cost)),
        quantity=Quantity(10_000_000),
        seen_ms=seen_ms,
        days=9,
    )


def book(key: MarketKey) -> Book:
    return Book(
        Contract(key.venue, key.id, Outcome.YES),
        bids=(Level(Price(400_000), Quantity(5_000_000)),),
        asks=(Level(Price(410_000), Quantity(7_000_000)), Level(Price(420_000), Quantity(1))),
        received_ms=77,
    )


def market(id: str = "KXA", venue: str = "kalshi", **changed: Any) -> Market:
    made = Market(
        venue=venue,
        id=id,
        event_id="E",
        title="Will it?",
        yes_means="Yes",
        rules="If it happens.",
        status=MarketStatus.OPEN,
        grid=Grid.even(Price(10_000)),
        fees=FeeSchedule.always(UnknownFee("nobody says")),
    )
    return replace(made, **changed)


def life(first_ms: int = 1_000, pair_id: str = "p") -> tuple[Episode, Episode, Episode]:
    begun = begin(found(first_ms, pair_id=pair_id), GOOD)
    gone_on = go_on(
        begun, found(first_ms + 500, 4_500_000, pair_id), replace(GOOD, doubts=("old",))
    )
    return begun, gone_on, end(gone_on, first_ms + 900, "not_crossed")


def change(happened: Happened, episode: Episode) -> Change:
    return Change(happened=happened, episode=episode)


def rows(engine: Engine, table: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        asked = text(f"SELECT * FROM {table} ORDER BY 1")
        return [dict(row) for row in connection.execute(asked).mappings()]


def test_an_episode_comes_back_as_it_was_told_last(history: History) -> None:
    begun, gone_on, ended = life()
    history.keep([(change(Happened.APPEARED, begun), {})])
    assert history.episodes() == [begun]
    history.keep([(change(Happened.CHANGED, gone_on), {}), (change(Happened.ENDED, ended), {})])
    assert history.episodes() == [ended]
    history.keep([])


def test_figures_and_both_books_are_kept_of_each_change(history: History, engine: Engine) -> None:
    begun, gone_on, ended = life()
    books = {ONE: book(ONE), TWO: book(TWO)}
    history.keep([(change(Happened.APPEARED, begun), books)])
    history.keep([(change(Happened.CHANGED, gone_on), {ONE: book(ONE)})])
    history.keep([(change(Happened.ENDED, ended), books)])
    (row,) = rows(engine, "episodes")
    assert (row["best_profit"], row["last_profit"]) == (ended.best.profit, ended.last.profit)
    assert (row["best_edge_bps"], row["best_outlay"]) == (ended.best.edge_bps, ended.best.outlay)
    first, second, third = rows(engine, "snapshots")
    assert [each["ts_ms"] for each in (first, second, third)] == [1_000, 1_500, 1_900]
    assert (first["happened"], first["one_age_ms"], first["two_age_ms"]) == ("appeared", 12, 300)
    one, two = json.loads(first["books"])
    assert (one["contract"]["market"], two["contract"]["market"]) == ("KXA", "0x1")
    assert one["asks"] == [[410_000, 7_000_000], [420_000, 1]]
    assert json.loads(second["books"])[1] is None


def test_episodes_are_found_by_time_and_pair_newest_first(history: History) -> None:
    old, other, open_ = life(1_000)[2], life(5_000, "q")[2], life(3_000)[0]
    history.keep([(change(Happened.ENDED, each), {}) for each in (old, other, open_)])
    assert history.episodes() == [other, open_, old]
    assert history.episodes(2_000) == [other, open_]
    assert history.episodes(9_000_000) == [open_]
    assert history.episodes(pair="p", limit=1) == [open_]


def test_what_a_killed_process_left_open_ends_when_it_was_seen_last(
    history: History, engine: Engine
) -> None:
    _, open_, ended = life()
    theirs = begin(found(2_000, pair_id="q"), GOOD)
    history.keep([(change(Happened.CHANGED, open_), {})])
    History(engine, "b").keep([(change(Happened.APPEARED, theirs), {})])
    is_shared = engine.dialect.name == "postgresql"
    assert history.close_left_open() == (1 if is_shared else 2)
    kept = {each.pair_id: each for each in history.episodes()}
    assert kept["p"] == replace(open_, ended_ms=1_500, ended_by="stopped")
    assert kept["q"].ended_by == (None if is_shared else "stopped")
    assert ended.id == open_.id


def test_near_misses_add_up_by_the_hour(history: History, engine: Engine) -> None:
    history.count_near_misses({"no_book": 2, "not_crossed": 5}, 10 * HOUR_MS + 1)
    history.count_near_misses({"not_crossed": 4}, 11 * HOUR_MS - 1)
    history.count_near_misses({"not_crossed": 1}, 11 * HOUR_MS)
    history.count_near_misses({}, 11 * HOUR_MS)
    assert len(rows(engine, "near_miss_counts")) == 3
    assert history.near_misses() == {"no_book": 2, "not_crossed": 10}
    assert history.near_misses(11 * HOUR_MS + 5) == {"not_crossed": 1}


def test_metadata_has_a_row_only_where_something_changed(history: History, engine: Engine) -> None:
    other = market("0x1", "polymarket")
    assert history.note_metadata([market(), other], 1) == []
    assert history.note_metadata([market(title="Really?"), other], 2) == []
    assert len(rows(engine, "metadata_versions")) == 2
    assert history.note_metadata([market(status=MarketStatus.CLOSED), other], 3) == [ONE]
    assert history.note_metadata([market(grid=Grid.even(Price(1_000)))], 4) == [ONE]
    assert history.note_metadata([market(grid=Grid.even(Price(1_000)))], 5) == []
    kept = [row for row in rows(engine, "metadata_versions") if row["market"] == "KXA"]
    assert sorted(row["seen_ms"] for row in kept) == [1, 3, 4]
    assert json.loads(kept[0]["text"])["minimum"] == 10_000


def test_many_markets_are_noted_in_one_go(history: History, engine: Engine) -> None:
    many = [market(f"K{n}") for n in range(1_201)]
    history.note_metadata(many, 1)
    changed = history.note_metadata([*many[:-1], replace(many[-1], minimum=Quantity(1))], 2)
    assert changed == [MarketKey("kalshi", "K1200")]
    assert len(rows(engine, "metadata_versions")) == 1_202


def test_what_is_old_is_forgotten_and_what_is_so_now_stays(
    history: History, engine: Engine
) -> None:
    episodes = (life(1_000)[2], life(9_000, "q")[2], life(1_000, "r")[0])
    history.keep([(change(Happened.ENDED, each), {}) for each in episodes])
    history.count_near_misses({"no_book": 1}, 1)
    for seen_ms, minimum in ((1, 1), (2, 2), (9_500, 3), (9_600, 4)):
        history.note_metadata([market(minimum=Quantity(minimum))], seen_ms)
    assert history.prune(5_000) == 3  # an episode, its snapshot, a version
    assert {each.pair_id for each in history.episodes()} == {"q", "r"}
    assert len(rows(engine, "snapshots")) == 2
    kept = sorted(row["seen_ms"] for row in rows(engine, "metadata_versions"))
    assert kept == [2, 9_500, 9_600]  # 2 was so at 5,000
    assert history.prune(2 * HOUR_MS) == 5  # an episode, a snapshot, a count, two versions
    assert [row["seen_ms"] for row in rows(engine, "metadata_versions")] == [9_600]
    assert history.near_misses() == {}


def test_a_change_is_kept_whole_or_not_at_all(history: History, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE snapshots"))
    with pytest.raises(HistoryUnavailable, match="snapshots"):
        history.keep([(change(Happened.APPEARED, life()[0]), {})])
    assert history.episodes() == []
