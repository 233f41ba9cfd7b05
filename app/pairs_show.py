"""`dutchbook pairs show`: both texts beside each other, and what was read in them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from app.cli import console, emit
from app.config import load_settings
from app.pairs_commands import current_texts, find_pair, pair_json, why_not
from app.problem import Exit
from app.report import money, plain
from app.store.opening import read_store
from app.store.store import Store
from matching.judge import judge
from matching.listing import Listing
from matching.pair_book import HEDGEABLE, Kept, Step
from matching.pairs import Relation
from matching.payout import Payout, hedge, joint_states, worst
from matching.read import row_from_listing
from matching.verdict import Agreement, Divergence, Evidence, Judgement, Severity
from venues import Outcome

_SIDE_BY_SIDE: Final = 100
_STYLE: Final = {
    Agreement.AGREE: "green",
    Agreement.BRIDGED: "yellow",
    Agreement.UNKNOWN: "yellow",
    Agreement.CONFLICT: "bold red",
}
_SEVERE: Final = {
    Severity.NOTE: "cyan",
    Severity.CAUTION: "bold yellow",
    Severity.BAR: "bold red",
}


class Change(NamedTuple):
    """A text that is no longer the one that a person decided on, as lines of a diff."""

    venue: str
    lines: tuple[str, ...]


class Worst(NamedTuple):
    """What a hedge pays in its worst state: `kalshi` is the side held there."""

    kalshi: Outcome
    polymarket: Outcome
    payout: Payout


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """All that is told of a pair. `fresh`: the judgement of the texts as they are now."""

    kept: Kept
    why_not: tuple[str, ...]
    kalshi: Listing | None
    polymarket: Listing | None
    fresh: Judgement | None
    changes: tuple[Change, ...]
    history: tuple[Step, ...]

    @property
    def divergences(self) -> tuple[Divergence, ...]:
        return self.fresh.divergences if self.fresh else self.kept.divergences

    @property
    def worst(self) -> tuple[Worst, ...]:
        """Of both hedges; none for markets that cannot hedge one another."""
        relation = self.fresh.relation if self.fresh else self.kept.relation
        return worst_payouts(relation, self.divergences)


def show(id: str, config: Path | None, *, as_json: bool) -> Exit:
    with read_store(load_settings(config).place) as store:
        shown = gather(store, find_pair(store, id))
    if as_json:
        emit(pair_document(shown))
    else:
        print_pair(console(), shown)
    return Exit.DONE


def gather(store: Store, kept: Kept) -> Shown:
    one, two = current_texts(store, kept)
    return Shown(
        kept=kept,
        why_not=why_not(store, kept),
        kalshi=one,
        polymarket=two,
        fresh=judge(one, two) if one and two else None,
        changes=tuple(_changes(store, kept, one, two)),
        history=tuple(store.history(kept.id)),
    )


def worst_payouts(relation: Relation, divergences: Sequence[Divergence]) -> tuple[Worst, ...]:
    if relation not in HEDGEABLE:
        return ()
    states = joint_states(relation, divergences)
    held = [hedge(side, relation) for side in (Outcome.YES, Outcome.NO)]
    return tuple(Worst(h.kalshi, h.polymarket, worst(states, h)) for h in held)


def _changes(
    store: Store, kept: Kept, one: Listing | None, two: Listing | None
) -> Iterator[Change]:
    if kept.decision is None:
        return
    sides = ((kept.kalshi, one), (kept.polymarket, two))
    for (key, now), digest in zip(sides, kept.decision.texts, strict=True):
        before = store.text(key, digest)
        if before is None or now is None:
            continue
        was, is_ = (list(lines_of(each)) for each in (before, now))
        diff = difflib.unified_diff(was, is_, "as decided on", "as it is now", lineterm="", n=0)
        if lines := tuple(diff):
            yield Change(key.venue, lines)


def lines_of(listing: Listing) -> Iterator[str]:
    """What a market means, as lines; whatever a decision is bound to stands in one of them."""
    yield listing.title
    for label, value in (
        ("YES is", listing.subtitle),
        ("outcomes", " / ".join(listing.outcomes)),
        ("strike", " ".join(filter(None, (listing.strike_type, listing.floor, listing.cap)))),
        ("line", listing.line),
        ("event", listing.event_title),
        ("slug", listing.slug),
        ("starts", listing.starts_at.astimezone(UTC).isoformat() if listing.starts_at else ""),
    ):
        if value:
            yield f"{label}: {value}"
    for text in listing.rules:
        yield ""
        yield from text.splitlines()


def print_pair(out: Console, shown: Shown) -> None:
    kept = shown.kept
    out.print(f"{kept.id}: {kept.believed.value}, {kept.state.value}")
    out.print(f"the matcher says {kept.verdict.value}, score {kept.score:.2f}")
    if shown.fresh and _said(shown.fresh) != _said(kept):
        now = f"{shown.fresh.relation.value}, {shown.fresh.verdict.value}"
        out.print(f"Read again now, the texts give something else ({now}): run `pairs find`.")
    why = plain("; ".join(shown.why_not))
    out.print(f"not executable: {why}" if why else "executable")
    out.print()
    out.print(_texts(out, shown))
    for table in (_evidence(shown.fresh), _divergences(shown.divergences), _payouts(shown.worst)):
        if table is not None:
            out.print(table)
    for each in shown.changes:
        out.print(f"Since the decision the text at {each.venue} changed:")
        for line in each.lines[2:]:
            out.print(f"  {_printable(line)}")
    out.print(_history(shown.history))


def _said(found: Judgement | Kept) -> tuple[object, ...]:
    return found.relation, found.verdict, found.assumed, found.divergences


def _texts(out: Console, shown: Shown) -> RenderableType:
    sides = [
        _side(out, "Kalshi", shown.kept.kalshi.id, shown.kalshi, _marks(shown, 0)),
        _side(out, "Polymarket", shown.kept.polymarket.id, shown.polymarket, _marks(shown, 1)),
    ]
    if out.width < _SIDE_BY_SIDE:
        return Group(sides[0], Text(), sides[1])
    table = Table.grid(padding=(0, 3), expand=True)
    for _ in sides:
        table.add_column(ratio=1)
    table.add_row(*sides)
    return table


def _marks(shown: Shown, side: int) -> list[tuple[str, str]]:
    """(words, style) of one side; divergences first, because they are what a person must read."""
    evidence = shown.fresh.evidence if shown.fresh else ()
    found = [((d.kalshi_span, d.polymarket_span), _SEVERE[d.severity]) for d in shown.divergences]
    found += [((e.kalshi_span, e.polymarket_span), _STYLE[e.agreement]) for e in evidence]
    return [(spans[side], style) for spans, style in found if spans[side]]


def _side(
    out: Console, venue: str, id: str, listing: Listing | None, marks: Iterable[tuple[str, str]]
) -> Text:
    head = Text().append(f"{venue} {plain(id)}\n", style="bold")
    if listing is None:
        return head.append("Nobody has read this market's text yet.")
    body = "\n".join(_printable(line) for line in lines_of(listing))
    return head.append_text(marked(body, marks, brackets=not out.is_terminal))


class Stretch(NamedTuple):
    """A part of a text, and the style of the mark that it stands under ("": none)."""

    words: str
    style: str


def marked(body: str, marks: Iterable[tuple[str, str]], *, brackets: bool) -> Text:
    """The text with words marked: by colour, or by « » where there are no colours."""
    text = Text()
    for words, style in stretches(body, marks):
        text.append(f"«{words}»" if brackets and style else words, style=style)
    return text


def stretches(body: str, marks: Iterable[tuple[str, str]]) -> Iterator[Stretch]:
    """The text in parts, marked (words, style) or not. Of two marks that overlap the first given
    stays."""
    taken: list[tuple[int, int, str]] = []
    for words, style in marks:
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        for found in re.finditer(pattern, body) if pattern else ():
            begin, end = found.span()
            if all(end <= b or begin >= e for b, e, _ in taken):
                taken.append((begin, end, style))
    at = 0
    for begin, end, style in sorted(taken):
        yield Stretch(body[at:begin], "")
        yield Stretch(body[begin:end], style)
        at = end
    yield Stretch(body[at:], "")


def _evidence(fresh: Judgement | None) -> Table | None:
    if fresh is None or not fresh.evidence:
        return None
    table = _table("What was read in the texts", "field", "both sides", "Kalshi", "Polymarket")
    for each in fresh.evidence:
        said = "assumed" if each.field in fresh.assumed else each.agreement.value
        table.add_row(plain(each.field), said, plain(each.kalshi_span), plain(each.polymarket_span))
    for veto in fresh.vetoes:
        table.add_row(plain(veto), "veto")
    return table


def _divergences(found: Sequence[Divergence]) -> Table | None:
    if not found:
        return None
    table = _table("Where the rules differ", "what", "severity", "Kalshi", "Polymarket")
    for each in found:
        spans = (plain(span) or "(silent)" for span in (each.kalshi_span, each.polymarket_span))
        table.add_row(plain(each.code), each.severity.value, *spans)
    return table


def _payouts(found: Sequence[Worst]) -> Table | None:
    if not found:
        return None
    table = _table("What a hedge of one contract pays at worst", "held", "pays", "where it does")
    for each in found:
        joint = each.payout.joint
        table.add_row(
            f"{each.kalshi.value.upper()} at Kalshi, {each.polymarket.value.upper()} at Polymarket",
            money(each.payout.pays),
            f"Kalshi settles {joint.kalshi.value}, Polymarket {joint.polymarket.value}",
        )
    return table


def _history(steps: Iterable[Step]) -> Table:
    table = _table("History", "when (UTC)", "state", "by", "verdict", "note")
    for at_ms, kept in steps:
        table.add_row(
            datetime.fromtimestamp(at_ms // 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S"),
            kept.state.value,
            plain(kept.by),
            f"{kept.relation.value}, {kept.verdict.value}",
            plain(kept.note),
        )
    return table


def _table(title: str, *names: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in names:
        table.add_column(name, overflow="fold")
    return table


def _printable(line: str) -> str:
    return "".join(c if c.isprintable() else " " for c in line)


def pair_document(shown: Shown) -> dict[str, Any]:
    return {
        "schema": "dutchbook.pair/1",
        **pair_json(shown.kept, shown.why_not),
        "texts": {
            "kalshi": row_from_listing(shown.kalshi) if shown.kalshi else None,
            "polymarket": row_from_listing(shown.polymarket) if shown.polymarket else None,
        },
        "fresh": _judgement_json(shown.fresh) if shown.fresh else None,
        "worst": [
            {
                "kalshi": each.kalshi.value,
                "polymarket": each.polymarket.value,
                "settles": each.payout.joint._asdict(),
                "pays_micros": each.payout.pays,
            }
            for each in shown.worst
        ],
        "changes": [{"venue": c.venue, "diff": list(c.lines)} for c in shown.changes],
        "history": [
            {
                "at_ms": at_ms,
                "state": kept.state.value,
                "by": kept.by,
                "note": kept.note,
                "relation": kept.relation.value,
                "verdict": kept.verdict.value,
                "kalshi_text": kept.texts.kalshi or None,
                "polymarket_text": kept.texts.polymarket or None,
            }
            for at_ms, kept in shown.history
        ],
    }


def _judgement_json(fresh: Judgement) -> dict[str, Any]:
    return {
        "relation": fresh.relation.value,
        "verdict": fresh.verdict.value,
        "score": fresh.score,
        "assumed": list(fresh.assumed),
        "vetoes": list(fresh.vetoes),
        "evidence": [_evidence_json(each) for each in fresh.evidence],
        "divergences": [each._asdict() for each in fresh.divergences],
    }


def _evidence_json(each: Evidence) -> dict[str, Any]:
    return {**each._asdict(), "agreement": each.agreement.value}
