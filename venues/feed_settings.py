"""How a feed spreads markets over sockets, and how often it reads books to check on them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """`per_socket`: markets on one socket. Every `compare_ms` a sample of `sample` books that were
    quiet for `quiet_ms` is read over REST; where one differs, again after `second_look_ms`. All
    books of a socket that told of none for `silent_ms` are read at once (0: it may be silent).
    Where no read succeeded for `unread_ms` nothing proves that the stream is not frozen.
    `poll_ms`: rest between two rounds of polling. `relearn_ms`: how often markets of which nothing
    is known yet are learned again. `private_max`, `news_max`: what may wait.
    """

    per_socket: int = 2_000
    compare_ms: int = 28_000
    quiet_ms: int = 5_000
    sample: int = 5_000
    second_look_ms: int = 2_000
    silent_ms: int = 0
    unread_ms: int = 60_000
    poll_ms: int = 1_000
    relearn_ms: int = 60_000
    private_max: int = 10_000
    news_max: int = 10_000
