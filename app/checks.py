"""One finding of `dutchbook doctor`."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Check(NamedTuple):
    """`state` is ok, warn or bad; `advice` says what to do, "" where nothing is."""

    name: str
    state: Literal["ok", "warn", "bad"]
    found: str
    advice: str = ""
