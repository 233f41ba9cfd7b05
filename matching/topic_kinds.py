"""What a known question is: the value that every reader of topics gives."""

from __future__ import annotations

from dataclasses import dataclass

from matching.terms import Domain, Form, Numbers, Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What is asked, of what, and how the number is taken.

    `grid`: the steps its numbers come in, in nanos, 0: continuous. `numbers` only where the topic
    itself sets them. `qualifiers` change the question: "core", "flash", a scale of degrees.
    """

    id: str
    domain: Domain
    span: str
    subject: Said | None = None
    place: Said | None = None
    source: Said | None = None
    form: Form = Form.AT
    grid: int = 0
    numbers: Numbers | None = None
    qualifiers: frozenset[str] = frozenset()
