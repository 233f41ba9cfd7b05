"""What a node answers about balances and allowances (`eth_call`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from venues.sim.polymarket.contracts import CONDITIONAL_TOKENS, PUSD
from venues.sim.polymarket.house import House
from venues.sim.polymarket.rest_relayer_calls import Call, address, number, selector

_WORD: Final = 32


def answer(house: House, call: Call) -> str:
    """The returned words as hex. Raises KeyError or ValueError for another call than these."""
    return "0x" + _READS[call.data[:4]](house, call.to, call.data[4:]).hex()


def _cash(house: House, contract: str, body: bytes) -> bytes:
    if contract.lower() != PUSD.lower():
        raise ValueError("another coin")
    return _word(_held(house, contract, address(body, 0), 0))


def _token(house: House, contract: str, body: bytes) -> bytes:
    return _word(_held(house, contract, address(body, 0), number(body, _WORD)))


def _tokens(house: House, contract: str, body: bytes) -> bytes:
    owners, tokens = number(body, 0), number(body, _WORD)
    count = number(body, owners)
    places = range(_WORD, (count + 1) * _WORD, _WORD)
    held = [
        _held(house, contract, address(body, owners + at), number(body, tokens + at))
        for at in places
    ]
    return b"".join(map(_word, (_WORD, count, *held)))


def _unlimited(_house: House, _contract: str, _body: bytes) -> bytes:
    return b"\xff" * _WORD


def _yes(_house: House, _contract: str, _body: bytes) -> bytes:
    return _word(1)


def _held(house: House, contract: str, wallet: str, token: int) -> int:
    """Of tokens that this contract keeps; 0 for a wallet that nobody opened."""
    found = [each for each in house.wallets.all() if each.address.lower() == wallet]
    if not found:
        return 0
    if not token:
        return house.wallets.cash(found[0].address)
    market = house.catalogue.market_of(str(token))
    is_old = contract.lower() == CONDITIONAL_TOKENS.lower()
    if market is None or is_old != (market.version == "v1"):
        return 0
    return house.wallets.held(found[0].address, str(token))


def _word(value: int) -> bytes:
    return value.to_bytes(_WORD, "big")


_READS: Final[dict[bytes, Callable[[House, str, bytes], bytes]]] = {
    selector("balanceOf(address)"): _cash,
    selector("balanceOf(address,uint256)"): _token,
    selector("balanceOfBatch(address[],uint256[])"): _tokens,
    selector("allowance(address,address)"): _unlimited,
    selector("isApprovedForAll(address,address)"): _yes,
}
