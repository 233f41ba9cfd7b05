"""Commands as they come in: text → value, or the error code it gets instead (12.2, 12.3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from venues.sim.kalshi.stream_channels import Action, Channel
from venues.sim.kalshi.stream_errors import Code, StreamRefusal

_SHARDS_MAX: Final = 100


class Markets(NamedTuple):
    """The markets a command names: by ticker or, on the ticker channel, by id; never both."""

    tickers: tuple[str, ...]
    ids: tuple[str, ...]

    @property
    def named(self) -> bool:
        return bool(self.tickers or self.ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """`use_yes_price` None: not said."""

    channels: tuple[Channel, ...]
    markets: Markets
    send_initial_snapshot: bool
    skip_ticker_ack: bool
    use_yes_price: bool | None
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """`action` None: none was given. It is read only after its sid was found."""

    sid: int
    action: str | None
    markets: Markets
    send_initial_snapshot: bool
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    sids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ListSubscriptions:
    pass


Command = Subscribe | Update | Unsubscribe | ListSubscriptions


class Received(NamedTuple):
    """`id` is 0 when the client gave none, and is then not echoed."""

    id: int
    name: str
    params: Any


def read(text: str) -> Received:
    """The envelope of a command. Raises StreamRefusal where there is none."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise StreamRefusal(Code.UNPROCESSABLE) from None
    if not isinstance(message, dict):
        raise StreamRefusal(Code.UNPROCESSABLE)
    id = message.get("id", 0)
    if type(id) is not int or id < 0:
        raise StreamRefusal(Code.INVALID_PARAMETER)
    return Received(id, str(message.get("cmd", "")), message.get("params"))


def command(received: Received) -> Command:
    """Raises StreamRefusal for what cannot be understood."""
    if received.name == "list_subscriptions":
        return ListSubscriptions()
    parsers: dict[str, Callable[[dict[str, Any]], Command]] = {
        "subscribe": _subscribe,
        "update_subscription": _update,
        "unsubscribe": _unsubscribe,
    }
    parse = parsers.get(received.name)
    if parse is None:
        raise StreamRefusal(Code.UNKNOWN_COMMAND)
    if not isinstance(received.params, dict):
        raise StreamRefusal(Code.PARAMS_REQUIRED)
    return parse(received.params)


def action_of(update: Update, allowed: frozenset[Action]) -> Action:
    if update.action is None:
        raise StreamRefusal(Code.ACTION_REQUIRED)
    if update.action not in {each.value for each in allowed}:
        raise StreamRefusal(Code.UNSUPPORTED_ACTION)
    return Action(update.action)


def _subscribe(params: dict[str, Any]) -> Subscribe:
    names = _texts(params, "channels")
    if not names:
        raise StreamRefusal(Code.CHANNELS_REQUIRED)
    if not set(names) <= {each.value for each in Channel}:
        raise StreamRefusal(Code.UNKNOWN_CHANNEL)
    channels = tuple(map(Channel, names))
    markets = _markets(params)
    if markets.ids and set(channels) != {Channel.TICKER}:
        raise StreamRefusal(Code.INVALID_PARAMETER)
    if Channel.BOOKS in channels and not markets.named:
        raise StreamRefusal(Code.MARKET_REQUIRED)
    if Channel.COMMUNICATIONS in channels:
        _check_communications(params)
    return Subscribe(
        channels=channels,
        markets=markets,
        send_initial_snapshot=_flag(params, "send_initial_snapshot") or False,
        skip_ticker_ack=_flag(params, "skip_ticker_ack") or False,
        use_yes_price=_flag(params, "use_yes_price"),
        references=_texts(params, "index_ids") + _texts(params, "underlying_tickers"),
    )


def _update(params: dict[str, Any]) -> Update:
    sids = _sids(params)
    if ("sid" in params) == ("sids" in params) or len(sids) > 1:
        raise StreamRefusal(Code.ONE_SID)
    sid = params["sid"] if "sid" in params else sids[0] if sids else None
    if type(sid) is not int:
        raise StreamRefusal(Code.ONE_SID)
    action = params.get("action")
    return Update(
        sid=sid,
        action=action if isinstance(action, str) and action else None,
        markets=_markets(params),
        send_initial_snapshot=_flag(params, "send_initial_snapshot") or False,
        references=_texts(params, "index_ids") + _texts(params, "underlying_tickers"),
    )


def _unsubscribe(params: dict[str, Any]) -> Unsubscribe:
    sids = _sids(params)
    if not sids:
        raise StreamRefusal(Code.SIDS_REQUIRED)
    return Unsubscribe(sids)


def _sids(params: dict[str, Any]) -> tuple[int, ...]:
    found = params.get("sids", [])
    if not isinstance(found, list) or any(type(each) is not int for each in found):
        raise StreamRefusal(Code.INVALID_PARAMETER)
    return tuple(found)


def _markets(params: dict[str, Any]) -> Markets:
    keys = ("market_ticker", "market_tickers", "market_id", "market_ids")
    if len([key for key in keys if key in params]) > 1:
        raise StreamRefusal(Code.INVALID_PARAMETER)
    tickers = _text(params, "market_ticker") + _texts(params, "market_tickers")
    return Markets(tickers, _text(params, "market_id") + _texts(params, "market_ids"))


def _check_communications(params: dict[str, Any]) -> None:
    factor, key = params.get("shard_factor"), params.get("shard_key")
    if params.get("user_filter", "") not in {"", "self"}:
        raise StreamRefusal(Code.INVALID_PARAMETER)
    if any(type(each) not in {int, type(None)} for each in (factor, key)):
        raise StreamRefusal(Code.INVALID_PARAMETER)
    if factor is None:
        if key is not None:
            raise StreamRefusal(Code.SHARD_FACTOR_REQUIRED)
        return
    if factor <= 0:
        raise StreamRefusal(Code.SHARD_FACTOR_TOO_SMALL)
    if factor > _SHARDS_MAX:
        raise StreamRefusal(Code.SHARD_FACTOR_TOO_LARGE)
    if key is not None and not 0 <= key < factor:
        raise StreamRefusal(Code.SHARD_KEY_OUTSIDE)


def _text(params: dict[str, Any], name: str) -> tuple[str, ...]:
    value = params.get(name)
    if name not in params:
        return ()
    if not isinstance(value, str) or not value:
        raise StreamRefusal(Code.INVALID_PARAMETER)
    return (value,)


def _texts(params: dict[str, Any], name: str) -> tuple[str, ...]:
    """Each once, in the order given."""
    value = params.get(name, [])
    if not isinstance(value, list) or any(not isinstance(each, str) for each in value):
        raise StreamRefusal(Code.INVALID_PARAMETER)
    return tuple(dict.fromkeys(value))


def _flag(params: dict[str, Any], name: str) -> bool | None:
    value = params.get(name)
    if value is not None and not isinstance(value, bool):
        raise StreamRefusal(Code.INVALID_PARAMETER)
    return value
