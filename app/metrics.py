"""Numbers for Prometheus: read from the room when somebody asks, so that they cost nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from prometheus_client import CollectorRegistry, make_asgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from alerts.outbox import Outbox
from app.room import Room
from scanner.episode import Change
from venues import Clock
from venues.stream import COUNTED

_NS: Final = 1_000_000_000


class RoomNumbers(Collector):
    """`lag_ms`, of the loop, is written from outside; `count` hears of every change."""

    def __init__(self, room: Room, outbox: Outbox, clock: Clock) -> None:
        self.happened: dict[str, int] = {}
        self.lag_ms = 0
        self._room = room
        self._outbox = outbox
        self._clock = clock

    def count(self, changes: Iterable[Change]) -> None:
        for change in changes:
            what = change.happened.value
            self.happened[what] = self.happened.get(what, 0) + 1

    def collect(self) -> Iterator[Metric]:
        engine, room = self._room.engine, self._room
        yield _gauge("pairs", "Pairs that are watched", engine.pairs)
        yield _gauge("open_episodes", "Opportunities that are open now", len(engine.episodes))
        yield _counter("priced", "Pairs priced, by streams and by passes", engine.priced)
        yield _counter("passes", "Full passes that ended", room.passes)
        yield _gauge("loop_lag_seconds", "How late the loop woke up last", self.lag_ms / 1_000)
        yield _labelled("happened", "What episodes did", "what", self.happened)
        near = {**engine.near_misses}
        yield _labelled("near_misses", "Pairs by the gate they stop at", "reason", near)
        yield _labelled("doubts", "Venues in doubt", "venue", dict.fromkeys(engine.doubts, 1))
        yield _counter("alerts_delivered", "Messages that a channel took", self._outbox.delivered)
        troubles = dict.fromkeys(self._outbox.troubles, 1)
        yield _labelled("alert_troubles", "Channels that failed last time", "channel", troubles)
        yield from self._feeds()

    def _feeds(self) -> Iterator[Metric]:
        healths = {venue: feed.health for venue, feed in self._room.feeds.items()}
        ages = {venue: self._oldest(venue) for venue in healths}
        says = "Since the oldest book was confirmed"
        yield _labelled("oldest_book_seconds", says, "venue", ages)
        for name in ("markets", "sockets_up", "unproven", "mismatches", "dropped", "overflows"):
            values = {venue: int(getattr(health, name)) for venue, health in healths.items()}
            yield _labelled(f"feed_{name}", f"Feed: {name.replace('_', ' ')}", "venue", values)
        family = GaugeMetricFamily(
            "dutchbook_feed_troubles", "What went wrong on the sockets", labels=("venue", "what")
        )
        for venue, health in healths.items():
            for what in COUNTED:
                family.add_metric((venue, what), getattr(health.counts, what))
        yield family

    def _oldest(self, venue: str) -> float:
        now_ns = self._clock.monotonic_ns()
        feed = self._room.feeds[venue]
        found = (feed.book(id) for id in feed.markets)
        ages = [now_ns - book.confirmed_ns for book in found if book and book.confirmed_ns]
        return max(ages, default=0) / _NS


def page_of(numbers: RoomNumbers) -> Any:
    """An ASGI app that answers with all numbers, in the loop that writes them."""
    registry = CollectorRegistry()
    registry.register(numbers)
    return make_asgi_app(registry)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"dutchbook_{name}", says, value=value)


def _counter(name: str, says: str, value: int) -> Metric:
    return CounterMetricFamily(f"dutchbook_{name}", says, value=value)


def _labelled(name: str, says: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"dutchbook_{name}", says, labels=(label,))
    for key, value in values.items():
        family.add_metric((key,), value)
    return family
