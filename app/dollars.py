"""Dollars in settings: text, so that they are exact."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import BeforeValidator, Field
from pydantic.fields import FieldInfo

from venues import micros


def _dollars(value: object) -> int:
    if isinstance(value, float):
        raise ValueError('write dollars in quotes, as "250.00": a bare decimal is not exact')
    return micros(str(value))


def is_dollars(info: FieldInfo) -> bool:
    """Whether a setting is of this kind, or None."""
    kinds = [*info.metadata]
    for each in get_args(info.annotation):
        kinds += getattr(each, "__metadata__", ())
    return any(isinstance(kind, BeforeValidator) and kind.func is _dollars for kind in kinds)


Dollars = Annotated[int, BeforeValidator(_dollars), Field(ge=0)]
