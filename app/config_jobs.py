"""The settings `jobs`: when each runs. What is not said of a job keeps its default."""

from __future__ import annotations

import re
from typing import Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scanner.schedule import Cron, Every, Job

UNITS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
RERUNNABLE: Final = frozenset(("catalogue", "match", "fees", "reconcile", "housekeeping"))
"""Made again where they were killed in the middle: they tell nobody, and twice is as once. A scan
is not: the next one is near."""


def seconds(text: str) -> int:
    """`90s`, `10m`, `24h`, `7d` → seconds. Raises ValueError."""
    found = re.fullmatch(r"(\d{1,9})([smhd])", text.strip(), re.ASCII)
    if not found or not int(found[1]):
        raise ValueError("is written as a whole number and a unit: 90s, 10m, 24h or 7d")
    return int(found[1]) * UNITS[found[2]]


class JobSettings(BaseModel):
    """`every` or `cron`; neither: the job does not run by itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every: str | None = None
    cron: str | None = None
    time_zone: str = "UTC"
    jitter_s: int = Field(default=0, ge=0, le=3_600)
    timeout_s: int = Field(default=3_600, ge=1)

    @property
    def when(self) -> Every | Cron | None:
        if self.every is not None:
            return Every(seconds(self.every))
        return Cron(self.cron, self.time_zone) if self.cron is not None else None

    @model_validator(mode="after")
    def _means_something(self) -> Self:
        if self.every is not None and self.cron is not None:
            raise ValueError("say every or cron, not both")
        if self.every is not None:
            try:
                period_s = seconds(self.every)
            except ValueError as error:
                raise ValueError(f"every {error}") from None
            if self.jitter_s >= period_s:
                raise ValueError("jitter_s must be shorter than every")
        Cron(self.cron if self.cron is not None else "* * * * *", self.time_zone)
        return self


_DEFAULTS: Final = {
    "scan": JobSettings(every="60s", timeout_s=300),
    "catalogue": JobSettings(every="1h", jitter_s=120, timeout_s=3_600),
    "match": JobSettings(every="6h", jitter_s=300, timeout_s=3_600),
    "fees": JobSettings(every="1h", jitter_s=60, timeout_s=300),
    "reconcile": JobSettings(timeout_s=120),
    "digest": JobSettings(cron="0 6 * * *", timeout_s=300),
    "housekeeping": JobSettings(cron="30 3 * * *", jitter_s=600, timeout_s=1_800),
    "tape": JobSettings(timeout_s=300),
}


class JobsSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    scan: JobSettings = _DEFAULTS["scan"]
    catalogue: JobSettings = _DEFAULTS["catalogue"]
    match: JobSettings = _DEFAULTS["match"]
    fees: JobSettings = _DEFAULTS["fees"]
    reconcile: JobSettings = _DEFAULTS["reconcile"]
    digest: JobSettings = _DEFAULTS["digest"]
    housekeeping: JobSettings = _DEFAULTS["housekeeping"]
    tape: JobSettings = _DEFAULTS["tape"]

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        """Of a job of which only some is said, the rest keeps this job's own defaults."""
        if not isinstance(given, dict):
            return given
        return {name: _completed(name, value) for name, value in given.items()}

    @property
    def all(self) -> tuple[Job, ...]:
        """The jobs that run by themselves."""
        every = ((name, getattr(self, name)) for name in type(self).model_fields)
        return tuple(
            Job(
                name=name,
                when=each.when,
                jitter_s=each.jitter_s,
                rerunnable=name in RERUNNABLE,
                timeout_s=each.timeout_s,
            )
            for name, each in every
            if each.when is not None
        )


def _completed(name: str, given: Any) -> Any:
    if not isinstance(given, dict) or name not in _DEFAULTS:
        return given
    kept = _DEFAULTS[name].model_dump()
    if any(given.get(each) is not None for each in ("every", "cron")):
        kept |= {"every": None, "cron": None}
    return {**kept, **given}
