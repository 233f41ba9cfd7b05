"""Slack's bot against a Slack of this machine: clicks that act, once, and only for who may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from changes import appeared
from hostile import HOSTILE
from page_stage import StillDesk
from slack_stage import APP, BOT, CHANNEL, SlackStage, elements, slack_stage, texts, until

from alerts.channel import Undelivered
from alerts.message import Message
from alerts.slack_bot import CONFIRM, EXECUTE, SNOOZE, SlackBot, SlackWeb
from app.alert_channels import channels, slack_socket
from app.config import Settings
from app.config_alerts import AlertSettings, SlackSettings
from app.desk import Desk
from app.slack_room import TROUBLE, SlackRoom
from app.snoozes import Snoozes
from execution.hedge import Event
from scanner.episode import Change, Happened, end
from venues import SystemClock

ME, STRANGER = "U0123456789", "U9999999999"
EPISODE = appeared("p").episode
TOLD = Message(
    title="$5.00: <!channel> & more",
    lines=("one",),
    pair="p",
    episode=EPISODE.id,
    link="http://127.0.0.1:8765/a/x?v=y",
)


class Scene:
    def __init__(self, slack: SlackStage, bot: SlackBot, desk: StillDesk, room: SlackRoom) -> None:
        self.slack, self.bot, self.desk, self.room = slack, bot, desk, room
        self.troubles: dict[str, str] = {}

    async def post(self, message: Message = TOLD) -> str:
        await self.bot.send(message)
        return next(reversed(self.slack.messages))

    def says(self, ts: str, words: str) -> bool:
        return words in texts(self.slack.messages[ts])


def settings(folder: Path, api: str, **changes: Any) -> Settings:
    mode = changes.pop("mode", "paper")
    folder.chmod(0o700)
    files = {}
    for name, token in (("token_file", BOT), ("app_token_file", APP)):
        files[name] = folder / name
        files[name].touch(mode=0o600)
        files[name].write_text(f"{token}\n")
    slack = {"channel": CHANNEL, "local": True, "api": api, "users": [ME], **files, **changes}
    told = AlertSettings(slack=SlackSettings.model_validate(slack))
    return Settings(data_dir=folder / "data", environment="sim", mode=mode, alerts=told)


@asynccontextmanager
async def scene(folder: Path, **changes: Any) -> AsyncIterator[Scene]:
    clock = SystemClock()
    async with slack_stage() as slack, asyncio.TaskGroup() as group:
        made = settings(folder, slack.api, **changes)
        [bot] = channels(made)
        assert isinstance(bot, SlackBot)
        desk = StillDesk(made, clock)
        troubles: dict[str, str] = {}
        room = SlackRoom(
            bot,
            slack_socket(made),
            desk=cast("Desk", desk),
            snoozes=Snoozes(made.folder),
            settings=made,
            clock=clock,
            troubles=troubles,
        )
        found = Scene(slack, bot, desk, room)
        found.troubles = troubles
        running = group.create_task(room.run())
        await until(lambda: slack.sockets == 1)
        yield found
        assert slack.wrong == []
        running.cancel()


async def test_a_message_has_buttons_and_nothing_of_a_venue_formats_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as on:
        ts = await on.post()
        found = on.slack.messages[ts]
        assert [e["action_id"] for e in elements(found)] == ["review", EXECUTE, SNOOZE]
        assert found["text"] == "$5.00: &lt;!channel&gt; &amp; more"
        for words in HOSTILE:
            await on.post(replace(TOLD, title=words, lines=(words,) * 60))


async def test_a_click_shows_what_would_be_sent_and_its_own_button_sends_it_once(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as on:
        ts = await on.post()
        await on.slack.click(ts, EXECUTE, user=ME)
        await until(lambda: on.says(ts, "As of now: 10.00 contracts"))
        assert on.desk.opened == []
        button = next(e for e in elements(on.slack.messages[ts]) if e["action_id"] == CONFIRM)
        assert button["confirm"]["text"]["text"].startswith("PAPER: 10.00 contracts")
        await on.slack.click(ts, CONFIRM, user=ME, times=3)
        await until(lambda: on.says(ts, "Hedge p0: opened"))
        await on.slack.click(ts, "review", user=ME)
        assert on.desk.opened == [("p0", f"{ME} (Slack)")]
        assert on.says(ts, "one")  # what was told is still there
        assert [e["action_id"] for e in elements(on.slack.messages[ts])] == ["review"]
        assert len(on.slack.acked) >= 4


async def test_two_people_who_confirm_one_preview_open_one_hedge(tmp_path: Path) -> None:
    async with scene(tmp_path, users=[ME, STRANGER]) as on:
        ts = await on.post()
        await on.slack.click(ts, EXECUTE, user=ME)
        await until(lambda: on.says(ts, "As of now"))
        for user in (ME, STRANGER, ME):
            await on.slack.click(ts, CONFIRM, user=user)
        await until(lambda: on.says(ts, "Hedge p0: opened"))
        assert len(on.desk.opened) == 1


async def test_what_becomes_of_a_hedge_is_told_in_its_message(tmp_path: Path) -> None:
    async with scene(tmp_path) as on:
        ts = await on.post()
        await on.slack.click(ts, EXECUTE, user=ME)
        await until(lambda: on.says(ts, "As of now"))
        await on.slack.click(ts, CONFIRM, user=ME)
        await until(lambda: on.says(ts, "Hedge p0: opened"))
        hedge = on.desk.ledger.hedges["p0"]
        moved = hedge.moved(Event.BEGAN, 1, "").moved(Event.STUCK, 2, "nobody answers")
        on.room.hear_hedge(moved)
        await until(lambda: on.says(ts, "SIM paper hedge parked"))


async def test_who_is_not_on_the_list_is_refused_and_told(tmp_path: Path) -> None:
    async with scene(tmp_path) as on:
        ts = await on.post()
        for action in (EXECUTE, SNOOZE):
            await on.slack.click(ts, action, user=STRANGER)
        await until(lambda: sum(m == "chat.postEphemeral" for m, _ in on.slack.log) == 2)
        await on.slack.click(ts, EXECUTE, user=ME, channel="C0000000000")  # nor from elsewhere
        await on.slack.click(ts, SNOOZE, user=ME)
        await until(lambda: on.says(ts, f"Snoozed for 8 hours by {ME}"))
        assert on.desk.plans == {}


async def test_live_needs_a_word_of_its_own(tmp_path: Path) -> None:
    async with scene(tmp_path, mode="live") as on:
        ts = await on.post()
        assert [e["action_id"] for e in elements(on.slack.messages[ts])] == ["review", SNOOZE]
        forged = on.bot.buttons
        on.bot.actions = (EXECUTE, SNOOZE)
        ts = await on.post()
        assert forged(TOLD)
        on.bot.actions = (SNOOZE,)
        await on.slack.click(ts, EXECUTE, user=ME)
        await until(lambda: on.slack.log[-1][0] == "chat.postEphemeral")
        assert "slack.execute: true" in texts(on.slack.log[-1][1])
        assert on.desk.plans == {}


async def test_what_the_desk_refuses_is_told_and_nothing_is_sent(tmp_path: Path) -> None:
    async with scene(tmp_path) as on:
        gone = await on.post(replace(TOLD, pair="nothing"))
        await on.slack.click(gone, EXECUTE, user=ME)
        await until(lambda: on.says(gone, "Nothing was sent. Nothing to hedge in nothing."))
        ts = await on.post()
        await on.slack.click(ts, EXECUTE, user=ME)
        await until(lambda: on.says(ts, "As of now"))
        on.desk.refuses = ("The price moved.",)
        await on.slack.click(ts, CONFIRM, user=ME)
        await until(lambda: on.says(ts, "Refused, nothing was sent"))
        assert on.desk.opened == []


async def test_a_message_says_when_what_it_told_is_gone(tmp_path: Path) -> None:
    async with scene(tmp_path) as on:
        ts = await on.post()
        on.slack.wait_s = [1]  # it asks us to wait, and gets it then
        ended = end(EPISODE, EPISODE.first_ms + 12_300, "not_crossed")
        on.room.hear([Change(happened=Happened.ENDED, episode=ended)])
        await until(lambda: on.says(ts, "Gone after 12.3 s: not_crossed."))
        assert [e["action_id"] for e in elements(on.slack.messages[ts])] == ["review"]


async def test_a_click_on_a_message_of_before_a_restart_is_answered_below_it(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as on:
        ts = await on.post()
        on.bot.posted.clear()
        await on.slack.click(ts, SNOOZE, user=ME)
        await until(lambda: on.slack.log[-1][1].get("thread_ts") == ts)


async def test_another_socket_is_opened_when_slack_asks_for_it(tmp_path: Path) -> None:
    async with scene(tmp_path) as on:
        await on.slack.refresh()
        await until(lambda: on.slack.sockets == 2)
        ts = await on.post()
        await on.slack.click(ts, SNOOZE, user=ME)
        await until(lambda: on.says(ts, "Snoozed"))
        assert TROUBLE not in on.troubles


@pytest.mark.parametrize(
    ("token", "channel", "wait_s", "again", "why"),
    [
        (BOT, CHANNEL, [30], True, "Slack answered 429"),
        ("xoxb-other", CHANNEL, [], False, "invalid_auth"),
        (BOT, "C0000000000", [], False, "channel_not_found"),
    ],
)
async def test_what_slack_refuses_is_told_without_the_token(
    token: str, channel: str, wait_s: list[int], *, again: bool, why: str
) -> None:
    async with slack_stage() as slack:
        slack.wait_s = wait_s
        bot = SlackBot(SlackWeb(token, api=slack.api, local=True), channel, ())
        with pytest.raises(Undelivered, match=why) as caught:
            await bot.send(TOLD)
    assert caught.value.again is again
    assert caught.value.wait_ms == 30_000 * again
    assert token not in f"{caught.value!r} {bot.web!r}"
