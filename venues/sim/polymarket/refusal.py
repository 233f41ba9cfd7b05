"""How the simulated Polymarket says no: a status, its exact words, and nothing changed."""

from __future__ import annotations


class Refusal(Exception):
    """`words` are the wire's own (facts §16). `order_id` where the venue names one. `code` and
    `retry_after_s` belong to the modes of §15.3."""

    def __init__(
        self,
        status: int,
        words: str,
        *,
        order_id: str = "",
        code: str = "",
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.order_id = order_id
        self.code = code
        self.retry_after_s = retry_after_s
