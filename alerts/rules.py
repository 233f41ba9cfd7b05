"""When to speak. Pure: what happened and when goes in, what is worth a message comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from scanner.episode import Change, Happened
from venues import Cash

KEPT_MAX: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """An episode is told once, and again when it is better by `again_percent`. Another of the same
    group within `cool_down_ms` is told only so, too: a spread that flaps is told once.
    `executable_only`: pairs that nobody may trade are not told.
    """

    profit_min: Cash = Cash(1_000_000)
    edge_bps_min: int = 50
    executable_only: bool = False
    again_percent: int = 50
    cool_down_ms: int = 600_000


class Said(NamedTuple):
    """What was told of a group last."""

    episode_id: str
    at_ms: int
    profit: int


class Rules:
    """Remembers what was said of each group: pairs of one Kalshi event are one group."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._said: dict[str, Said] = {}
        self._of_episode: dict[str, Said] = {}

    def wants(self, change: Change, *, group: str, executable: bool | None) -> bool:
        """Whether this is worth a message. Never where a book is in doubt. Saying so counts as
        said."""
        episode, least = change.episode, self._thresholds
        found = episode.last
        if change.happened is Happened.ENDED or not episode.proof.is_good:
            return False
        if found.profit < least.profit_min or found.edge_bps < least.edge_bps_min:
            return False
        if least.executable_only and not executable:
            return False
        now, before = Said(episode.id, found.seen_ms, found.profit), self._said.get(group)
        if before and not self._is_news(before, now):
            return False
        mine = self._of_episode.get(episode.id)  # others of its group may have been told since
        if mine and not self._is_better(mine, now):
            return False
        self.remember(group, now)
        return True

    def told(self, episode_id: str) -> bool:
        """Whether anything was ever said of it."""
        return episode_id in self._of_episode

    def said(self, group: str) -> Said | None:
        return self._said.get(group)

    def remember(self, group: str, said: Said) -> None:
        """This was told, perhaps before a restart."""
        for kept, key in ((self._said, group), (self._of_episode, said.episode_id)):
            kept.pop(key, None)
            kept[key] = said
            while len(kept) > KEPT_MAX:
                del kept[next(iter(kept))]

    def _is_better(self, before: Said, now: Said) -> bool:
        return 100 * now.profit >= (100 + self._thresholds.again_percent) * before.profit

    def _is_news(self, before: Said, now: Said) -> bool:
        """Better by enough; or another episode, after a while."""
        if self._is_better(before, now):
            return True
        rested = now.at_ms - before.at_ms >= self._thresholds.cool_down_ms
        return rested and now.episode_id != before.episode_id
