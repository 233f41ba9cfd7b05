"""Slack by a bot: messages with buttons that edit themselves. Its tokens are secrets.

Nothing is decided here: what a click may do is for app/slack_room.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from alerts.channel import Undelivered
from alerts.message import OPEN, Message, clean, slack_blocks
from alerts.outward import Outward

API: Final = "https://slack.com/api"
POSTED_MAX: Final = 500
"""Messages that are known, so that they can be edited."""
VALUE_MAX: Final = 2_000
_STATUS_MAX: Final = 1_900
_AGAIN: Final = frozenset(
    (
        *("ratelimited", "rate_limited", "internal_error", "fatal_error"),
        *("service_unavailable", "request_timeout", "team_added_to_org"),
    )
)
SNOOZE: Final = "snooze"
EXECUTE: Final = "execute"
CONFIRM: Final = "confirm"
REVIEW: Final = "review"


@dataclass(frozen=True, slots=True)
class Button:
    """`sure`: what a person is asked before it counts; "" for nothing."""

    action: str
    words: str
    value: str
    sure: str = ""


class SlackWeb:
    """The calls of Slack's web API that we make."""

    def __init__(self, token: str, *, api: str = API, local: bool = False) -> None:
        if not token.isascii() or not token.isprintable() or " " in token or not token:
            raise ValueError("a token of Slack is one word, as xoxb-… or xapp-…")
        self._outward = Outward(api, "Slack", local=local)
        self._headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json; charset=utf-8",
        }

    def __repr__(self) -> str:
        return "SlackWeb()"

    async def call(self, method: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Raises Undelivered."""
        content = json.dumps(asked).encode()
        answer = await self._outward.post(
            content, self._headers, path=f"/{method}", wants_body=True
        )
        answer.raise_for("Slack")
        try:
            found = json.loads(answer.body)
            is_done, why = bool(found["ok"]), str(found.get("error", "unknown"))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Undelivered("Slack answered what nobody understands", again=True) from None
        if not is_done:
            again = why in _AGAIN
            said = f"Slack refused {method}: {clean(why, 60)}"
            raise Undelivered(said, again=again, wait_ms=answer.retry_after_ms)
        return dict(found)


class SlackBot:
    """A channel. `actions`: what may be done from there, in the order of the buttons. `posted`: by
    their time, which is a message's name at Slack, those that can be edited."""

    name = "slack"

    def __init__(self, web: SlackWeb, channel: str, actions: Sequence[str]) -> None:
        self.web = web
        self.channel = channel
        self.actions = tuple(actions)
        self.posted: dict[str, Message] = {}

    async def send(self, message: Message) -> None:
        found = await self.web.call(
            "chat.postMessage",
            {
                "channel": self.channel,
                "unfurl_links": False,
                "unfurl_media": False,
                **bot_blocks(message, buttons=self.buttons(message)),
            },
        )
        if message.episode:
            self.posted[str(found.get("ts", ""))] = message
            while len(self.posted) > POSTED_MAX:
                del self.posted[next(iter(self.posted))]

    def buttons(self, message: Message) -> Sequence[Button]:
        """Those of a message of an opportunity that stands."""
        pair = message.pair
        if not pair or len(pair) > VALUE_MAX:
            return ()
        known = {
            EXECUTE: Button(EXECUTE, "Execute…", pair),
            SNOOZE: Button(SNOOZE, "Snooze 8 h", pair),
        }
        return [known[action] for action in self.actions if action in known]

    async def edit(self, ts: str, status: str, buttons: Sequence[Button] = ()) -> None:
        """What became of it; a message that nobody here knows any more is answered instead."""
        message = self.posted.get(ts)
        to: dict[str, Any] = {"channel": self.channel}
        if message is None:
            said = bot_blocks(Message(title="", lines=(status,)), buttons=buttons)
            await self.web.call("chat.postMessage", {**to, "thread_ts": ts, **said})
            return
        said = bot_blocks(message, status=status, buttons=buttons)
        await self.web.call("chat.update", {**to, "ts": ts, **said})

    async def whisper(self, user: str, words: str) -> None:
        """Only they see it."""
        said = bot_blocks(Message(title="", lines=(words,)))
        await self.web.call("chat.postEphemeral", {"channel": self.channel, "user": user, **said})


def bot_blocks(
    message: Message, *, status: str = "", buttons: Sequence[Button] = ()
) -> dict[str, Any]:
    """As a webhook's, with what became of it and buttons that do something. All of it is plain
    text."""
    found = slack_blocks(message)
    blocks = [each for each in found["blocks"] if each["type"] != "actions"]
    if not message.title:
        blocks = [each for each in blocks if each["type"] != "header"]
        found["text"] = slack_blocks(Message(title=" ".join(message.lines), lines=()))["text"]
    if status:
        blocks.append({"type": "section", "text": _plain(clean(status, _STATUS_MAX))})
    elements = [_button(each) for each in buttons]
    if message.link:
        review = {"type": "button", "action_id": REVIEW, "text": _plain(OPEN), "url": message.link}
        elements.insert(0, review)
    if elements:
        blocks.append({"type": "actions", "elements": elements})
    return {"text": found["text"], "blocks": blocks}


def _button(button: Button) -> dict[str, Any]:
    found = {
        "type": "button",
        "action_id": button.action,
        "text": _plain(clean(button.words, 75)),
        "value": button.value,
    }
    if button.sure:
        found |= {
            "style": "danger",
            "confirm": {
                "title": _plain("Are you sure?"),
                "text": _plain(clean(button.sure, 300)),
                "confirm": _plain("Yes"),
                "deny": _plain("No"),
            },
        }
    return found


def _plain(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words, "emoji": False}
