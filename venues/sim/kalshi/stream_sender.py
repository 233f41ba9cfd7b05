"""The subscriptions of one connection, and every frame that leaves on them (12.3, 12.4)."""

from __future__ import annotations

from venues.sim.kalshi.frames import Message, error, frame
from venues.sim.kalshi.house import House
from venues.sim.kalshi.stream_channels import Channel
from venues.sim.kalshi.stream_errors import Code, StreamRefusal
from venues.sim.kalshi.stream_knobs import StreamKnobs
from venues.sim.kalshi.stream_subscription import Subscription
from venues.sim.stream_faults import Line


class Sender:
    """`subscriptions` holds one of each channel at most."""

    def __init__(self, house: House, knobs: StreamKnobs, line: Line) -> None:
        self.subscriptions: dict[Channel, Subscription] = {}
        self.line = line
        self._house = house
        self._knobs = knobs

    def find(self, sid: int) -> Subscription | None:
        return next((each for each in self.subscriptions.values() if each.sid == sid), None)

    def answer(self, kind: str, msg: Message | list[Message], id: int) -> None:
        """Of no subscription."""
        self.line.put(frame(kind, msg, id=id, sending_ts_ms=self._stamp()))

    def send(
        self,
        on: Subscription,
        kind: str,
        msg: Message | None,
        *,
        id: int = 0,
        counted: bool = False,
    ) -> None:
        """`counted`: it has a `seq` even on a channel whose data have none."""
        seq = on.next_seq() if counted or on.sequenced else None
        text = frame(kind, msg, id=id, sid=on.sid, seq=seq, sending_ts_ms=self._stamp())
        self.line.put(text, on.sid)

    def tell(self, on: Subscription, kind: str, ticker: str, msg: Message, id: int = 0) -> None:
        """Data, unless the subscription is over by then or this market is not to be served."""
        over = self.subscriptions.get(on.channel) is not on
        if over or ticker in self.line.faults.unserved:
            return
        if self.line.pending(on.sid) >= self._knobs.buffer_max:
            self.end(on.channel, Code.OVERFLOW)
        else:
            self.send(on, kind, msg, id=id)

    def acknowledge(self, on: Subscription, id: int) -> None:
        self.send(on, "ok", on.listing(), id=id)

    def refuse(self, refusal: StreamRefusal, id: int, on: Subscription | None = None) -> None:
        msg = error(refusal.code, refusal.tickers)
        if on is None:
            self.answer("error", msg, id)
        else:
            self.send(on, "error", msg, id=id)

    def end(self, channel: Channel, code: Code) -> None:
        """Ends a subscription from this side, with an error that says so."""
        self.refuse(StreamRefusal(code), 0, self.subscriptions.pop(channel))

    def _stamp(self) -> int | None:
        return self._house.now_ms if self._knobs.sending_ts_ms else None
