"""A node of the chain, as far as an EOA needs one to split, merge and redeem (§11)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from venues.sim.polymarket.records import Kind
from venues.sim.polymarket.refusal import Refusal
from venues.sim.polymarket.rest_ask import Ask, Handlers, Said
from venues.sim.polymarket.rest_relayer import sent, state_of, wallet_of
from venues.sim.polymarket.rest_relayer_calls import Call, operation, unhexed
from venues.sim.polymarket.rest_rpc_raw import Transaction, read
from venues.sim.polymarket.rest_rpc_reads import answer
from venues.sim.polymarket.rest_shelf import Batch
from venues.sim.polymarket.wire_text import Object

GAS: Final = hex(300_000)
GAS_PRICE: Final = hex(30_000_000_000)
_DONE: Final = {"MINED": "0x1", "CONFIRMED": "0x1", "FAILED": "0x0", "INVALID": "0x0"}
_Method = Callable[[Ask, list[Any]], Any]


class _Wrong(Exception):
    """An answer with an error in it, which is still a 200."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


def rpc(ask: Ask) -> Said:
    """One call or a list of them."""
    found = ask.parsed("parse error")
    if isinstance(found, list):
        return Said([_answered(ask, each) for each in found])
    return Said(_answered(ask, found))


def _answered(ask: Ask, asked: Any) -> Object:
    if not isinstance(asked, dict) or not isinstance(asked.get("params", []), list):
        raise Refusal(400, "invalid request")
    answer: Object = {"jsonrpc": "2.0", "id": asked.get("id")}
    method: _Method = _METHODS.get(str(asked.get("method")), _no_method)
    try:
        return answer | {"result": method(ask, asked.get("params", []))}
    except _Wrong as wrong:
        return answer | {"error": {"code": wrong.code, "message": str(wrong)}}


def _no_method(_ask: Ask, _params: list[Any]) -> str:
    raise _Wrong(-32_601, "the method does not exist/is not available")


def _chain_id(ask: Ask, _params: list[Any]) -> str:
    return hex(ask.house.knobs.chain_id)


def _nonce(ask: Ask, params: list[Any]) -> str:
    return hex(ask.shelf.relayer.nonces.get(_address(params), 0))


def _block(ask: Ask, _params: list[Any]) -> Object:
    """One each two seconds."""
    now_s = ask.house.now_ms // 1_000
    return {"number": hex(now_s // 2), "timestamp": hex(now_s), "baseFeePerGas": GAS_PRICE}


def _call(ask: Ask, params: list[Any]) -> str:
    try:
        return answer(ask.house, Call(params[0]["to"], unhexed(params[0]["data"])))
    except (IndexError, KeyError, TypeError, ValueError):
        raise _Wrong(3, "execution reverted") from None


def _gas_price(_ask: Ask, _params: list[Any]) -> str:
    return GAS_PRICE


def _gas(_ask: Ask, _params: list[Any]) -> str:
    return GAS


def _send(ask: Ask, params: list[Any]) -> str:
    try:
        found = read(bytes.fromhex(str(params[0]).removeprefix("0x")))
    except (ValueError, IndexError):
        raise _Wrong(-32_000, "rlp: invalid transaction") from None
    _check(ask, found)
    try:
        chain_id = _moved(ask, found)
    except Refusal as refusal:
        raise _Wrong(-32_000, refusal.words) from None
    relayer = ask.shelf.relayer
    relayer.nonces[found.sender] = found.nonce + 1
    relayer.batches[found.hash] = Batch(
        found.hash, found.sender, chain_id, {"from": found.sender, "nonce": hex(found.nonce)}
    )
    return found.hash


def _check(ask: Ask, found: Transaction) -> None:
    nonce = ask.shelf.relayer.nonces.get(found.sender, 0)
    if found.hash in ask.shelf.relayer.batches:
        raise _Wrong(-32_000, "already known")
    if found.chain_id != ask.house.knobs.chain_id:
        raise _Wrong(-32_000, "invalid chain id for signer")
    if found.nonce != nonce:
        raise _Wrong(-32_000, "nonce too low" if found.nonce < nonce else "nonce too high")


def _moved(ask: Ask, found: Transaction) -> str:
    """The house's id of what an EOA's wallet does; "" for an allowance."""
    wallet = wallet_of(ask.house, found.sender, Kind.EOA)
    move = operation(Call(found.to, found.data))
    if move.name == "grant":
        return ""
    if wallet is None or found.value:
        raise Refusal(400, "execution reverted")
    return sent(ask, wallet, move)


def _receipt(ask: Ask, params: list[Any]) -> Object | None:
    """None until it is mined."""
    batch = _known(ask, params)
    status = _DONE.get(state_of(ask, batch)[0]) if batch else None
    if batch is None or status is None:
        return None
    return {"transactionHash": batch.id, "status": status, **_place(ask)}


def _transaction(ask: Ask, params: list[Any]) -> Object | None:
    batch = _known(ask, params)
    return {"hash": batch.id, **batch.body} if batch else None


def _known(ask: Ask, params: list[Any]) -> Batch | None:
    return ask.shelf.relayer.batches.get(str(params[0]).lower() if params else "")


def _place(ask: Ask) -> Object:
    return {"blockNumber": hex(ask.house.now_ms // 2_000)}


def _address(params: list[Any]) -> str:
    if not params or not isinstance(params[0], str):
        raise _Wrong(-32_602, "invalid argument 0")
    return params[0].lower()


_METHODS: Final[dict[str, _Method]] = {
    "eth_chainId": _chain_id,
    "eth_call": _call,
    "eth_getTransactionCount": _nonce,
    "eth_getBlockByNumber": _block,
    "eth_gasPrice": _gas_price,
    "eth_maxPriorityFeePerGas": _gas_price,
    "eth_estimateGas": _gas,
    "eth_sendRawTransaction": _send,
    "eth_getTransactionReceipt": _receipt,
    "eth_getTransactionByHash": _transaction,
}

HANDLERS: Final[Handlers] = {("POST", "/rpc"): rpc}
