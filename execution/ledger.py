"""What the journal's records add up to. It changes by records alone, so reading them all again
gives the same ledger.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TypeAlias, TypeVar, assert_never

from execution.hedge import Hedge
from execution.orders import Attempt, IllegalMove
from execution.records import (
    Absent,
    Acted,
    Acting,
    Answered,
    Baseline,
    Closed,
    Confirmed,
    Differs,
    Diverged,
    Filled,
    Killed,
    Lost,
    Moved,
    NotDone,
    Opened,
    Reckoned,
    Record,
    Sending,
    Settled,
    Watched,
)
from venues import Contract, OrderState, RecyclingState, Settlement, planned

_Noted: TypeAlias = (
    Closed
    | Differs
    | Baseline
    | Settled
    | Confirmed
    | Watched
    | Diverged
    | Reckoned
    | Acting
    | Acted
)
_Heard: TypeAlias = Answered | NotDone | Lost | Absent | Filled
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Act:
    """A proposal that a person had done. UNKNOWN until anything is heard of it."""

    asked: Acting
    state: RecyclingState = RecyclingState.UNKNOWN
    ref: str = ""
    why: str = ""

    @property
    def is_over(self) -> bool:
        return self.state in {RecyclingState.DONE, RecyclingState.FAILED}


@dataclass(slots=True)
class Ledger:
    """`hedges` by id, oldest first; `keys`: which hedge an idempotency key opened; `differs` by
    (venue, subject): what is open; `baseline`: what others hold on our accounts; `watched` by
    (hedge, venue, market); `reckoned` by our id of the order."""

    hedges: dict[str, Hedge] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    nonces: dict[str, str] = field(default_factory=dict)
    killed: Killed | None = None
    closed: dict[str, Closed] = field(default_factory=dict)
    differs: dict[tuple[str, str], Differs] = field(default_factory=dict)
    baseline: dict[Contract, int] = field(default_factory=dict)
    settled: dict[tuple[str, str], Settlement] = field(default_factory=dict)
    watched: dict[tuple[str, str, str], Watched] = field(default_factory=dict)
    diverged: dict[str, Diverged] = field(default_factory=dict)
    reckoned: dict[str, Reckoned] = field(default_factory=dict)
    acts: dict[str, Act] = field(default_factory=dict)

    def copy(self) -> Ledger:
        """Its own tables, of the same values: these never change."""
        found = replace(self)
        for each in fields(self):
            if isinstance(table := getattr(self, each.name), dict):
                setattr(found, each.name, dict(table))
        return found

    def apply(self, record: Record) -> None:
        """Raises IllegalMove where the record cannot follow what is there; nothing changed then."""
        match record:
            case Opened():
                self._open(record)
            case Moved():
                hedge = self._hedge(record.hedge)
                self.hedges[hedge.id] = hedge.moved(record.event, record.at_ms, record.why)
            case Sending():
                self._send(record)
            case Answered() | NotDone() | Lost() | Absent() | Filled():
                self._hear(record)
            case Killed():
                self.killed = record if record.on else None
            case _:
                self._note(record)

    def hedge_of(self, client_id: str) -> Hedge | None:
        id = self.orders.get(client_id)
        return self.hedges[id] if id else None

    def attempt(self, client_id: str) -> Attempt | None:
        hedge = self.hedge_of(client_id)
        found = (each for each in hedge.attempts if each.client_id == client_id) if hedge else ()
        return next(iter(found), None)

    def _hedge(self, id: str) -> Hedge:
        if id not in self.hedges:
            raise IllegalMove(f"there is no hedge {id}")
        return self.hedges[id]

    def _open(self, record: Opened) -> None:
        plan = record.plan
        if plan.id in self.hedges or record.key in self.keys:
            raise IllegalMove(f"hedge {plan.id} was opened before")
        self.hedges[plan.id] = Hedge(
            plan=plan,
            key=record.key,
            opened_by=record.by,
            opened_ms=record.at_ms,
            since_ms=record.at_ms,
        )
        self.keys[record.key] = plan.id

    def _send(self, record: Sending) -> None:
        hedge, request = self._hedge(record.hedge), record.request
        if request.client_id in self.orders:
            raise IllegalMove(f"order {request.client_id} was sent before")
        if any(each.leg == record.leg and each.is_open for each in hedge.attempts):
            raise IllegalMove(f"leg {record.leg} of {hedge.id} has an order that may still fill")
        attempt = Attempt(
            hedge=hedge.id,
            number=record.number,
            leg=record.leg,
            rung=record.rung,
            request=request,
            order=replace(planned(request, record.order_id), state=OrderState.JOURNALED),
            sent_ms=record.at_ms,
            fee_bound=record.fee_bound,
        )
        self.hedges[hedge.id] = replace(hedge, attempts=(*hedge.attempts, attempt))
        self.orders[request.client_id] = hedge.id

    def _hear(self, record: _Heard) -> None:
        hedge, id = self._hedge(record.hedge), _client_id(record)
        old = next((each for each in hedge.attempts if each.client_id == id), None)
        if old is None:
            raise IllegalMove(f"there is no order {id} in hedge {hedge.id}")
        new = _after(old, record)
        attempts = tuple(new if each is old else each for each in hedge.attempts)
        self.hedges[hedge.id] = replace(hedge, attempts=attempts)

    def _note(self, record: _Noted) -> None:
        match record:
            case Closed():
                _keep(self.closed, record.venue, record, there=record.on)
            case Differs():
                key = record.venue, record.subject
                _keep(self.differs, key, record, there=not record.is_over)
            case Baseline():
                _keep(self.baseline, record.contract, record.quantity, there=record.quantity != 0)
            case Settled(settlement=paid):
                self.settled[paid.venue, paid.market] = paid
            case Confirmed():
                if record.nonce in self.nonces:
                    raise IllegalMove("this confirmation was used before")
                self.nonces[record.nonce] = record.hedge
            case Watched():
                self.watched[record.hedge, record.venue, record.market] = record
            case Diverged():
                _keep(self.diverged, record.hedge, record, there=record.basis != 0)
            case Reckoned():
                self.reckoned[record.client_id] = record
            case Acting() | Acted():
                self._act(record)
            case _:
                assert_never(record)

    def _act(self, record: Acting | Acted) -> None:
        old = self.acts.get(record.id)
        if isinstance(record, Acting):
            if old is not None:
                raise IllegalMove(f"{record.id} was asked for before")
            self.acts[record.id] = Act(record)
            return
        if old is None or old.is_over:
            raise IllegalMove(f"nothing more can become of {record.id}")
        ref = record.ref or old.ref
        self.acts[record.id] = Act(old.asked, record.state, ref, record.why)


def _keep(where: dict[K, V], key: K, value: V, *, there: bool) -> None:
    if there:
        where[key] = value
    else:
        where.pop(key, None)


def _client_id(record: _Heard) -> str:
    match record:
        case Answered(order=order):
            return order.client_id
        case Filled(fill=fill):
            return fill.client_id
        case _:
            return record.client_id


def _after(old: Attempt, record: _Heard) -> Attempt:
    match record:
        case Answered(order=order):
            return old.told(order)
        case NotDone(why=why, closes=closes):
            told = old.told(replace(old.order, state=OrderState.REJECTED), why)
            return replace(told, closes=closes)
        case Lost(why=why):
            return old.told(replace(old.order, state=OrderState.UNKNOWN), why)
        case Absent(at_ms=at_ms):
            if not old.is_unknown or old.filled:
                raise IllegalMove(f"order {old.client_id} is known to have been there")
            return replace(old, absent_ms=at_ms)
        case Filled(fill=fill):
            return old.filled_by(fill)
        case _:
            assert_never(record)
