"""Trading that sends nothing: every decision of a live run up to the sending, and then a no."""

from __future__ import annotations

from venues import (
    Account,
    Balance,
    Cash,
    Clock,
    Contract,
    Fill,
    Order,
    OrderRequest,
    Position,
    Prepared,
    Settlement,
    Unavailable,
    planned,
)

WHY = "this is a dry run, and nothing is sent"


class DryTrading:
    """Has no connection, so it can reach no order endpoint. `account`: reads, where there are keys;
    else an `AssumedAccount`."""

    recycling = None

    def __init__(self, venue: str, account: Account) -> None:
        self.account = account
        self._venue = venue

    async def prepare(self, request: OrderRequest) -> Prepared:
        return Prepared(request, planned(request), b"")

    async def send(self, prepared: Prepared) -> Order:
        raise Unavailable(self._venue, WHY, definite=True)

    async def place(self, request: OrderRequest) -> Order:
        return await self.send(await self.prepare(request))

    async def cancel(self, order: Order) -> Order:
        raise Unavailable(self._venue, WHY, definite=True)

    async def cancel_all(self) -> None:
        raise Unavailable(self._venue, WHY, definite=True)


class AssumedAccount:
    """An account without keys: `cash` is taken to be there, and nothing ever happens."""

    def __init__(self, venue: str, cash: Cash, clock: Clock) -> None:
        self._balance = Balance(venue=venue, pocket="", available=cash)
        self._clock = clock

    async def order(self, client_id: str, contract: Contract, since_ms: int) -> Order | None:
        return None

    def recall(self, order: Order) -> None:
        """Nothing is known here."""

    async def open_orders(self) -> tuple[Order, ...]:
        return ()

    async def fills(self, since_ms: int) -> tuple[Fill, ...]:
        return ()

    async def positions(self) -> tuple[Position, ...]:
        return ()

    async def balances(self) -> tuple[Balance, ...]:
        return (self._balance,)

    async def settlements(self, since_ms: int) -> tuple[Settlement, ...]:
        return ()

    async def as_of_ms(self) -> int:
        return self._clock.now_ms()
