"""What happened → what is told, by the rules of the settings."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

import structlog

from alerts.escalation import Escalation, Trouble
from alerts.hedges import of_hedge, of_notice
from alerts.message import SIM, Message, Told, of_episode
from alerts.outbox import Outbox, OutboxUnavailable, Pace, Take
from alerts.rules import About, Rules, Said, State
from alerts.slack_bot import SlackBot
from app.alert_channels import channels
from app.config import Settings
from app.snoozes import Snoozes
from app.store.outbox import StoredOutbox
from execution.hedge import Hedge
from execution.records import Closed
from execution.watch import Notice
from matching.pairs import MarketKey
from scanner.episode import Change, Episode, Happened, Proof, begin
from scanner.opportunity import Leg, Opportunity
from venues import Clock, Market

_log = structlog.get_logger()
_HOUR_MS: Final = 3_600_000
_WARNED_MS: Final = 90_000
"""A warning that is not repeated within three looks at the venue is over."""
WhyNot = Callable[[str], tuple[str, ...] | None]
"""Why a pair is not executable; None where nobody judged it."""
Markets = Callable[[MarketKey], Market | None]


@dataclass(frozen=True, slots=True)
class Risks:
    """What is known of a pair's rules: `worst`, a sentence, and how they differ."""

    worst: str = ""
    divergences: tuple[str, ...] = ()


class Alerts:
    """Hears of changes and posts what the rules want told. `markets` tells titles. What may be set
    from outside: `link`, the address of the page about an episode, and `mute`, of that about a
    pair's alerts, "" for none; `risks`, what the rules of a pair hold."""

    def __init__(
        self,
        settings: Settings,
        store: StoredOutbox,
        *,
        clock: Clock,
        why_not: WhyNot,
        markets: Markets,
    ) -> None:
        told, to = settings.alerts, channels(settings)
        self.bot = next((each for each in to if isinstance(each, SlackBot)), None)
        self.outbox = Outbox(
            store,
            to,
            clock=clock,
            jitter=lambda most: secrets.randbelow(most + 1),
            pace=Pace(most=told.per_ten_minutes),
        )
        self.mark = SIM if settings.environment == "sim" else ""
        self.link: Callable[[str], str] = lambda _: ""
        self.mute: Callable[[str], str] = lambda _: ""
        self.risks: Callable[[Opportunity], Risks] = lambda _: Risks()
        self.snoozes = Snoozes(settings.folder)
        self._store = store
        self._clock = clock
        self._mode = settings.mode
        self._why_not = why_not
        self._markets = markets
        self._critical = told.critical.channels
        self._escalation = Escalation(
            first_ms=told.critical.again_minutes * 60_000,
            most_ms=told.critical.most_minutes * 60_000,
            mark=self.mark,
        )
        self._warned: dict[str, tuple[str, int]] = {}
        self._rules = [Rules(rule) for rule in told.as_rules()]
        self._load()

    def _load(self) -> None:
        names = {rules.rule.name: rules for rules in self._rules}
        for key, said in self._store.said():
            name, slash, group = key.partition("/")
            if slash and name in names:
                names[name].remember(group, said)
            elif "" in names:
                names[""].remember(key, said)

    def hear(self, changes: Iterable[Change]) -> int:
        """How many of them are told."""
        return sum(self._hear(change) for change in changes)

    def hear_standing(self, episodes: Iterable[Episode]) -> int:
        """The same for what is open and some rule did not tell: since then a cool-down may have
        ended, a person approved the pair, or a figure crept over its threshold, which is no
        change."""
        return self.hear(
            Change(happened=Happened.APPEARED, episode=each)
            for each in episodes
            if not all(rules.told(each.id) for rules in self._rules)
        )

    def warn(self, venue: str, why: str) -> None:
        """A venue must not be acted on: told at once, once an hour for one reason, and again until
        it is over."""
        now_ms = self._clock.now_ms()
        self._warned[venue] = why, now_ms
        lines = (
            why,
            "Its opportunities are shown in doubt, and none is alerted, until it is over.",
        )
        self._tell(f"doubt {venue} {now_ms // _HOUR_MS}", f"{venue} is in doubt", lines)

    def not_recorded(self, why: str) -> None:
        """Nothing is put on tape: told at once, once an hour."""
        lines = (why, "Everything else goes on. It is tried again each minute.")
        hour = self._clock.now_ms() // _HOUR_MS
        self._tell(f"record {hour}", "The day is not recorded", lines)

    @property
    def open(self) -> list[str]:
        """The subjects of what is critical now."""
        return [each.subject for each in self._escalation.open]

    def hear_hedge(self, hedge: Hedge) -> None:
        message = of_hedge(hedge, mode=self._mode, simulated=bool(self.mark))
        if message is None:
            return
        routed = self._critical if message.is_critical else ()
        self.outbox.post(
            f"hedge {hedge.id} {hedge.state} {hedge.since_ms}", message, channels=routed
        )

    def watch(self, troubles: Collection[Trouble]) -> None:
        """All that is critical now; what was and is not is over."""
        now_ms = self._clock.now_ms()
        warned = [
            Trouble(
                subject=f"{venue} drift", title=f"{venue} is in doubt", lines=(why,), is_told=True
            )
            for venue, (why, at_ms) in self._warned.items()
            if now_ms - at_ms < _WARNED_MS
        ]
        standing = (*troubles, *warned)
        known = self.snoozes.known(now_ms)
        for key, message in self._escalation.watch(standing, known, now_ms):
            self.outbox.post(key, message, channels=self._critical)
        for subject in known.keys() - {each.subject for each in standing}:
            self.snoozes.forget(subject, now_ms)

    def hear_notice(self, found: Notice | Closed) -> None:
        """What became of the markets of a hedge after its fills."""
        about = found.venue if isinstance(found, Closed) else f"{found.hedge.id} {found.says}"
        message = of_notice(found, mode=self._mode, simulated=bool(self.mark))
        routed = self._critical if message.is_critical else ()
        self.outbox.post(f"notice {about} {found.at_ms}", message, channels=routed)

    def hear_scan(self, found: Iterable[tuple[Opportunity, Proof]]) -> int:
        """The same for single scans, as of cron: what the last one saw, too, goes on."""
        return sum(self._hear_scanned(*each) for each in found)

    def _hear_scanned(self, found: Opportunity, proof: Proof) -> bool:
        about, told = self._about(found), False
        for rules in self._rules:
            episode, happened = begin(found, proof), Happened.APPEARED
            said = rules.said(about.group)
            if said and _goes_on(said, found, rules.rule.cool_down_ms):
                happened = Happened.CHANGED
                first_ms = int(said.episode_id.rpartition("@")[2])
                episode = replace(episode, first_ms=first_ms)
            if self._judge(Change(happened=happened, episode=episode), about, [rules]):
                told = True
            elif said and said.episode_id == episode.id:
                now = said._replace(at_ms=found.seen_ms)
                rules.remember(about.group, now)
                self._remember(_key_of(rules, about), now)
        return told

    def _about(self, found: Opportunity) -> About:
        """Its group is the Kalshi event, by which alerts are told once."""
        known = [m for m in (self._markets(_key(leg)) for leg in found.legs) if m]
        events = (m.event_id for m in known if m.venue == "kalshi" and m.event_id)
        why_not = self._why_not(found.pair_id)
        state: State = "file" if why_not is None else "review" if why_not else "executable"
        categories = tuple(m.category for m in known if m.category)
        return About(next(events, found.pair_id), state, categories)

    def _remember(self, group: str, said: Said) -> None:
        """For the next start. Where it cannot be kept, the worst is that it is told again then."""
        try:
            self._store.remember(group, said)
        except OutboxUnavailable as error:
            _log.warning("alerts.forgotten", why=str(error))

    def _hear(self, change: Change) -> bool:
        return self._judge(change, self._about(change.episode.last), self._rules)

    def _judge(self, change: Change, about: About, by: Iterable[Rules]) -> bool:
        """What goes at once goes before what is held: a channel gets one of both."""
        found = [(rules, said) for rules in by if (said := rules.judge(change, about))]
        if not found:
            return False
        episode, now_ms = change.episode, self._clock.now_ms()
        if self.snoozes.is_muted((episode.pair_id, about.group), now_ms):
            return False
        held = [(rules.rule.hold(now_ms), rules, said) for rules, said in found]
        held.sort(key=lambda each: each[0].until_ms if each[0] else 0)
        is_first = not any(rules.told(episode.id) for rules in self._rules)
        happened = Happened.APPEARED if is_first else change.happened
        message, told = self._message(happened, episode), False
        for hold, rules, said in held:
            is_ours = self.outbox.post(
                f"{episode.id} {said.at_ms} {said.profit}",
                replace(message, rule=rules.rule.name),
                channels=rules.rule.channels,
                hold=hold,
                take=Take(_key_of(rules, about), rules.said(about.group), said),
            )
            told = told or is_ours
            theirs = said if is_ours else self._said_by_another(_key_of(rules, about))
            rules.remember(about.group, theirs or said)
        return told

    def _said_by_another(self, group: str) -> Said | None:
        try:
            return self._store.said_of(group)
        except OutboxUnavailable:
            return None

    def _message(self, happened: Happened, episode: Episode) -> Message:
        found = [self._markets(_key(leg)) for leg in episode.last.legs]
        titles = [m.title if m else episode.pair_id for m in found]
        risks = self.risks(episode.last)
        told = Told(
            titles=(titles[0], titles[1]),
            why_not=self._why_not(episode.pair_id),
            simulated=bool(self.mark),
            link=self.link(episode.id),
            mute=self.mute(episode.pair_id),
            worst=risks.worst,
            divergences=risks.divergences,
        )
        return of_episode(happened, episode, told)

    def _tell(self, key: str, title: str, lines: tuple[str, ...]) -> None:
        message = Message(title=f"{self.mark}{title}", lines=lines, is_critical=True)
        self.outbox.post(key, message, channels=self._critical)


def _goes_on(said: Said, found: Opportunity, cool_down_ms: int) -> bool:
    return said.pair_id == found.pair_id and found.seen_ms - said.at_ms <= cool_down_ms


def _key_of(rules: Rules, about: About) -> str:
    """Of what was said, in the store: each rule's by itself."""
    return f"{rules.rule.name}/{about.group}" if rules.rule.name else about.group


def _key(leg: Leg) -> MarketKey:
    return MarketKey(leg.contract.venue, leg.contract.market)
