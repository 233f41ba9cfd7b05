"""When to speak, to whom, and when to wait. Pure: what happened and when goes in, what is worth a
message comes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from fnmatch import fnmatchcase
from typing import Final, Literal, NamedTuple, TypeVar

from scanner.episode import Change, Episode, Happened
from scanner.opportunity import Opportunity
from venues import Cash

KEPT_MAX: Final = 10_000
_T = TypeVar("_T")
_NEAR_PERCENT: Final = 90
"""Of a threshold: what is nearer than this is not away from it."""

State = Literal["executable", "review", "file"]
"""executable: approved, and nothing bars it; review: not so; file: of a file, nobody judged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """From `begin` to `end`, minutes of a day in `zone`; over midnight where `end` is less."""

    begin: int
    end: int
    zone: tzinfo

    def until_ms(self, now_ms: int) -> int | None:
        """When they end, if it is quiet now."""
        local = datetime.fromtimestamp(now_ms / 1_000, UTC).astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        is_over_midnight = self.end <= self.begin
        begun, not_over = minute >= self.begin, minute < self.end
        if not (begun or not_over if is_over_midnight else begun and not_over):
            return None
        day = local.date() + timedelta(days=1 if is_over_midnight and begun else 0)
        over = datetime(day.year, day.month, day.day, self.end // 60, self.end % 60)  # noqa: DTZ001 - the zone follows
        return int(over.replace(tzinfo=self.zone).timestamp()) * 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is told, by `channels` (none named: by all). An empty filter lets everything through.

    An episode is told once, and again when it is better by `again_percent`. Another of the same
    group within `cool_down_ms` is told only so; and another of the same pair only if the pair was
    away from the thresholds for so long, or stands for so long: a spread that flaps is told once.
    `digest_ms`: not at once, but together, so often. `quiet`: held until these hours end.
    `size_min` counts micro-contracts.
    """

    name: str = ""
    profit_min: Cash = Cash(1_000_000)
    edge_bps_min: int = 50
    size_min: int = 0
    annual_bps_min: int | None = None
    days_max: int | None = None
    venues: frozenset[str] = frozenset()
    pairs: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    states: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    quiet: Quiet | None = None
    digest_ms: int | None = None
    again_percent: int = 50
    cool_down_ms: int = 600_000

    def hold(self, now_ms: int) -> Hold | None:
        """Until when a message waits, and with which others it comes then; None: it goes now."""
        bundle, until_ms = "", now_ms
        if self.digest_ms:
            until_ms = (now_ms // self.digest_ms + 1) * self.digest_ms
            bundle = f"of {self.name}" if self.name else "of the last while"
        if self.quiet and (over_ms := self.quiet.until_ms(until_ms)):
            until_ms, bundle = over_ms, "of the quiet hours"
        return Hold(until_ms, bundle) if bundle else None


class Hold(NamedTuple):
    until_ms: int
    bundle: str


class About(NamedTuple):
    """What a rule asks of a pair besides its numbers. `group`: the Kalshi event it belongs to."""

    group: str
    state: State
    categories: tuple[str, ...] = ()


class Said(NamedTuple):
    """What was told of a group last."""

    episode_id: str
    at_ms: int
    profit: int

    @property
    def pair_id(self) -> str:
        return self.episode_id.rpartition("@")[0]


class Rules:
    """The memory of one rule: what was said of each group."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._said: dict[str, Said] = {}
        self._of_episode: dict[str, Said] = {}
        self._near_ms: dict[str, int] = {}

    def judge(self, change: Change, about: About) -> Said | None:
        """What would be said, if this is worth a message. Never where a book is in doubt."""
        episode = change.episode
        found = episode.last
        is_over = change.happened is Happened.ENDED
        seen_ms = (is_over and episode.ended_ms) or found.seen_ms
        near_ms = self._near_ms.get(episode.pair_id)
        if self._reaches(found, _NEAR_PERCENT):
            _keep(self._near_ms, episode.pair_id, seen_ms)
        if is_over or not episode.proof.is_good:
            return None
        if not self._reaches(found, 100) or not self._lets(found, about):
            return None
        now, before = Said(episode.id, found.seen_ms, found.profit), self._said.get(about.group)
        if before and not self._is_news(before, now, episode, near_ms):
            return None
        mine = self._of_episode.get(episode.id)  # others of its group may have been told since
        return None if mine and not self._is_better(mine, now) else now

    def told(self, episode_id: str) -> bool:
        """Whether anything was ever said of it."""
        return episode_id in self._of_episode

    def said(self, group: str) -> Said | None:
        return self._said.get(group)

    def remember(self, group: str, said: Said) -> None:
        """This was told: just now, before a restart, or by another node."""
        _keep(self._said, group, said)
        _keep(self._of_episode, said.episode_id, said)

    def _reaches(self, found: Opportunity, percent: int) -> bool:
        rule = self.rule
        return (
            100 * found.profit >= percent * rule.profit_min
            and 100 * found.edge_bps >= percent * rule.edge_bps_min
            and 100 * found.quantity >= percent * rule.size_min
        )

    def _lets(self, found: Opportunity, about: About) -> bool:
        rule = self.rule
        annual, days = found.annual_bps, found.days
        if rule.annual_bps_min is not None and (annual is None or annual < rule.annual_bps_min):
            return False
        if rule.days_max is not None and (days is None or days > rule.days_max):
            return False
        if rule.venues and not rule.venues >= {leg.contract.venue for leg in found.legs}:
            return False
        if rule.states and about.state not in rule.states:
            return False
        return _matches([found.pair_id, about.group], rule.pairs) and _matches(
            about.categories, rule.categories
        )

    def _is_better(self, before: Said, now: Said) -> bool:
        return 100 * now.profit >= (100 + self.rule.again_percent) * before.profit

    def _is_news(self, before: Said, now: Said, episode: Episode, near_ms: int | None) -> bool:
        """Better by enough; or another episode, after a while."""
        if self._is_better(before, now):
            return True
        while_ms = self.rule.cool_down_ms
        if now.at_ms - before.at_ms < while_ms or now.episode_id == before.episode_id:
            return False
        if before.pair_id != episode.pair_id:
            return True
        away_ms = now.at_ms - max(near_ms or 0, before.at_ms)
        return away_ms >= while_ms or now.at_ms - episode.first_ms >= while_ms


def _matches(words: Sequence[str], globs: Sequence[str]) -> bool:
    """Whatever their case."""
    return not globs or any(
        fnmatchcase(word.casefold(), glob.casefold()) for word in words for glob in globs
    )


def _keep(kept: dict[str, _T], key: str, value: _T) -> None:
    """The newest last, and no more than KEPT_MAX."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > KEPT_MAX:
        del kept[next(iter(kept))]
