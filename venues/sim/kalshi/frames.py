"""The envelope of every frame, and the `msg` of an error.

One frame is one JSON text: `type`, then `id`, `sid` and `seq` where it has them, then `msg`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from venues.sim.kalshi.stream_errors import SENTENCES, Code

Message = dict[str, Any]


def frame(
    kind: str,
    msg: Message | list[Message] | None = None,
    *,
    id: int = 0,
    sid: int | None = None,
    seq: int | None = None,
    sending_ts_ms: int | None = None,
) -> str:
    """`kind` is its `type`; `id` 0, and whatever is None, is left out."""
    parts: Message = {"type": kind}
    if id:
        parts["id"] = id
    rest = (("sid", sid), ("seq", seq), ("sending_ts_ms", sending_ts_ms), ("msg", msg))
    parts |= {name: value for name, value in rest if value is not None}
    return json.dumps(parts, separators=(",", ":"), default=_number)


def of_type(*types: str) -> Callable[[str], bool]:
    """Whether a frame is of one of these: for `StreamFaults.hits`."""
    starts = tuple(f'{{"type":"{each}"' for each in types)
    return lambda text: text.startswith(starts)


def error(code: Code, tickers: tuple[str, ...] = ()) -> Message:
    """The `msg` of an error; one market stands alone, several stand in a list."""
    msg: Message = {"code": code.value, "msg": SENTENCES[code]}
    if len(tickers) == 1:
        return msg | {"market_ticker": tickers[0]}
    return msg | ({"market_tickers": list(tickers)} if tickers else {})


def _number(value: Any) -> Any:
    """A Decimal as JSON writes it: exact to fifteen digits, and whole where it is whole."""
    if isinstance(value, Decimal):
        return json.loads(format(value.normalize(), "f"))
    raise TypeError(f"{value!r} is not JSON")
