"""Fee models: what a venue charges for the fills of one order, exact to the micro-dollar.

A fee needs the whole order, because a venue may carry its rounding from fill to fill. So a model
opens a `Bill` per order and the bill takes the fills in turn. Rank opportunities by `billed`;
reserve cash and gate by `bound`, which no slicing of the same quantity can exceed. Fees are never
negative; rebates that a venue pays later are not here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from venues.money import (
    LOT,
    ONE,
    Cash,
    Price,
    Quantity,
    cost,
    proceeds,
    round_up,
)
from venues.sides import Side

CUBE: Final = ONE**3


class Slice(NamedTuple):
    """One fill as a fee sees it; `price` in the dollars of the contract that is traded."""

    price: Price
    quantity: Quantity
    maker: bool = False


class Bill(Protocol):
    """The running bill of one order.

    `peek` tells what the next fill would be billed, `add` bills it. The next fill is billed at most
    `above` over and at most `below` under the unrounded formula.
    """

    @property
    def above(self) -> int: ...

    @property
    def below(self) -> int: ...

    def peek(self, price: Price, quantity: Quantity) -> Cash: ...

    def add(self, fill: Slice) -> Cash: ...


class FeeModel(Protocol):
    """`shortfall`: how far one fill's rounding can push an order's total below the formula.

    `marginal(price)` is the unrounded taker fee of one contract in 1e-18 dollars.
    """

    @property
    def shortfall(self) -> int: ...

    def bill(self, side: Side) -> Bill: ...

    def billed(self, side: Side, fills: Iterable[Slice]) -> tuple[Cash, ...]: ...

    def bound(self, side: Side, price: Price, quantity: Quantity) -> Cash: ...

    def marginal(self, price: Price) -> int: ...


def quadratic(rate: int, price: Price, quantity: Quantity) -> int:
    """rate × quantity × price × (1 − price), unrounded, in 1e-24 dollars; `rate` in millionths."""
    return rate * quantity * price * (ONE - price)


class Charge(NamedTuple):
    """How one fill's fee came about, in micro-dollars; `carried` is what the order's rounding
    account holds afterwards."""

    trade_fee: Cash
    rounding_fee: Cash
    rebate: Cash
    carried: Cash

    @property
    def net(self) -> Cash:
        return Cash(self.trade_fee + self.rounding_fee - self.rebate)


@dataclass(frozen=True, slots=True)
class CarriedFee:
    """A quadratic fee whose balance change is kept on a grid, the rounding carried per order.

    Per fill: the trade fee is the formula rounded up to a micro-dollar; the balance moves by a
    multiple of `grid`, rounded against us; what that took goes to the order's account, which pays
    back whole grid steps as soon as it holds one, but never more than this fill's fee.
    Rates in millionths; `grid` in micro-dollars.
    """

    rate: int
    maker_rate: int
    grid: Cash

    @property
    def shortfall(self) -> int:
        return 0

    def bill(self, side: Side) -> CarriedBill:
        return CarriedBill(self, side)

    def billed(self, side: Side, fills: Iterable[Slice]) -> tuple[Cash, ...]:
        bill = self.bill(side)
        return tuple([bill.add(fill) for fill in fills])

    def bound(self, side: Side, price: Price, quantity: Quantity) -> Cash:
        """The most that any slicing of `quantity` at `price` into fills of whole lots can cost.

        Each fill rounds up by less than a micro-dollar, and an order ends with less than one grid
        step in its account. Only fills that cost less than a grid step in all and don't end on the
        grid can pile up more there: then each lot may cost one step (the cap in `billed`).
        """
        fills = -(-quantity // LOT)
        rate = max(self.rate, self.maker_rate)
        most = -(-quadratic(rate, price, quantity) // CUBE) + fills + self.grid
        pile_up = quadratic(min(self.rate, self.maker_rate), price, LOT) < self.grid * CUBE
        if pile_up and price * LOT % (ONE * self.grid):
            most += fills * self.grid
        return Cash(most)

    def marginal(self, price: Price) -> int:
        return self.rate * price * (ONE - price)


class CarriedBill:
    """One order's bill under a CarriedFee."""

    __slots__ = ("_buying", "_carried", "_model")

    def __init__(self, model: CarriedFee, side: Side) -> None:
        self._model = model
        self._buying = side is Side.BUY
        self._carried = 0

    @property
    def above(self) -> int:
        return self._model.grid + 1

    @property
    def below(self) -> int:
        return self._carried

    def charge(self, fill: Slice) -> Charge:
        """What `fill` would be charged next, step by step; changes nothing."""
        rate = self._model.maker_rate if fill.maker else self._model.rate
        return Charge(*self._steps(rate, fill.price, fill.quantity))

    def peek(self, price: Price, quantity: Quantity) -> Cash:
        trade_fee, rounding_fee, rebate, _ = self._steps(self._model.rate, price, quantity)
        return Cash(trade_fee + rounding_fee - rebate)

    def add(self, fill: Slice) -> Cash:
        rate = self._model.maker_rate if fill.maker else self._model.rate
        trade_fee, rounding_fee, rebate, self._carried = self._steps(
            rate, fill.price, fill.quantity
        )
        return Cash(trade_fee + rounding_fee - rebate)

    def _steps(self, rate: int, price: Price, quantity: Quantity) -> tuple[Cash, Cash, Cash, Cash]:
        """The fields of a Charge, as bare numbers: sizing asks often."""
        grid = self._model.grid
        trade_fee = -(-rate * quantity * price * (ONE - price) // CUBE)
        revenue = -cost(price, quantity) if self._buying else proceeds(price, quantity)
        rounding_fee = (revenue - trade_fee) % grid
        account = self._carried + rounding_fee
        rebate = min(account, trade_fee + rounding_fee) // grid * grid
        return Cash(trade_fee), Cash(rounding_fee), Cash(rebate), Cash(account - rebate)


@dataclass(frozen=True, slots=True)
class RoundedFee:
    """rate × quantity × (price × (1 − price))^exponent, rounded half up to `unit` fill by fill.

    `rate` in millionths, `unit` in micro-dollars; makers pay nothing unless `maker_pays`.
    """

    rate: int
    unit: Cash
    exponent: int = 1
    maker_pays: bool = False

    @property
    def shortfall(self) -> int:
        return self.unit // 2 if self.rate else 0

    def bill(self, side: Side) -> RoundedBill:
        return RoundedBill(self)

    def billed(self, side: Side, fills: Iterable[Slice]) -> tuple[Cash, ...]:
        return tuple([self.fee(fill) for fill in fills])

    def fee(self, fill: Slice) -> Cash:
        if fill.maker and not self.maker_pays:
            return Cash(0)
        return self.taker_fee(fill.price, fill.quantity)

    def taker_fee(self, price: Price, quantity: Quantity) -> Cash:
        exact = self.rate * quantity * (price * (ONE - price)) ** self.exponent
        scale: int = self.unit * ONE ** (1 + 2 * self.exponent)
        return Cash((2 * exact + scale) // (2 * scale) * self.unit)

    def bound(self, side: Side, price: Price, quantity: Quantity) -> Cash:
        """The most that any slicing of `quantity` at `price` into fills of whole lots can cost."""
        fills = -(-quantity // LOT)
        exact = -(-quantity * self.marginal_up(price) // CUBE)
        return Cash(round_up(exact, self.unit) + fills * self.shortfall)

    def marginal(self, price: Price) -> int:
        exact: int = self.rate * (price * (ONE - price)) ** self.exponent
        scale: int = (ONE**2) ** (self.exponent - 1)
        return exact // scale

    def marginal_up(self, price: Price) -> int:
        """`marginal`, rounded up."""
        return self.marginal(price) + (self.exponent > 1)


@dataclass(frozen=True, slots=True)
class RoundedBill:
    """One order's bill under a RoundedFee: nothing is carried."""

    _model: RoundedFee

    @property
    def above(self) -> int:
        return self._model.shortfall

    @property
    def below(self) -> int:
        return self._model.shortfall

    def peek(self, price: Price, quantity: Quantity) -> Cash:
        return self._model.taker_fee(price, quantity)

    def add(self, fill: Slice) -> Cash:
        return self._model.fee(fill)


@dataclass(frozen=True, slots=True)
class WorseFee:
    """Two roundings of one formula, either may bill us: an order costs the larger total."""

    one: FeeModel
    two: FeeModel

    @property
    def shortfall(self) -> int:
        return max(self.one.shortfall, self.two.shortfall)

    def bill(self, side: Side) -> WorseBill:
        return WorseBill(self.one.bill(side), self.two.bill(side))

    def billed(self, side: Side, fills: Iterable[Slice]) -> tuple[Cash, ...]:
        bill = self.bill(side)
        return tuple([bill.add(fill) for fill in fills])

    def bound(self, side: Side, price: Price, quantity: Quantity) -> Cash:
        return max(self.one.bound(side, price, quantity), self.two.bound(side, price, quantity))

    def marginal(self, price: Price) -> int:
        return max(self.one.marginal(price), self.two.marginal(price))


class WorseBill:
    """Both bills side by side; each fill adds what the larger total grew by."""

    __slots__ = ("_one", "_one_total", "_two", "_two_total")

    def __init__(self, one: Bill, two: Bill) -> None:
        self._one, self._two = one, two
        self._one_total = self._two_total = 0

    @property
    def above(self) -> int:
        return max(self._one.above, self._two.above)

    @property
    def below(self) -> int:
        return max(self._one.below, self._two.below)

    def peek(self, price: Price, quantity: Quantity) -> Cash:
        one = self._one_total + self._one.peek(price, quantity)
        two = self._two_total + self._two.peek(price, quantity)
        return Cash(max(one, two) - max(self._one_total, self._two_total))

    def add(self, fill: Slice) -> Cash:
        before = max(self._one_total, self._two_total)
        self._one_total += self._one.add(fill)
        self._two_total += self._two.add(fill)
        return Cash(max(self._one_total, self._two_total) - before)


@dataclass(frozen=True, slots=True)
class UnknownFee:
    """A fee nobody documents: not tradable. `name` is the venue's word for it."""

    name: str


@dataclass(frozen=True, slots=True)
class FeeSchedule:
    """Fees with the moment each begins (UTC epoch ms), oldest first."""

    entries: tuple[tuple[int, FeeModel | UnknownFee], ...]

    @classmethod
    def always(cls, model: FeeModel | UnknownFee) -> FeeSchedule:
        return cls(((0, model),))

    def at(self, moment_ms: int) -> FeeModel | UnknownFee:
        """The fee in force at `moment_ms`; before the first entry, nobody knows."""
        found: FeeModel | UnknownFee = UnknownFee("before the first known schedule")
        for since_ms, model in self.entries:
            if since_ms > moment_ms:
                break
            found = model
        return found
