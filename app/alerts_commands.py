"""What was told, and what a person wants to hear nothing of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from app.cli import console, emit
from app.config import load_settings
from app.config_jobs import seconds
from app.pairs_commands import person
from app.problem import Exit, Problem
from app.snoozes import Snoozes
from app.store.opening import read_database
from app.store.outbox import Posted, StoredOutbox
from venues import SystemClock

_LONGEST_S = 366 * 86_400


def history(config: Path | None, *, limit: int, as_json: bool) -> Exit:
    settings = load_settings(config)
    with read_database(settings.live_place) as engine:
        found = StoredOutbox(engine).newest(limit)
    if as_json:
        rows = [_row(each) for each in found]
        emit({"schema": "dutchbook.alerts_history/1", "messages": rows})
    elif not found:
        console().print("Nothing was told yet.")
    for each in () if as_json else reversed(found):
        console().print(_line(each))
    return Exit.DONE


def _row(posted: Posted) -> dict[str, object]:
    message = posted.message
    return {
        "channel": posted.channel,
        "title": message.title,
        "lines": list(message.lines),
        "critical": message.is_critical,
        "rule": message.rule or None,
        "pair_id": message.pair or None,
        "episode": message.episode or None,
        "state": posted.state,
        "tries": posted.tries,
        "made_ms": posted.made_ms,
        "due_ms": posted.due_ms,
        "why": posted.why or None,
    }


def _line(posted: Posted) -> str:
    became = {
        "sent": f"sent {_time(posted.due_ms)}",
        "waiting": f"waits, {posted.tries} failed" if posted.tries else "waits",
        "held": f"held until {_time(posted.due_ms)}",
        "given_up": "given up",
    }[posted.state]
    why = f": {posted.why}" if posted.why else ""
    return f"{_time(posted.made_ms)} {posted.channel}: {posted.message.title} ({became}{why})"


def _time(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1_000, UTC):%Y-%m-%d %H:%M:%S}"


def snooze(what: str | None, lasting: str, config: Path | None, *, as_json: bool) -> Exit:
    snoozes, now_ms = Snoozes(load_settings(config).folder), SystemClock().now_ms()
    if what is not None:
        try:
            duration_s = 0 if lasting == "0" else min(seconds(lasting), _LONGEST_S)
        except ValueError as error:
            raise Problem(Exit.WRONG_USAGE, f"--for {error}.") from None
        snoozes.mute(what, now_ms + duration_s * 1_000, person(None), now_ms)
    muted = snoozes.muted(now_ms)
    if as_json:
        rows = [{"what": w, "until_ms": each.until_ms, "by": each.by} for w, each in muted.items()]
        emit({"schema": "dutchbook.alerts_snoozed/1", "snoozed": rows})
        return Exit.DONE
    for name, each in muted.items():
        console().print(f"{name}: nothing until {_time(each.until_ms)} UTC ({each.by})")
    if not muted:
        console().print("Nothing is snoozed.")
    return Exit.DONE


def acknowledge(subject: str, config: Path | None, *, as_json: bool) -> Exit:
    """What is not there is forgotten by the running dutchbook at its next look."""
    snoozes, now_ms = Snoozes(load_settings(config).folder), SystemClock().now_ms()
    snoozes.acknowledge(subject, person(None), now_ms)
    if as_json:
        emit({"schema": "dutchbook.alerts_ack/1", "subject": subject})
    else:
        console().print(f"{subject} is known: it is told no more until it is over.")
    return Exit.DONE
