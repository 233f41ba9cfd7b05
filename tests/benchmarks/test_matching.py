"""The matcher on whole catalogues, on one hundredth of them changed, on one pair, and a peer.

Prints seconds, memory, precision and recall; asserts no seconds. `make bench` runs it; the numbers
in docs/matching.md come from here. DUTCHBOOK_BENCH_MARKETS makes the catalogues smaller.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from matching_question import Row
from matching_world import World, versions, world, write

from matching.catalogue import Matched, Matcher
from matching.judge import judge
from matching.listing import Listing
from matching.read import listing_from_row

ROOT = Path(__file__).parents[2]
PEER = ROOT / "bench/peers/.venv/bin/python"
DATA = Path(os.environ.get("DUTCHBOOK_SHARED", ROOT.parent / "shared")) / "data/matching"
MARKETS = int(os.environ.get("DUTCHBOOK_BENCH_MARKETS", "50000"))
POSITIVE = ("same", "inverted")
Ids = tuple[str, str]


@pytest.fixture(scope="module")
def grown() -> tuple[World, World]:
    return versions(5, MARKETS)


def test_two_whole_catalogues(grown: tuple[World, World], tmp_path: Path) -> None:
    before = grown[0]
    write(tmp_path, before)
    files = [f"--{venue}={tmp_path / venue}.jsonl" for venue in ("kalshi", "polymarket")]
    offers, program = tmp_path / "candidates.jsonl", Path(sys.executable).with_name("dutchbook")
    found, seconds, largest, together = measured(
        [program, "pairs", "find", *files, f"--candidates={offers}", "--json"],
        tmp_path / "found.json",
    )
    print(
        f"\npairs find, {MARKETS:,} × {MARKETS:,}: {seconds:.1f} s ({seconds / 30:.2f} of the 30 s "
        f"asked for), largest process {largest} MB, all together {together} MB"
    )
    print(f"  it says of itself: {json.dumps({k: v for k, v in found.items() if k != 'pairs'})}")
    if isinstance(found.get("pairs"), list):
        accepted = {(row["kalshi"], row["polymarket"]): row["relation"] for row in found["pairs"]}
        tell(accepted, before.truth, before.domains)
    offered = dict[str, list[str]]()
    for line in offers.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        offered[row["kalshi"]] = row["candidates"]
    hits = sum(p in offered.get(k, ()) for k, p in before.truth)
    mean = sum(map(len, offered.values())) / MARKETS
    print(f"  candidates: recall {hits / len(before.truth):.4f} of the twins, {mean:.1f} a market")


def test_one_hundredth_changed(grown: tuple[World, World]) -> None:
    matcher = Matcher()
    spent = []
    for made in grown:
        listings = [listed("kalshi", made.kalshi), listed("polymarket", made.polymarket)]
        start = time.perf_counter()
        matched = matcher.update(*listings)
        spent.append(time.perf_counter() - start)
        print(
            f"\nMatcher.update: {spent[-1]:.2f} s, {matched.looked_at:,} listings looked at, "
            f"{matched.judged:,} pairs judged, {len(matched.review):,} to review"
        )
        tell(accepts(matched), made.truth, made.domains)
    print(f"1 % changed took {spent[1] / spent[0]:.3f} of a cold run")


def test_one_pair_explained() -> None:
    """Against the least that must happen to two listings: their rows are decoded from JSON."""
    made = world(9, 2_000)
    ours, theirs = ({r[id]: r for r in rows} for rows, id in _sides(made))
    rows = [(ours[k], theirs[p]) for k, p in made.truth]
    near = random.Random(9).sample([*made.polymarket], len(rows))
    rows += [(k, p) for (k, _), p in zip(rows, near, strict=True)]
    payloads = [(json.dumps(k).encode(), json.dumps(p).encode()) for k, p in rows]
    pairs = [(listing_from_row("kalshi", k), listing_from_row("polymarket", p)) for k, p in rows]

    def decode() -> None:
        for one, two in payloads:
            msgspec.json.decode(one)
            msgspec.json.decode(two)

    def explain() -> None:
        for one, two in pairs:
            judge(one, two)

    floor, ours_took = (best(work) / len(rows) for work in (decode, explain))
    slowest = max(best(lambda pair=pair: judge(*pair), 2) for pair in pairs[:100])
    print(
        f"\none pair judged: {ours_took * 1e6:.0f} µs, {ours_took / floor:.0f}× the msgspec decode "
        f"of both rows ({floor * 1e6:.1f} µs); the slowest of 100: {slowest * 1e6:.0f} µs"
    )


@pytest.mark.parametrize("source", ["generated", "real titles"])
def test_beside_arb_tool(source: str, tmp_path: Path) -> None:
    if source == "generated":
        made = world(7, 2_000)
        truth, false = made.truth, None
    elif DATA.exists():
        made, false = real(tmp_path, 2_000)
        truth = made.truth
    else:
        pytest.skip(f"no {DATA}")
    start = time.perf_counter()
    listings = [listed("kalshi", made.kalshi), listed("polymarket", made.polymarket)]
    found = accepts(Matcher().update(*listings))
    ours = time.perf_counter() - start
    print(f"\n{source}, {len(made.kalshi):,} × {len(made.polymarket):,}: ours {ours:.2f} s")
    tell(found, truth, {}, false)
    if not PEER.exists():
        print("  no peer: make bench sets it up")
        return
    ran = subprocess.run(
        [PEER, ROOT / "bench/peers/arb_tool_matches.py"],
        input=json.dumps({"kalshi": made.kalshi, "polymarket": made.polymarket}),
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        print(f"  the peer failed: {ran.stderr[-300:]}")
        return
    theirs = json.loads(ran.stdout)
    print(f"  arb-tool {theirs['seconds']:.2f} s, {theirs['seconds'] / ours:.1f}× as long")
    # It knows no direction: whichever is right counts as its own.
    tell({(k, p): truth.get((k, p), "same") for k, p in theirs["accepted"]}, truth, {}, false)


def real(folder: Path, markets: int) -> tuple[World, set[Ids]]:
    """The labelled markets filled up with others of the pools, and the pairs that are no twins."""
    program = ROOT / "bench/blocking.py"
    shared = {**os.environ, "DUTCHBOOK_SHARED": str(DATA.parents[1])}
    subprocess.run(
        [sys.executable, program, "write", folder], env=shared, check=True, capture_output=True
    )
    labels = dict[Ids, str]()
    for row in lines_of(DATA / "pairs_dev.jsonl"):
        if row["certainty"] != "ambiguous":
            k, p = row["kalshi"]["ticker"], row["polymarket"]
            labels[k, p.get("id") or p["title"]] = row["relation"]
    sides = []
    for venue, members in (
        ("kalshi", {k for k, _ in labels}),
        ("polymarket", {p for _, p in labels}),
    ):
        rows = lines_of(folder / f"{venue}_full.jsonl")
        others = [row for row in rows if row["id"] not in members]
        fill = random.Random(3).sample(others, markets - len(members))
        sides.append((*(row for row in rows if row["id"] in members), *fill))
    truth = {pair: said for pair, said in labels.items() if said in POSITIVE}
    return World(sides[0], sides[1], truth, {}), labels.keys() - truth.keys()


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _sides(made: World) -> Iterable[tuple[tuple[Row, ...], str]]:
    return (made.kalshi, "ticker"), (made.polymarket, "id")


def listed(venue: str, rows: Iterable[Row]) -> list[Listing]:
    return [listing_from_row(venue, row) for row in rows]


def accepts(matched: Matched) -> dict[Ids, str]:
    return {(j.kalshi.id, j.polymarket.id): j.relation.value for j in matched.accepted}


def tell(
    accepted: Mapping[Ids, str],
    truth: Mapping[Ids, str],
    domains: Mapping[str, str],
    false: Collection[Ids] | None = None,
) -> None:
    """Prints precision and recall; a wrong direction is wrong. `false` are the pairs known to be
    no twins: where it is given, an accept that nobody labelled is counted apart.
    """
    right = {pair for pair, said in accepted.items() if truth.get(pair) == said}
    wrong = [p for p in accepted if p not in right and (false is None or p in truth or p in false)]
    turned = sum(pair in truth for pair in wrong)
    judged = len(right) + len(wrong)
    print(
        f"  {len(accepted):,} accepted, {len(truth):,} true: precision "
        f"{len(right) / judged if judged else 0:.4f}, recall {len(right) / len(truth):.4f}, "
        f"{turned} in the wrong direction, {len(accepted) - judged:,} not labelled"
    )
    if not domains:
        return
    asked, hit = (Counter(domains[k] for k, _ in pairs) for pairs in (truth, right))
    missed = Counter(domains[k] for k, _ in wrong)
    told = (
        f"{name} {hit[name]}/{n}" + f" −{missed[name]}" * (missed[name] > 0)
        for name, n in asked.most_common()
    )
    print(f"  right/true −wrong: {', '.join(told)}")


def best(work: Any, rounds: int = 3) -> float:
    spent = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return min(spent)


def measured(command: list[Any], answer: Path) -> tuple[dict[str, Any], float, int, int]:
    """What a program answered, its seconds, and in MB its largest process and its whole tree."""
    start = time.perf_counter()
    with answer.open("wb") as out, subprocess.Popen(command, stdout=out) as ran:
        tree = [0]
        done = threading.Event()
        watch = threading.Thread(target=_watch, args=(ran.pid, tree, done))
        watch.start()
        _, status, used = os.wait4(ran.pid, 0)
        ran.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        done.set()
        watch.join()
    assert ran.returncode == 0, f"{command[0]} ended with {ran.returncode}"
    largest = used.ru_maxrss // 1024
    return json.loads(answer.read_bytes()), seconds, largest, max(tree[0] // 1024, largest)


def _watch(root: int, tree: list[int], done: threading.Event) -> None:
    """Keeps the most memory that a process and its children held at once, shared pages once."""
    while not done.wait(0.25):
        try:
            children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
            tree[0] = max(tree[0], sum(map(_proportional_kb, (str(root), *children))))
        except OSError:
            return


def _proportional_kb(process: str) -> int:
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
