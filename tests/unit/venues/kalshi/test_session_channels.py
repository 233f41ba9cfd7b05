"""Channels beside the books: proven, reconciled, and asked for anew when they end."""

from __future__ import annotations

import json
from typing import Any, Final

from venues.kalshi.normalize_stream import Missed
from venues.kalshi.session import Session
from venues.kalshi.subscriptions import DEADLINE_NS
from venues.stream import Reconcile

PRIVATE: Final[dict[str, tuple[str, ...]]] = {
    "fill": (),
    "user_orders": (),
    "market_positions": (),
}


def hear(session: Session, frame: dict[str, Any]) -> None:
    session.receive(json.dumps(frame).encode(), 0, 0)


def subscribed(session: Session, channel: str, sid: int) -> None:
    hear(session, {"type": "subscribed", "id": 1, "msg": {"channel": channel, "sid": sid}})


def said(session: Session) -> list[dict[str, Any]]:
    found = [json.loads(text) for text in session.outbox]
    session.outbox.clear()
    return found


def test_private_channels_are_proven_and_then_a_reconcile_is_demanded() -> None:
    session = Session(channels=PRIVATE | {"trade": ("A",)})
    session.open((), 0)
    assert [c["params"]["channels"][0] for c in said(session)] == [*PRIVATE, "trade"]
    for sid, channel in enumerate(PRIVATE, 1):
        assert not session.private
        subscribed(session, channel, sid)
    assert [type(event) for event in session.private] == [Reconcile]
    assert session.unproven == 1
    session.tick(DEADLINE_NS + 1)
    (again,) = said(session)
    assert again["params"] == {"channels": ["trade"], "market_tickers": ["A"]}
    assert session.counts.overdue == 1


def test_a_private_frame_that_makes_no_sense_demands_a_reconcile() -> None:
    session = Session(channels=PRIVATE)
    session.open((), 0)
    for msg in ({}, {"market_ticker": "A", "position_fp": "x", "position_cost_dollars": "1"}):
        hear(session, {"type": "market_position", "sid": 3, "msg": msg})
    assert [type(event) for event in session.private] == [Reconcile, Reconcile]
    assert session.counts.broken == 2


def test_the_end_of_a_private_channel_demands_a_reconcile_and_a_new_subscription() -> None:
    session = Session(channels=PRIVATE)
    session.open((), 0)
    for sid, channel in enumerate(PRIVATE, 1):
        subscribed(session, channel, sid)
    session.private.clear()
    said(session)
    hear(session, {"type": "error", "sid": 1, "msg": {"code": 10, "msg": "broken"}})
    assert [type(event) for event in session.private] == [Reconcile]
    assert said(session) == []  # after a breath, or a venue that ends it each time gets a storm
    session.tick(2 * 10**9)
    assert [c["params"]["channels"] for c in said(session)] == [["fill"]]
    assert session.unproven == 1


def test_a_gap_in_another_sequenced_channel_is_told() -> None:
    session = Session(channels={"market_lifecycle_v2": ()})
    session.open((), 0)
    subscribed(session, "market_lifecycle_v2", 4)
    msg = {"market_ticker": "A", "event_type": "settled"}
    for seq in (1, 4, 4):
        hear(session, {"type": "market_lifecycle_v2", "sid": 4, "seq": seq, "msg": msg})
    assert session.public[1] == Missed("market_lifecycle_v2")
    assert len(session.public) == 3
