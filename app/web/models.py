"""What the page shows, as documents: the API answers with them, and the templates read them.

Money, prices and quantities are whole `*_micros`, times `*_ms` (UTC epoch); unknown is null.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Action = Literal["yes", "no"]


class Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Document(Value):
    """`schema`: name and version."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    schema_: str = Field(alias="schema")


class Fault(Value):
    """Why a request was not answered."""

    detail: str


class Leg(Value):
    venue: str
    market: str
    title: str
    url: str | None
    side: Action
    quantity_micros: int
    average_price_micros: int
    worst_price_micros: int
    cost_micros: int
    fee_micros: int


class Row(Value):
    """One opportunity: an episode as it is now, or was last. `executable` is null where nobody
    judged the pair."""

    id: str
    pair_id: str
    titles: list[str]
    first_ms: int
    seen_ms: int
    ended_ms: int | None
    ended_by: str | None
    half_life_ms: int | None
    quantity_micros: int
    outlay_micros: int
    profit_micros: int
    best_profit_micros: int
    edge_bps: int
    days: int | None
    annual_bps: int | None
    ages_ms: list[int | None]
    doubts: list[str]
    executable: bool | None
    why_not: list[str]
    legs: list[Leg]


class NearMiss(Value):
    reason: str
    meaning: str
    count: int


class Opportunities(Document):
    """`total`: those that the filter leaves; of them the first come in `rows`."""

    now_ms: int
    pairs: int
    total: int
    rows: list[Row]
    near_misses: list[NearMiss]


class Missed(Value):
    pair_id: str
    titles: list[str]
    reason: str


class Misses(Document):
    """Pairs that stopped at a gate; `total` of them."""

    reason: str | None
    total: int
    rows: list[Missed]


class Level(Value):
    """`part`: taken at the best quantity, crossed before fees, or neither. `share`: of the longest
    quantity shown, in hundredths."""

    price_micros: int
    quantity_micros: int
    behind_micros: int
    part: Literal["taken", "crossed", "rest"]
    share: int


class Ladder(Value):
    """What can be bought of one contract, best first. `age_ms`: since the book was last known to
    be true; `fault`: why nobody should trade on it."""

    venue: str
    market: str
    title: str
    side: Action
    age_ms: int | None
    fault: str | None
    levels: list[Level]
    more: int


class Point(Value):
    quantity_micros: int
    profit_micros: int


class Fees(Value):
    """One leg's fee, fill by fill. `steps`: as the model makes them."""

    venue: str
    model: str
    steps: list[str]
    fills: list[dict[str, int]]
    cost_micros: int
    fee_micros: int
    bound_micros: int


class Paid(Value):
    """What the hedge pays at least where the venues settle so; `profit_micros` after everything
    that was paid for it."""

    kalshi: str
    polymarket: str
    each_micros: int
    pays_micros: int
    profit_micros: int


class Life(Value):
    at_ms: int
    happened: str
    profit_micros: int
    quantity_micros: int


class Anatomy(Document):
    """One pair as it stands now. `row`: its opportunity, if it is one or was asked for as one."""

    now_ms: int
    pair_id: str
    titles: list[str]
    relation: str
    watched: bool
    row: Row | None
    reason: str | None
    meaning: str | None
    ladders: list[Ladder]
    curve: list[Point]
    fees: list[Fees]
    payouts: list[Paid]
    life: list[Life]


class Alert(Value):
    channel: str
    title: str
    lines: list[str]
    critical: bool
    state: str
    tries: int
    made_ms: int
    due_ms: int
    why: str
    rule: str
    pair_id: str


class Muted(Value):
    """A pair, a Kalshi event or a glob of them that nothing is told of; or a trouble that a person
    knows of."""

    what: str
    until_ms: int
    by: str


class Alerts(Document):
    """`troubles`: by channel, why its last try failed. `critical`: what is told again until it is
    `known` or over."""

    now_ms: int
    channels: list[str]
    profit_min_micros: int
    edge_bps_min: int
    executable_only: bool
    counts: dict[str, int]
    troubles: dict[str, str]
    rules: list[str]
    critical: list[str]
    known: list[Muted]
    muted: list[Muted]
    rows: list[Alert]


class JobRun(Value):
    job: str
    slot_ms: int
    state: str
    attempt: int
    started_ms: int | None
    ended_ms: int | None
    node: str
    note: str


class Job(Value):
    job: str
    when: str
    next_ms: int | None
    last: JobRun | None


class Jobs(Document):
    now_ms: int
    jobs: list[Job]
    runs: list[JobRun]


class VenueLimit(Value):
    name: str
    value: str


class Venue(Value):
    """`says`: its own word for its state. `oldest_ms`: of its first thousand books. `counts`: what
    went wrong on its sockets."""

    venue: str
    trading: bool | None
    says: str | None
    skew_ms: int | None
    doubt: str | None
    mode: str
    markets: int
    sockets: int
    sockets_up: int
    unproven: int
    mismatches: int
    account: bool
    oldest_ms: int | None
    counts: dict[str, int]
    troubles: list[str]
    limits: list[VenueLimit]


class Venues(Document):
    now_ms: int
    environment: str
    mode: str
    venues: list[Venue]
    troubles: dict[str, str]


class Setting(Value):
    """`is_default`: nobody set it. What is secret is never in `value`."""

    name: str
    value: str
    is_default: bool


class AllSettings(Document):
    settings: list[Setting]


class Status(Document):
    now_ms: int
    environment: str
    mode: str
    simulated: bool
    source: str
    pairs: int
    open: int
    priced: int
    passes: int
    doubts: dict[str, str]
    troubles: dict[str, str]
    killed: str | None


class PairRow(Value):
    """A pair of the book; `why_not` is empty where it is executable."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pair_id: str
    kalshi: str
    polymarket: str
    kalshi_title: str
    polymarket_title: str
    relation: str
    verdict: str
    score: float
    assumed: list[str]
    divergences: list[dict[str, str]]
    state: str
    by: str
    at_ms: int
    note: str
    executable: bool
    why_not: list[str]


class Pairs(Document):
    """`counts`: by state."""

    total: int
    counts: dict[str, int]
    rows: list[PairRow]


class PairDocument(Document):
    """As `dutchbook pairs show --json` tells it."""

    model_config = ConfigDict(
        frozen=True, extra="allow", populate_by_name=True, serialize_by_alias=True
    )

    pair_id: str
    state: str
    texts: dict[str, Any]
    history: list[dict[str, Any]]


class Episodes(Document):
    rows: list[Row]
