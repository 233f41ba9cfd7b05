"""One confirmation is one attempt: whoever sends it again hears what came of the first."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

_KEPT: Final = 1_000


class Attempts:
    """Of confirmations that were refused; those that were not are in the journal. A confirmation
    holds for minutes, so few need to be remembered."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._refused: OrderedDict[str, tuple[str, ...]] = OrderedDict()

    async def once(
        self, nonce: str, act: Callable[[], Awaitable[Sequence[str]]]
    ) -> tuple[str, ...]:
        """What `act` says against it, the first time; none: it was done. One at a time."""
        async with self._lock:
            before = self._refused.get(nonce)
            if before is not None:
                return before
            reasons = tuple(await act())
            if reasons:
                self._refused[nonce] = reasons
                while len(self._refused) > _KEPT:
                    self._refused.popitem(last=False)
            return reasons
