"""Requests for quotes and quotes as values. All are signed; times of quotes are last updates.

An RFQ asks, a quote answers, the asker accepts one side, the quoter confirms within seconds.
Source: OpenAPI 3.34.0, facts section 8.9. Its ten `/communications/rfq_batches` operations are
in no SDK and not here. A quote by its own id alone is the venue's older form: `…_by_id`.
"""

from __future__ import annotations

from typing import Final, Literal

from venues.http import Call
from venues.kalshi.calls.parts import (
    CREATED,
    EMPTY_BODY,
    NO_CONTENT,
    amount_dollars,
    body,
    call,
    contracts,
    page,
    query,
    subaccount_of,
)
from venues.kalshi.wire import communications as wire
from venues.money import ONE, Cash, Price, Quantity

Outcome = Literal["yes", "no"]
Own = Literal["self"]

_RFQ: Final = "/communications/rfqs/{rfq_id}"
_RFQ_QUOTE: Final = "/communications/rfqs/{rfq_id}/quotes/{quote_id}"
_QUOTE: Final = "/communications/quotes/{quote_id}"


def communications_id() -> Call[wire.CommunicationsId]:
    """The name that others see us under."""
    return call("GET", "/communications/id", answer=wire.CommunicationsId, signed=True)


def rfqs(
    *,
    cursor: str = "",
    limit: int | None = None,
    status: str | None = None,
    event_ticker: str | None = None,
    market_ticker: str | None = None,
    user_filter: Own | None = None,
    subaccount: int | None = None,
) -> Call[wire.Rfqs]:
    return call(
        "GET",
        "/communications/rfqs",
        answer=wire.Rfqs,
        params=(
            *query(
                status=status,
                event_ticker=event_ticker,
                market_ticker=market_ticker,
                user_filter=user_filter,
                subaccount=subaccount_of(subaccount),
            ),
            *page(cursor, limit, 100),
        ),
        signed=True,
    )


def rfq(rfq_id: str) -> Call[wire.RfqAnswer]:
    return call("GET", _RFQ, rfq_id, answer=wire.RfqAnswer, signed=True)


def create_rfq(
    market_ticker: str,
    *,
    rest_remainder: bool,
    size: Quantity | None = None,
    target_cost: Cash | None = None,
    target_cost_excludes_fees: bool | None = None,
    replace_existing: bool | None = None,
    obscure_creator_id: bool | None = None,
    subtrader_id: str | None = None,
    subaccount: int | None = None,
) -> Call[wire.Made]:
    """For a number of contracts or for an amount to spend: one of them. At most 100 open ones."""
    if (size is None) == (target_cost is None):
        raise ValueError("an RFQ names either a size or a target cost")
    if target_cost is None and target_cost_excludes_fees is not None:
        raise ValueError("only a target cost can exclude fees")
    return call(
        "POST",
        "/communications/rfqs",
        answer=wire.Made,
        body=body(
            market_ticker=market_ticker,
            contracts_fp=None if size is None else contracts(size),
            target_cost_dollars=None if target_cost is None else amount_dollars(target_cost),
            target_cost_excludes_fees=target_cost_excludes_fees,
            rest_remainder=rest_remainder,
            replace_existing=replace_existing,
            obscure_creator_id=obscure_creator_id,
            subtrader_id=subtrader_id,
            subaccount=subaccount_of(subaccount),
        ),
        accepted=CREATED,
        signed=True,
    )


def delete_rfq(rfq_id: str) -> Call[None]:
    return call(
        "DELETE",
        _RFQ,
        rfq_id,
        answer=type(None),
        accepted=NO_CONTENT,
        signed=True,
        urgent=True,
    )


def quotes(
    *,
    cursor: str = "",
    limit: int | None = None,
    status: str | None = None,
    rfq_id: str | None = None,
    user_filter: Own | None = None,
    rfq_user_filter: Own | None = None,
    rfq_creator_subtrader_id: str | None = None,
    after_s: int | None = None,
    before_s: int | None = None,
) -> Call[wire.Quotes]:
    """Ours with `user_filter`, those to our RFQs with `rfq_user_filter`."""
    return call(
        "GET",
        "/communications/quotes",
        answer=wire.Quotes,
        params=(
            *query(
                status=status,
                rfq_id=rfq_id,
                user_filter=user_filter,
                rfq_user_filter=rfq_user_filter,
                rfq_creator_subtrader_id=rfq_creator_subtrader_id,
                min_ts=after_s,
                max_ts=before_s,
            ),
            *page(cursor, limit, 500),
        ),
        signed=True,
    )


def create_quote(
    rfq_id: str,
    *,
    yes_bid: Price,
    no_bid: Price,
    rest_remainder: bool,
    post_only: bool | None = None,
    subaccount: int | None = None,
) -> Call[wire.Made]:
    """Replaces our older quote to this RFQ. One of the bids may be 0, which is none."""
    if not 0 < yes_bid + no_bid <= ONE:
        raise ValueError("the two bids of a quote sum to at most a dollar, and not to nothing")
    return call(
        "POST",
        "/communications/quotes",
        answer=wire.Made,
        body=body(
            rfq_id=rfq_id,
            yes_bid=amount_dollars(Cash(yes_bid)),
            no_bid=amount_dollars(Cash(no_bid)),
            rest_remainder=rest_remainder,
            post_only=post_only,
            subaccount=subaccount_of(subaccount),
        ),
        accepted=CREATED,
        signed=True,
    )


def quote(rfq_id: str, quote_id: str) -> Call[wire.QuoteAnswer]:
    return call("GET", _RFQ_QUOTE, rfq_id, quote_id, answer=wire.QuoteAnswer, signed=True)


def delete_quote(rfq_id: str, quote_id: str) -> Call[None]:
    return _write("DELETE", _RFQ_QUOTE, rfq_id, quote_id, urgent=True)


def accept_quote(rfq_id: str, quote_id: str, side: Outcome) -> Call[None]:
    """We take `side` at the quote's bid for the other; it trades once the quoter confirms."""
    return _write(
        "PUT",
        "/communications/rfqs/{rfq_id}/quotes/{quote_id}/accept",
        rfq_id,
        quote_id,
        content=body(accepted_side=side),
    )


def confirm_quote(rfq_id: str, quote_id: str) -> Call[None]:
    """The quoter's last word: within 30 s for ordinary markets, 3 s for combos."""
    return _write(
        "PUT",
        "/communications/rfqs/{rfq_id}/quotes/{quote_id}/confirm",
        rfq_id,
        quote_id,
        content=EMPTY_BODY,
    )


def quote_by_id(quote_id: str) -> Call[wire.QuoteAnswer]:
    return call("GET", _QUOTE, quote_id, answer=wire.QuoteAnswer, signed=True)


def delete_quote_by_id(quote_id: str) -> Call[None]:
    return _write("DELETE", _QUOTE, quote_id, urgent=True)


def accept_quote_by_id(quote_id: str, side: Outcome) -> Call[None]:
    return _write(
        "PUT",
        "/communications/quotes/{quote_id}/accept",
        quote_id,
        content=body(accepted_side=side),
    )


def confirm_quote_by_id(quote_id: str) -> Call[None]:
    return _write(
        "PUT",
        "/communications/quotes/{quote_id}/confirm",
        quote_id,
        content=EMPTY_BODY,
    )


def _write(
    method: str, route: str, *ids: str, content: bytes | None = None, urgent: bool = False
) -> Call[None]:
    return call(
        method,
        route,
        *ids,
        answer=type(None),
        body=content,
        accepted=NO_CONTENT,
        signed=True,
        urgent=urgent,
    )
