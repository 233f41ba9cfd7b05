"""Catalogues of the pools joined with the pair members, and what a candidates file finds of them.

    python bench/blocking.py write OUT_DIR           four catalogue files, two of each venue
    python bench/blocking.py score CANDIDATES.jsonl  recall of the labelled pairs, counts a market

Reads $DUTCHBOOK_SHARED/data/matching (default ../shared). `titles` knows a pair member by its id
and title alone, as the pools know their markets; `full` gives it every field its row has. A
Polymarket market without an id takes its title for one, here and in the score.
"""

import argparse
import json
import math
import os
import statistics
from collections import defaultdict
from pathlib import Path

DATA = Path(os.environ.get("DUTCHBOOK_SHARED", "../shared")) / "data/matching"
POSITIVE = ("same", "inverted")
LOGICAL = ("k_implies_p", "p_implies_k", "exclusive")


def rows_of(path):
    with Path(path).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def pairs():
    """The rows that count: an ambiguous one does not."""
    return [row for row in rows_of(DATA / "pairs_dev.jsonl") if row["certainty"] != "ambiguous"]


def id_of(market):
    return market.get("id") or market.get("ticker") or market["title"]


def catalogue(venue, *, fields):
    """The venue's pool and then the pair members it lacks, each id once.

    A market of both keeps the pool's title in `titles` and the member's own in `full`; where two
    rows tell a member differently, the first to name a field is believed.
    """
    pool = {row["id"]: row for row in rows_of(DATA / f"pool_{venue}.jsonl")}
    members = {}
    for row in rows_of(DATA / "pairs_dev.jsonl"):
        said = row[venue]
        known = members.setdefault(id_of(said), {"id": id_of(said)})
        known.update({name: said[name] for name in said if not known.get(name)})
    if fields == "full":
        return list((pool | members).values())
    short = {id: {"id": id, "title": member["title"]} for id, member in members.items()}
    return list((short | pool).values())


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for venue in ("kalshi", "polymarket"):
        for fields in ("titles", "full"):
            markets = catalogue(venue, fields=fields)
            path = folder / f"{venue}_{fields}.jsonl"
            text = "".join(json.dumps(market, ensure_ascii=False) + "\n" for market in markets)
            path.write_text(text, encoding="utf-8")
            print(f"{path}: {len(markets):,} markets")


def score(path, limit):
    """Recall by relation and family, and how many candidates a market got.

    `limit` cuts every list, to see what fewer candidates would cost. The mean counts every market
    with a line, so a candidates file should have one for each Kalshi market, empty ones too.
    """
    offered = {row["kalshi"]: row["candidates"][:limit] for row in rows_of(path)}
    counts = sorted(len(found) for found in offered.values())
    families = defaultdict(lambda: [0, 0])
    overall, logical, missed = [0, 0], [0, 0], []
    for row in pairs():
        kalshi, polymarket = id_of(row["kalshi"]), id_of(row["polymarket"])
        hit = polymarket in offered.get(kalshi, ())
        if row["relation"] in POSITIVE:
            for tally in (overall, families[row["family"]]):
                tally[0] += hit
                tally[1] += 1
            if not hit:
                missed.append(row)
        elif row["relation"] in LOGICAL:
            logical[0] += hit
            logical[1] += 1
    p95 = counts[min(len(counts) - 1, math.ceil(0.95 * len(counts)) - 1)] if counts else 0
    return {
        "recall": ratio(overall),
        "families": {name: ratio(tally) for name, tally in sorted(families.items())},
        "logical": ratio(logical),
        "markets": len(counts),
        "candidates": {
            "mean": round(statistics.fmean(counts), 2) if counts else 0,
            "p95": p95,
            "max": counts[-1] if counts else 0,
        },
        "missed": [told(row) for row in missed],
    }


def ratio(tally):
    hits, all_of = tally
    return {"hits": hits, "of": all_of, "recall": round(hits / all_of, 4) if all_of else None}


def told(row):
    kalshi, polymarket = row["kalshi"], row["polymarket"]
    return {
        "pair_id": row["pair_id"],
        "family": row["family"],
        "kalshi": f"{id_of(kalshi)} | {kalshi['title']}",
        "polymarket": polymarket["title"],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write").add_argument("folder", type=Path)
    scoring = commands.add_parser("score")
    scoring.add_argument("candidates", type=Path)
    scoring.add_argument("--limit", type=int, default=None, help="cut each list to so many")
    asked = parser.parse_args()
    if asked.command == "write":
        write(asked.folder)
    else:
        print(json.dumps(score(asked.candidates, asked.limit), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
