"""The words by which rules texts are recognised: patterns, all for folded lower case."""

from __future__ import annotations

import re
from typing import Final

FIFTY: Final = re.compile(
    r"50\s?%?\s?[-/:]\s?50|\$0?\.50?\b|\b50 ?(?:cents|¢|c)\b|\bat 0\.50?\b|\bto 0\.50?\b"
    r"|split (?:evenly|equally)|half (?:a dollar|of its value|to each)"
)
LAST_PRICE: Final = re.compile(
    r"fair (?:market )?(?:price|value)|last[- ](?:fair|traded?|known|market|available)\b[^.]{0,20}"
    r"(?:price|value)|last price|market price (?:at|before|prior|immediately)"
)
REFUND: Final = re.compile(
    r"refund|\bvoid(?:ed)?\b|stakes? (?:will be |are )?returned|null and void"
)
_SETTLE: Final = (
    r"(?:resolves?|resolved|resolving|settles?|settled|resolution|pays?)"
    r"(?: (?:immediately|also|automatically|then|instead|early))?(?: (?:to|as|in|at|for))?"
    r"(?: the)?"
)
TO_NO: Final = re.compile(
    _SETTLE + r" (?:\"no\b(?! [a-z])|no(?![\w'-]| (?:later|change|more|earlier)))"
)
TO_YES: Final = re.compile(_SETTLE + r" \"?yes\b")
TO_OTHER: Final = re.compile(_SETTLE + r" \"?other\b(?! (?:party|team|side|player))")
TO_NAMED: Final = re.compile(_SETTLE + r" (?:\"|(?:lowest|highest|next|nearest|favou?r))")

CANCELLED: Final = re.compile(
    r"\bcancel|\babandon|\bno[- ]contest\b|\bcalled off\b"
    r"|\bshortened by\b|\botherwise\b[^.]{0,40}\bvoid\b"
    r"|\b(?:not|never|isn't|n't) (?:yet )?(?:been )?(?:be )?(?:completed?|played|started|starts?"
    r"|held|begun|begin|concluded?|finished|occurs?|take place|happen|determined|decided|declared|"
    r"released|published|finalized|announced|confirmed|available)\b"
    r"|\bif (?:for any reason )?no (?:such )?(?!long)[\w' ]{0,60}? (?:is|are|has been|have been"
    r"|takes? place|occurs?)\b|\bceases? to (?:exist|be)"
)
POSTPONED: Final = re.compile(
    r"\bpostpon|\breschedul|\bdelay|\bremain open\b"
    r"|\bnot (?:been )?(?:completed|played|started|held|finished)\b"
    r"|\bmust be (?:completed|played|started|held|finished)\b"
)
OPEN_UNTIL_PLAYED: Final = re.compile(r"remains? open (?:until|till|and)|stays? open|new date")
NUMBERS: Final = {
    "a": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "ten": 10,
    "fourteen": 14,
    "thirty": 30,
    "twenty-four": 24,
    "forty-eight": 48,
}
SPELL: Final = re.compile(
    r"(?:within|over|further than|more than|beyond|longer than|later than|in the next|at least)\s+"
    rf"(?:the next )?(\d+|{'|'.join(NUMBERS)})[\s-](hour|day|week|month)s?"
)
HOURS: Final = {"hour": 1, "day": 24, "week": 168, "month": 720}
GAME: Final = re.compile(
    r"\b(?:game|match|bout|fight|fixture|race|round|contest|tie|make-up|series|event)s?\b"
)

TIE: Final = re.compile(
    r"\b(?:ends?|ended|finish(?:es)?|results?|declared|is|are|there is|event of|case of|score is)"
    r"(?: up)?(?: in| as)?(?: an?| tied at)? (?:tied?|draw)\b|\btied? (?:for|between|score)\b"
    r"|\b(?:game|match|score|teams?|nominees|players|candidates)\b.{0,40}\b(?:tied?|draw)\b"
    r"|\bscored (?:as )?a draw\b|\bscore the same\b|\bsame number of (?:points|goals|runs)\b"
)
TIE_MARKET: Final = re.compile(r"(?:called|named|titled) \"?(?:tie|draw)\"? resolves? to \"?yes")
ALPHABETICAL: Final = re.compile(r"alphabetical")

_EXTRA: Final = r"(?:overtime|extra[- ]time|extra innings|penalt(?:y|ies)|shoot-?outs?)"
OVERTIME_OUT: Final = re.compile(
    rf"\b(?:not|exclud\w*|without|n't|disregard\w*|before|prior to|no)\b[^.;]{{0,45}}{_EXTRA}"
    rf"|{_EXTRA}[^.;]{{0,45}}\b(?:not|n't|no bearing|excluded)\b"
    r"|\bonly\b[^.;]{0,60}\b(?:regulation|90 minutes)"
    r"|\b(?:regulation|90 minutes)\b[^.;]{0,40}\bonly\b"
    r"|\bend of (?:regulation|the 90)|\b90 minutes\b|\bregulation[- ]time\b"
)
OVERTIME_IN: Final = re.compile(
    r"\b(?:includ\w+|inclusive|count\w*|consider\w*|plus|as well as|through)\b[^.;]{0,45}"
    rf"{_EXTRA}"
    rf"|{_EXTRA}[^.;]{{0,45}}\b(?:includ\w+|count\w*|consider\w*|appl\w+)"
)

NOT_EARLY: Final = re.compile(
    r"(?:cannot|can not|can't|may not|will not|must not|won't) (?:be )?(?:resolved?|close)"
    r"(?! to)[^.]*?\b(?:until|prior|before|early)\b|\bmay only resolve (?:once|after|when)\b"
)
EARLY: Final = re.compile(
    r"\b(?:clos\w+|resolv\w+|settl\w+|expir\w+|determin\w+)\b[^.]{0,60}\b(?:early|earlier than)\b"
    r"|\b(?:may|will|can) (?:immediately )?resolve\b[^.]{0,30}\b(?:as soon as|immediately)\b"
    r"|\bmay immediately resolve\b|\bas soon as\b[^.]{0,80}\bresolve"
)

ACTING: Final = re.compile(r"\b(?:acting|interim|caretaker|pro tempore|pro tem|temporary)\b")
NEGATED: Final = re.compile(
    r"\b(?:not|n't|no|never|neither|without|exclud\w*|only|insufficient|disregard\w*|ineligible)\b"
    r"|n't\b"
)
COUNTS: Final = re.compile(
    r"\b(?:count\w*|qualif\w+|includ\w+|consider\w*|suffi\w+|trigger\w*|eligible|valid|exclud\w*)\b"
)
SUCCESSOR: Final = re.compile(
    r"\b(?:or|and) (?:any|its|a|their|such) (?:other )?(?:legal )?successors?\b"
    r"|\bany successors?\b[^.]{0,40}\b(?:count|qualif|includ|appl)"
)

ANNOUNCED: Final = re.compile(
    r"\bannounc\w*|\bdeclares? (?:that|his|her|their) (?:inten|candidacy|resign)"
)
EFFECTIVE: Final = re.compile(
    r"\bsworn[- ]in|\b(?:takes?|taking|assumes?|leaves?|enters?) (?:the )?office|\binaugurated"
    r"|\b(?:takes?|goes|go|comes?|enters?|put|in|into|taken) (?:legal )?(?:in(?:to)? )?effect\b"
    r"|\bbecomes? effective\b|\bceases? to (?:be|hold|serve)\b"
)
REGARDLESS: Final = re.compile(
    r"regardless of (?:when|whether)|even if|whether or not|need not|no matter (?:when|whether)"
)
ALONE: Final = re.compile(
    r"announcement\w*[^.]{0,120}\b(?:not|n't)\b[^.]{0,25}\b(?:count|qualif|suffi|resolve|enough)"
    r"|\b(?:not|n't)\b[^.]{0,30}\b(?:announcement|merely|mere)\b"
)
SUFFICES: Final = re.compile(
    r"announce\w*[^.]{0,120}\b(?:count|qualif\w*|suffi\w*|is enough|encompassed|treated as"
    r"|resolve[^.]{0,20}yes)"
)

DEATH: Final = re.compile(r"\b(?:dies|death|deceased|pass(?:es|ed)? away|died|is dead)\b")
WITHDRAWAL: Final = re.compile(
    r"withdraw|drops? out|\b(?:begins?|starts?) but\b|\binactive\b"
    r"|\b(?:not|n't) (?:play|participate|compete|take the \w+|start)\b"
    r"|\bretires?\b|\bretirement\b|walkover|disqualif|forfeit|scratched|suspends (?:his|her|their)"
    r"|cannot be unconditionally"
)
ADVANCES: Final = re.compile(r"\b(?:whoever|who|player|team|opponent)\b[^.]{0,30}\badvances?\b")
AS_PLAYED: Final = re.compile(r"unconditionally settled|play already completed|already completed")

SCALAR: Final = re.compile(
    r"pro[- ]?rata|proportional|\bfractional|\bfraction of"
    r"|\bdivided (?:equally )?(?:by|among|between)"
    r"|\b1/n\b|\bscalar\b|\$1 ?/|\bone divided by\b|\bsplit among\b|shares? of (?:the|\$1)"
)
DISPUTE: Final = re.compile(r"\buma\b|optimistic oracle|\bdisputes?\b|outcome review")

CORE: Final = re.compile(
    r"\bcore (?:cpi|pce|inflation|consumer|personal|index)|(?:less|exclud\w+|ex) food and energy"
)
HEADLINE: Final = re.compile(r"\ball items\b|\bheadline (?:cpi|pce|inflation)")
UNADJUSTED: Final = re.compile(
    r"not[- ]seasonally|non[- ]seasonally|\bunadjusted|before seasonal|without seasonal"
)
ADJUSTED: Final = re.compile(r"seasonally[- ]adjusted|seasonal adjustment")
YEARLY: Final = re.compile(
    r"year[- ](?:over|on|to)[- ]year|\b12[- ]month|twelve[- ]month|annual (?:rate|inflation|change)"
)
MONTHLY: Final = re.compile(
    r"month[- ](?:over|on|to)[- ]month|monthly (?:change|inflation|rate|incr)"
)
FIRST_PRINT: Final = re.compile(
    r"\b(?:first|initial|advance|original|preliminary)\b[^.]{0,25}"
    r"\b(?:print|releases?|estimates?|reports?|reading|publication|published|figure)\b"
    r"|revis\w+[^.]{0,90}\b(?:not|n't|no bearing|disregard\w*|ignored)\b"
    r"|\b(?:regardless of|ignor\w+|not consider|without)\b[^.]{0,40}\brevis"
)
REVISED: Final = re.compile(
    r"revis\w+[^.]{0,90}\b(?:will|shall|can|may) (?:be )?(?:considered|count|used|included|taken)"
    r"|\blatest (?:version|available|revis)|\b(?:second|third|final) estimate|\bas revised\b"
)
ROUNDED: Final = re.compile(
    r"\brounded (up|down)\b|\brounded (?:half )?(?:up )?to (?:the )?(nearest)|\b(truncat)\w+"
)
PLACES: Final = re.compile(
    r"\b(?:(one|two|three|1|2|3|first|second) decimal|nearest (?:whole|integer)"
    r"|whole (?:degree|number))"
)
TRIMMED: Final = re.compile(r"trimmed mean")
AVERAGED: Final = re.compile(
    r"(?:simple |arithmetic )?average of (?:the )?(?:last )?(?:sixty|60)|60 (?:rti|brti|price)|"
    r"60[- ]second|sixty[- ]second|average of these prices"
)
CANDLE: Final = re.compile(r"(?:1|one)[- ]?m(?:inute)? candle|candlestick|\bcandles?\b")


NUMBER: Final = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
    r"(\s?(?:%|percent\b|[kmbt]\b|thousand\b|million\b|billion\b|trillion\b))?"
)
TO_ABOVE: Final = (
    *("at least", "at or above", "no less than", "not less than", "no fewer than", "reach"),
    *("reaches", "reached", "hit", "hits", "touch", "touches"),
    *("greater than or equal to", "more than or equal to", "higher than or equal to"),
    *("equal to or greater than", "equal to or more than", "equal to or higher than", ">="),
)
TO_BELOW: Final = (
    *("at most", "at or below", "no more than", "not more than", "dip to", "dips to"),
    *("less than or equal to", "fewer than or equal to", "lower than or equal to"),
    *("equal to or less than", "equal to or lower than", "equal to or fewer than", "<="),
)
OVER: Final = (
    *("above", "over", "exceed", "exceeds", "exceeding", "surpass", "surpasses"),
    *("greater than", "more than", "higher than", "larger than"),
)
UNDER: Final = ("below", "under", "less than", "fewer than", "lower than")
OR_EDGE: Final = re.compile(
    r"\s?(?:°\s?[fc]?|\w+)?\s?\(?or (?:(more|higher|greater|above|over|better)|less|lower|fewer"
    r"|below|under)\b"
)
TOUCH: Final = re.compile(
    r"\breach|\bhits?\b|\btouch|\bdips? to|\"high\" price|\"low\" price"
    r"|\bhigh price\b|\bat any time\b"
)
SCALE: Final = {
    "k": 3,
    "thousand": 3,
    "m": 6,
    "million": 6,
    "b": 9,
    "billion": 9,
    "t": 12,
    "trillion": 12,
}
BRACKET: Final = re.compile(
    r"exactly (?:between|on)[^.]{0,60}\b(higher|upper|lower)\b|between two brackets[^.]{0,60}"
    r"\b(higher|lower)\b"
)
