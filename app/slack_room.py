"""What a click in Slack does: the same as a click on the page, by the same desk, or nothing.

Execute makes a preview of now and shows it in the message; only its own button, with Slack's
dialog, sends it. The preview's id is the key of the hedge, so that no click counts twice, whoever
repeats it. Who is not on the list is refused, in whatever channel.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from alerts.channel import Undelivered
from alerts.hedges import of_hedge
from alerts.slack_bot import CONFIRM, EXECUTE, SNOOZE, Button, SlackBot, SlackWeb
from app.alert_channels import slack_socket
from app.alerting import Alerts
from app.config import Settings
from app.desk import Desk, Preview
from app.problem import Problem
from app.snoozes import Snoozes
from execution.hedge import Hedge
from execution.journal import JournalError
from execution.risk import NotApproved
from scanner.episode import Change, Happened
from venues import Clock, VenueError
from venues.money import text

_log = structlog.get_logger()
TROUBLE: Final = "clicks in Slack"
SNOOZE_MS: Final = 8 * 3_600_000
_SEEN_MAX: Final = 5_000
_WAITING_MAX: Final = 1_000
_FRAME_MAX: Final = 1 << 20
_OPEN_S: Final = 10
_AGAIN_MS: Final = 5_000
_LONGEST_MS: Final = 300_000
_TRIES: Final = 5


class SlackRoom:
    """`troubles` is told, under TROUBLE, why clicks are not heard while they are not."""

    def __init__(
        self,
        bot: SlackBot,
        socket: SlackWeb | None,
        *,
        desk: Desk,
        snoozes: Snoozes,
        settings: Settings,
        clock: Clock,
        troubles: MutableMapping[str, str],
    ) -> None:
        self._troubles = troubles
        self._bot = bot
        self._socket = socket
        self._desk = desk
        self._snoozes = snoozes
        self._settings = settings
        self._clock = clock
        self._seen: dict[tuple[str, ...], None] = {}
        self._clicks: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(_WAITING_MAX)
        self._edits: asyncio.Queue[tuple[str, str]] = asyncio.Queue(_WAITING_MAX)
        self._hedges: dict[str, str] = {}
        """By the preview that opened it, the message of a hedge."""

    def hear(self, changes: Iterable[Change]) -> None:
        """What is gone says so in its message."""
        for change in changes:
            if change.happened is not Happened.ENDED:
                continue
            episode = change.episode
            said = f"Gone after {episode.duration_ms / 1_000:.1f} s: {episode.ended_by}."
            for ts, message in self._bot.posted.items():
                if message.episode == episode.id and ts not in self._hedges.values():
                    self._edit_later(ts, said)

    def hear_hedge(self, hedge: Hedge) -> None:
        ts = self._hedges.get(hedge.key)
        if ts is None:
            return
        simulated = self._settings.environment == "sim"
        told = of_hedge(hedge, mode=self._settings.mode, simulated=simulated)
        why = f" ({hedge.why})" if hedge.why else ""
        lines: tuple[str, ...] = (f"Hedge {hedge.id}: {hedge.state}{why}",)
        if told is not None:
            lines = (told.title, *told.lines)
        self._edit_later(ts, " · ".join(lines))

    def _edit_later(self, ts: str, status: str) -> None:
        """Edits beyond what waits are lost: the page says the same."""
        if not self._edits.full():
            self._edits.put_nowait((ts, status))

    async def run(self) -> None:
        """Listens and edits, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._edit_all())
            if self._socket is not None:
                group.create_task(self._listen(self._socket))
                group.create_task(self._click_all())

    async def _edit_all(self) -> None:
        while True:
            ts, status = await self._edits.get()
            await self._say(ts, status)
            await self._clock.sleep_ms(1_000)  # what one channel may bear

    async def _say(self, ts: str, status: str, *buttons: Button) -> None:
        for tried in range(_TRIES):
            why = await self._edited(ts, status, buttons)
            if why is None or not why.again:
                break
            await self._clock.sleep_ms(min(max(why.wait_ms, 1_000 << tried), _LONGEST_MS))

    async def _edited(self, ts: str, status: str, buttons: Sequence[Button]) -> Undelivered | None:
        try:
            await self._bot.edit(ts, status, buttons)
        except Undelivered as error:
            _log.warning("slack.unedited", why=str(error))
            return error
        return None

    async def _listen(self, web: SlackWeb) -> None:
        wait_ms = _AGAIN_MS
        while True:
            try:
                await self._listen_once(web)
                wait_ms = _AGAIN_MS
                continue
            except Undelivered as error:
                why, asked_ms = str(error), error.wait_ms
            except (OSError, WebSocketException, ValueError) as error:
                why, asked_ms = f"its socket could not be kept ({type(error).__name__})", 0
            self._troubles[TROUBLE] = why
            _log.warning("slack.deaf", why=why)
            await self._clock.sleep_ms(max(wait_ms, min(asked_ms, _LONGEST_MS)))
            wait_ms = min(2 * wait_ms, _LONGEST_MS)

    async def _listen_once(self, web: SlackWeb) -> None:
        """Until Slack asks for another connection, as it does every few hours."""
        found = await web.call("apps.connections.open", {})
        url = str(found.get("url", ""))
        if not self._is_slack(url):
            raise Undelivered("Slack named a socket that is not its own", again=True)
        async with connect(
            url, proxy=None, max_size=_FRAME_MAX, open_timeout=_OPEN_S, max_queue=64
        ) as socket:
            self._troubles.pop(TROUBLE, None)
            async for frame in socket:
                told = json.loads(frame)
                if told.get("type") == "disconnect":
                    return
                if envelope := told.get("envelope_id"):
                    await socket.send(json.dumps({"envelope_id": envelope}))
                if told.get("type") == "interactive" and not self._clicks.full():
                    self._clicks.put_nowait(told.get("payload") or {})

    def _is_slack(self, url: str) -> bool:
        parts = urlsplit(url)
        if self._settings.alerts.slack.local:
            return parts.scheme in {"ws", "wss"} and parts.hostname == "127.0.0.1"
        return parts.scheme == "wss" and (parts.hostname or "").endswith(".slack.com")

    async def _click_all(self) -> None:
        """One after the other: two clicks on one thing cannot race."""
        while True:
            payload = await self._clicks.get()
            try:
                await self._click(payload)
            except Undelivered as error:
                _log.warning("slack.unanswered", why=str(error))
            except (KeyError, TypeError, IndexError, AttributeError) as error:
                _log.warning("slack.not_understood", why=repr(error))

    async def _click(self, payload: Mapping[str, Any]) -> None:
        action, user = payload["actions"][0], str(payload["user"]["id"])
        ts, channel = str(payload["container"]["message_ts"]), payload["container"]["channel_id"]
        what, value = str(action["action_id"]), str(action.get("value", ""))
        if what not in {SNOOZE, EXECUTE, CONFIRM} or channel != self._bot.channel:
            return
        click = (what, value, ts, str(action.get("action_ts", "")))
        if click in self._seen:  # Slack repeats what it believes unheard
            return
        self._seen[click] = None
        while len(self._seen) > _SEEN_MAX:
            del self._seen[next(iter(self._seen))]
        if user not in self._settings.alerts.slack.users:
            await self._bot.whisper(user, "You are not among alerts.slack.users: nothing is done.")
            return
        if what == SNOOZE:
            now_ms = self._clock.now_ms()
            until_ms = now_ms + SNOOZE_MS
            await asyncio.to_thread(self._snoozes.mute, value, until_ms, f"{user} (Slack)", now_ms)
            await self._say(ts, f"Snoozed for 8 hours by {user}.")
        elif EXECUTE not in self._bot.actions:
            await self._bot.whisper(user, "Real orders from Slack need alerts.slack.execute: true.")
        elif what == EXECUTE:
            await self._preview(ts, value)
        else:
            await self._execute(ts, value, user)

    async def _preview(self, ts: str, pair_id: str) -> None:
        try:
            found = await self._desk.preview(pair_id)
        except (Problem, VenueError) as error:
            await self._say(ts, f"Nothing was sent. {error}")
            return
        if found.refused:
            await self._say(ts, f"It may not be executed: {' '.join(found.refused)}")
            return
        said, mode = _sentence(found), self._settings.mode.replace("_", " ")
        sure = f"{mode.upper()}: {said}"
        words = f"Send both orders ({mode})"
        await self._say(ts, f"As of now: {said}", Button(CONFIRM, words, found.plan.id, sure))

    async def _execute(self, ts: str, preview_id: str, user: str) -> None:
        self._hedges.setdefault(preview_id, ts)
        try:
            hedge = await self._desk.execute(preview_id, by=f"{user} (Slack)")
        except NotApproved as error:
            said = f"Refused, nothing was sent: {error}"
        except (Problem, VenueError, JournalError) as error:
            said = f"Nothing more was sent. {error}"
        else:
            self.hear_hedge(hedge)
            return
        self._hedges.pop(preview_id, None)
        await self._say(ts, said)


def slack_room(alerts: Alerts, desk: Desk, settings: Settings, clock: Clock) -> SlackRoom | None:
    """None where no bot is set up."""
    if alerts.bot is None:
        return None
    return SlackRoom(
        alerts.bot,
        slack_socket(settings),
        desk=desk,
        snoozes=alerts.snoozes,
        settings=settings,
        clock=clock,
        troubles=alerts.outbox.troubles,
    )


def _sentence(found: Preview) -> str:
    plan = found.plan
    legs = " and ".join(
        f"{leg.contract.outcome.value.upper()} at {leg.contract.venue} up to {text(leg.limit)}"
        for leg in plan.legs
    )
    return (
        f"{text(plan.quantity)} contracts, {legs}; ${text(plan.outlay)} in, profit "
        f"${text(plan.profit)}, ${text(plan.least_profit)} at the limits; at most "
        f"${text(plan.naked_max)} may stand alone for a while."
    )
