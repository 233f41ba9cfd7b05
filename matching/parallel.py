"""One pure function over many items on several cores, by forking: no item is sent anywhere."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, Final, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_WORTH: Final = 4_000  # below this many items a fork costs more than it saves
_CHUNKS: Final = 4  # a worker: so that an unlucky one does not keep the others waiting
_job: tuple[Callable[[Any], list[Any]], Sequence[Any]] | None = None


def mapped(
    work: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item], workers: int
) -> list[Result]:
    """`work` over slices of `items`, the results joined in order.

    With one worker, few items, or no fork() on this system it is one plain call. Only the results
    cross between processes. Call it only where no thread or event loop of this process is running.
    """
    global _job  # noqa: PLW0603 - forked workers find their work where the parent left it
    if workers < 2 or len(items) < _WORTH or "fork" not in multiprocessing.get_all_start_methods():
        return work(items)
    size = -(-len(items) // (workers * _CHUNKS))
    bounds = [(at, at + size) for at in range(0, len(items), size)]
    _job = (work, items)
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(workers - 1, mp_context=context) as pool:
            theirs = pool.map(_slice, bounds[:-_CHUNKS])
            ours = [_slice(each) for each in bounds[-_CHUNKS:]]  # one process less to hold it all
            return [result for part in (*theirs, *ours) for result in part]
    finally:
        _job = None


def _slice(bounds: tuple[int, int]) -> list[Any]:
    assert _job
    work, items = _job
    return work(items[bounds[0] : bounds[1]])
