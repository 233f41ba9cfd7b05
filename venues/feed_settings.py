"""How a feed spreads markets over sockets, and how often it reads books to check on them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """`per_socket`: markets on one socket. Every `compare_ms` a sample of `sample` books that were
    quiet for `quiet_ms` is read over REST; where one differs, again after `second_look_ms`. All
    books of a socket that told of none for `silent_ms` are read at once (0: it may be silent).
    Where no read told of a book for `unread_ms` nothing proves that the stream is not frozen; so it
    is with one book that neither changed nor was compared for `unproven_ms` (0: its stream proves
    it). Books that move are compared, too, once they were not for `moving_ms` (0: never). A line
    is not given up over the same market again within `again_ms`: that market is doubted alone.
    `readers`: full reads at a time. `keyless`: books need no keys, so that being refused a
    connection for them is no last word.
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
    unproven_ms: int = 0
    moving_ms: int = 0
    again_ms: int = 0
    readers: int = 1
    keyless: bool = False
    poll_ms: int = 1_000
    relearn_ms: int = 60_000
    private_max: int = 10_000
    news_max: int = 10_000
