"""What an adapter had to leave out, in sentences; a broken element loses only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Generic, TypeVar

_SENTENCES_MAX: Final = 1_000
T = TypeVar("T")
Raw = TypeVar("Raw")


class Faults(Generic[Raw]):
    """The last thousand different sentences. `label` names an element that cannot be read."""

    def __init__(self, label: Callable[[Raw], str]) -> None:
        self._label = label
        self._sentences: dict[str, None] = {}

    def add(self, sentence: str) -> None:
        self._sentences[sentence] = None
        if len(self._sentences) > _SENTENCES_MAX:
            del self._sentences[next(iter(self._sentences))]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sentences)

    def each(self, raws: Iterable[Raw], make: Callable[[Raw], T]) -> Iterator[T]:
        """What `make` makes of each element; one that raises ValueError is left out, by name."""
        for raw in raws:
            try:
                made = make(raw)
            except ValueError as error:
                self.add(f"{self._label(raw)} is left out: {error}.")
            else:
                yield made

    def following(self, cursor: str | None, asked: set[str]) -> str:
        """The cursor to go on with; "" at the end, or where a venue would lead us in a circle."""
        if not cursor:
            return ""
        if cursor in asked:
            self.add("A list was cut short: the venue repeated a cursor.")
            return ""
        asked.add(cursor)
        return cursor
