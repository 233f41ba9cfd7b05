"""The journal read by whoever does not write it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.config import Settings
from app.problem import Exit, Problem
from app.report import plain
from app.store.journal import stored_rows
from app.store.opening import read_database
from execution.journal import Corrupt, Row, replayed
from execution.ledger import Ledger
from venues.money import text


@dataclass(frozen=True, slots=True)
class Line:
    """One row, for a person."""

    number: int
    epoch: int
    kind: str
    body: Mapping[str, Any]

    @property
    def hedge(self) -> str:
        plan = self.body.get("plan") or {}
        return str(self.body.get("hedge") or plan.get("id") or "")

    @property
    def json(self) -> dict[str, Any]:
        return {"number": self.number, "epoch": self.epoch, "kind": self.kind, **self.body}

    @property
    def said(self) -> str:
        """The row in a few words."""
        body = self.body
        match self.kind:
            case "opened":
                return f"opened by {plain(body['by'])}"
            case "moved":
                return f"{body['event']}: {plain(body['why'])}"
            case "sending":
                request = body["request"]
                contract = request["contract"]
                return (
                    f"to be sent: {request['side']} {contract['outcome']} at {contract['venue']}, "
                    f"order {request['client_id']}"
                )
            case "answered":
                order = body["order"]
                return (
                    f"{order['contract']['venue']} says of {order['client_id']}: {order['state']}"
                )
            case "filled":
                fill = body["fill"]
                word = "taken back" if fill["reversed"] else "filled"
                sure = ", provisional" if fill["provisional"] else ""
                return f"{word} at {fill['contract']['venue']}{sure}: {plain(fill['fill_id'])}"
            case "watched":
                where = f"{body['venue']}, {plain(body['market'])}"
                return f"{where}: {plain('; '.join(body['says']) or 'is watched from now on')}"
            case "diverged":
                return f"diverged: {plain(body['why'])}"
            case "reckoned":
                fee = text(sum(each[1] for each in body["fees"]))
                return f"order {body['client_id']}: the model makes its fee ${fee}"
            case "acting":
                what = f"{body['kind']} of ${text(body['amount'])} at {body['venue']}"
                return f"asked for by {plain(body['by'])}, to be sent: {what} ({body['id']})"
            case "acted":
                why = f": {plain(body['why'])}" if body["why"] else ""
                return f"{body['id']} is {body['state']}{why}"
            case "confirmed":
                return "confirmed on the page, once"
            case _:
                return f"{self.kind}: {plain(str(body.get('why') or json.dumps(body)))}"


def read_rows(settings: Settings) -> Sequence[Row]:
    with read_database(settings.hedge_place) as engine, engine.connect() as connection:
        return stored_rows(connection, settings.book_name)


def read_journal(settings: Settings) -> tuple[Ledger, list[Line]]:
    """Raises Problem for a journal that is not what was written."""
    rows = read_rows(settings)
    try:
        ledger = replayed(rows)
    except Corrupt as error:
        raise Problem(
            Exit.BAD_FILE,
            f"The journal {settings.book_name} is damaged: {error}. Nothing was changed; "
            "`dutchbook journal restore` takes a backup back.",
        ) from None
    return ledger, lines_of(rows)


def lines_of(rows: Sequence[Row]) -> list[Line]:
    return [Line(row.number, row.epoch, row.kind, json.loads(row.body)) for row in rows]
