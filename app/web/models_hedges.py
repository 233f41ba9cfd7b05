"""Hedges, positions, profit and limits, as app/web/models.py has the rest."""

from __future__ import annotations

from pydantic import ConfigDict

from app.web.models import Action, Document, Value


class Order(Value):
    """One order of a hedge. `rung`: what it is for; money is null where it is not told yet.
    `fee_reckoned_micros`: what our model makes of the same fills."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    rung: str
    venue: str
    market: str
    side: Action
    action: str
    state: str
    why: str
    client_id: str
    venue_order_id: str | None
    limit_micros: int
    quantity_micros: int
    filled_micros: int
    price_micros: int | None
    fee_micros: int | None
    fee_reckoned_micros: int | None
    outlay_micros: int
    sent_ms: int
    provisional: bool


class HedgeRow(Value):
    """`title`: of the first leg's market; `unhedged_micros`: contracts without a twin;
    `profit_micros` if these pay nothing. `diverged_micros`: what results that do not fit give or
    take."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    pair_id: str
    title: str
    state: str
    why: str
    opened_by: str
    opened_ms: int
    since_ms: int
    quantity_micros: int
    matched_micros: int
    unhedged_micros: int
    outlay_micros: int
    profit_micros: int
    final: bool
    fee_drift_micros: int | None
    diverged_micros: int | None
    orders: list[Order]


class Happening(Value):
    """One row of the journal."""

    number: int
    kind: str
    at_ms: int | None
    said: str


class Hedges(Document):
    mode: str
    killed: str | None
    total: int
    rows: list[HedgeRow]


class OneHedge(Document):
    mode: str
    at_rest: bool
    hedge: HedgeRow
    events: list[Happening]


class Held(Value):
    venue: str
    market: str
    title: str
    side: Action
    quantity_micros: int
    outlay_micros: int


class Differing(Value):
    """What a venue says of a subject, and what our journal says."""

    venue: str
    subject: str
    venue_says: str
    we_say: str
    at_ms: int


class Positions(Document):
    mode: str
    rows: list[Held]
    differences: list[Differing]


class Earned(Value):
    id: str
    pair_id: str
    standing: str
    opened_ms: int
    profit_micros: int
    basis_micros: int
    basis_due_micros: int
    fees_micros: int
    fee_drift_micros: int | None


class Pnl(Document):
    """Realised (sold again), settled, locked and provisional are different things, and are never
    added; basis is in none of them. `basis_due_micros`: of results that are not paid yet."""

    mode: str
    realised_micros: int
    settled_micros: int
    locked_micros: int
    provisional_micros: int
    at_risk_micros: int
    basis_micros: int
    basis_due_micros: int
    fees_micros: int
    fee_drift_micros: int
    rows: list[Earned]


class Allowed(Value):
    """`used` is null where a limit is of each order, pair or group. Micros where `money`."""

    name: str
    limit: int
    used: int | None
    money: bool


class LimitsUsed(Document):
    mode: str
    killed: str | None
    closed: dict[str, str]
    rows: list[Allowed]
