"""What the demo is made of: questions, inbox, report, and the watch over its sockets."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from email.message import EmailMessage

import aiosmtplib
import httpx2
import pytest

from app.demo_report import Report, legs_of, say
from app.inbox import Inbox, serving_inbox
from app.offline import is_inside
from app.problem import Exit
from venues import SystemClock
from venues.sim.demo_questions import demo_questions

LINK = "http://127.0.0.1:8765/a/pair%40170?v=v1.2.3"


@pytest.mark.parametrize("day", [date(2026, 1, 31), date(2028, 2, 29), date(2026, 12, 31)])
def test_the_world_of_the_demo_is_whole_on_every_day(day: date) -> None:
    found = demo_questions(day, 3)
    traps = [each for each in found if each.same is None]
    assert len(traps) >= 10
    assert 160 <= len(found) - len(traps) <= 200
    assert len({each.id for each in found}) == len({each.ticker for each in found}) == len(found)
    for each in found:
        assert any(str(year) in each.question for year in (day.year, day.year + 1)), each.question
        best_bid, best_ask = (words.split()[0] for words in (each.kalshi_bids, each.kalshi_asks))
        assert 0 <= float(best_bid) < float(best_ask) < 1


def test_another_seed_is_another_world() -> None:
    day = date(2026, 12, 1)
    assert demo_questions(day, 1) == demo_questions(day, 1) != demo_questions(day, 2)


async def test_a_mail_and_a_webhook_arrive_in_the_inbox_with_their_links() -> None:
    inbox = Inbox(SystemClock())
    async with serving_inbox(inbox) as addresses:
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = "One", "a@example.com", "b@example.com"
        mail.set_content(f"first line\n\nLook: {LINK}\n")
        mail.add_alternative("<p>first line</p>", subtype="html")
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=addresses.mail_port)
        header = {"type": "header", "text": {"type": "plain_text", "text": "Two"}}
        section = {"type": "section", "text": {"type": "plain_text", "text": "a\nb"}}
        button = {"type": "actions", "elements": [{"type": "button", "url": LINK}]}
        async with httpx2.AsyncClient(trust_env=False) as client:
            body = {"text": "Two", "blocks": [header, section, button]}
            answer = await client.post(addresses.webhook, json=body)
    assert answer.text == "ok"
    one, two = inbox.letters
    assert (one.channel, one.title, one.lines[0], one.link) == ("email", "One", "first line", LINK)
    assert (two.channel, two.title, two.lines, two.link) == ("slack", "Two", ("a", "b"), LINK)
    assert inbox.counts == {"email": 1, "slack": 1}


def test_several_orders_of_a_leg_are_one_line_of_the_report() -> None:
    of = {"venue": "kalshi", "market": "M", "side": "yes", "action": "buy"}
    fills = ((4_000_000, 500_000, 7), (0, None, None), (6_000_000, 600_000, 8))
    orders = [
        {**of, "filled_micros": n, "price_micros": p, "fee_micros": fee, "venue_order_id": f"o{at}"}
        for at, (n, p, fee) in enumerate(fills, 1)
    ]
    [leg] = legs_of(orders)
    assert leg == {
        "venue": "kalshi",
        "side": "yes",
        "price_micros": 560_000,
        "quantity_micros": 10_000_000,
        "fee_micros": 15,
        "venue_order_id": "o1",
    }


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, Exit.DONE),
        ({"traps": 1}, Exit.OUR_BUG),
        ({"differences": ("kalshi took 1",)}, Exit.OUR_BUG),
        ({"outside": ("socket.connect",)}, Exit.OUR_BUG),
        ({"hedge": None}, Exit.PARTIAL),
        ({"state": "parked"}, Exit.UNKNOWN_OUTCOME),
        ({"unhedged_micros": 10_000}, Exit.UNKNOWN_OUTCOME),
    ],
)
def test_a_demo_is_good_only_where_all_of_it_is(changed: dict[str, object], code: Exit) -> None:
    hedge = {"id": "h", "state": "hedged", "unhedged_micros": 0, "profit_micros": 1, "orders": []}
    hedge |= {name: value for name, value in changed.items() if name in hedge}
    values = {
        "seconds": 1,
        "pairs": 1,
        "traps": 0,
        "opportunities": 1,
        "alerts": {},
        "hedge": hedge,
        "said": "",
        "differences": (),
        "outside": (),
    }
    values |= {name: value for name, value in changed.items() if name in values}
    assert say(Report(**values), as_json=True) is code  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "inside"),
    [
        *(("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.8.9.1", True)),
        *(("10.0.0.1", False), ("example.com", False), ("0.0.0.0", False), ("fe80::1%lo", False)),
    ],
)
def test_only_loopback_is_inside(host: str, *, inside: bool) -> None:
    assert is_inside(host) is inside


def test_what_would_leave_this_machine_is_refused_and_counted() -> None:
    """In a process of its own: an audit hook stays for good."""
    code = (
        "import socket\n"
        "from app.offline import Loopback, Outside\n"
        "watch = Loopback()\n"
        "for to in (('192.0.2.1', 80), ('127.0.0.1', 1)):\n"
        "    try: socket.create_connection(to, timeout=1)\n"
        "    except Outside: print('outside', to[0])\n"
        "    except OSError: print('tried', to[0])\n"
        "print(len(watch.refused))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert ran.stdout.splitlines() == ["outside 192.0.2.1", "tried 127.0.0.1", "1"]
