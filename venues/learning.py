"""Markets whose names at the venue must be learned before a stream can be asked for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from itertools import islice
from typing import Final, TypeAlias

from venues.clock import Clock
from venues.errors import Unavailable, VenueError

Learn: TypeAlias = Callable[[Collection[str]], Awaitable[None]]
"""Learns what it can about these markets; those that it knows already cost nothing."""
_AT_ONCE: Final = 100
"""One that cannot be learned holds up no more than those that are learned with it."""


class Learning:
    """Learns new markets first and hands them on to `place`, learned or not. Every `again_ms` it
    learns those that `unknown` names: the venue may know them by then."""

    def __init__(
        self,
        learn: Learn,
        clock: Clock,
        again_ms: int,
        place: Callable[[Collection[str]], None],
        unknown: Callable[[], Collection[str]],
    ) -> None:
        self.trouble = ""
        self.waiting: dict[str, None] = {}
        self._learn = learn
        self._clock = clock
        self._again_ms = again_ms
        self._place = place
        self._unknown = unknown
        self._bell = asyncio.Event()

    def add(self, markets: Iterable[str]) -> None:
        self.waiting.update(dict.fromkeys(markets))
        self._bell.set()

    def remove(self, market: str) -> None:
        self.waiting.pop(market, None)

    async def run(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            while batch := tuple(islice(self.waiting, _AT_ONCE)):
                if not await self._try(batch):
                    batch = tuple(self.waiting)
                left = [id for id in batch if id in self.waiting]  # others were removed meanwhile
                for id in left:
                    del self.waiting[id]
                self._place(left)

    async def run_again(self) -> None:
        while True:
            await self._clock.sleep_ms(self._again_ms)
            unknown = iter(self._unknown())
            while batch := tuple(islice(unknown, _AT_ONCE)):
                await self._try(batch)

    async def _try(self, markets: Collection[str]) -> bool:
        """False: the venue is not there, perhaps also for no other market."""
        try:
            await self._learn(markets)
        except VenueError as error:
            self.trouble = str(error)
            return not isinstance(error, Unavailable)
        self.trouble = ""
        return True
