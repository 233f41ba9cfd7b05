"""Whether every micro-dollar and every share is accounted for (reliability.md, I18)."""

from __future__ import annotations

from collections import Counter

from venues.money import ONE
from venues.sim.polymarket.catalogue import Phase
from venues.sim.polymarket.core import Core
from venues.sim.polymarket.wallets import CASH, Wallets


def audit(core: Core, wallets: Wallets) -> None:
    """AssertionError names what is off."""
    cash = sum(purse.held[CASH] for purse in wallets.all())
    pooled = sum(wallets.pool.values())
    assert cash + pooled + wallets.fees == wallets.paid_in, (
        f"{cash} in cash, {pooled} behind pairs and {wallets.fees} in fees of {wallets.paid_in}"
    )
    for market in core.catalogue.markets.values():
        shares: Counter[str] = Counter()
        for purse in wallets.all():
            for token in market.tokens:
                shares[token] += purse.held[token]
        for token in market.tokens:
            shares[token] += wallets.outside[market.condition][token]
        yes, no = (shares[token] for token in market.tokens)
        pool = wallets.pool[market.condition]
        if market.phase is not Phase.RESOLVED:
            assert yes == no == pool, f"{market.slug}: {yes} YES, {no} NO, {pool} behind them"
        elif market.payouts:
            owed = yes * market.payouts[0] + no * market.payouts[1] + wallets.dust[market.condition]
            assert pool * ONE == owed, f"{market.slug}: {pool} for {owed}"
    for purse in wallets.all():
        assert min(purse.held.values(), default=0) >= 0, f"{purse.address} is below zero"
