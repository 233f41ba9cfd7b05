"""Websocket frames of channels that nothing of ours is built on yet: quotes asked for and given,
reference prices, the ticker. They are read to keep their place in the sequence, and to be there.

Source of all: the examples of the AsyncAPI document 2.0.0 (October 2026).
"""

from __future__ import annotations

from msgspec import Struct


class Framed(Struct, tag_field="type", frozen=True, kw_only=True):
    """What a frame of a subscription has around its `msg`; `seq` on sequenced channels only."""

    sid: int
    seq: int = 0
    id: int = 0


# {"market_ticker": "FED-23DEC-T3.00", "price_dollars": "0.4800", "yes_bid_dollars": "0.4500",
#  "yes_ask_dollars": "0.5300", "volume_fp": "33896.00", "ts_ms": 1669149841000}; no depth, no seq
class TickerBody(Struct, frozen=True):
    market_ticker: str
    price_dollars: str
    yes_bid_dollars: str
    yes_ask_dollars: str
    ts_ms: int | None = None


class Ticker(Framed, tag="ticker", frozen=True):
    msg: TickerBody


# {"event_type": "limit_updated", "order_group_id": "og_123", "contracts_limit_fp": "150.00"}
class GroupBody(Struct, frozen=True):
    event_type: str
    order_group_id: str


class OrderGroup(Framed, tag="order_group_updates", frozen=True):
    msg: GroupBody


# {"id": "rfq_123", "market_ticker": "FED-23DEC-T3.00", "contracts_fp": "100.00", …}
class RfqBody(Struct, frozen=True):
    id: str
    market_ticker: str


class RfqCreated(Framed, tag="rfq_created", frozen=True):
    msg: RfqBody


class RfqDeleted(Framed, tag="rfq_deleted", frozen=True):
    msg: RfqBody


# {"quote_id": "quote_456", "rfq_id": "rfq_123", "market_ticker": "FED-23DEC-T3.00",
#  "yes_bid_dollars": "0.3500", "no_bid_dollars": "0.6500"}; an executed one has our order's ids
class QuoteBody(Struct, frozen=True):
    quote_id: str
    rfq_id: str
    market_ticker: str
    order_id: str = ""
    client_order_id: str = ""


class QuoteCreated(Framed, tag="quote_created", frozen=True):
    msg: QuoteBody


class QuoteAccepted(Framed, tag="quote_accepted", frozen=True):
    msg: QuoteBody


class QuoteExecuted(Framed, tag="quote_executed", frozen=True):
    msg: QuoteBody


# {"id": "rfq_batch_123", "creator_id": "43fc…", …}
class RfqBatchBody(Struct, frozen=True):
    id: str


class RfqBatchCreated(Framed, tag="rfq_batch_created", frozen=True):
    msg: RfqBatchBody


class RfqBatchDeleted(Framed, tag="rfq_batch_deleted", frozen=True):
    msg: RfqBatchBody


# {"rfq_batch_id": "rfq_batch_123", "version": 7, …}
class BatchBody(Struct, frozen=True):
    rfq_batch_id: str
    batch_quote_id: str = ""


class RfqBatchBestQuotes(Framed, tag="rfq_batch_best_quotes", frozen=True):
    msg: BatchBody


class RfqBatchExecuted(Framed, tag="rfq_batch_executed", frozen=True):
    msg: BatchBody


class BatchQuoteCreated(Framed, tag="batch_quote_created", frozen=True):
    msg: BatchBody


class BatchQuoteAccepted(Framed, tag="batch_quote_accepted", frozen=True):
    msg: BatchBody


class BatchQuoteExecuted(Framed, tag="batch_quote_executed", frozen=True):
    msg: BatchBody


# {"index_id": "BRTI", "received_at": 1710000000123, "data": "{\"type\":\"value\",…}", …}
class IndexBody(Struct, frozen=True):
    index_id: str
    received_at: int
    data: str


class IndexValue(Framed, tag="cfbenchmarks_value", frozen=True):
    msg: IndexBody


class IndexValue5Hz(Framed, tag="cfbenchmarks_value_5hz", frozen=True):
    msg: IndexBody


# {"index_ids": ["BRTI", "ETHUSD_RTI"]}
class IndexNames(Struct, frozen=True):
    index_ids: tuple[str, ...]


class IndexList(Framed, tag="cfbenchmarks_value_indexlist", frozen=True):
    msg: IndexNames


class IndexList5Hz(Framed, tag="cfbenchmarks_value_5hz_indexlist", frozen=True):
    msg: IndexNames


# {"underlying_ticker": "Metal.XAU/USD", "value_usd": "82.12345000", "source_ts_ms": 1710000000100}
class PythBody(Struct, frozen=True):
    underlying_ticker: str
    value_usd: str
    source_ts_ms: int


class PythValue(Framed, tag="pyth_value", frozen=True):
    msg: PythBody


# {"underlying_tickers": ["Metal.XAG/USD", "Metal.XAU/USD"]}
class PythNames(Struct, frozen=True):
    underlying_tickers: tuple[str, ...]


class PythList(Framed, tag="pyth_value_underlying_list", frozen=True):
    msg: PythNames


Bystander = (
    Ticker
    | OrderGroup
    | RfqCreated
    | RfqDeleted
    | QuoteCreated
    | QuoteAccepted
    | QuoteExecuted
    | RfqBatchCreated
    | RfqBatchDeleted
    | RfqBatchBestQuotes
    | RfqBatchExecuted
    | BatchQuoteCreated
    | BatchQuoteAccepted
    | BatchQuoteExecuted
    | IndexValue
    | IndexValue5Hz
    | IndexList
    | IndexList5Hz
    | PythValue
    | PythList
)
