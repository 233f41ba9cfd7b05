"""The settings of alerts: whom to tell, and of what."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from alerts.rules import Quiet, Rule
from app.dollars import Dollars
from venues import Cash, micros

_HOURS: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d) ?[-–] ?([01]?\d|2[0-3]):([0-5]\d)")
_WHILE: Final = re.compile(r"(\d{1,4})([mh])")


def _file_of_a_secret(value: object) -> object:
    """Whoever writes the secret where its file belongs must not find it in a message."""
    if isinstance(value, str) and "://" in value:
        raise ValueError("is the secret itself: put it into a file of yours alone, and name that")
    if isinstance(value, str) and "/" not in value:
        raise ValueError("must be the path of a file, with its folder: ~/keys/NAME or ./NAME")
    return value


def _contracts(value: object) -> int:
    if isinstance(value, float):
        raise ValueError('write contracts in quotes, as "50": a bare decimal is not exact')
    return micros(str(value))


SecretFile = Annotated[Path, BeforeValidator(_file_of_a_secret)]
Contracts = Annotated[int, BeforeValidator(_contracts), Field(ge=0)]
Glob = Annotated[str, Field(min_length=1, max_length=200)]
Address = Annotated[str, Field(pattern=r"^[^\s@<>,;:\"]+@[^\s@<>,;:\"]+$", max_length=200)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SlackSettings(_Section):
    webhook_file: SecretFile | None = None
    local: bool = False
    token_file: SecretFile | None = None
    channel: str | None = Field(default=None, pattern=r"^[CG][A-Z0-9]{5,20}$")
    app_token_file: SecretFile | None = None
    users: tuple[Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{5,20}$")], ...] = ()
    execute: bool = False
    api: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.webhook_file and self.token_file:
            raise ValueError("slack.webhook_file or slack.token_file: a webhook or a bot, not both")
        if (self.token_file is None) != (self.channel is None):
            raise ValueError("slack.token_file and slack.channel (its id, C…) go together")
        if self.app_token_file and not self.token_file:
            raise ValueError("slack.app_token_file needs the bot: slack.token_file")
        if self.users and not self.app_token_file:
            raise ValueError("slack.users may click only with slack.app_token_file (Socket Mode)")
        if self.execute and not self.users:
            raise ValueError("slack.execute needs slack.users: the ids (U…) of who may")
        if self.api and not self.local:
            raise ValueError("slack.api is for a Slack of this machine: say slack.local: true")
        return self


class EmailSettings(_Section):
    host: str | None = None
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    user: str | None = None
    password_file: SecretFile | None = None
    sender: Address | None = None
    recipients: tuple[Address, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.host and not (self.sender and self.recipients):
            raise ValueError("email.sender and email.recipients go with email.host")
        if (self.user is None) != (self.password_file is None):
            raise ValueError("email.user and email.password_file go together: set both or neither")
        return self


class WebhookSettings(_Section):
    url_file: SecretFile | None = None
    secret_file: SecretFile | None = None
    local: bool = False

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.url_file is None) != (self.secret_file is None):
            raise ValueError("webhook.url_file and webhook.secret_file go together")
        return self


class OtherSettings(_Section):
    """A service that apprise speaks to."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")
    address_file: SecretFile

    @model_validator(mode="after")
    def _is_another(self) -> Self:
        if self.name in {"slack", "email", "webhook", "store"}:
            raise ValueError(f"{self.name} is a channel of its own: give this one another name")
        return self


class RuleSettings(_Section):
    """What it leaves out is as the settings above it say."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    profit_min: Dollars | None = None
    edge_bps_min: int | None = Field(default=None, ge=0)
    size_min: Contracts = 0
    annual_bps_min: int | None = Field(default=None, ge=0)
    days_max: int | None = Field(default=None, ge=0)
    venues: tuple[Literal["kalshi", "polymarket"], ...] = ()
    pairs: tuple[Glob, ...] = ()
    categories: tuple[Glob, ...] = ()
    states: tuple[Literal["executable", "review", "file"], ...] = ()
    channels: tuple[str, ...] = ()
    quiet: str | None = None
    time_zone: str = "UTC"
    digest: str | None = None
    again_percent: int | None = Field(default=None, ge=1)
    cool_down_minutes: int | None = Field(default=None, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _is_known(cls, found: object) -> object:
        for name in found if isinstance(found, dict) else ():
            if name not in cls.model_fields:
                near = difflib.get_close_matches(str(name), cls.model_fields, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {_listed(cls)}"
                raise ValueError(f"a rule has no {name}; {hint}")
        return found

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        self.quiet_hours()
        self.digest_ms()
        return self

    def quiet_hours(self) -> Quiet | None:
        if self.quiet is None:
            return None
        found = _HOURS.fullmatch(self.quiet)
        if not found:
            raise ValueError(f'quiet is written "22:00-07:00", not {self.quiet!r}')
        begin_h, begin_m, end_h, end_m = map(int, found.groups())
        begin, end = 60 * begin_h + begin_m, 60 * end_h + end_m
        if begin == end:
            raise ValueError("quiet hours that end as they begin would hold for ever: change one")
        try:
            zone = ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):  # no such file, or a name that is none
            raise ValueError(
                f"time_zone {self.time_zone!r} is not known: write it as Europe/Berlin or UTC"
            ) from None
        return Quiet(begin=begin, end=end, zone=zone)

    def digest_ms(self) -> int | None:
        if self.digest is None:
            return None
        found = _WHILE.fullmatch(self.digest)
        ms = int(found[1]) * {"m": 60_000, "h": 3_600_000}[found[2]] if found else 0
        if not 60_000 <= ms <= 86_400_000:
            raise ValueError('digest is how often, "1m" to "24h", as "30m"')
        return ms


class CriticalSettings(_Section):
    channels: tuple[str, ...] = ()
    again_minutes: int = Field(default=5, ge=1, le=1_440)
    most_minutes: int = Field(default=240, ge=1, le=1_440)


class AlertSettings(_Section):
    profit_min: Dollars = 1_000_000
    edge_bps_min: int = Field(default=50, ge=0)
    executable_only: bool = False
    again_percent: int = Field(default=50, ge=1)
    cool_down_minutes: int = Field(default=10, ge=0)
    per_ten_minutes: int = Field(default=20, ge=1, le=1_000)
    rules: tuple[RuleSettings, ...] = Field(default=(), max_length=100)
    critical: CriticalSettings = CriticalSettings()
    slack: SlackSettings = SlackSettings()
    email: EmailSettings = EmailSettings()
    webhook: WebhookSettings = WebhookSettings()
    others: tuple[OtherSettings, ...] = Field(default=(), max_length=20)

    @property
    def channel_names(self) -> list[str]:
        """Those that are set up."""
        found = {
            "slack": self.slack.webhook_file or self.slack.token_file,
            "email": self.email.host,
        }
        return [name for name, is_set_up in found.items() if is_set_up]

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        known = self.channel_names
        others = [other.name for other in self.others]
        if twice := next((name for name in others if others.count(name) > 1), None):
            raise ValueError(f"two of alerts.others are called {twice}: give each its own name")
        names = [rule.name for rule in self.rules]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two rules are called {twice}: give each a name of its own")
        for where, channels in (
            *((f"the rule {rule.name}", rule.channels) for rule in self.rules),
            ("critical", self.critical.channels),
        ):
            for channel in channels:
                if channel not in known:
                    there = f"set up are: {', '.join(known)}" if known else "no channel is set up"
                    raise ValueError(
                        f"{where} leads to {channel}, which is not set up ({there}): set up "
                        f"alerts.{channel}, or take it out of the channels"
                    )
        return self

    def as_rules(self) -> list[Rule]:
        """Those that are named; where there are none, the one that the plain settings make."""
        plain = Rule(
            profit_min=Cash(self.profit_min),
            edge_bps_min=self.edge_bps_min,
            states=frozenset({"executable"}) if self.executable_only else frozenset(),
            again_percent=self.again_percent,
            cool_down_ms=self.cool_down_minutes * 60_000,
        )
        return [_rule(each, plain) for each in self.rules] or [plain]


def _rule(asked: RuleSettings, plain: Rule) -> Rule:
    cool_down = asked.cool_down_minutes
    found = replace(
        plain,
        name=asked.name,
        size_min=asked.size_min,
        annual_bps_min=asked.annual_bps_min,
        days_max=asked.days_max,
        venues=frozenset(asked.venues),
        pairs=asked.pairs,
        categories=asked.categories,
        states=frozenset(asked.states) or plain.states,
        channels=frozenset(asked.channels),
        quiet=asked.quiet_hours(),
        digest_ms=asked.digest_ms(),
        cool_down_ms=plain.cool_down_ms if cool_down is None else cool_down * 60_000,
    )
    if asked.profit_min is not None:
        found = replace(found, profit_min=Cash(asked.profit_min))
    if asked.edge_bps_min is not None:
        found = replace(found, edge_bps_min=asked.edge_bps_min)
    if asked.again_percent is not None:
        found = replace(found, again_percent=asked.again_percent)
    return found


def _listed(model: type[BaseModel]) -> str:
    return ", ".join(model.model_fields)
