"""Kalshi's answers about requests for quotes, quotes and block trades.

An RFQ asks for a price, a quote answers it, the asker accepts, the quoter confirms.
"""

from __future__ import annotations

from msgspec import Struct

from venues.kalshi.wire.raw import Moment, Raws


# OpenAPI, GetCommunicationsIDResponse; our pseudonym; also seen in
# portfolio/combos_2026-07/scenario_account_facts.jsonl
class CommunicationsId(Struct, frozen=True, kw_only=True):
    communications_id: str


# OpenAPI, CreateRFQResponse and CreateQuoteResponse
class Made(Struct, frozen=True, kw_only=True):
    id: str


# OpenAPI, MveSelectedLeg
class Leg(Struct, frozen=True, kw_only=True):
    event_ticker: str | None = None
    market_ticker: str | None = None
    side: str | None = None
    yes_settlement_value_dollars: str | None = None


# OpenAPI, RFQ
class Rfq(Struct, frozen=True, kw_only=True):
    id: str
    creator_id: str
    market_ticker: str
    contracts_fp: str
    status: str
    created_ts: Moment
    updated_ts: Moment | None = None
    cancelled_ts: Moment | None = None
    cancellation_reason: str | None = None
    target_cost_dollars: str | None = None
    target_cost_excludes_fees: bool | None = None
    rest_remainder: bool | None = None
    mve_collection_ticker: str | None = None
    mve_selected_legs: tuple[Leg, ...] | None = None
    creator_user_id: str | None = None
    creator_subaccount: int | None = None


# OpenAPI, GetRFQResponse
class RfqAnswer(Struct, frozen=True, kw_only=True):
    rfq: Rfq


# OpenAPI, GetRFQsResponse; each element is an Rfq
class Rfqs(Struct, frozen=True, kw_only=True):
    rfqs: Raws
    cursor: str | None = None


# OpenAPI, Quote; also seen in portfolio/combos_2026-07/scenario_accept_no.jsonl
class Quote(Struct, frozen=True, kw_only=True):
    id: str
    rfq_id: str
    creator_id: str
    rfq_creator_id: str
    market_ticker: str
    contracts_fp: str
    yes_bid_dollars: str
    no_bid_dollars: str
    status: str
    created_ts: Moment
    updated_ts: Moment
    accepted_side: str | None = None
    accepted_ts: Moment | None = None
    confirmed_ts: Moment | None = None
    executed_ts: Moment | None = None
    cancelled_ts: Moment | None = None
    cancellation_reason: str | None = None
    rest_remainder: bool | None = None
    post_only: bool | None = None
    creator_user_id: str | None = None
    creator_subaccount: int | None = None
    creator_order_id: str | None = None
    rfq_creator_user_id: str | None = None
    rfq_creator_subaccount: int | None = None
    rfq_creator_order_id: str | None = None
    rfq_target_cost_dollars: str | None = None
    target_cost_excludes_fees: bool | None = None
    yes_contracts_fp: str | None = None
    no_contracts_fp: str | None = None


# OpenAPI, GetQuoteResponse
class QuoteAnswer(Struct, frozen=True, kw_only=True):
    quote: Quote


# OpenAPI, GetQuotesResponse; each element is a Quote
class Quotes(Struct, frozen=True, kw_only=True):
    quotes: Raws
    cursor: str | None = None


# OpenAPI, BlockTradeProposal. `price_centi_cents` is $0.0001, `centicount` is 0.01 contract.
class BlockTrade(Struct, frozen=True, kw_only=True):
    id: str
    proposer_user_id: str
    buyer_user_id: str
    seller_user_id: str
    market_ticker: str
    price_centi_cents: int
    centicount: int
    maker_side: str
    status: str
    expiration_ts: Moment
    created_ts: Moment
    updated_ts: Moment
    buyer_accepted: bool
    seller_accepted: bool
    buyer_accepted_ts: Moment | None = None
    seller_accepted_ts: Moment | None = None
    executed_ts: Moment | None = None
    buyer_subtrader_id: str | None = None
    seller_subtrader_id: str | None = None
    buyer_order_id: str | None = None
    seller_order_id: str | None = None


# OpenAPI, GetBlockTradeProposalsResponse; each element is a BlockTrade
class BlockTrades(Struct, frozen=True, kw_only=True):
    block_trade_proposals: Raws
    cursor: str | None = None


# OpenAPI, ProposeBlockTradeResponse
class BlockTradeProposed(Struct, frozen=True, kw_only=True):
    block_trade_proposal_id: str
