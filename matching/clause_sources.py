"""Who says what happened: the sources of resolution that rules texts name."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

from matching.clause_kinds import Found, Kind


class Field(StrEnum):
    """What a source measures. Two sources of one field that differ give two numbers."""

    PRICE = "price"
    EQUITY = "equity"
    WEATHER = "weather"
    STATION = "station"
    STATISTIC = "statistic"
    FUEL = "fuel"
    POLL = "poll"
    CHART = "chart"
    CALL = "call"
    SPORT = "sport"
    REPORT = "report"


class Source(NamedTuple):
    """One source of resolution; `cues` are its names in lower case."""

    field: Field
    name: str
    cues: tuple[str, ...]


SOURCES: Final = (
    Source(Field.PRICE, "cf_benchmarks", ("cf benchmarks", "cfbenchmarks", "brti", "ethusd_rti")),
    Source(Field.PRICE, "binance", ("binance",)),
    Source(Field.PRICE, "coinbase", ("coinbase",)),
    Source(Field.PRICE, "chainlink", ("chainlink", "chain.link")),
    Source(
        Field.PRICE, "pyth", ("pyth network", "pyth price", "pyth data", "pyth.network", "pythdata")
    ),
    Source(Field.PRICE, "kraken", ("kraken",)),
    Source(Field.PRICE, "coingecko", ("coingecko",)),
    Source(Field.PRICE, "coinmarketcap", ("coinmarketcap",)),
    Source(Field.PRICE, "bybit", ("bybit",)),
    Source(Field.PRICE, "okx", ("okx.com", "okx exchange")),
    Source(Field.PRICE, "bitstamp", ("bitstamp",)),
    Source(Field.PRICE, "hyperliquid", ("hyperliquid",)),
    Source(Field.PRICE, "coindesk", ("coindesk",)),
    Source(Field.EQUITY, "yahoo", ("yahoo finance", "finance.yahoo")),
    Source(Field.EQUITY, "google_finance", ("google finance", "google.com/finance")),
    Source(Field.EQUITY, "wsj", ("wsj.com", "wall street journal market data")),
    Source(Field.EQUITY, "cme", ("cme group", "cmegroup")),
    Source(Field.EQUITY, "nasdaq", ("nasdaq.com",)),
    Source(Field.WEATHER, "nws", ("national weather service", "nws", "weather.gov")),
    Source(Field.WEATHER, "wunderground", ("wunderground", "weather underground")),
    Source(Field.WEATHER, "weather_company", ("the weather company", "weather company")),
    Source(Field.WEATHER, "accuweather", ("accuweather",)),
    Source(Field.WEATHER, "noaa", ("noaa", "ncei", "national hurricane center")),
    Source(Field.WEATHER, "hong_kong_observatory", ("hong kong observatory",)),
    Source(Field.WEATHER, "met_office", ("met office",)),
    Source(Field.WEATHER, "nasa_giss", ("gistemp", "nasa goddard")),
    Source(Field.WEATHER, "berkeley_earth", ("berkeley earth",)),
    Source(Field.STATISTIC, "bls", ("bureau of labor statistics", "bls")),
    Source(Field.STATISTIC, "bea", ("bureau of economic analysis", "bea.gov")),
    Source(Field.STATISTIC, "census", ("census bureau", "census.gov")),
    Source(Field.STATISTIC, "labor_department", ("department of labor", "dol.gov")),
    Source(Field.STATISTIC, "adp", ("adp research", "adp national", "adp employment")),
    Source(Field.STATISTIC, "ism", ("institute for supply management",)),
    Source(Field.STATISTIC, "fed", ("federal reserve", "fomc", "federal open market")),
    Source(Field.STATISTIC, "fred", ("fred.stlouisfed", "st. louis fed")),
    Source(Field.STATISTIC, "treasury", ("treasury department", "treasury.gov", "u.s. treasury")),
    Source(Field.STATISTIC, "ecb", ("european central bank", "ecb.europa")),
    Source(Field.STATISTIC, "boe", ("bank of england",)),
    Source(Field.STATISTIC, "boj", ("bank of japan",)),
    Source(Field.STATISTIC, "ons", ("office for national statistics", "ons.gov.uk")),
    Source(Field.STATISTIC, "eurostat", ("eurostat",)),
    Source(Field.STATISTIC, "tsa", ("tsa.gov", "transportation security administration")),
    Source(
        Field.FUEL, "aaa", ("aaa gas", "gasprices.aaa", "by aaa", "aaa's", "automobile association")
    ),
    Source(Field.FUEL, "eia", ("eia.gov", "energy information administration")),
    Source(Field.FUEL, "gasbuddy", ("gasbuddy",)),
    Source(Field.POLL, "rcp", ("realclearpolitics", "realclearpolling", "real clear politics")),
    Source(Field.POLL, "silver_bulletin", ("silver bulletin", "natesilver")),
    Source(Field.POLL, "fivethirtyeight", ("fivethirtyeight", "five thirty eight")),
    Source(Field.POLL, "gallup", ("gallup",)),
    Source(Field.POLL, "nyt_average", ("new york times approval", "new york times polling")),
    Source(Field.CHART, "box_office_mojo", ("boxofficemojo", "box office mojo")),
    Source(Field.CHART, "the_numbers", ("the-numbers.com", "the numbers")),
    Source(Field.CHART, "billboard", ("billboard",)),
    Source(Field.CHART, "spotify", ("spotify",)),
    Source(Field.CHART, "rotten_tomatoes", ("rotten tomatoes", "rottentomatoes")),
    Source(Field.CHART, "metacritic", ("metacritic",)),
    Source(Field.CHART, "lmarena", ("lmarena", "chatbot arena")),
    Source(Field.CALL, "race_calls", ("associated press, fox", "ap, fox", "fox news, and nbc")),
    Source(Field.CALL, "associated_press", ("associated press",)),
    Source(Field.CALL, "decision_desk", ("decision desk",)),
    Source(Field.CALL, "certified", ("certified", "certification")),
    Source(Field.SPORT, "espn", ("espn",)),
    Source(Field.SPORT, "box_score", ("box score",)),
    Source(Field.SPORT, "league", ("nba.com", "nfl.com", "mlb.com", "nhl.com", "fifa.com")),
    Source(Field.SPORT, "league", ("information from the nba", "information from the nfl")),
    Source(Field.SPORT, "league", ("information from the nhl", "information from fifa")),
    Source(Field.SPORT, "league", ("information from the mlb", "information from uefa")),
    Source(Field.SPORT, "hltv", ("hltv",)),
    Source(
        Field.REPORT, "official", ("official information", "official sources", "government source")
    ),
    Source(Field.REPORT, "consensus", ("credible report", "credible media", "credible source")),
    Source(
        Field.REPORT, "consensus", ("credible news", "reputable report", "consensus of official")
    ),
)

STATIONS: Final = {
    "central park": "KNYC",
    "laguardia": "KLGA",
    "john f. kennedy": "KJFK",
    "jfk airport": "KJFK",
    "midway": "KMDW",
    "o'hare": "KORD",
    "miami international": "KMIA",
    "opa-locka": "KOPF",
    "austin bergstrom": "KAUS",
    "austin-bergstrom": "KAUS",
    "los angeles airport": "KLAX",
    "los angeles international": "KLAX",
    "love field": "KDAL",
    "dallas fort worth": "KDFW",
    "philadelphia international": "KPHL",
    "denver international": "KDEN",
    "buckley": "KBKF",
    "hobby airport": "KHOU",
    "george bush": "KIAH",
    "seattle-tacoma": "KSEA",
    "sea-tac": "KSEA",
    "boeing field": "KBFI",
    "hartsfield": "KATL",
    "logan international": "KBOS",
    "san francisco international": "KSFO",
    "reagan": "KDCA",
    "dulles": "KIAD",
    "heathrow": "EGLL",
    "london city airport": "EGLC",
}

ICAO_CODES: Final = frozenset(code.lower() for code in STATIONS.values())

ASIDE: Final = re.compile(
    r"while checking [^,;]*?(?:decision,|guide[^,]*,|helpful,|useful,)"
    r"|not (?:according to|any other|from|based on|the)\b[^.;]*"
    r"|(?:rather than|other than|instead of|regardless of what|as opposed to)\b[^.;,]*"
    r"|^.*\b(?:useful references?|not authoritative|will not be used)\b.*$"
    r"|^.*\bmay help guide\b[^,]*,?"
)

ASIDE_CUES: Final = (
    *(
        "while checking",
        "not according",
        "not any other",
        "not from",
        "not based on",
        "rather than",
    ),
    *("other than", "instead of", "as opposed", "authoritative", "not be used", "help guide"),
    *("regardless of what", "not the", "useful reference"),
)


_WORD: Final = re.compile(r"[a-z]+")


# An exchange can be what a market is about; it is a source only where a price stands beside it.
_PRICED: Final = re.compile(
    r"price|candle|index|feed|stream|rti\b|http|usd|trades|resolution source"
)


def sources(low: str) -> Found:
    for cue in ASIDE_CUES:
        if cue in low:
            low = ASIDE.sub(" ", low)
            break
    seen = set()
    for word in _WORD.findall(low):
        for cue, value in NAMES.get(word, ()):
            if value in seen or cue not in low or (len(cue) <= 4 and cue != word):
                continue
            if not value.startswith("price:") or _PRICED.search(low):
                seen.add(value)
                yield Kind.SOURCE, value


def _names() -> dict[str, tuple[tuple[str, str], ...]]:
    """The longest word of each name → the names with it, and their sources."""
    found: dict[str, list[tuple[str, str]]] = {}
    for source in SOURCES:
        for cue in source.cues:
            word = max(_WORD.findall(cue), key=len)
            found.setdefault(word, []).append((cue, f"{source.field}:{source.name}"))
    return {word: tuple(each) for word, each in found.items()}


NAMES: Final = _names()


def stations(low: str) -> Found:
    for name, code in STATIONS.items():
        if name in low:
            yield Kind.SOURCE, f"station:{code}"
    for word in _WORD.findall(low):
        if word in ICAO_CODES:
            yield Kind.SOURCE, f"station:{word.upper()}"
