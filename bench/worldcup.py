"""The World Cup recordings as quotes and pairs, and the headline of scanning them.

    .venv/bin/python bench/worldcup.py          (needs ../shared, or $DUTCHBOOK_SHARED)
    .venv/bin/python bench/worldcup.py --replay (what clicks would have got: docs/replay.md)

Three matches, 4–6 July 2026, best bid and ask with sizes at both venues every 3.7 seconds. Sports
paid 0.03 at Polymarket on those days.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MATCHES = ("mexico_england", "mexico_england_main", "paraguay_france")


def rows_of(shared: Path, match: str) -> list[dict[str, Any]]:
    folder = shared / "data/recorded/cross/worldcup_live"
    with gzip.open(folder / f"cross_venue_{match}.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


def quotes_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cents as floats → dollar strings, in the form that `tape import` wants."""
    out: list[dict[str, Any]] = []
    for row in rows:
        kalshi, polymarket = row["pair"].split(":")
        line = {"ts_ms": row["ts"], "received_ms": row["t_fetch"], "venue": row["venue"]}
        line["market"] = kalshi if row["venue"] == "kalshi" else polymarket
        for side in ("bid", "ask"):
            cents = row[side]
            line[side] = None if cents is None else f"{round(cents * 10) / 1000:.3f}"
            line[f"{side}_size"] = None if cents is None else row[f"{side}_sz"]
        out.append(line)
    return out


def write_files(rows: list[dict[str, Any]], folder: Path) -> tuple[Path, Path]:
    """(quotes, pairs) files for the command line."""
    quotes, pairs = folder / "quotes.jsonl", folder / "pairs.csv"
    quotes.write_text("".join(json.dumps(quote) + "\n" for quote in quotes_of(rows)))
    head = "pair_id,kalshi,polymarket,relation,polymarket_fee_rate,payout_date\n"
    names = sorted({row["pair"] for row in rows})
    lines = [f"{n.split(':')[0]},{n.replace(':', ',')},same,0.03,2026-07-20\n" for n in names]
    pairs.write_text(head + "".join(lines))
    return quotes, pairs


def main() -> None:
    shared = Path(os.environ.get("DUTCHBOOK_SHARED", ROOT.parent / "shared"))
    program = str(ROOT / ".venv/bin/dutchbook")
    for match in MATCHES:
        with tempfile.TemporaryDirectory() as name:
            quotes, pairs = write_files(rows_of(shared, match), Path(name))
            tape = str(Path(name) / "tape")
            subprocess.run([program, "tape", "import", str(quotes), "-o", tape], check=True)
            sys.stdout.flush()
            words = ["scan", "--tape", tape]
            if "--replay" in sys.argv:
                words = ["replay", tape, "--delay-ms", "0,1000,5000"]
            subprocess.run([program, *words, "--pairs", str(pairs)], check=True)


if __name__ == "__main__":
    main()
