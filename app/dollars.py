"""Dollars in settings: text, so that they are exact."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from venues import micros


def _dollars(value: object) -> int:
    if isinstance(value, float):
        raise ValueError('write dollars in quotes, as "250.00": a bare decimal is not exact')
    return micros(str(value))


Dollars = Annotated[int, BeforeValidator(_dollars), Field(ge=0)]
