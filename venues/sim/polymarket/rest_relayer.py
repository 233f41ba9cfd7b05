"""The relayer: it sends a wallet's signed batch to the chain (§18).

It reads what a batch does, whose wallet it is, and whether its owner signed it.
"""

from __future__ import annotations

from typing import Any, Final

from venues.sim.polymarket.house import House
from venues.sim.polymarket.records import Kind
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Handlers, Said
from venues.sim.polymarket.rest_relayer_calls import Operation, contract_of, operations
from venues.sim.polymarket.rest_relayer_signed import signer
from venues.sim.polymarket.rest_shelf import Batch
from venues.sim.polymarket.wire_text import Object

RELAY: Final = "0x" + "7e" * 20
"""Who pays the gas of proxy wallets."""
_KINDS: Final = {"PROXY": Kind.PROXY, "SAFE": Kind.SAFE, "WALLET": Kind.DEPOSIT}
_STATE: Final = "STATE_"
_BUSY: Final = "wallet busy: it has an active action"


def authorised(ask: Ask) -> None:
    """Raises Refusal (401) without a relayer key and its address."""
    address = ask.shelf.relayer.keys.get(ask.headers.get("relayer_api_key", ""))
    given = ask.headers.get("relayer_api_key_address", "")
    if address is None or address.lower() != given.lower():
        raise Refusal(401, "invalid authorization")


def deployed(ask: Ask) -> Said:
    """Wallets here are deployed when they are opened. `address` is the wallet's."""
    return Said({"deployed": ask.house.wallets.find(ask.query.text("address")) is not None})


def params(ask: Ask) -> Said:
    """The next nonce of the wallet that `address` owns. Its type says which."""
    address, wallet = _owned(ask, ask.query.text("address"), ask.query.text("type"))
    return Said({"address": address, "nonce": str(_nonce(ask, wallet))})


def relay_payload(ask: Ask) -> Said:
    _, wallet = _owned(ask, ask.query.text("address"), ask.query.text("type"))
    return Said({"address": RELAY, "nonce": str(_nonce(ask, wallet))})


def submit(ask: Ask) -> Said:
    """At most one operation on positions in a batch, with any number of allowances."""
    found = ask.parsed("invalid payload")
    if not isinstance(found, dict):
        raise Refusal(400, "invalid payload")
    owner, wallet = _owned(ask, str(found.get("from")), str(found.get("type")))
    if _wallet_in(found).lower() != wallet.lower() or not _is_signed(ask, found, owner):
        raise Refusal(400, "invalid signature")
    moves = [each for each in operations(found) if each.name != "grant"]
    if len(moves) > 1:
        raise Refusal(501, "this relayer simulates one operation in a batch")
    nonce = _nonce(ask, wallet)
    if str(found.get("nonce")) != str(nonce):
        raise Refusal(
            400, f"batch nonce {found.get('nonce')} does not match on-chain nonce {nonce}"
        )
    try:
        chain_id = sent(ask, wallet, moves[0]) if moves else ""
    except Refusal as refusal:
        busy = "wallet busy" in refusal.words
        raise Refusal(400, _BUSY) if busy else refusal from None
    relayer = ask.shelf.relayer
    relayer.nonces[wallet] = nonce + 1
    id = chain_id or f"grant-{len(relayer.batches)}"
    relayer.batches[id] = Batch(id, wallet, chain_id, found)
    return Said({"transactionID": id, "transactionHash": "", "state": _STATE + "NEW"})


def transaction(ask: Ask) -> Said:
    batch = ask.shelf.relayer.batches.get(ask.values["id"])
    if batch is None:
        raise Refusal(404, "transaction not found")
    state, hashed = state_of(ask, batch)
    failed = state in {"FAILED", "INVALID"}
    return Said(
        {
            "transaction_id": batch.id,
            "transaction_hash": hashed,
            "state": _STATE + state,
            "error_msg": "execution reverted" if failed else "",
        }
    )


def recent(ask: Ask) -> Said:
    """What was submitted for the owner of the key, newest first."""
    owner = ask.headers["relayer_api_key_address"].lower()
    found = reversed(ask.shelf.relayer.batches.values())
    return Said([_recent(ask, each) for each in found if _is_of(each, owner)])


def state_of(ask: Ask, batch: Batch) -> tuple[str, str]:
    """(state without its prefix, hash); the hash of an allowance is made up."""
    if not batch.chain_id:
        return "CONFIRMED", "0x" + "0" * 64
    state, hashed = ask.house.chain.state(batch.chain_id)
    return state.removeprefix(_STATE), hashed


def _recent(ask: Ask, batch: Batch) -> Object:
    state, hashed = state_of(ask, batch)
    names = ("from", "to", "nonce", "signature", "type", "metadata")
    return {
        "transactionID": batch.id,
        "transactionHash": hashed,
        "state": _STATE + state,
        "proxyAddress": batch.wallet,
        **{name: str(batch.body.get(name, "")) for name in names},
    }


def _is_of(batch: Batch, owner: str) -> bool:
    return "type" in batch.body and str(batch.body["from"]).lower() == owner


def _is_signed(ask: Ask, batch: dict[str, Any], owner: str) -> bool:
    """By its owner, and a deposit wallet's batch in time."""
    try:
        in_time = batch["type"] != "WALLET" or _deadline_s(batch) >= ask.house.now_ms // 1_000
        return in_time and signer(batch, ask.house.knobs.chain_id) == owner.lower()
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _deadline_s(batch: dict[str, Any]) -> int:
    return int(batch["depositWalletParams"]["deadline"])


def sent(ask: Ask, wallet: str, move: Operation) -> str:
    """The house's id. Raises Refusal (400): a busy wallet, an unknown market, a wrong contract."""
    market = ask.house.catalogue.markets.get(move.market)
    if market is None or contract_of(market).lower() != move.to.lower():
        raise Refusal(400, "execution reverted")
    return ask.house.chain.submit(wallet, move.name, market=move.market, quantity=move.quantity)


def _owned(ask: Ask, owner: str, kind: str) -> tuple[str, str]:
    """(the owner, its wallet of that type). Raises Refusal (400)."""
    wallet = wallet_of(ask.house, owner, _KINDS[kind]) if kind in _KINDS else None
    if wallet is None:
        raise Refusal(400, "no wallet of this type")
    return owner, wallet


def wallet_of(house: House, owner: str, kind: Kind) -> str | None:
    """As `Wallets.of`, of an owner in whatever case."""
    owners = {each.owner.lower(): each.owner for each in house.wallets.all()}
    return house.wallets.of(owners.get(owner.lower(), owner), kind)


def _nonce(ask: Ask, wallet: str) -> int:
    return ask.shelf.relayer.nonces.get(wallet, 0)


def _wallet_in(batch: dict[str, Any]) -> str:
    inner = batch.get("depositWalletParams")
    named = inner.get("depositWallet") if isinstance(inner, dict) else batch.get("proxyWallet")
    return str(named)


HANDLERS: Final[Handlers] = {
    ("GET", "/relayer/deployed"): deployed,
    ("GET", "/relayer/v1/account/transactions/params"): params,
    ("GET", "/relayer/relay-payload"): relay_payload,
    ("GET", "/relayer/transactions"): recent,
    ("POST", "/relayer/submit"): submit,
    ("GET", "/relayer/v1/account/transactions/{id}"): transaction,
}
