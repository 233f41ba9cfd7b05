"""Settings: a YAML file, then the environment (DUTCHBOOK_…), then the defaults written here."""

from __future__ import annotations

import difflib
import os
import platform
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from app.config_alerts import AlertSettings
from app.config_database import DatabaseUrl, DatabaseUrlFile, url_in_file
from app.config_file import read_settings
from app.config_hedge import HedgeSettings, LimitSettings
from app.config_jobs import JobsSettings
from app.config_web import WebSettings
from app.dollars import Dollars
from app.problem import Exit, Problem

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_POLYMARKET: Final = {
    "polymarket.clob": "https://clob.polymarket.com",
    "polymarket.gamma": "https://gamma-api.polymarket.com",
    "polymarket.data": "https://data-api.polymarket.com",
    "polymarket.site": "https://polymarket.com",
    "polymarket.ws": "wss://ws-subscriptions-clob.polymarket.com/ws",
    "polymarket.relayer": "https://relayer-v2.polymarket.com",
}
ADDRESSES: Final = {
    "prod": {
        "kalshi.rest": "https://external-api.kalshi.com/trade-api/v2",
        "kalshi.ws": "wss://external-api-ws.kalshi.com/trade-api/ws/v2",
        **_POLYMARKET,
    },
    "kalshi_demo": {
        "kalshi.rest": "https://external-api.demo.kalshi.co/trade-api/v2",
        "kalshi.ws": "wss://external-api-ws.demo.kalshi.co/trade-api/ws/v2",
        **_POLYMARKET,
    },
}
_KALSHI_HOSTS: Final = {
    "prod": (
        *("external-api.kalshi.com", "external-api-ws.kalshi.com"),
        "api.elections.kalshi.com",
    ),
    "kalshi_demo": (
        *("external-api.demo.kalshi.co", "external-api-ws.demo.kalshi.co"),
        "demo-api.kalshi.co",
    ),
    "sim": (),
}
_POLYMARKET_HOSTS: Final = tuple(str(urlsplit(url).hostname) for url in _POLYMARKET.values())
_WRITTEN: Final = re.compile(
    r"[a-z]+://(\[::1\]|[\w.-]+)(:\d+)?(/[\w.-]*)*", re.ASCII | re.IGNORECASE
)
"""Without a name, a password or a query, which would travel with every request."""
_KEY_ITSELF: Final = re.compile(r"-----BEGIN|^\s*(0x)?[0-9a-fA-F]{60,}\s*$")
_KEY_ID: Final = re.compile(r"[\w-]{1,50}", re.ASCII)


def _address(url: str, schemes: tuple[str, str]) -> str:
    """`schemes`: the one for loopback alone, and the one for everywhere."""
    parts = urlsplit(url)
    port = parts.port  # ValueError where it is no number or out of range
    is_plain = _WRITTEN.fullmatch(url)
    if is_plain and parts.hostname in LOOPBACK and parts.scheme in schemes:
        return url.rstrip("/")
    official = {*_POLYMARKET_HOSTS, *(host for each in _KALSHI_HOSTS.values() for host in each)}
    is_official = parts.hostname in official and port in {None, 443}
    if not is_plain or not is_official or parts.scheme != schemes[1]:
        hosts = ", ".join(sorted(official))
        raise ValueError(f"is not an address of the venue ({schemes[1]} and one of {hosts})")
    return url.rstrip("/")


def _http_address(url: str) -> str:
    return _address(url, ("http", "https"))


def _ws_address(url: str) -> str:
    return _address(url, ("ws", "wss"))


def _key_file(value: object) -> object:
    """Whoever writes the key where its file belongs must not find it in a message."""
    if isinstance(value, str) and _KEY_ITSELF.search(value):
        raise ValueError(
            "is the key itself: put the key into a file of yours alone, and name that file here"
        )
    return value


def _key_id(value: str) -> str:
    if not _KEY_ID.fullmatch(value):
        raise ValueError("is no id of a key: that is one short word, as Kalshi shows it")
    return value


def _funder(value: object) -> object:
    if isinstance(value, int):
        raise ValueError('write the address in quotes ("0x…"): without them it is a number')
    return value


Address = Annotated[str, AfterValidator(_http_address)]
SocketAddress = Annotated[str, AfterValidator(_ws_address)]
KeyFile = Annotated[Path, BeforeValidator(_key_file)]
Funder = Annotated[str, BeforeValidator(_funder), Field(pattern="^0x[0-9a-fA-F]{40}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KalshiSettings(_Section):
    rest: Address | None = None
    ws: SocketAddress | None = None
    key_id: Annotated[str, AfterValidator(_key_id)] | None = None
    key_file: KeyFile | None = None
    member: Literal["direct", "non_direct", "unknown"] = "unknown"
    requests_per_s: int = Field(default=3, ge=1, le=100)


class PolymarketSettings(_Section):
    clob: Address | None = None
    gamma: Address | None = None
    data: Address | None = None
    site: Address | None = None
    ws: SocketAddress | None = None
    relayer: Address | None = None
    relayer_key_file: KeyFile | None = None
    key_file: KeyFile | None = None
    wallet: Literal["deposit", "safe", "proxy", "eoa"] = "deposit"
    funder: Funder | None = None
    requests_per_s: int = Field(default=10, ge=1, le=100)
    order: Literal["amount", "quantity"] = "amount"


class ScanSettings(_Section):
    age_ms_max: int = Field(default=30_000, ge=0)
    kalshi_cash: Dollars | None = None
    polymarket_cash: Dollars | None = None

    def cash(self, venue: str) -> int | None:
        """The limit of one order at a venue in micro-dollars, None without limit."""
        found: int | None = getattr(self, f"{venue}_cash")
        return found


class RecordSettings(_Section):
    hours: int = Field(default=6, ge=1)
    megabytes: int = Field(default=500, ge=1)
    total_megabytes: int = Field(default=20_000, ge=1)


class Settings(BaseSettings):
    """All of it; config.example.yaml says what each one means."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="DUTCHBOOK_", env_nested_delimiter="__"
    )

    environment: Literal["prod", "kalshi_demo", "sim"] = "prod"
    mode: Literal["dry_run", "paper", "live"] = "dry_run"
    data_dir: Path = Path("~/.local/share/dutchbook")
    database_url: DatabaseUrl | None = None
    database_url_file: DatabaseUrlFile | None = None
    node: str = Field(default="", max_length=100)
    catalogue_age_h_max: int = Field(default=24, ge=1)
    history_days: int = Field(default=90, ge=1)
    metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    kalshi: KalshiSettings = KalshiSettings()
    polymarket: PolymarketSettings = PolymarketSettings()
    scan: ScanSettings = ScanSettings()
    limits: LimitSettings = LimitSettings()
    hedge: HedgeSettings = HedgeSettings()
    record: RecordSettings = RecordSettings()
    alerts: AlertSettings = AlertSettings()
    jobs: JobsSettings = JobsSettings()
    web: WebSettings = WebSettings()

    @property
    def folder(self) -> Path:
        return self.data_dir.expanduser()

    @property
    def place(self) -> Path | SecretStr:
        """Where the store is: our folder, or the address of a database. Raises Problem."""
        if self.database_url_file:
            return url_in_file(self.database_url_file)
        return self.database_url or self.folder

    @property
    def live_place(self) -> Path | SecretStr:
        """Where `dutchbook run` keeps what happened: a file has one writer, and while it runs a
        person must be able to approve pairs."""
        place = self.place
        return place / "live" if isinstance(place, Path) else place

    @property
    def hedge_place(self) -> Path | SecretStr:
        """Where the journal is: a file of its own, so that no append waits for anything else."""
        place = self.place
        return place / "hedges" if isinstance(place, Path) else place

    @property
    def desk_folder(self) -> Path:
        """Where a process that holds the journal is spoken to."""
        return self.folder / "hedges"

    @property
    def book_name(self) -> str:
        """Whose journal: what happened in one environment and mode is never mixed with another."""
        return f"{self.environment}-{self.mode}"

    @property
    def kill_file(self) -> Path:
        return self.folder / "KILL"

    @property
    def secret_files(self) -> dict[str, Path]:
        """By the name of its setting; those that are set."""
        named = {
            "kalshi.key_file": self.kalshi.key_file,
            "polymarket.key_file": self.polymarket.key_file,
            "alerts.slack.webhook_file": self.alerts.slack.webhook_file,
            "alerts.email.password_file": self.alerts.email.password_file,
            "web.token_file": self.web.token_file,
            "database_url_file": self.database_url_file,
        }
        return {name: file for name, file in named.items() if file}

    @property
    def node_name(self) -> str:
        return self.node or platform.node() or "dutchbook"

    @property
    def kalshi_rest(self) -> str:
        return self._address("kalshi.rest", self.kalshi.rest)

    @property
    def kalshi_ws(self) -> str:
        return self._address("kalshi.ws", self.kalshi.ws)

    def polymarket_address(
        self, name: Literal["clob", "gamma", "data", "site", "ws", "relayer"]
    ) -> str:
        found: str | None = getattr(self.polymarket, name)
        return self._address(f"polymarket.{name}", found)

    def _address(self, name: str, given: str | None) -> str:
        """Raises Problem in `sim` without one: a simulated venue has no address of its own."""
        if given:
            return given
        if self.environment == "sim":
            raise Problem(
                Exit.BAD_FILE,
                f"environment is sim, so {name} must be what `dutchbook sim serve` prints.",
            )
        return ADDRESSES[self.environment][name]

    @model_validator(mode="after")
    def _addresses_fit_the_environment(self) -> Self:
        for name, url in (("rest", self.kalshi.rest), ("ws", self.kalshi.ws)):
            host = urlsplit(url or "").hostname
            self._refuse_half_simulated(f"kalshi.{name}", host)
            if host and host not in (*LOOPBACK, *_KALSHI_HOSTS[self.environment]):
                raise ValueError(
                    f"kalshi.{name} is at {host}, which is not the environment {self.environment}"
                )
        for full, official in _POLYMARKET.items():
            name = full.partition(".")[2]
            host = urlsplit(getattr(self.polymarket, name) or "").hostname
            self._refuse_half_simulated(full, host)
            if self.environment == "sim" and host and host not in LOOPBACK:
                raise ValueError(f"{full} is not on this machine, and environment is sim")
            if host and host not in (*LOOPBACK, urlsplit(official).hostname):
                raise ValueError(f"{full} is at {host}, which is not the venue's {name}")
        if self.database_url and self.database_url_file:
            raise ValueError("database_url and database_url_file are two ways to say one: keep one")
        if (self.kalshi.key_id is None) != (self.kalshi.key_file is None):
            raise ValueError("kalshi.key_id and kalshi.key_file go together: set both or neither")
        return self

    def _refuse_half_simulated(self, name: str, host: str | None) -> None:
        """A real order is no hedge of a simulated one."""
        if self.environment == "prod" and host in LOOPBACK:
            raise ValueError(
                f"{name} is on this machine, and environment is prod: simulated venues are of sim"
            )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings


def load_settings(path: Path | None) -> Settings:
    """Settings from `path`, else from $DUTCHBOOK_CONFIG, else from ./config.yaml if there is one.

    Raises Problem (bad file).
    """
    named = path or os.environ.get("DUTCHBOOK_CONFIG")
    chosen = Path(named or "config.yaml")
    _refuse_slips_in_variables()
    found = read_settings(chosen) if named or chosen.exists() else {}
    settings = settings_of(found, f"{chosen} (or DUTCHBOOK_…)")
    asked = {name: found.get(name) for name in ("mode", "environment")}
    if settings.mode == "live" and asked != {"mode": "live", "environment": settings.environment}:
        raise Problem(
            Exit.BAD_FILE,
            f"mode is live, so {chosen} itself must say both `mode: live` and the environment that "
            f"it is for (now {settings.environment}): no variable and no default may decide that.",
        )
    return settings


def settings_of(found: dict[str, Any], name: str) -> Settings:
    """Raises Problem, which begins with `name`."""
    try:
        return Settings(**found)
    except ValidationError as error:
        raise Problem(Exit.BAD_FILE, f"{name}: {_sentence(error)}") from None
    except SettingsError as error:
        raise Problem(Exit.BAD_FILE, f"The environment, DUTCHBOOK_…: {error}.") from None


def _refuse_slips_in_variables() -> None:
    """A variable that was to take `mode: live` away must not be passed over for a slip of the
    pen; those of a section are looked at with the settings."""
    for variable in os.environ:
        before, _, rest = variable.lower().partition("_")
        name = rest.partition("__")[0]
        if before == "dutchbook" and name == "database_url":
            raise Problem(
                Exit.BAD_FILE,
                f"{variable} would hand a password to every child process: put the address into a "
                "file of yours alone, and name that in database_url_file.",
            )
        if before != "dutchbook" or name in Settings.model_fields:
            continue
        if near := difflib.get_close_matches(name, Settings.model_fields, n=1):
            raise Problem(Exit.BAD_FILE, f"There is no setting {variable}; did you mean {near[0]}?")


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = list(_names(Settings))
        near = difflib.get_close_matches(where, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
        return f"there is no setting {where}; {hint}"
    said = first["msg"].removeprefix("Value error, ")
    return f"{where}: {said}." if where else f"{said}."


def _names(model: type[BaseModel], before: str = "") -> list[str]:
    found = []
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found += _names(kind, f"{before}{name}.")
        else:
            found.append(f"{before}{name}")
    return found
