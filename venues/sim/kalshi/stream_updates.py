"""`update_subscription`: what each action does to a subscription (12.2)."""

from __future__ import annotations

from typing import Final

from venues.sim.kalshi.stream_channels import BY_MARKET, INDICES, OFFERED, Action, Channel, actions
from venues.sim.kalshi.stream_commands import Update, action_of
from venues.sim.kalshi.stream_errors import Code, StreamRefusal
from venues.sim.kalshi.stream_markets import Directory
from venues.sim.kalshi.stream_sender import Sender
from venues.sim.kalshi.stream_shows import Shows
from venues.sim.kalshi.stream_subscription import Subscription

_LISTS: Final = {
    Action.INDEX_LIST: ("indexlist", "index_ids"),
    Action.UNDERLYING_LIST: ("underlying_list", "underlying_tickers"),
}
_ADDS: Final = frozenset({Action.SUBSCRIBE_INDICES, Action.SUBSCRIBE_UNDERLYINGS})


class Updates:
    def __init__(self, directory: Directory, sender: Sender, shows: Shows) -> None:
        self._directory = directory
        self._sender = sender
        self._shows = shows

    def obey(self, id: int, it: Update) -> None:
        """Raises StreamRefusal for an unknown sid; other errors are answered on the sid."""
        on = self._sender.find(it.sid)
        if on is None:
            raise StreamRefusal(Code.UNKNOWN_SID)
        try:
            self._act(id, on, action_of(it, actions(on.channel)), it)
        except StreamRefusal as refusal:
            self._sender.refuse(refusal, id, on)

    def _act(self, id: int, on: Subscription, action: Action, it: Update) -> None:
        if action in _LISTS:
            ending, name = _LISTS[action]
            msg = {name: list(OFFERED[on.channel])}
            self._sender.send(on, f"{on.channel.value}_{ending}", msg, id=id)
        elif on.channel in BY_MARKET:
            self._act_on_markets(id, on, action, it)
        else:
            self._act_on_references(id, on, action, it)

    def _act_on_markets(self, id: int, on: Subscription, action: Action, it: Update) -> None:
        if not it.markets.named:
            raise StreamRefusal(Code.MARKET_REQUIRED)
        if it.markets.ids and on.channel is not Channel.TICKER:
            raise StreamRefusal(Code.INVALID_PARAMETER)
        named = self._directory.find(it.markets)
        if action is Action.GET_SNAPSHOT:
            if strange := tuple(ticker for ticker, _ in named if not on.sees(ticker)):
                raise StreamRefusal(Code.INVALID_PARAMETER, strange)
            self._shows.books(on, (ticker for ticker, _ in named), id=id)
        elif action is Action.ADD_MARKETS:
            added = self._directory.join(on, named)
            self._sender.acknowledge(on, id)
            self._shows.added(on, added, initial=it.send_initial_snapshot)
        elif on.everything:
            raise StreamRefusal(Code.INVALID_PARAMETER)
        else:
            on.remove(named)
            self._sender.acknowledge(on, id)

    def _act_on_references(self, id: int, on: Subscription, action: Action, it: Update) -> None:
        if not it.references:
            indices = on.channel in INDICES
            raise StreamRefusal(Code.INDICES_REQUIRED if indices else Code.UNDERLYINGS_REQUIRED)
        if action in _ADDS:
            on.references |= dict.fromkeys(it.references)
        else:
            on.references = {name: None for name in on.references if name not in it.references}
        self._sender.acknowledge(on, id)
