"""Signs for a Polymarket wallet: orders, the log-in, split, merge and redeem, and nothing else.

Whoever can make this file sign something can move the wallet's money. So it refuses, with
ValueError, everything but an Order of an exchange in contracts.py (a deposit wallet's inside its
ERC-7739 envelope), ClobAuth, and the calls that transactions.py can read, all on Polygon, within
the limits that the wallet was opened with. What is signed is an EIP-712 digest, or what batches.py
makes of a call. Source: docs/venues/polymarket.md, "Signing".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from coincurve import PrivateKey

from venues.key_file import read_key_file
from venues.money import ONE, Cash, Quantity
from venues.polymarket.batches import (
    KINDS,
    Batch,
    SignedTransaction,
    Transaction,
    batch_digest,
    packed,
    raw_transaction,
    transaction_digest,
)
from venues.polymarket.contracts import CHAIN, NEG_RISK, STANDARD, V3, Exchange
from venues.polymarket.transactions import ContractCall, Operation, meaning
from venues.polymarket.typed_data import address_word, bytes32, digest, domain, word
from venues.polymarket.wallets import (
    Kind,
    address_bytes,
    checksummed,
    derived,
    derived_uups,
    keccak,
)
from venues.sides import Side

ZERO32: Final = "0x" + "0" * 64

_KEY: Final = re.compile(r"(?:0x)?[0-9a-fA-F]{64}")
_TOKEN: Final = re.compile(r"[1-9][0-9]{0,77}")
_SALT_END: Final = 2**53
"""A salt travels as a JSON number."""
_TIME_MS: Final = range(10**12, 10**13)
_TIME_S: Final = range(10**9, 10**10)
"""The years 2001 to 2286: seconds and milliseconds cannot be taken for each other."""
_GAS_WEI_MAX: Final = 10 * 10**18
_SIDES: Final = {Side.BUY: 0, Side.SELL: 1}

_ORDER: Final = (
    b"Order(uint256 salt,address maker,address signer,uint256 tokenId,uint256 makerAmount,"
    b"uint256 takerAmount,uint8 side,uint8 signatureType,uint256 timestamp,bytes32 metadata,"
    b"bytes32 builder)"
)
_ENVELOPE: Final = (
    b"TypedDataSign(Order contents,string name,string version,uint256 chainId,"
    b"address verifyingContract,bytes32 salt)" + _ORDER
)
_CLOB_AUTH: Final = b"ClobAuth(address address,string timestamp,uint256 nonce,string message)"
_ATTEST: Final = b"This message attests that I control the given wallet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsigned:
    """Everything about an order but who signs it; amounts in base units, which are micros.

    A BUY gives `maker_amount` of pUSD for `taker_amount` of shares, a SELL the other way round.
    `salt` tells orders apart that are equal otherwise. `builder` and `metadata` are 0x and 64 hex
    digits.
    """

    exchange: Exchange
    token: str
    side: Side
    maker_amount: int
    taker_amount: int
    salt: int
    timestamp_ms: int
    builder: str = ZERO32
    metadata: str = ZERO32


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An order as it is sent. `order_id` is the venue's id for it, known before sending."""

    unsigned: Unsigned
    order_id: str
    signature: str
    maker: str
    signer: str
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningLimits:
    """The most pUSD and the most shares that one order, split, merge or redemption may move; a v1
    market is redeemed as a whole, however much that is."""

    cash_max: Cash
    quantity_max: Quantity


LIMITS: Final = SigningLimits(cash_max=Cash(10_000 * ONE), quantity_max=Quantity(100_000 * ONE))


class Wallet:
    """A key and the address that pays. Its `repr` names the address and the kind alone.

    `owner` is the key's own address. `maker` pays: the owner, or its contract wallet. `signer` is
    whose signature the venue checks: a deposit wallet answers for itself, else the owner.
    `is_the_keys_own`: the venue makes or once made such a wallet of this key; Safes that their
    owners brought along are not.
    """

    def __init__(self, key: _Key, kind: Kind, maker: str, limits: SigningLimits) -> None:
        self.owner = key.address
        self.maker = maker
        self.signer = maker if kind is Kind.DEPOSIT else key.address
        self.kind = kind
        self.is_the_keys_own = maker in _made_of(key.address, kind)
        self._key = key
        self._limits = limits
        self._parties = address_word(self.maker) + address_word(self.signer)

    def __repr__(self) -> str:
        return f"Wallet({self.maker}, {self.kind.name})"

    @classmethod
    def from_file(
        cls,
        path: Path,
        kind: Kind = Kind.EOA,
        funder: str | None = None,
        limits: SigningLimits = LIMITS,
    ) -> Self:
        """The file holds the key as 64 hex digits. Raises ValueError as `from_key` does, and where
        other users could read the file."""
        return cls.from_key(read_key_file(path).decode("latin-1").strip(), kind, funder, limits)

    @classmethod
    def from_key(
        cls,
        key: bytes | str,
        kind: Kind = Kind.EOA,
        funder: str | None = None,
        limits: SigningLimits = LIMITS,
    ) -> Self:
        """`key` is 32 bytes or 64 hex digits. `funder` is the wallet that pays where it is not the
        one that the venue makes for such a key today: people have older ones.

        Raises ValueError for what is no key or no address, and for a funder beside a plain key.
        """
        held = _held(key)
        del key  # a traceback from here on has nothing to show
        if held is None:
            raise ValueError("That is no private key of a wallet: those are 64 hex digits.")
        own = derived(held.address, kind)
        maker = own if funder is None else checksummed(address_bytes(funder))
        if kind is Kind.EOA and maker != own:
            raise ValueError(f"{own} cannot pay from {maker}: say which kind of wallet that is.")
        return cls(held, kind, maker, limits)

    def sign_order(self, unsigned: Unsigned) -> Signed:
        """Raises ValueError, saying why, for an order that nobody should ever see signed."""
        separator = _EXCHANGES.get(unsigned.exchange)
        if separator is None:
            raise ValueError(f"{unsigned.exchange} is none of the exchanges that we sign for")
        _refuse_unless_within(self._limits, unsigned)
        contents = self._order_hash(unsigned)
        order_id = digest(separator, contents)
        if self.kind is Kind.DEPOSIT:
            signature = self._sign_enveloped(separator, contents)
        else:
            signature = self._sign_digest(order_id)
        return Signed(
            unsigned=unsigned,
            order_id="0x" + order_id.hex(),
            signature="0x" + signature.hex(),
            maker=self.maker,
            signer=self.signer,
            kind=self.kind,
        )

    def sign_l1(self, timestamp_s: int, nonce: int = 0) -> str:
        """ClobAuth: proves to the CLOB, when it hands out API keys, that the owner asks."""
        if timestamp_s not in _TIME_S:
            raise ValueError(f"a log-in at {timestamp_s} is not in seconds")
        asked = (
            keccak(_CLOB_AUTH),
            address_word(self.owner),
            keccak(str(timestamp_s).encode()),
            word(nonce, "the nonce of a log-in"),
            keccak(_ATTEST),
        )
        return "0x" + self._sign_digest(digest(_CLOB_DOMAIN, keccak(b"".join(asked)))).hex()

    def sign_batch(self, batch: Batch) -> str:
        """The owner's word for the relayer, 65 bytes as 0x and hex digits.

        Raises ValueError for a batch of another kind of wallet, for a call that is no split, merge
        or redemption of ours, and beyond the limits.
        """
        if KINDS.get(type(batch)) is not self.kind:
            raise ValueError(f"{self!r} sends no {type(batch).__name__}")
        _refuse_unless_recycling(self._limits, batch.call)
        signature = self._sign_digest(batch_digest(batch, self.owner, self.maker))
        return "0x" + packed(batch, signature).hex()

    def sign_transaction(self, transaction: Transaction) -> SignedTransaction:
        """For the key's own address, which pays the gas. Raises ValueError as `sign_batch` does,
        and where the gas could cost more than 10 POL."""
        if self.kind is not Kind.EOA:
            raise ValueError(f"{self!r} sends nothing itself: its calls go through the relayer")
        _refuse_unless_recycling(self._limits, transaction.call)
        _refuse_unless_cheap(transaction)
        signature = self._sign_digest(transaction_digest(transaction))
        raw = raw_transaction(transaction, signature)
        return SignedTransaction("0x" + raw.hex(), "0x" + keccak(raw).hex())

    def _order_hash(self, order: Unsigned) -> bytes:
        fields = (
            _ORDER_HASH,
            order.salt.to_bytes(32),
            self._parties,
            word(int(order.token), "a token"),
            order.maker_amount.to_bytes(32),
            order.taker_amount.to_bytes(32),
            _SIDES[order.side].to_bytes(32),
            self.kind.to_bytes(32),
            order.timestamp_ms.to_bytes(32),
            bytes32(order.metadata),
            bytes32(order.builder),
        )
        return keccak(b"".join(fields))

    def _sign_enveloped(self, separator: bytes, contents: bytes) -> bytes:
        """ERC-7739: the owner signs the order inside an envelope that names the deposit wallet, and
        what the wallet needs to check it follows the signature."""
        envelope = keccak(_ENVELOPE_HASH + contents + _DEPOSIT + self._parties[32:] + bytes(32))
        signature = self._sign_digest(digest(separator, envelope))
        return signature + separator + contents + _ORDER + len(_ORDER).to_bytes(2)

    def _sign_digest(self, digest: bytes) -> bytes:
        """r ‖ s ‖ v, 65 bytes. For digests of this file's own making, of nothing else."""
        return self._key.sign(digest)


class _Key:
    """The one object that holds a private key."""

    __slots__ = ("_private", "address")

    def __init__(self, private: PrivateKey) -> None:
        self._private = private
        self.address = checksummed(keccak(private.public_key.format(compressed=False)[1:])[12:])

    def sign(self, digest: bytes) -> bytes:
        """Deterministic (RFC 6979), s in the lower half, v 27 or 28."""
        signature = self._private.sign_recoverable(digest, hasher=None)
        return signature[:64] + (27 + signature[64]).to_bytes(1)


def _held(key: bytes | str) -> _Key | None:
    """None for what is no key: an error raised in here would show it to whoever prints locals."""
    if isinstance(key, str):
        key = bytes.fromhex(key.removeprefix("0x")) if _KEY.fullmatch(key) else b""
    if len(key) != 32:
        return None
    try:
        return _Key(PrivateKey(key))
    except ValueError:  # zero, or not below the order of the curve
        return None


def _made_of(owner: str, kind: Kind) -> set[str]:
    older = {derived_uups(owner)} if kind is Kind.DEPOSIT else set()
    return {derived(owner, kind)} | older


def _refuse_unless_within(limits: SigningLimits, order: Unsigned) -> None:
    amounts = (order.maker_amount, order.taker_amount)
    cash, shares = amounts if order.side == Side.BUY else reversed(amounts)
    if min(amounts) <= 0:
        raise ValueError(f"an order that gives {amounts[0]} for {amounts[1]} is none")
    if cash >= shares:
        raise ValueError(f"{cash} for {shares} shares is no price between 0 and 1 dollar")
    if cash > limits.cash_max:
        raise ValueError(f"an order for {cash} µ$; the wallet signs {limits.cash_max} at most")
    if shares > limits.quantity_max:
        raise ValueError(f"an order for {shares} µ-shares; at most {limits.quantity_max} may be")
    if not 0 <= order.salt < _SALT_END:
        raise ValueError(f"the salt {order.salt} does not fit into a JSON number")
    if order.timestamp_ms not in _TIME_MS:
        raise ValueError(f"an order made at {order.timestamp_ms} is not in milliseconds")
    if not _TOKEN.fullmatch(order.token):
        raise ValueError(f"{order.token[:80]!r} is no token: those are whole numbers")


def _refuse_unless_recycling(limits: SigningLimits, call: ContractCall) -> None:
    found = meaning(call)
    if found.quantity is None:
        return
    if found.quantity > limits.quantity_max:
        said = f"a {found.operation} of {found.quantity} µ-shares"
        raise ValueError(f"{said}; at most {limits.quantity_max} may be")
    if found.operation is Operation.SPLIT and found.quantity > limits.cash_max:
        raise ValueError(f"a split of {found.quantity} µ$; at most {limits.cash_max} may be")


def _refuse_unless_cheap(transaction: Transaction) -> None:
    fields = (transaction.nonce, transaction.gas, transaction.fee_max_wei, transaction.tip_wei)
    if min(fields) < 0 or transaction.tip_wei > transaction.fee_max_wei:
        raise ValueError(f"a transaction of nonce, gas, fee and tip {fields} is none")
    if transaction.gas * transaction.fee_max_wei > _GAS_WEI_MAX:
        raise ValueError(f"gas for {transaction.gas * transaction.fee_max_wei} wei is too dear")


_ORDER_HASH: Final = keccak(_ORDER)
_ENVELOPE_HASH: Final = keccak(_ENVELOPE)
_EXCHANGES: Final = {
    each: domain(name="Polymarket CTF Exchange", version=each.version, contract=each.address)
    for each in (STANDARD, NEG_RISK, V3)
}
_CLOB_DOMAIN: Final = domain(name="ClobAuthDomain", version="1")
_DEPOSIT: Final = keccak(b"DepositWallet") + keccak(b"1") + CHAIN.to_bytes(32)
