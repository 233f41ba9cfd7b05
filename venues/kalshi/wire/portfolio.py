"""Kalshi's answers about what we hold: cash, positions, fills, settlements, moves of money.

Dollars and counts stay text; the integers that are left are cents and say so. `exchange_index` is
required since 2026-08-20 and missing in older answers, so it may be None. Above each struct stands
a payload, cut short, and its source: a recording in `recorded/kalshi/portfolio`, or the OpenAPI
document 3.34.0 where nobody has recorded one yet.
"""

from __future__ import annotations

from msgspec import Struct

from venues.kalshi.wire.raw import Moment, Raws, Rows


# {"exchange_index": 0, "balance": "999.4625"}
# combos_2026-07/scenario_accept_no.jsonl
class ShardBalance(Struct, frozen=True, kw_only=True):
    exchange_index: int
    balance: str


# {"balance": 99946, "balance_dollars": "999.4625", "portfolio_value": 52,
#  "updated_ts": 1783302928, "balance_breakdown": [{"balance": "999.4625", "exchange_index": 0}]}
# combos_2026-07/scenario_accept_no.jsonl. `balance` and `portfolio_value` are cents, cut off;
# `updated_ts` is seconds. Without a shard in the request the sums are over all shards: not
# spendable on one.
class Balance(Struct, frozen=True, kw_only=True):
    balance: int
    balance_dollars: str
    portfolio_value: int
    updated_ts: int
    balance_breakdown: tuple[ShardBalance, ...] = ()


# {"ticker": "KXMLBGAME-26JUL081840NYYTB-NYY", "position_fp": "1.00",
#  "market_exposure_dollars": "0.480000", "total_traded_dollars": "0.480000",
#  "realized_pnl_dollars": "0.000000", "fees_paid_dollars": "0.000000",
#  "last_updated_ts": "2026-07-06T01:55:17.344024Z"}
# combos_2026-07/scenario_accept_no.jsonl. + is YES, − is NO; exposure is what the open part cost.
class MarketPosition(Struct, frozen=True, kw_only=True):
    ticker: str
    position_fp: str
    market_exposure_dollars: str
    total_traded_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str
    last_updated_ts: Moment | None = None
    exchange_index: int | None = None


# {"event_ticker": "KXMLBGAME-26JUL081840NYYTB", "total_cost_dollars": "1.040000",
#  "total_cost_shares_fp": "2.00", "event_exposure_dollars": "0.000000",
#  "realized_pnl_dollars": "-0.040000", "fees_paid_dollars": "0.035000"}
# combos_2026-07/scenario_accept_no.jsonl
class EventPosition(Struct, frozen=True, kw_only=True):
    event_ticker: str
    total_cost_dollars: str
    total_cost_shares_fp: str
    event_exposure_dollars: str
    realized_pnl_dollars: str
    fees_paid_dollars: str


# {"market_positions": [{…}], "event_positions": [{…}], "cursor": ""}
# combos_2026-07/scenario_accept_no.jsonl; elements are MarketPosition and EventPosition
class Positions(Struct, frozen=True, kw_only=True):
    market_positions: Rows
    event_positions: Rows = None
    cursor: str | None = None


# {"fill_id": "9f168dd1-…", "trade_id": "9f168dd1-…", "order_id": "f63b3f29-…", "action": "sell",
#  "ticker": "KXMLBGAME-26JUL081840NYYTB-NYY", "market_ticker": "KXMLBGAME-26JUL081840NYYTB-NYY",
#  "outcome_side": "yes", "book_side": "bid", "count_fp": "1.00", "yes_price_dollars": "0.5200",
#  "no_price_dollars": "0.4800", "is_taker": true, "fee_cost": "0.017500", "ts": 1783302945,
#  "created_time": "2026-07-06T01:55:45.344003Z", "subaccount_number": 0}
# combos_2026-07/scenario_accept_no.jsonl. `side` and `action` are legacy and never read. No client
# order id: join on order_id. `ts` is seconds.
class Fill(Struct, frozen=True, kw_only=True):
    fill_id: str
    order_id: str
    ticker: str
    outcome_side: str
    book_side: str
    count_fp: str
    yes_price_dollars: str
    no_price_dollars: str
    is_taker: bool
    fee_cost: str
    trade_id: str = ""
    market_ticker: str = ""
    created_time: Moment | None = None
    ts: int | None = None
    subaccount_number: int | None = None
    exchange_index: int | None = None


# {"fills": [{…}], "cursor": ""}; each element is a Fill
# combos_2026-07/scenario_accept_no.jsonl
class Fills(Struct, frozen=True, kw_only=True):
    fills: Rows
    cursor: str | None = None


# {"ticker": "KXHIGHNY-26JUL19-T80", "event_ticker": "KXHIGHNY-26JUL19", "market_result": "yes",
#  "yes_count_fp": "5.00", "yes_total_cost_dollars": "2.200000", "no_count_fp": "0.00",
#  "no_total_cost_dollars": "0.000000", "revenue": 500, "settled_time": "…",
#  "fee_cost": "0.090000", "value": 100}
# OpenAPI, Settlement. `revenue` and `value` (paid per YES contract) are cents.
class Settlement(Struct, frozen=True, kw_only=True):
    ticker: str
    event_ticker: str
    market_result: str
    yes_count_fp: str
    yes_total_cost_dollars: str
    no_count_fp: str
    no_total_cost_dollars: str
    revenue: int
    settled_time: Moment
    fee_cost: str
    value: int | None = None
    exchange_index: int | None = None


# {"settlements": [{…}], "cursor": ""}; each element is a Settlement
# OpenAPI, GetSettlementsResponse
class Settlements(Struct, frozen=True, kw_only=True):
    settlements: Rows
    cursor: str | None = None


# {"transfer_id": "…"}
# OpenAPI, IntraExchangeInstanceTransferResponse
class TransferStarted(Struct, frozen=True, kw_only=True):
    transfer_id: str


# {"transfer_id": "…", "source": "event_contract", "destination": "event_contract",
#  "source_exchange_shard": 0, "destination_exchange_shard": 2, "amount": "0.500000",
#  "status": "pending", "created_ts": 1790000000}
# OpenAPI, IntraExchangeInstanceTransfer. Dollars here, though the request is in centicents.
class Transfer(Struct, frozen=True, kw_only=True):
    transfer_id: str
    source: str
    destination: str
    source_exchange_shard: int
    destination_exchange_shard: int
    amount: str
    status: str
    created_ts: int
    client_transfer_id: str | None = None


# {"transfer": {…}}
# OpenAPI, GetIntraExchangeInstanceTransferResponse
class TransferAnswer(Struct, frozen=True, kw_only=True):
    transfer: Transfer


# {"transfers": [{…}], "cursor": ""}; each element is a Transfer
# OpenAPI, GetIntraExchangeInstanceTransfersResponse
class Transfers(Struct, frozen=True, kw_only=True):
    transfers: Raws
    cursor: str | None = None


# {"exchange_index": 2, "percent": 60}
# OpenAPI, TargetBalanceAllocation
class Allocation(Struct, frozen=True, kw_only=True):
    exchange_index: int
    percent: int


# {"allocations": [{…}], "resting_margin_reservation": "sum"}; no allocations = off
# OpenAPI, GetTargetBalanceAllocationResponse
class TargetAllocation(Struct, frozen=True, kw_only=True):
    allocations: tuple[Allocation, ...]
    resting_margin_reservation: str


# {"id": "…", "status": "applied", "type": "ach", "amount_cents": 10000, "fee_cents": 0,
#  "created_ts": 1790000000, "finalized_ts": null}
# OpenAPI, Deposit and Withdrawal
class Payment(Struct, frozen=True, kw_only=True):
    id: str
    status: str
    type: str
    amount_cents: int
    fee_cents: int
    created_ts: int
    finalized_ts: int | None = None


# OpenAPI, GetDepositsResponse; each element is a Payment
class Deposits(Struct, frozen=True, kw_only=True):
    deposits: Raws
    cursor: str | None = None


# OpenAPI, GetWithdrawalsResponse; each element is a Payment
class Withdrawals(Struct, frozen=True, kw_only=True):
    withdrawals: Raws
    cursor: str | None = None


# {"total_resting_order_value": 1234, "resting_order_value_breakdown": [{…}]}; the total is cents
# OpenAPI, GetPortfolioRestingOrderTotalValueResponse
class RestingValue(Struct, frozen=True, kw_only=True):
    total_resting_order_value: int
    resting_order_value_breakdown: tuple[ShardBalance, ...]


# OpenAPI, CreateSubaccountResponse
class SubaccountCreated(Struct, frozen=True, kw_only=True):
    subaccount_number: int


# OpenAPI, SubaccountBalance
class SubaccountBalance(Struct, frozen=True, kw_only=True):
    subaccount_number: int
    exchange_index: int
    balance: str
    updated_ts: int


# OpenAPI, GetSubaccountBalancesResponse
class SubaccountBalances(Struct, frozen=True, kw_only=True):
    subaccount_balances: tuple[SubaccountBalance, ...]


# OpenAPI, SubaccountTransfer
class SubaccountTransfer(Struct, frozen=True, kw_only=True):
    transfer_id: str
    from_subaccount: int
    to_subaccount: int
    amount_cents: int
    created_ts: int
    exchange_index: int


# OpenAPI, GetSubaccountTransfersResponse; each element is a SubaccountTransfer
class SubaccountTransfers(Struct, frozen=True, kw_only=True):
    transfers: Raws
    cursor: str | None = None


# OpenAPI, SubaccountNettingConfig
class Netting(Struct, frozen=True, kw_only=True):
    subaccount_number: int
    enabled: bool
    exchange_index: int


# OpenAPI, GetSubaccountNettingResponse
class Nettings(Struct, frozen=True, kw_only=True):
    netting_configs: tuple[Netting, ...]
