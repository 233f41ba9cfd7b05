"""The proof that no micro-dollar is lost or made (reliability.md, I18)."""

from __future__ import annotations

from venues.sim.kalshi.accounts import Accounts
from venues.sim.kalshi.catalogue import Status
from venues.sim.kalshi.core import Core
from venues.sim.kalshi.floor import Floor


def audit(core: Core, accounts: Accounts, floor: Floor) -> None:
    """AssertionError unless all of it holds:

    - what came in = cash + escrow − what netting paid ahead + fees + cash on its way;
    - each unsettled market's escrow is a dollar for each open pair, and YES equals NO;
    - fees, costs and positions add up from the fills alone;
    - the locked part of each purse is written down as it is.
    """
    positions = accounts.positions
    held = accounts.total_cash() + sum(positions.escrow.values()) - positions.all_advanced()
    assert accounts.deposited == held + accounts.earned + accounts.travelling
    for ticker, market in core.catalogue.markets.items():
        counts = [position.count for position in positions.holders(ticker)]
        assert sum(counts) == 0
        if market.status is not Status.FINALIZED:
            open_pairs = sum(count for count in counts if count > 0)
            assert positions.escrow.get(ticker, 0) == open_pairs
    for purse in accounts.held.keys():  # noqa: SIM118
        locked = accounts.locked_in(purse)
        assert accounts.held.newest(purse) == (accounts.free_in(purse) + locked, locked)
    _fills_add_up(core, accounts, floor)


def _fills_add_up(core: Core, accounts: Accounts, floor: Floor) -> None:
    counts: dict[tuple[str, int, str], int] = {}
    fees: dict[str, int] = {}
    for fills in floor.fills_of.values():
        for fill in fills:
            key = (fill.user_id, fill.subaccount, fill.ticker)
            counts[key] = counts.get(key, 0) + fill.side.sign * fill.count
            fees[fill.order_id] = fees.get(fill.order_id, 0) + fill.fee
            assert fill.fee >= 0
    for (user_id, subaccount, ticker), count in counts.items():
        settled = core.catalogue.markets[ticker].status is Status.FINALIZED
        held = accounts.position(user_id, ticker, subaccount=subaccount)
        assert held.count == (0 if settled else count)
    for order in floor.records.values():
        assert order.taker_fees + order.maker_fees == fees.get(order.order_id, 0)
        assert 0 <= order.filled + order.remaining <= order.initial
        assert order.carried >= 0
