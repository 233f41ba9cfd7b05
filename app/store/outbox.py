"""The outbox in a database: implements `alerts.outbox.OutboxStore`. Every call is a transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from alerts.message import Message
from alerts.outbox import CLAIM_MS, DUE_MAX, DUE_MS_MAX, OutboxUnavailable, Take, Waiting
from alerts.rules import Said
from app.store.opening import reading
from app.store.tables_outbox import OutboxRow, SaidRow
from app.store.upsert import said, upsert

_UNSENT: Final = ("waiting", "held")
_HELD_MS_MAX: Final = 50 * 3_600_000
"""No quiet hours and no digest hold anything longer."""
_MESSAGE: Final = TypeAdapter(Message)
_OUTBOX: Final[Table] = SQLModel.metadata.tables[OutboxRow.__tablename__]
_SAID: Final[Table] = SQLModel.metadata.tables[SaidRow.__tablename__]


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A message for one channel and what became of it: waiting, held, sent or given_up. `due_ms`:
    when it is tried next, or when that was settled."""

    channel: str
    message: Message
    state: str
    tries: int
    made_ms: int
    due_ms: int
    why: str


class StoredOutbox:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._to_read = reading(engine)

    def put(
        self,
        channels: Sequence[str],
        key: str,
        message: Message,
        now_ms: int,
        *,
        held_ms: int | None = None,
        take: Take | None = None,
    ) -> bool:
        values = {
            "key": key,
            "critical": message.is_critical,
            "message": _MESSAGE.dump_json(message, exclude_defaults=True).decode(),
            "made_ms": now_ms,
            "due_ms": now_ms if held_ms is None else held_ms,
            "tries": 0,
            "state": "waiting" if held_ms is None else "held",
            "why": "",
        }
        is_new = take is not None
        with self._begin() as connection:
            if take and not _taken(connection, take):
                return False
            for channel in channels:
                put = upsert(connection, _OUTBOX).values(channel=channel, **values)
                is_new |= connection.execute(put.on_conflict_do_nothing()).rowcount == 1
        return is_new

    def due(self, channel: str, now_ms: int, limit: int = DUE_MAX) -> Sequence[Waiting]:
        asked = (
            select(_OUTBOX)
            .where(_OUTBOX.c.channel == channel, _is_due(now_ms))
            .order_by(_OUTBOX.c.critical.desc(), _OUTBOX.c.id)
            .limit(limit)
        )
        with self._begin(self._to_read) as connection:
            return [
                Waiting(
                    id=row.id,
                    message=_MESSAGE.validate_json(row.message),
                    made_ms=row.made_ms,
                    tries=row.tries,
                )
                for row in connection.execute(asked)
            ]

    def sent_ms(self, channel: str, since_ms: int) -> Sequence[int]:
        """What left together has one time."""
        asked = (
            select(_OUTBOX.c.due_ms)
            .distinct()
            .where(
                _OUTBOX.c.state == "sent", _OUTBOX.c.channel == channel, _OUTBOX.c.due_ms > since_ms
            )
            .order_by(_OUTBOX.c.due_ms)
        )
        with self._begin(self._to_read) as connection:
            return list(connection.execute(asked).scalars())

    def claim(self, ids: Sequence[int], now_ms: int) -> Sequence[int]:
        ours = (
            update(_OUTBOX)
            .where(_OUTBOX.c.id.in_(ids), _is_due(now_ms))
            .values(due_ms=now_ms + CLAIM_MS, state="waiting")
            .returning(_OUTBOX.c.id)
        )
        with self._begin() as connection:
            return list(connection.execute(ours).scalars())

    def sent(self, ids: Sequence[int], now_ms: int) -> None:
        self._update(ids, state="sent", due_ms=now_ms, why="")

    def later(self, ids: Sequence[int], due_ms: int, why: str) -> None:
        self._update(ids, due_ms=due_ms, tries=_OUTBOX.c.tries + 1, why=why)

    def give_up(self, ids: Sequence[int], now_ms: int, why: str) -> None:
        self._update(ids, state="given_up", due_ms=now_ms, why=why)

    def crowded_out(self, channel: str, most: int) -> Sequence[int]:
        asked = (
            select(_OUTBOX.c.id)
            .where(_OUTBOX.c.state.in_(_UNSENT), _OUTBOX.c.channel == channel, ~_OUTBOX.c.critical)
            .order_by(_OUTBOX.c.id.desc())
            .limit(most)  # SQLite wants one before an offset
            .offset(most)
        )
        with self._begin(self._to_read) as connection:
            return list(connection.execute(asked).scalars())

    def newest(self, limit: int) -> Sequence[Posted]:
        """What was posted last, the newest first, whatever became of it."""
        asked = select(_OUTBOX).order_by(_OUTBOX.c.id.desc()).limit(limit)
        with self._begin() as connection:
            return [
                Posted(
                    channel=row.channel,
                    message=_MESSAGE.validate_json(row.message),
                    state=row.state,
                    tries=row.tries,
                    made_ms=row.made_ms,
                    due_ms=row.due_ms,
                    why=row.why,
                )
                for row in connection.execute(asked)
            ]

    def counts(self) -> dict[str, int]:
        """How many messages are in each state."""
        asked = select(_OUTBOX.c.state, func.count()).group_by(_OUTBOX.c.state)
        with self._begin(self._to_read) as connection:
            return {row[0]: row[1] for row in connection.execute(asked)}

    def prune(self, before_ms: int) -> None:
        """Forgets what was sent or given up before then."""
        old = _OUTBOX.c.state.not_in(_UNSENT) & (_OUTBOX.c.due_ms < before_ms)
        with self._begin() as connection:
            connection.execute(delete(_OUTBOX).where(old))
            connection.execute(delete(_SAID).where(_SAID.c.at_ms < before_ms))

    def said(self) -> Sequence[tuple[str, Said]]:
        """What was told of each group last, the oldest first."""
        with self._begin(self._to_read) as connection:
            return [
                (row.group_id, Said(row.episode_id, row.at_ms, row.profit))
                for row in connection.execute(select(_SAID).order_by(_SAID.c.at_ms))
            ]

    def said_of(self, group: str) -> Said | None:
        with self._begin(self._to_read) as connection:
            row = connection.execute(select(_SAID).where(_SAID.c.group_id == group)).first()
        return Said(row.episode_id, row.at_ms, row.profit) if row else None

    def remember(self, group: str, said: Said) -> None:
        with self._begin() as connection:
            connection.execute(delete(_SAID).where(_SAID.c.group_id == group))
            connection.execute(insert(_SAID).values(group_id=group, **said._asdict()))

    def _update(self, ids: Sequence[int], **values: object) -> None:
        with self._begin() as connection:
            connection.execute(update(_OUTBOX).where(_OUTBOX.c.id.in_(ids)).values(**values))

    @contextmanager
    def _begin(self, engine: Engine | None = None) -> Iterator[Connection]:
        try:
            with (engine or self._engine).begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise OutboxUnavailable(f"messages cannot be kept: {said(error)}") from None


def _is_due(now_ms: int) -> ColumnElement[bool]:
    """Its time has come, or it waits for one that a clock set back has put far away."""
    due_ms, state = _OUTBOX.c.due_ms, _OUTBOX.c.state
    waits = or_(due_ms <= now_ms, due_ms > now_ms + DUE_MS_MAX)
    is_held = or_(due_ms <= now_ms, due_ms > now_ms + _HELD_MS_MAX)
    return or_(and_(state == "waiting", waits), and_(state == "held", is_held))


def _taken(connection: Connection, take: Take) -> bool:
    """Notes what is told now, if what was told before is what we believe it is."""
    group, before, now = take
    if before:
        mine = update(_SAID).where(
            _SAID.c.group_id == group,
            _SAID.c.episode_id == before.episode_id,
            _SAID.c.at_ms == before.at_ms,
        )
        if connection.execute(mine.values(**now._asdict())).rowcount:
            return True
    first = upsert(connection, _SAID).values(group_id=group, **now._asdict())
    return connection.execute(first.on_conflict_do_nothing()).rowcount == 1
