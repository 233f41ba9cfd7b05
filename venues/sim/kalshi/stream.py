"""The websocket conversation of the simulated Kalshi (section 12): pure, one per connection.

Commands go in by `received`; the house's notices come by themselves; frames wait on `line` until
`next_frame` hands them out. Nothing here opens a socket or reads a clock.

Choices where the documents are silent: a command with a fault does nothing at all; an unknown
market is error 11 (a knob); a market that is subscribed again is acknowledged without a snapshot;
`use_yes_price` may not change within a subscription (error 11). `communications` and the reference
price channels are taken and stay silent. Codes 9, 18 and 23 never occur.
"""

from __future__ import annotations

from collections import deque
from typing import Final, assert_never

from venues.sim.kalshi.house import House
from venues.sim.kalshi.notices import BookChanged, Notice, ShardChanged, TradePrinted
from venues.sim.kalshi.stream_channels import Channel
from venues.sim.kalshi.stream_commands import (
    Command,
    ListSubscriptions,
    Subscribe,
    Unsubscribe,
    Update,
    command,
    read,
)
from venues.sim.kalshi.stream_errors import Code, StreamRefusal
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.stream_markets import Directory
from venues.sim.kalshi.stream_notices import Teller, Viewer
from venues.sim.kalshi.stream_sender import Sender
from venues.sim.kalshi.stream_shows import Shows
from venues.sim.kalshi.stream_subscription import Named, Subscription
from venues.sim.kalshi.stream_updates import Updates
from venues.sim.stream_faults import FAULTLESS, Line, StreamFaults

_SECOND_MS: Final = 1_000


class Conversation:
    """`line` may be given new faults, or be cut, at any time."""

    def __init__(
        self,
        house: House,
        viewer: Viewer,
        *,
        knobs: StreamKnobs | None = None,
        faults: StreamFaults = FAULTLESS,
    ) -> None:
        self._house = house
        self._knobs = knobs or StreamKnobs()
        self._sids = 0
        self._commands: deque[int] = deque()
        self._closed = False
        self.line = Line(lambda: house.now_ms, faults)
        self._sender = Sender(house, self._knobs, self.line)
        self._shows = Shows(house, self._sender, empty_side_shown=self._knobs.empty_side_shown)
        self._directory = Directory(house, self._knobs)
        self._updates = Updates(self._directory, self._sender, self._shows)
        self._teller = Teller(
            viewer=viewer,
            taker_marked=self._knobs.taker_marked,
            knobs=house.knobs,
            catalogue=house.catalogue,
            subscriptions=self._sender.subscriptions,
        )
        self._stop_listening = house.listen(self._noticed)

    @property
    def closed(self) -> bool:
        """Nothing more will come: it was closed, or its line was cut."""
        return self._closed or self.line.broken

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._stop_listening()
            self.line.cut()

    def received(self, text: str) -> None:
        """A command from the client; its answer goes on the line."""
        self._house.advance()
        if self.closed:
            return
        id = 0
        try:
            envelope = read(text)
            id = envelope.id
            self._count_command()
            self._obey(id, command(envelope))
        except StreamRefusal as refusal:
            self._sender.refuse(refusal, id)

    def next_frame(self) -> str | None:
        """The next frame to send; None when none is due now.

        Tickers are made here, so that a slow reader gets the newest instead of all.
        """
        self._house.advance()
        self._shows.tickers()
        return self.line.next_frame()

    def fail(self, channel: Channel, code: Code = Code.CHANNEL_ERROR) -> None:
        """Ends a subscription from this side, with an error that says so."""
        self._sender.end(channel, code)

    def inject(self, text: str) -> None:
        """Sends anything at all: poisoned books, frames from the future."""
        self.line.put(text)

    def _obey(self, id: int, it: Command) -> None:
        match it:
            case Subscribe():
                self._subscribe(id, it)
            case Update():
                self._updates.obey(id, it)
            case Unsubscribe():
                self._unsubscribe(id, it)
            case ListSubscriptions():
                every = self._sender.subscriptions.values()
                listed = [{"channel": each.channel.value, "sid": each.sid} for each in every]
                self._sender.answer("ok", [*listed], id)
            case _:
                assert_never(it)

    def _subscribe(self, id: int, it: Subscribe) -> None:
        named = self._directory.find(it.markets)
        if len(named) > self._knobs.markets_max:
            raise StreamRefusal(Code.MARKET_LIMIT)
        for channel in it.channels:
            old = self._sender.subscriptions.get(channel)
            if old is None:
                self._open(id, channel, it, named)
                continue
            try:
                self._merge(id, old, it, named)
            except StreamRefusal as refusal:
                self._sender.refuse(refusal, id, old)

    def _open(self, id: int, channel: Channel, it: Subscribe, named: Named) -> None:
        self._sids += 1
        default = self._house.knobs.yes_price_default
        new = Subscription(
            sid=self._sids,
            channel=channel,
            everything=not it.markets.named,
            use_yes_price=default if it.use_yes_price is None else it.use_yes_price,
            skip_ack=it.skip_ticker_ack,
            references=dict.fromkeys(it.references),
        )
        new.add(named)
        self._sender.subscriptions[channel] = new
        self._sender.answer("subscribed", {"channel": channel.value, "sid": new.sid}, id)
        tickers = (ticker for ticker, _ in named)
        self._shows.added(new, tickers, initial=it.send_initial_snapshot)

    def _merge(self, id: int, old: Subscription, it: Subscribe, named: Named) -> None:
        """No second sid: the markets join the old one (12.2)."""
        if old.channel is Channel.BOOKS and it.use_yes_price not in {None, old.use_yes_price}:
            raise StreamRefusal(Code.INVALID_PARAMETER)
        added = self._directory.join(old, named)
        old.everything = old.everything or not it.markets.named
        old.skip_ack = old.skip_ack or it.skip_ticker_ack
        old.references |= dict.fromkeys(it.references)
        self._sender.acknowledge(old, id)
        self._shows.added(old, added, initial=it.send_initial_snapshot)

    def _unsubscribe(self, id: int, it: Unsubscribe) -> None:
        for sid in it.sids:
            found = self._sender.find(sid)
            if found is None:
                self._sender.refuse(StreamRefusal(Code.UNKNOWN_SID), id)
                continue
            del self._sender.subscriptions[found.channel]
            self._sender.send(found, "unsubscribed", None, id=id, counted=True)

    def _noticed(self, notice: Notice) -> None:
        if self.closed:
            return
        for told in self._teller.told(notice):
            self._sender.tell(*told)
        match notice:
            case BookChanged(ticker=ticker):
                self._shows.moved(ticker, notice.ts_ms)
            case TradePrinted(trade=trade):
                self._shows.moved(trade.ticker, notice.ts_ms)
            case ShardChanged(status=status):
                if self._knobs.cut_on_pause and not status.exchange_active:
                    self.line.cut()
            case _:
                pass

    def _count_command(self) -> None:
        now_ms = self._house.now_ms
        while self._commands and self._commands[0] <= now_ms - _SECOND_MS:
            self._commands.popleft()
        if len(self._commands) >= self._knobs.commands_per_s:
            raise StreamRefusal(Code.TOO_MANY_REQUESTS)
        self._commands.append(now_ms)
