"""Listing → Terms, pure. Structured fields first, then title templates, then any other words."""

from __future__ import annotations

from typing import Final

from matching import games, props
from matching.claims import known_claim, worded_claim
from matching.lexicon import edition_year, word_set
from matching.listing import Listing
from matching.terms import Claim, Domain, Terms
from matching.ticker import Ticker, parse
from matching.title import title_of, without_head
from matching.topics import topic_of
from matching.windows import window_of, year_of

# Telling words, the first that fit decide.
_DOMAINS: Final = (
    (word_set("politics"), Domain.POLITICS),
    (word_set("awards"), Domain.AWARD),
    (frozenset({"say", "mention"}), Domain.MENTION),
    (word_set("sports"), Domain.SPORTS),
)
_ACTS: Final = frozenset({"launch", "release", "announce", "ipo"})


def extract(listing: Listing) -> Terms:
    """All that a listing says of what it pays for. Never fails: what it cannot read is unknown."""
    listing = without_head(listing)
    ticker = parse(listing.id, listing.event_id) if listing.venue == "kalshi" else None
    if (player := props.read(listing, ticker)) is not None:
        return player
    game = games.read_kalshi(listing, ticker) if ticker else games.read_polymarket(listing)
    if game:
        year = game.day[0] if game.day else 0
        return Terms(listing=listing, domain=Domain.SPORTS, window=None, body=game, year=year)
    return _of_claim(listing, ticker)


def _of_claim(listing: Listing, ticker: Ticker | None) -> Terms:
    title = title_of(listing)
    topic = topic_of(ticker.series if ticker else "", title)
    window = window_of(listing, ticker, title, topic)
    year = year_of(window, ticker, title)
    if topic is not None:
        body = known_claim(listing, ticker, title, topic, window)
        return Terms(listing=listing, domain=topic.domain, window=window, body=body, year=year)
    body = worded_claim(listing, ticker, title, window)
    year = edition_year(body.tokens | body.context) or year
    return Terms(listing=listing, domain=_domain(body), window=window, body=body, year=year)


def _domain(body: Claim) -> Domain:
    for words, domain in _DOMAINS:
        if body.tokens & words:
            return domain
    if body.numeric:
        return Domain.COUNT
    return Domain.DEADLINE if body.tokens & _ACTS else Domain.GENERIC
