"""Which approvals a wallet lacks, against scripted answers of the venue's indexer."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from venues import Clock, WireError
from venues.bucket import TokenBucket
from venues.http import Http
from venues.polymarket.approvals import APPROVALS, Approval, missing_approvals
from venues.polymarket.calls_orders import DATA

WALLET = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def row(approval: Approval, *, approved: bool = True) -> dict[str, Any]:
    return {
        "token": approval.token.lower(),
        "spender": approval.spender,
        "standard": "ERC20",
        "approved": approved,
        "amount": "max",
    }


async def missing(clock: Clock, **changes: Any) -> tuple[Approval, ...]:
    data = {"address": WALLET.lower(), "chain_id": 137, "contracts": []} | changes

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert (scope["path"], scope["query_string"]) == (
            "/v2/approvals",
            f"user={WALLET}".encode(),
        )
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": json.dumps({"data": data}).encode()})

    http = Http(
        venue="polymarket",
        hosts={DATA: "http://data.test"},
        clock=clock,
        bucket=TokenBucket(clock, capacity=1, refill_per_s=1),
        transport=httpx2.ASGITransport(app=app),
    )
    async with http:
        return await missing_approvals(http, WALLET)


async def test_what_is_not_there_or_not_approved_is_missing(clock: Clock) -> None:
    rows = [row(each) for each in APPROVALS]
    assert await missing(clock, contracts=rows) == ()
    assert await missing(clock, contracts=rows[1:]) == APPROVALS[:1]
    rows[2] = row(APPROVALS[2], approved=False)
    assert await missing(clock, contracts=rows) == APPROVALS[2:3]
    assert await missing(clock) == APPROVALS


@pytest.mark.parametrize("changes", [{"chain_id": 1}, {"address": "0x" + "11" * 20}])
async def test_approvals_of_something_else_are_not_ours(
    clock: Clock, changes: dict[str, Any]
) -> None:
    with pytest.raises(WireError, match="it speaks of"):
        await missing(clock, **changes)
