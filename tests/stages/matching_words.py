"""What a made-up catalogue is made of: clubs as each venue calls them, people, places."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Team:
    """`city` is Kalshi's word for a team, `nick` Polymarket's; a club of football has one long."""

    code: str
    city: str
    nick: str

    @property
    def full(self) -> str:
        return f"{self.city.removesuffix(' Y').removesuffix(' M')} {self.nick}"


def _parts(text: str) -> list[str]:
    return text.split(", ")


def _teams(text: str) -> tuple[Team, ...]:
    """One team after another: CODE City/Nick, parted by commas."""
    return tuple(
        Team(code, *names.split("/"))
        for code, names in (each.split(" ", 1) for each in _parts(text))
    )


# Kalshi's league in its tickers, the word of both venues for what is counted, and its teams.
LEAGUES: Final = {
    "NBA": _teams(
        "ATL Atlanta/Hawks, BOS Boston/Celtics, BKN Brooklyn/Nets, CHA Charlotte/Hornets, "
        "CHI Chicago/Bulls, CLE Cleveland/Cavaliers, DAL Dallas/Mavericks, DEN Denver/Nuggets, "
        "DET Detroit/Pistons, GSW Golden State/Warriors, HOU Houston/Rockets, "
        "IND Indiana/Pacers, MEM Memphis/Grizzlies, MIA Miami/Heat, MIL Milwaukee/Bucks, "
        "MIN Minnesota/Timberwolves, ORL Orlando/Magic, PHI Philadelphia/76ers, "
        "PHX Phoenix/Suns, POR Portland/Trail Blazers, SAC Sacramento/Kings, "
        "SAS San Antonio/Spurs, TOR Toronto/Raptors, UTA Utah/Jazz, WAS Washington/Wizards"
    ),
    "NHL": _teams(
        "ANA Anaheim/Ducks, BOS Boston/Bruins, BUF Buffalo/Sabres, CGY Calgary/Flames, "
        "CAR Carolina/Hurricanes, COL Colorado/Avalanche, DAL Dallas/Stars, "
        "EDM Edmonton/Oilers, FLA Florida/Panthers, MIN Minnesota/Wild, MTL Montreal/Canadiens, "
        "NSH Nashville/Predators, OTT Ottawa/Senators, PHI Philadelphia/Flyers, "
        "PIT Pittsburgh/Penguins, SEA Seattle/Kraken, STL St. Louis/Blues, "
        "TBL Tampa Bay/Lightning, TOR Toronto/Maple Leafs, VAN Vancouver/Canucks, "
        "VGK Vegas/Golden Knights, WPG Winnipeg/Jets"
    ),
    "MLB": _teams(
        "ATL Atlanta/Braves, BAL Baltimore/Orioles, BOS Boston/Red Sox, CIN Cincinnati/Reds, "
        "CLE Cleveland/Guardians, COL Colorado/Rockies, DET Detroit/Tigers, HOU Houston/Astros, "
        "KC Kansas City/Royals, MIA Miami/Marlins, MIL Milwaukee/Brewers, MIN Minnesota/Twins, "
        "NYY New York Y/Yankees, NYM New York M/Mets, PHI Philadelphia/Phillies, "
        "PIT Pittsburgh/Pirates, SD San Diego/Padres, SEA Seattle/Mariners, "
        "STL St. Louis/Cardinals, TB Tampa Bay/Rays, TEX Texas/Rangers, TOR Toronto/Blue Jays"
    ),
    "NFL": _teams(
        "ARI Arizona/Cardinals, ATL Atlanta/Falcons, BAL Baltimore/Ravens, BUF Buffalo/Bills, "
        "CHI Chicago/Bears, CIN Cincinnati/Bengals, CLE Cleveland/Browns, DAL Dallas/Cowboys, "
        "DEN Denver/Broncos, DET Detroit/Lions, GB Green Bay/Packers, HOU Houston/Texans, "
        "KC Kansas City/Chiefs, MIA Miami/Dolphins, MIN Minnesota/Vikings, "
        "PHI Philadelphia/Eagles, PIT Pittsburgh/Steelers, SEA Seattle/Seahawks, "
        "TEN Tennessee/Titans, WAS Washington/Commanders"
    ),
}
COUNTED: Final = {"NBA": "Points", "NHL": "Goals", "MLB": "Runs", "NFL": "Points"}
TOTALS: Final = {"NBA": 224, "NHL": 6, "MLB": 8, "NFL": 44}
CLUBS: Final = {
    "EPL": _teams(
        "ARS Arsenal/Arsenal FC, AVL Aston Villa/Aston Villa FC, BRE Brentford/Brentford FC, "
        "BRI Brighton/Brighton & Hove Albion FC, CFC Chelsea/Chelsea FC, "
        "CRY Crystal Palace/Crystal Palace FC, EVE Everton/Everton FC, FUL Fulham/Fulham FC, "
        "LFC Liverpool/Liverpool FC, NEW Newcastle/Newcastle United FC, "
        "TOT Tottenham/Tottenham Hotspur FC, WHU West Ham/West Ham United FC"
    ),
    "LALIGA": _teams(
        "ATM Atletico/Club Atlético de Madrid, BAR Barcelona/FC Barcelona, "
        "BET Betis/Real Betis Balompié, CEL Celta Vigo/RC Celta de Vigo, GIR Girona/Girona FC, "
        "RMA Real Madrid/Real Madrid CF, SEV Sevilla/Sevilla FC, VAL Valencia/Valencia CF, "
        "VIL Villarreal/Villarreal CF, GET Getafe/Getafe CF"
    ),
    "BUNDESLIGA": _teams(
        "BMU Bayern Munich/FC Bayern München, BVB Dortmund/Borussia Dortmund, "
        "SGE Frankfurt/Eintracht Frankfurt, FRE Freiburg/SC Freiburg, "
        "KOE FC Köln/1. FC Köln, B04 Leverkusen/Bayer 04 Leverkusen, MAI Mainz/1. FSV Mainz 05, "
        "VFB Stuttgart/VfB Stuttgart, SVW Bremen/SV Werder Bremen, WOB Wolfsburg/VfL Wolfsburg"
    ),
    "SERIEA": _teams(
        "MIL AC Milan/AC Milan, ATA Atalanta/Atalanta BC, BFC Bologna/Bologna FC 1909, "
        "COM Como/Como 1907, FIO Fiorentina/ACF Fiorentina, INT Inter/FC Internazionale Milano, "
        "JUV Juventus/Juventus FC, LAZ Lazio/SS Lazio, NAP Napoli/SSC Napoli, ROM Roma/AS Roma"
    ),
}
# Asset, its name, a price to build ladders around, the step of a ladder, and its decimals.
ASSETS: Final = (
    ("BTC", "Bitcoin", 70_000, 200.0, 0),
    ("ETH", "Ethereum", 2_200, 20.0, 0),
    ("SOL", "Solana", 120, 2.0, 0),
    ("XRP", "XRP", 2, 0.02, 2),
    ("BNB", "BNB", 640, 5.0, 0),
)
STATES: Final = dict(
    each.split(" ", 1)
    for each in _parts(
        "AZ Arizona, CA California, CO Colorado, CT Connecticut, FL Florida, GA Georgia, "
        "IL Illinois, IN Indiana, IA Iowa, KS Kansas, ME Maine, MD Maryland, MA Massachusetts, "
        "MI Michigan, MN Minnesota, MO Missouri, NV Nevada, NJ New Jersey, NM New Mexico, "
        "NY New York, NC North Carolina, OH Ohio, OR Oregon, PA Pennsylvania, TN Tennessee, "
        "TX Texas, VA Virginia, WA Washington, WI Wisconsin"
    )
)
# Country, and what its presidential election is called.
COUNTRIES: Final = {
    "Brazil": "Brazilian",
    "France": "French",
    "Poland": "Polish",
    "Colombia": "Colombian",
    "Chile": "Chilean",
    "Peru": "Peruvian",
    "Kenya": "Kenyan",
    "Portugal": "Portuguese",
    "Romania": "Romanian",
    "South Korea": "South Korean",
    "Ecuador": "Ecuadorian",
    "Ghana": "Ghanaian",
}
# Kalshi's city code, its words, Polymarket's words, the station of both, and another station.
CITIES: Final = (
    ("NY", "NYC", "New York City", "Central Park, New York", "LaGuardia Airport"),
    ("CHI", "Chicago", "Chicago", "Chicago Midway, IL", "Chicago O'Hare"),
    ("MIA", "Miami", "Miami", "Miami International Airport", "Opa-locka"),
    ("DEN", "Denver", "Denver", "Denver International Airport", "Centennial Airport"),
    ("AUS", "Austin", "Austin", "Austin Bergstrom", "Camp Mabry"),
    ("PHIL", "Philadelphia", "Philadelphia", "Philadelphia International Airport", "Wings Field"),
    ("LAX", "LA", "Los Angeles", "Los Angeles Airport", "Downtown Los Angeles"),
)
AWARDS: Final = (
    ("NBAMVP", "the Pro Basketball MVP", "the {year} NBA MVP"),
    ("NBAROY", "Pro Basketball Rookie of the Year", "the {year} NBA Rookie of the Year"),
    ("NHLHART", "the Hart Memorial Trophy", "the {year} NHL Hart Memorial Trophy"),
    ("MLBALMVP", "AL MVP", "the {year} AL MVP award"),
    ("MLBNLCY", "the NL Cy Young", "the {year} NL Cy Young Award"),
    ("NFLMVP", "the Pro Football MVP", "the {year} NFL MVP"),
    ("HEISMAN", "the Heisman Trophy", "the {year} Heisman Trophy"),
    ("OSCARACTO", "Best Actor at the Oscars", "Best Actor at the {year} Academy Awards"),
    ("OSCARACTR", "Best Actress at the Oscars", "Best Actress at the {year} Academy Awards"),
    ("BALLONDOR", "the Ballon d'Or", "the {year} Ballon d'Or"),
)
BANKS: Final = (
    ("FEDDECISION", "the Federal Reserve", "the Fed"),
    ("CBDECISIONENGLAND", "the Bank of England", "the Bank of England"),
    ("CBDECISIONCANADA", "Bank of Canada", "the Bank of Canada"),
    ("CBDECISIONJAPAN", "the Bank of Japan", "the Bank of Japan"),
    ("CBDECISIONEU", "the European Central Bank", "the European Central Bank"),
)
_FIRST: Final = _parts(
    "Adele, Amara, Anton, Arlo, Bianca, Boris, Calla, Cedric, Clara, Dario, Dalia, Edgar, Elif, "
    "Emil, Esther, Fabian, Farah, Felix, Gemma, Goran, Greta, Hana, Hector, Ilse, Imran, Ines, "
    "Ivo, Jana, Jonas, Judith, Kaito, Karim, Lars, Leila, Lionel, Lucia, Magnus, Maren, Marta, "
    "Milo, Nadia, Nestor, Nina, Olga, Omar, Orla, Pablo, Petra, Quentin, Rafael, Renata, Rosa, "
    "Samir, Selma, Silas, Tara, Theo, Ulla, Umar, Vera, Viktor, Wanda, Xavier, Yara, Yusuf, Zelda"
)
_LAST: Final = _parts(
    "Abbot, Achterberg, Alvarado, Bakker, Barlow, Benedek, Bianchi, Blackwood, Brandt, Calloway, "
    "Castellan, Chandra, Cortez, Dahl, Delacroix, Dimitrov, Dunmore, Eastman, Eriksen, Farrow, "
    "Ferreira, Fontaine, Galloway, Garrick, Grimaldi, Halloran, Hartwell, Hidalgo, Holloway, "
    "Ibarra, Ivanov, Jansen, Jarvis, Kaplan, Keller, Kowalski, Lachlan, Lindqvist, Lockwood, "
    "Marchetti, Mbeki, Mercer, Montague, Nakagawa, Navarro, Novak, Oakley, Okafor, Ostrom, Paget, "
    "Pellegrini, Quiroga, Radley, Ramsden, Rosen, Sadler, Santoro, Sorensen, Stavros, Takeda, "
    "Thackeray, Tremblay, Ulrich, Valdez, Vance-Hill, Varga, Wainwright, Westbrook, Yamada, "
    "Yilmaz, Zamora, Zeller"
)
_MIDDLE: Final = "ABCDEFGHJKLMNPRSTW"


def person(rng: random.Random) -> str:
    """A made-up name; with a middle letter about every tenth time."""
    middle = f" {rng.choice(_MIDDLE)}." if rng.random() < 0.1 else ""
    return f"{rng.choice(_FIRST)}{middle} {rng.choice(_LAST)}"


def coined(rng: random.Random) -> str:
    """A made-up word for a product, a token or a firm."""
    parts = ("ba", "cor", "del", "fi", "gra", "hel", "ix", "jo", "lum", "mar", "nov", "or", "pra")
    ends = ("a", "ex", "io", "on", "um", "ity", "ara", "eon")
    return "".join(rng.choice(parts) for _ in range(rng.randint(1, 3))).title() + rng.choice(ends)
