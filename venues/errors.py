"""The error tree; each error knows what happened and says what to do next.

VenueError
├── Unavailable        it did not do it (a write: surely); later may work → back off, retry reads
│   ├── RateLimited    retry_after_s
│   └── Paused         mode, retry_after_s: it takes no such orders now  → no first leg there
├── Refused            it understood and said no; the same will fail  → stop this leg
│   ├── AuthRefused    keys or clock are wrong                        → stop this venue
│   ├── NotFound       it knows no such thing                         → check the name
│   └── OrderRefused   reason: funds, closed market, price, size …
├── OrderUnknown       we sent it and do not know                     → reconcile by our own id
└── WireError          the payload is not what the venue documents    → leave that market out, alert
"""

from __future__ import annotations

from enum import StrEnum


class VenueError(Exception):
    """Something between a venue and us. `venue` is its name; str() is one plain sentence."""

    def __init__(self, venue: str, sentence: str) -> None:
        super().__init__(sentence)
        self.venue = venue


class Unavailable(VenueError):
    """`why` completes the sentence "<venue> could not be reached: …".

    `definite`: a write that met this surely did nothing. Without it only reads may raise this.
    """

    def __init__(self, venue: str, why: str, *, definite: bool = False) -> None:
        super().__init__(
            venue, f"{venue} could not be reached: {why}. Check the network, then try again."
        )
        self.why = why
        self.definite = definite


class RateLimited(Unavailable):
    """Too many requests; `retry_after_s` is the venue's own wish, None where it names none."""

    def __init__(self, venue: str, retry_after_s: int | None) -> None:
        super().__init__(venue, "it asked us to slow down (HTTP 429)", definite=True)
        self.retry_after_s = retry_after_s


class TradingMode(StrEnum):
    """How a venue that is up may still be unable to take orders."""

    RESTARTING = "its matching engine restarts"
    POST_ONLY = "it takes only orders that rest, and cancels"
    CANCEL_ONLY = "it takes cancels alone"
    DISABLED = "trading is switched off"


class Paused(Unavailable):
    """A documented answer of a venue that is up: it surely did nothing. `retry_after_s` is its own
    word, None where it names none."""

    def __init__(self, venue: str, mode: TradingMode, retry_after_s: int | None) -> None:
        super().__init__(venue, mode.value, definite=True)
        self.mode = mode
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        wait = f" in {self.retry_after_s} s" if self.retry_after_s else " later"
        return f"{self.venue} did nothing: {self.mode}. Try again{wait}."


class Refused(VenueError):
    """`status`, `words` and `code` are the venue's; words are its own text, cut short."""

    def __init__(self, venue: str, status: int, words: str, code: str = "") -> None:
        super().__init__(venue, f"{venue} refused (HTTP {status}): {words or 'no reason given'}.")
        self.status = status
        self.words = words
        self.code = code

    @property
    def definite(self) -> bool:
        """Whether a venue's own voice is in it: a bare status may be a proxy's."""
        return bool(self.words)


class AuthRefused(Refused):
    """Keys or clock are wrong: nothing else will work at this venue until that is mended."""

    def __str__(self) -> str:
        if self.status == 401:
            return f"{super().__str__()} Check the key id, the key file and this machine's clock."
        return f"{super().__str__()} The key, or where you are, does not allow it."


class NotFound(Refused):
    """The venue knows no such thing."""


class Reason(StrEnum):
    """Why a venue said no to an order; OTHER keeps a new code from being taken for an old one."""

    FUNDS = "not enough money there"
    MARKET = "there is no such market"
    CLOSED = "the market takes no orders now"
    PRICE = "not a price of this market"
    SIZE = "not a size of this market"
    POST_ONLY = "it would have traded at once"
    DUPLICATE = "our own id was used before"
    CLOSE_ONLY = "this account may close positions, not open any"
    OTHER = "for a reason of its own"


class OrderRefused(Refused):
    """The venue said no to one order (`client_id`); `reason` is what its `code` means to us."""

    def __init__(self, refused: Refused, reason: Reason, client_id: str) -> None:
        super().__init__(refused.venue, refused.status, refused.words, refused.code)
        self.reason = reason
        self.client_id = client_id

    def __str__(self) -> str:
        return (
            f"{self.venue} refused order {self.client_id}, {self.reason} "
            f"(HTTP {self.status}: {self.words})."
        )


class OrderUnknown(VenueError):
    """A write left us and no definite answer came back. `client_id`: our own id of the order, or
    the name of what else it was for."""

    def __init__(self, venue: str, client_id: str) -> None:
        super().__init__(
            venue,
            f"{venue} did not say what became of {client_id}. "
            "It counts as live until reconciling has found it.",
        )
        self.client_id = client_id


class WireError(VenueError):
    """A payload broke its documented shape. `where` names the call; `payload` is cut short."""

    def __init__(self, venue: str, where: str, problem: str, payload: bytes = b"") -> None:
        super().__init__(
            venue,
            f"{venue} sent something it does not document ({where}: {problem}). "
            "That answer is left out; please report it.",
        )
        self.where = where
        self.payload = payload[:2_000]
