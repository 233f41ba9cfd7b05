"""What is said, and that nothing hostile in it gets through."""

from __future__ import annotations

import json
from email import message_from_bytes, policy

import pytest
from hostile import HOSTILE

from alerts.letter import mail
from alerts.message import (
    LINES_MAX,
    TITLE_MAX,
    Message,
    Told,
    clean,
    digest,
    late,
    of_episode,
    slack_blocks,
)
from scanner.episode import Happened, Proof, begin
from scanner.opportunity import Leg, Opportunity
from venues import Cash, Contract, Outcome, Price, Quantity


def opportunity() -> Opportunity:
    legs = (
        Leg(
            contract=Contract("kalshi", "KXFED-26DEC-H0", Outcome.YES),
            bought=Quantity(180_000_000),
            average_price=Price(400_000),
            worst_price=Price(410_000),
            cost=Cash(72_000_000),
            fee=Cash(3_024_000),
        ),
        Leg(
            contract=Contract("polymarket", "0xabc", Outcome.NO),
            bought=Quantity(180_000_000),
            average_price=Price(500_000),
            worst_price=Price(500_000),
            cost=Cash(90_000_000),
            fee=Cash(1_800_000),
        ),
    )
    return Opportunity(
        pair_id="fed", legs=legs, quantity=Quantity(180_000_000), seen_ms=1_000, days=30
    )


def alert(titles: tuple[str, str] = ("Fed holds?", "Fed: no change?"), **told: object) -> Message:
    plain = Told(titles=titles, why_not=(), simulated=bool(told.get("simulated", False)))
    episode = begin(opportunity(), Proof(ages_ms=(40, 1_200)))
    return of_episode(Happened.APPEARED, episode, plain)


def test_an_alert_tells_both_legs_what_it_earns_and_how_old_the_books_are() -> None:
    found = alert()
    assert found.title == "$13.176 (7.89 %): Fed holds?"
    assert found.lines == (
        "Buy 180.00 YES at kalshi for 0.40 (to 0.41), cost $72.00, fee $3.024: Fed holds?",
        "Buy 180.00 NO at polymarket for 0.50 (to 0.50), cost $90.00, fee $1.80: Fed: no change?",
        "$166.824 in, $180.00 back, profit $13.176; payout in 30 days, 96.09 % a year.",
        "Seen 1970-01-01 00:00:01 UTC. Books: 40 ms old and 1200 ms old. Episode fed@1000.",
        "The pair is approved.",
    )


def test_what_is_simulated_says_so_first() -> None:
    assert alert(simulated=True).title.startswith("SIM ")


@pytest.mark.parametrize("words", HOSTILE)
def test_s12_hostile_titles_stay_text_on_one_line(words: str) -> None:
    found = alert((words, words))
    for line in (found.title, *found.lines):
        assert line.isprintable()
        assert "://" not in line
        assert len(line) <= 300
    blocks = slack_blocks(found)
    assert "<" not in blocks["text"]
    for block in blocks["blocks"]:
        assert block["text"]["type"] == "plain_text"  # Slack formats and links nothing in it
        assert not block["text"]["emoji"]
    assert len(blocks["blocks"][0]["text"]["text"]) <= 150
    assert all(0 < len(block["text"]["text"]) <= 3_000 for block in blocks["blocks"])
    assert len(blocks["blocks"]) <= 50
    json.dumps(blocks)


@pytest.mark.parametrize("words", HOSTILE)
def test_s12_hostile_titles_add_no_header_and_no_markup_to_a_mail(words: str) -> None:
    letter = mail(alert((words, words)), sender="a@example.com", recipients=["b@example.com"])
    read = message_from_bytes(letter.as_bytes(policy=policy.SMTP), policy=policy.default)
    assert set(read.keys()) == {
        *("Subject", "From", "To", "Auto-Submitted", "MIME-Version", "Content-Type")
    }
    html = read.get_body(("html",))
    assert html is not None
    inside = html.get_content()
    tame = mail(alert(("a", "b")), sender="a@example.com", recipients=["b@example.com"])
    ours = tame.get_body(("html",))
    assert ours is not None
    assert inside.count("<") == ours.get_content().count("<")  # our own tags, and no more
    assert inside.count("://") == 0  # nothing is fetched from anywhere


def test_many_messages_become_one_of_their_titles() -> None:
    many = [Message(title=f"number {n}", lines=("x",)) for n in range(LINES_MAX + 20)]
    found = digest(many)
    assert found.title == f"{LINES_MAX + 20} more alerts"
    assert found.lines[0] == "number 0"
    assert len(found.lines) == LINES_MAX
    assert found.lines[-1] == "and 21 more, which `dutchbook history` shows"


def test_a_digest_is_simulated_as_what_it_tells_and_is_set_out_by_rule() -> None:
    told = [Message(title=f"SIM {n}", lines=(), rule="ab"[n % 2]) for n in range(3)]
    found = digest(told)
    assert found.title == "SIM 3 more alerts"
    assert found.lines == ("By a:", "0", "2", "By b:", "1")
    held = digest([Message(title="one", lines=(), bundle="of the quiet hours")])
    assert held.title == "1 alert of the quiet hours"


def test_a_digest_tells_of_each_episode_what_was_said_last() -> None:
    told = [Message(title=t, lines=(), episode=e) for t, e in (("1", "a"), ("2", "b"), ("3", "a"))]
    assert digest(told).title == "2 more alerts"
    assert digest(told).lines == ("3", "2")


def test_what_comes_late_says_so_however_long_its_title() -> None:
    found = late(Message(title="t" * 400, lines=("x",)), 125_000)
    assert found.title.endswith("… (2 min late)")
    assert len(found.title) == TITLE_MAX


def test_long_texts_are_split_over_sections() -> None:
    blocks = slack_blocks(Message(title="", lines=tuple("y" * 300 for _ in range(60))))
    assert len(blocks["blocks"]) > 5
    assert blocks["blocks"][0]["text"]["text"] == "alert"


def test_cleaning_twice_changes_nothing() -> None:
    for words in HOSTILE:
        assert clean(clean(words, 100), 100) == clean(words, 100)


LINK = "http://127.0.0.1:8765/a/KXFED-26DEC-H0~12345678%401764547199000?v=v1.1.a-b_c"


def test_a_link_to_our_own_page_stands_in_the_mail_and_on_a_button() -> None:
    found = Message(title="<b>", lines=("one",), link=LINK)
    button = slack_blocks(found)["blocks"][-1]["elements"][0]
    assert (button["type"], button["url"]) == ("button", LINK)
    letter = mail(found, sender="a@example.com", recipients=["b@example.com"])
    html, text = letter.get_body(("html",)), letter.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert f'href="{LINK}"' in html.get_content().replace("&amp;", "&")
    assert LINK in text.get_content()
    assert "actions" not in str(slack_blocks(Message(title="a", lines=())))


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", 'http://x/a"onclick=', "http://x/a b", "http://x/\r\nBcc: y", "x"],
)
def test_what_is_no_plain_address_is_no_link(link: str) -> None:
    with pytest.raises(ValueError, match="our own page"):
        Message(title="a", lines=(), link=link)
