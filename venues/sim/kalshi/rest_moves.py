"""REST: the list of transfers, and netting by event (section 10). Not among the core operations."""

from __future__ import annotations

from typing import Final

from venues.sim.kalshi import body_in, wire_out
from venues.sim.kalshi.rest_ask import Ask, Handler, Said
from venues.sim.kalshi.rest_pages import Place, page


def transfers(ask: Ask) -> Said:
    """The newest first."""
    rows, cursor = page(
        ask.house.transfers.all(ask.user_id),
        ask.query,
        kind="transfers",
        place=lambda each: Place(each.created_ms, each.transfer_id),
        most=500,
    )
    return Said({"transfers": [wire_out.transfer(each) for each in rows], "cursor": cursor})


def netting(ask: Ask) -> Said:
    accounts, user = ask.house.accounts, ask.user_id
    return Said(
        {
            "netting_configs": [
                {
                    "subaccount_number": number,
                    "enabled": accounts.netting(user, exchange_index=shard, subaccount=number),
                    "exchange_index": shard,
                }
                for number in accounts.subaccounts(user)
                for shard in sorted(accounts.shards(user))
            ]
        }
    )


def set_netting(ask: Ask) -> Said:
    """Without a shard it is the first one (our reading, as of transfers)."""
    asked = body_in.netting(body_in.parsed(ask))
    ask.house.accounts.set_netting(ask.user_id, **asked)
    return Said(None)


HANDLERS: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/portfolio/intra_exchange_instance_transfers"): transfers,
    ("GET", "/portfolio/subaccounts/netting"): netting,
    ("PUT", "/portfolio/subaccounts/netting"): set_netting,
}
