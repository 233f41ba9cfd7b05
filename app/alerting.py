"""Settings → rules, channels and outbox; what happened → what is told."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog

from alerts.channel import Channel
from alerts.email import Mail, Server
from alerts.hedges import of_hedge, of_notice
from alerts.message import Message, Told, of_episode
from alerts.outbox import Outbox, OutboxUnavailable, Pace
from alerts.rules import Rules, Said, Thresholds
from alerts.slack import Slack
from app.config import Settings
from app.problem import Exit, Problem
from app.store.outbox import StoredOutbox
from execution.hedge import Hedge
from execution.records import Closed
from execution.watch import Notice
from matching.pairs import MarketKey
from scanner.episode import Change, Episode, Happened, Proof, begin
from scanner.opportunity import Leg, Opportunity
from venues import Cash, Clock, Market
from venues.key_file import read_key_file

_log = structlog.get_logger()
_HOUR_MS: Final = 3_600_000
WhyNot = Callable[[str], tuple[str, ...] | None]
"""Why a pair is not executable; None where nobody judged it."""
Markets = Callable[[MarketKey], Market | None]


def channels(settings: Settings) -> list[Channel]:
    """Those that are set up. Raises Problem for one that cannot be used as it is."""
    found: list[Channel] = []
    slack, email = settings.alerts.slack, settings.alerts.email
    try:
        if slack.webhook_file:
            found.append(Slack(_secret(slack.webhook_file), local=slack.local))
        if email.host and email.sender:
            password = _secret(email.password_file) if email.password_file else None
            server = Server(
                host=email.host,
                port=email.port,
                security=email.security,
                user=email.user,
                password=password,
            )
            found.append(Mail(server, sender=email.sender, recipients=email.recipients))
    except ValueError as error:
        raise Problem(Exit.BAD_FILE, f"alerts: {error}.") from None
    return found


def _secret(path: Path) -> str:
    """What stands in the file, which must be ours alone."""
    return read_key_file(path.expanduser()).decode().strip()


class Alerts:
    """Hears of changes and posts what the rules want told. `markets` tells titles; `link`, which
    may be set from outside, the address of the page about an episode, "" for none."""

    def __init__(
        self,
        settings: Settings,
        store: StoredOutbox,
        *,
        clock: Clock,
        why_not: WhyNot,
        markets: Markets,
    ) -> None:
        told = settings.alerts
        self._cool_down_ms = told.cool_down_minutes * 60_000
        self.outbox = Outbox(
            store,
            channels(settings),
            clock=clock,
            jitter=lambda most: secrets.randbelow(most + 1),
            pace=Pace(most=told.per_ten_minutes),
        )
        self.link: Callable[[str], str] = lambda _: ""
        self._store = store
        self._clock = clock
        self._simulated = settings.environment == "sim"
        self._mode = settings.mode
        self._why_not = why_not
        self._markets = markets
        self._rules = Rules(
            Thresholds(
                profit_min=Cash(told.profit_min),
                edge_bps_min=told.edge_bps_min,
                executable_only=told.executable_only,
                again_percent=told.again_percent,
                cool_down_ms=self._cool_down_ms,
            )
        )
        for group, said in store.said():
            self._rules.remember(group, said)

    def hear(self, changes: Iterable[Change]) -> int:
        """How many of them are told."""
        return sum(self._hear(change) for change in changes)

    def hear_standing(self, episodes: Iterable[Episode]) -> int:
        """The same for what is open and was not told: since then a cool-down may have ended, a
        person approved the pair, or a figure crept over its threshold, which is no change."""
        untold = [each for each in episodes if not self._rules.told(each.id)]
        return self.hear(Change(happened=Happened.APPEARED, episode=each) for each in untold)

    def warn(self, venue: str, why: str) -> None:
        """A venue must not be acted on: told at once, once an hour for one reason."""
        hour = self._clock.now_ms() // _HOUR_MS
        lines = (
            why,
            "Its opportunities are shown in doubt, and none is alerted, until it is over.",
        )
        message = Message(title=f"{venue} is in doubt", lines=lines, is_critical=True)
        self.outbox.post(f"doubt {venue} {hour}", message)

    def not_recorded(self, why: str) -> None:
        """Nothing is put on tape: told at once, once an hour."""
        hour = self._clock.now_ms() // _HOUR_MS
        lines = (why, "Everything else goes on. It is tried again each minute.")
        message = Message(title="The day is not recorded", lines=lines, is_critical=True)
        self.outbox.post(f"record {hour}", message)

    def hear_hedge(self, hedge: Hedge) -> None:
        message = of_hedge(hedge, mode=self._mode, simulated=self._simulated)
        if message is None:
            return
        self.outbox.post(f"hedge {hedge.id} {hedge.state} {hedge.since_ms}", message)

    def hear_notice(self, found: Notice | Closed) -> None:
        """What became of the markets of a hedge after its fills."""
        about = found.venue if isinstance(found, Closed) else f"{found.hedge.id} {found.says}"
        message = of_notice(found, mode=self._mode, simulated=self._simulated)
        self.outbox.post(f"notice {about} {found.at_ms}", message)

    def hear_scan(self, found: Iterable[tuple[Opportunity, Proof]]) -> int:
        """The same for single scans, as of cron: what the last one saw, too, goes on."""
        told = 0
        for opportunity, proof in found:
            episode = begin(opportunity, proof)
            group = self._group(opportunity)
            said, happened = self._rules.said(group), Happened.APPEARED
            if said and self._goes_on(said, opportunity):
                happened = Happened.CHANGED
                first_ms = int(said.episode_id.rpartition("@")[2])
                episode = replace(episode, first_ms=first_ms)
            if self._hear(Change(happened=happened, episode=episode)):
                told += 1
            elif said and said.episode_id == episode.id:
                self._rules.remember(group, said._replace(at_ms=opportunity.seen_ms))
                self._remember(group, said._replace(at_ms=opportunity.seen_ms))
        return told

    def _goes_on(self, said: Said, found: Opportunity) -> bool:
        rested = found.seen_ms - said.at_ms > self._cool_down_ms
        return said.episode_id.rpartition("@")[0] == found.pair_id and not rested

    def _group(self, found: Opportunity) -> str:
        """The Kalshi event of a pair, by which alerts are told once."""
        known = (self._markets(_key(leg)) for leg in found.legs)
        events = (m.event_id for m in known if m and m.venue == "kalshi" and m.event_id)
        return next(events, found.pair_id)

    def _remember(self, group: str, said: Said) -> None:
        """For the next start. Where it cannot be kept, the worst is that it is told again then."""
        try:
            self._store.remember(group, said)
        except OutboxUnavailable as error:
            _log.warning("alerts.forgotten", why=str(error))

    def _hear(self, change: Change) -> bool:
        episode = change.episode
        found = [self._markets(_key(leg)) for leg in episode.last.legs]
        why_not = self._why_not(episode.pair_id)
        group = self._group(episode.last)
        if not self._rules.wants(change, group=group, executable=why_not == ()):
            return False
        titles = [m.title if m else episode.pair_id for m in found]
        told = Told(
            titles=(titles[0], titles[1]),
            why_not=why_not,
            simulated=self._simulated,
            link=self.link(episode.id),
        )
        at_ms = episode.last.seen_ms
        self.outbox.post(f"{episode.id} {at_ms}", of_episode(change.happened, episode, told))
        self._remember(group, Said(episode.id, at_ms, episode.last.profit))
        return True


def _key(leg: Leg) -> MarketKey:
    return MarketKey(leg.contract.venue, leg.contract.market)
