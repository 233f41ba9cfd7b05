"""What an account sees of itself: keys, orders, trades, balances (§7, §9.5, §9.8)."""

from __future__ import annotations

from typing import Final

from venues.sim.polymarket.records import (
    ApiKey,
    Kind,
    MakerMatch,
    OrderRecord,
    TradeRecord,
)
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Handlers, Said
from venues.sim.polymarket.rest_auth import wallet_of
from venues.sim.polymarket.rest_books import base_fee
from venues.sim.polymarket.rest_pages import enveloped, page
from venues.sim.polymarket.wire_text import Object, plain
from venues.sim.polymarket.wire_text_book import side_text

PAGE: Final = 100
_ASSETS: Final = {"COLLATERAL": "", "CONDITIONAL": "v1", "CONDITIONAL-V2": "v2"}
"""Kind of asset → the version of its markets."""


def create_key(ask: Ask) -> Said:
    return Said(_key(ask.house.keys.create(*_wallet(ask))))


def derive_key(ask: Ask) -> Said:
    return Said(_key(ask.house.keys.derive(*_wallet(ask))))


def keys(ask: Ask) -> Said:
    return Said({"apiKeys": [each.key for each in ask.house.keys.of(ask.account.address)]})


def delete_key(ask: Ask) -> Said:
    ask.house.keys.delete(ask.account.key)
    return Said("OK")


def closed_only(ask: Ask) -> Said:
    """Of any wallet of the key's owner."""
    return Said({"closed_only": ask.house.wallets.is_close_only(ask.account.address)})


def orders(ask: Ask) -> Said:
    """Open ones, newest first."""
    query = ask.query
    market, token, id = (query.text(name) for name in ("market", "asset_id", "id"))
    found = ask.house.view(ask.account.key).orders(market=market, token=token)
    rows = [each for each in found if id in {"", each.id}]
    shown, following = page(rows, query, PAGE)
    return Said(enveloped([_order(ask, each) for each in shown], following, PAGE))


def order(ask: Ask) -> Said:
    """`null` for one that is not shown, perhaps because it is dead (UNSURE 11)."""
    found = ask.house.view(ask.account.key).order(ask.values["id"])
    return Said(_order(ask, found) if found else None)


def trades(ask: Ask) -> Said:
    query = ask.query
    found = ask.house.view(ask.account.key).trades(
        market=query.text("market"),
        token=query.text("asset_id"),
        id=query.text("id"),
        before_s=query.whole("before"),
        after_s=query.whole("after"),
        maker=query.text("maker_address"),
    )
    shown, following = page(found, query, PAGE)
    return Said(enveloped([_trade(ask, each) for each in shown], following, PAGE))


def balance(ask: Ask) -> Said:
    """In base units. Of no wallet of that signature type: nothing (§9.5)."""
    wallet, token = _asset(ask)
    if wallet is None or token == "":
        return Said({"balance": "0", "allowances": {}})
    wallets = ask.house.wallets
    granted = wallets.allowances(wallet, token)
    return Said(
        {
            "balance": str(wallets.seen(wallet, token)),
            "allowances": {spender: str(amount) for spender, amount in granted.items()},
        }
    )


def update_balance(ask: Ask) -> Said:
    wallet, _ = _asset(ask)
    if wallet is not None:
        ask.house.wallets.refresh(wallet)
    return Said("")


def heartbeat(ask: Ask) -> Said:
    """A wrong id is answered with the right one, in a shape of its own (§9.8)."""
    found = ask.parsed()
    id = found.get("heartbeat_id") if isinstance(found, dict) else None
    if not isinstance(id, str | None):
        raise Refusal(400, "Invalid payload")
    try:
        following = ask.house.orders.heartbeat(ask.account.key, id or "")
    except Refusal as refusal:
        if not refusal.order_id:
            raise
        said = {"error_msg": refusal.words, "heartbeat_id": refusal.order_id}
        return Said(said, refusal.status)
    return Said({"heartbeat_id": following})


def notifications(_ask: Ask) -> Said:
    """There are none."""
    return Said([])


def drop_notifications(_ask: Ask) -> Said:
    return Said("OK")


def scoring(_ask: Ask) -> Said:
    """No order earns rewards here."""
    return Said({"scoring": False})


def scorings(ask: Ask) -> Said:
    found = ask.parsed()
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Refusal(400, "Invalid payload")
    return Said(dict.fromkeys(found, False))


def _wallet(ask: Ask) -> tuple[str, int]:
    return wallet_of(ask.house, ask.headers, ask.house.now_ms + ask.clock_offset_ms)


def _key(key: ApiKey) -> Object:
    return {"apiKey": key.key, "secret": key.secret, "passphrase": key.passphrase}


def _asset(ask: Ask) -> tuple[str | None, str | None]:
    """The wallet, None for none, and the token: None is pUSD, "" a token of the other protocol."""
    query = ask.query
    kind, asset = query.whole("signature_type") or 0, query.text("asset_type")
    if asset not in _ASSETS or kind not in set(Kind):
        raise Refusal(400, "Invalid payload")
    wallet = ask.house.wallets.of(ask.account.address, Kind(kind))
    if asset == "COLLATERAL":
        return wallet, None
    market = ask.house.catalogue.market_of(query.text("token_id"))
    if market is None:
        raise Refusal(400, "Invalid token id")
    return wallet, query.text("token_id") if market.version == _ASSETS[asset] else ""


def _order(ask: Ask, record: OrderRecord) -> Object:
    prefix = "ORDER_STATUS_" if ask.house.knobs.prefixed else ""
    return {
        "id": record.id,
        "status": prefix + record.status.value,
        "market": record.market,
        "asset_id": record.token,
        "owner": record.owner,
        "maker_address": record.maker_address,
        "side": side_text(record.side),
        "price": plain(record.price),
        "original_size": plain(record.original),
        "size_matched": plain(record.matched),
        "outcome": record.outcome,
        "order_type": record.order_type.value,
        "expiration": str(record.expiration_s),
        "associate_trades": [*record.trade_ids],
        "created_at": record.created_ms // 1_000,
    }


def _trade(ask: Ask, record: TradeRecord) -> Object:
    """The top level describes the taker, also to a maker (§9.5)."""
    cap = str(base_fee(ask.house.catalogue.markets[record.market]))
    took = record.owner == ask.account.key
    return {
        "id": record.id,
        "taker_order_id": record.taker_order_id,
        "market": record.market,
        "asset_id": record.token,
        "side": side_text(record.side),
        "size": plain(record.size),
        "fee_rate_bps": cap,
        "price": plain(record.price),
        "status": ("TRADE_STATUS_" if ask.house.knobs.prefixed else "") + record.status.value,
        "match_time": str(record.matched_ms // 1_000),
        "match_time_nano": str(record.matched_ms * 1_000_000),
        "last_update": str(record.updated_ms // 1_000),
        "outcome": record.outcome,
        "bucket_index": record.bucket_index,
        "owner": record.owner,
        "maker_address": record.maker_address,
        "transaction_hash": record.transaction_hash,
        "trader_side": "TAKER" if took else "MAKER",
        "maker_orders": [_maker(each, cap) for each in record.makers],
    }


def _maker(match: MakerMatch, cap: str) -> Object:
    return {
        "order_id": match.order_id,
        "owner": match.owner,
        "maker_address": match.maker_address,
        "matched_amount": plain(match.matched),
        "price": plain(match.price),
        "fee_rate_bps": cap,
        "asset_id": match.token,
        "outcome": match.outcome,
        "side": side_text(match.side),
    }


HANDLERS: Final[Handlers] = {
    ("POST", "/auth/api-key"): create_key,
    ("GET", "/auth/derive-api-key"): derive_key,
    ("GET", "/auth/api-keys"): keys,
    ("DELETE", "/auth/api-key"): delete_key,
    ("GET", "/auth/ban-status/closed-only"): closed_only,
    ("GET", "/data/orders"): orders,
    ("GET", "/data/order/{id}"): order,
    ("GET", "/data/trades"): trades,
    ("GET", "/balance-allowance"): balance,
    ("GET", "/balance-allowance/update"): update_balance,
    ("POST", "/v1/heartbeats"): heartbeat,
    ("GET", "/notifications"): notifications,
    ("DELETE", "/notifications"): drop_notifications,
    ("GET", "/order-scoring"): scoring,
    ("POST", "/orders-scoring"): scorings,
}
