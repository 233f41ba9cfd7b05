"""What the doctor asks both venues, and what it makes of the answers."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from app.checks import Check
from app.config import Settings
from app.problem import Problem
from app.wiring import open_account, open_kalshi, open_polymarket, open_venue
from app.wiring_checks import FEES_READ, approvals_missing, kalshi_scopes, place_of
from venues import Balance, Clock, VenueError
from venues.money import text

_SKEW_WARN_MS: Final = 2_000
_SKEW_READ_MS: Final = 1_000  # venues tell whole seconds
_CERTIFICATE_DAYS_MIN: Final = 14
_FEES_DAYS_MAX: Final = 60
_CONNECT_S: Final = 5
_RULE: Final = "Only sales and cancels are sent from here. That is the venue's rule, and stays so."


async def venue(name: str, settings: Settings) -> list[Check]:
    nobody = settings.kalshi.model_copy(update={"key_id": None, "key_file": None})
    public = settings.model_copy(update={"kalshi": nobody})  # a broken key is another finding
    try:
        async with open_venue(name, public, attempts=1) as found:
            status = await found.status()
    except Problem as problem:
        return [Check(name, "warn", str(problem), "Not reached.")]
    except VenueError as error:
        return [Check(name, "bad", str(error), "Check the network, a firewall, or the address.")]
    trading = Check(
        name,
        "ok" if status.trading else "warn",
        status.says,
        "" if status.trading else "Wait: it takes no orders now; reading works.",
    )
    return [trading, _skew(name, status.skew_ms)]


def _skew(name: str, skew_ms: int | None) -> Check:
    if skew_ms is None:
        return Check(f"{name} clock", "warn", "the venue did not tell its time")
    far = abs(skew_ms) > _SKEW_WARN_MS
    advice = "Synchronise this machine's clock (NTP): signatures depend on it." if far else ""
    found = f"{skew_ms:+,} ms from ours" if abs(skew_ms) > _SKEW_READ_MS else "ours, to a second"
    return Check(f"{name} clock", "warn" if far else "ok", found, advice)


async def certificate(name: str, settings: Settings, clock: Clock) -> Check:
    """Whether this machine trusts the venue's certificate, and how long that lasts."""
    label = f"{name} certificate"
    try:
        url = settings.kalshi_rest if name == "kalshi" else settings.polymarket_address("clob")
    except Problem:
        return Check(label, "ok", "no address yet: none to look at")
    parts = urlsplit(url)
    if parts.scheme != "https":
        return Check(label, "ok", "none: this machine")
    try:
        days = await _days_left(str(parts.hostname), parts.port or 443, clock)
    except ssl.SSLCertVerificationError as error:
        advice = "Somebody may be in between, or the certificate store of this machine is old."
        return Check(label, "bad", f"not trusted: {error.verify_message}", advice)
    except (OSError, ValueError, KeyError) as error:
        why = "no answer in time" if isinstance(error, TimeoutError) else "no connection"
        return Check(label, "warn", f"not seen: {why}", "Check the network.")
    if days < _CERTIFICATE_DAYS_MIN:
        advice = "The venue renews it, or this machine's clock is wrong."
        return Check(label, "warn", f"trusted, {days} days left", advice)
    return Check(label, "ok", f"trusted, {days} days left")


async def _days_left(host: str, port: int, clock: Clock) -> int:
    async with asyncio.timeout(_CONNECT_S):
        _, writer = await asyncio.open_connection(host, port, ssl=ssl.create_default_context())
    found: Any = writer.get_extra_info("peercert") or {}
    writer.close()
    return int(ssl.cert_time_to_seconds(found["notAfter"]) * 1_000 - clock.now_ms()) // 86_400_000


async def kalshi_key(settings: Settings) -> list[Check]:
    """Whether Kalshi takes our signature, what the key may do, and the cash on each shard."""
    key_id = settings.kalshi.key_id
    if key_id is None:
        advice = "" if settings.mode != "live" else "Orders need one: `kalshi.key_id`, `key_file`."
        return [Check("kalshi key", "ok", "none: public data only", advice)]
    try:
        async with open_account("kalshi", settings) as account:
            cash = await account.balances()
        async with open_kalshi(settings) as wire:
            scopes = await kalshi_scopes(wire, key_id)
    except (Problem, VenueError) as error:
        advice = "Make a new key, or mend the settings."
        return [Check("kalshi key", "bad", str(error), advice)]
    found = [Check("kalshi key", "ok", f"accepted; cash on {len(cash)} shards")]
    return [*found, _scopes(scopes, settings), _cash(cash, settings)]


def _scopes(scopes: tuple[str, ...] | None, settings: Settings) -> Check:
    name = "kalshi scopes"
    if scopes is None:
        return Check(name, "ok", "the venue does not tell those of this key")
    found, live = ", ".join(scopes) or "none", settings.mode == "live"
    may_trade = bool({"write", "write::trade"} & {*scopes})
    if live and not may_trade:
        return Check(name, "bad", found, "mode is live: make a key that has write::trade.")
    if not live and may_trade:
        advice = f"mode {settings.mode} sends nothing: a key with read alone would do."
        return Check(name, "ok", found, advice)
    if {"write", "write::transfer"} & {*scopes}:
        return Check(name, "ok", found, "read and write::trade would do: less for a thief.")
    return Check(name, "ok", found)


def _cash(cash: tuple[Balance, ...], settings: Settings) -> Check:
    found = ", ".join(f"{each.pocket or 'all'} ${text(each.available)}" for each in cash)
    if cash and max(each.available for each in cash) < settings.limits.order:
        advice = "No shard holds as much as limits.order: orders are as large as the cash there."
        return Check("kalshi cash", "ok", found, advice)
    return Check("kalshi cash", "ok", found or "none")


async def wallet(settings: Settings, clock: Clock) -> list[Check]:
    """Whether Polymarket takes our wallet, and whether we may open positions there."""
    if settings.polymarket.key_file is None:
        none = Check("polymarket wallet", "ok", "none: public data only")
        return [none, await _access_without_wallet(settings, clock)]
    try:
        async with open_polymarket(settings) as line:
            (cash,) = await line.account.balances()
            allowed = line.eligibility
            lacking = await approvals_missing(line)
    except (Problem, VenueError) as error:
        return [Check("polymarket wallet", "bad", str(error), "Mend the settings or the key file.")]
    paying = _paying(line.wallet.maker, line.wallet.is_the_keys_own, line.wallet.kind.name, cash)
    place = f"seen in {' '.join(filter(None, (allowed.country, allowed.region))) or 'no country'}"
    access = Check("polymarket access", "ok", f"{place}: may trade")
    if not allowed.may_open:
        told = allowed.blocked or allowed.closed_only
        advice = _RULE if told else "Only sales and cancels are sent until it does."
        access = Check("polymarket access", "warn", f"{place}: {allowed.why_not}", advice)
    return [paying, _allowances(lacking), access]


async def _access_without_wallet(settings: Settings, clock: Clock) -> Check:
    name = "polymarket access"
    try:
        place = await place_of(settings, clock)
    except Problem:
        place = None
    if place is None:
        return Check(name, "warn", "the venue does not say where it sees us", "Ask again later.")
    seen = f"seen in {place.name or 'no country'}"
    if place.blocked:
        return Check(name, "warn", f"{seen}: no positions may be opened from there", _RULE)
    advice = "Whether your account may open positions it says only to your wallet."
    return Check(name, "ok", f"{seen}: not blocked", advice)


def _allowances(lacking: int | None) -> Check:
    name = "polymarket allowances"
    if lacking is None:
        return Check(name, "ok", "the venue does not tell those of this wallet")
    if lacking:
        advice = "Trade once at polymarket.com with this wallet: its site asks for them."
        return Check(name, "warn", f"{lacking} contracts may not move its money yet", advice)
    return Check(name, "ok", "complete")


def _paying(maker: str, is_the_keys_own: bool, kind: str, cash: Balance) -> Check:
    """The wallet that pays. What the venue says of cash is about the key's own wallet."""
    name, found = "polymarket wallet", f"{kind.lower()} {maker}, ${text(cash.available)} free"
    if not is_the_keys_own:
        advice = "Not the wallet that the venue makes of this key: check polymarket.funder."
        return Check(name, "warn", found, advice)
    if not cash.available:
        advice = "Paid in, and still nothing? Another polymarket.wallet or funder may hold it."
        return Check(name, "ok", found, advice)
    return Check(name, "ok", found)


def fees(clock: Clock) -> Check:
    today = datetime.fromtimestamp(clock.now_ms() / 1_000, UTC).date()
    days = (today - date.fromisoformat(FEES_READ)).days
    found = f"both schedules compared with the venues' pages on {FEES_READ}, {days} days ago"
    if days > _FEES_DAYS_MAX:
        advice = "A market's own terms still win; take a newer dutchbook for the rest."
        return Check("fees", "warn", found, advice)
    return Check("fees", "ok", found)
