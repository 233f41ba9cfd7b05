"""Any text at all is read and judged without falling, and two of them are never taken for one."""

from __future__ import annotations

import string
from typing import Final

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching.extract import extract
from matching.judge import judge
from matching.listing import Listing
from matching.text import words
from matching.verdict import Verdict

TITLES: Final = (
    "Will Bitcoin be above $99,999.99 on December 1, 2026 at 5pm ET?",
    "Highest temperature in New York on Dec 1, 2026?",
    "Lakers vs. Celtics",
    "Spread: Lakers (-4.5)",
    "Lakers vs. Celtics: O/U 221.5",
    "Will Arsenal win on 2026-12-01?",
    "Will Arsenal vs Chelsea end in a draw?",
    "Will the Fed cut rates by 25bps in December 2026?",
    "Will CPI rise more than 0.3% in November?",
    "Will Jane Roe win the 2028 Democratic presidential nomination?",
    "Nominee 2028 - Will Jane Roe win the primary?",
    "LeBron James: Points O/U 25.5",
    "How many seats will the party win? — 75 to 89",
    "Will Ethereum dip to $1,500 before 2027?",
    "Oscar for Best Picture? - The Long Night",
    "Will Elon Musk post 200-219 tweets from Dec 1 to Dec 8, 2026?",
    "Counter-Strike: Alpha vs Omega - Map 1 Winner",
    "Will unemployment be at or below 4.2% for Nov 2026 (BLS)?",
)
TICKERS: Final = (
    "KXBTCD-26DEC0117-T99999.99",
    "KXHIGHNY-26DEC01-B35.5",
    "KXNBAGAME-26DEC01LALBOS-LAL",
    "KXNBASPREAD-26DEC01LALBOS-LAL4",
    "KXEPLGAME-26DEC01ARSCHE-TIE",
    "KXFEDDECISION-26DEC-C25",
    "KXCPI-26NOV-T-0.1",
    "KXPRESNOMD-28-JROE",
    "KXNBAPTS-26DEC01LALBOS-LALLJAMES23-25",
    "KXA",
)
ANSWERS: Final = ("", "Yes", "Lakers", "$99,500 to 99,999.99", "-5° or below", "25+", "Before 2027")
SPLINTERS: Final = (
    *"-—:.,?()$%+<>/ ",
    "vs",
    " @ ",
    "0",
    "99",
    "٣",
    "²",
    "é",
    "İ",
    "\n",
    "🏀",
    "20",
)
STRIKE_TYPES: Final = ("", "greater", "greater_or_equal", "less", "less_or_equal", "between", "x")

any_text = st.text(max_size=60)


@st.composite
def mutated(draw: st.DrawFn, texts: tuple[str, ...]) -> str:
    """A text with a few pieces cut out, put in, doubled or brought from another text."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(0, 4))):
        a, b = sorted(draw(st.integers(0, len(text))) for _ in range(2))
        other = draw(st.sampled_from(texts))
        text = draw(
            st.sampled_from(
                [
                    text[:a] + text[b:],
                    text[:a] + draw(st.sampled_from(SPLINTERS)) + text[a:],
                    text[:b] + text[a:],
                    text[:a] + other[a:],
                ]
            )
        )
    return text


titles = any_text | mutated(TITLES)
decimals = st.sampled_from(["", "0", "99.5", "-3", "2039.99", "100000"])
odd_decimals = (
    st.sampled_from(["1e5", "NaN", "-Infinity", "1,000", "٣", "1_0", "--", "$5"]) | any_text
)
listings = st.builds(
    Listing,
    venue=st.sampled_from(["kalshi", "polymarket"]),
    id=(any_text | mutated(TICKERS)).map(lambda text: f"KX{text}"),
    title=titles,
    subtitle=any_text | mutated(ANSWERS),
    event_id=any_text | mutated(TICKERS),
    event_title=titles,
    series=any_text,
    slug=any_text | st.sampled_from(["nba-lal-bos-2026-12-01", "epl-ars-che-2026-12-01-ars"]),
    outcomes=st.sampled_from([(), ("Yes", "No"), ("Lakers", "Celtics"), ("Over", "Under")])
    | st.lists(any_text.filter(words), max_size=3).map(tuple),
    rules=st.lists(titles, max_size=2).map(tuple),
)


@settings(max_examples=400)
@given(listings)
def test_any_listing_is_read_without_falling(listing: Listing) -> None:
    assert extract(listing).listing.id == listing.id


@pytest.mark.parametrize("outcomes", [("",), ("", ""), ("A", ""), ("?", "!"), ("a", "a")])
@pytest.mark.parametrize("title", ["Lakers vs. Celtics", "Lakers vs. Celtics: O/U 2.5", "A?"])
def test_outcomes_without_a_word_are_read_without_falling(
    outcomes: tuple[str, ...], title: str
) -> None:
    extract(Listing(venue="polymarket", id="0x1", title=title, outcomes=outcomes))


@pytest.mark.parametrize("venue", ["kalshi", "polymarket"])
@pytest.mark.parametrize("id", ["", " ", "-", "--", "-5", "T-", "٣-٣", "KX--T-"])
@pytest.mark.parametrize("title", ["", " ", "?", "Lakers vs. Celtics"])
def test_a_listing_with_next_to_nothing_is_read_without_falling(
    venue: str, id: str, title: str
) -> None:
    extract(Listing(venue=venue, id=id, title=title))


@settings(max_examples=300)
@given(
    *(mutated(TITLES), mutated(TICKERS), st.sampled_from(STRIKE_TYPES)),
    *(decimals, decimals, decimals),
)
def test_strikes_and_lines_under_any_title_are_read_without_falling(
    title: str, ticker: str, strike_type: str, floor: str, cap: str, line: str
) -> None:
    extract(
        Listing(
            venue="kalshi",
            id=f"KX{ticker}",
            title=title,
            strike_type=strike_type,
            floor=floor,
            cap=cap,
        )
    )
    extract(
        Listing(
            venue="polymarket", id="0x1", title=title, outcomes=("Lakers", "Celtics"), line=line
        )
    )


@given(st.sampled_from(STRIKE_TYPES), odd_decimals, odd_decimals)
def test_strikes_that_are_no_numbers_are_read_without_falling(
    strike_type: str, floor: str, cap: str
) -> None:
    for title in TITLES[:2]:
        extract(
            Listing(
                venue="kalshi",
                id=TICKERS[0],
                title=title,
                strike_type=strike_type,
                floor=floor,
                cap=cap,
            )
        )


@given(odd_decimals)
def test_a_line_that_is_no_number_is_read_without_falling(line: str) -> None:
    for title in TITLES[2:5]:
        extract(
            Listing(
                venue="polymarket", id="0x1", title=title, outcomes=("Lakers", "Celtics"), line=line
            )
        )


@settings(max_examples=400)
@given(listings, listings)
def test_any_two_listings_are_judged_without_falling(one: Listing, two: Listing) -> None:
    judgement = judge(one, two)
    assert 0 <= judgement.score <= 1
    assert (judgement.kalshi.id, judgement.polymarket.id) == (one.id, two.id)


def unrelated(one: str, two: str) -> bool:
    return not set(words(one)) & set(words(two))


@settings(max_examples=400)
@given(any_text, any_text, any_text, any_text)
def test_two_texts_without_a_common_word_are_never_accepted(
    one: str, two: str, ticker: str, answer: str
) -> None:
    assume(unrelated(f"{one} {answer}", two))
    assume(words(one) and words(two))
    k = Listing(venue="kalshi", id=f"KX{ticker}", title=one, subtitle=answer)
    p = Listing(venue="polymarket", id="0x1", title=two, outcomes=("Yes", "No"))
    judgement = judge(k, p)
    assert judgement.verdict is not Verdict.ACCEPT, judgement


@pytest.mark.parametrize(("one", "two"), [("", ""), ("?", "!"), ("Yes", "No"), ("Will?", "Who?")])
@pytest.mark.parametrize("ticker", ["KX", "KXA-26", "KXA-26DEC01-B"])
def test_two_texts_that_say_nothing_are_never_accepted(one: str, two: str, ticker: str) -> None:
    k = Listing(venue="kalshi", id=ticker, title=one)
    p = Listing(venue="polymarket", id="0x1", title=two, outcomes=("Yes", "No"))
    assert judge(k, p).verdict is not Verdict.ACCEPT


plain_words = st.text(string.ascii_lowercase, min_size=3, max_size=9)


@settings(max_examples=300)
@given(
    st.lists(plain_words, min_size=2, max_size=6, unique=True),
    st.lists(plain_words, min_size=2, max_size=6, unique=True),
    st.sampled_from(["Will {} win in 2026?", "Will {} by December 31, 2026?", "{}", "{} winner?"]),
)
def test_one_template_with_other_words_is_never_accepted(
    one: list[str], two: list[str], template: str
) -> None:
    assume(not {w[:3] for w in one} & {w[:3] for w in two})
    a, b = (template.format(" ".join(w.title() for w in each)) for each in (one, two))
    judgement = judge(
        Listing(venue="kalshi", id="KXA-26-X", title=a),
        Listing(venue="polymarket", id="0x1", title=b, outcomes=("Yes", "No")),
    )
    assert judgement.verdict is not Verdict.ACCEPT, (a, b, judgement)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("ticker", TICKERS)
def test_every_title_under_every_ticker_is_read_without_falling(title: str, ticker: str) -> None:
    for answer in ANSWERS:
        extract(Listing(venue="kalshi", id=ticker, title=title, subtitle=answer))
