"""What likeness of text alone can do on the labelled pairs: the floor that the matcher must beat.

    bench/peers/.venv/bin/python bench/baselines.py --markdown OUT.md --json OUT.json

Reads $DUTCHBOOK_SHARED/data/matching (default ../shared). Positive is same or inverted, ambiguous
rows are left out. Folds never split an event group. A threshold maximises F1 on the training folds
and is applied to the fold left out; everything is reported over those. The boosted model is
trained afresh in each fold and its threshold set on inner folds. TF-IDF is fitted on the pools'
titles, which carry no labels.
"""

import argparse
import json
import os
import re
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import precision_recall_curve, roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold
from threadpoolctl import threadpool_limits

DATA = Path(os.environ.get("DUTCHBOOK_SHARED", "../shared")) / "data/matching"
FOLDS = 5
SEEDS = (1, 2, 3)
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
FUZZ = (
    fuzz.token_set_ratio,
    fuzz.token_sort_ratio,
    fuzz.ratio,
    fuzz.partial_ratio,
    fuzz.WRatio,
    fuzz.partial_token_sort_ratio,
)


def rows_of(name):
    with (DATA / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def text_of(market):
    """What a person reads first: the title, and Kalshi's name of the YES side where it stands."""
    return " ".join(filter(None, (market["title"], market.get("yes_sub_title"))))


def cosines(ours, theirs, **settings):
    vectors = TfidfVectorizer(sublinear_tf=True, **settings)
    vectors.fit(
        row["title"] for name in ("kalshi", "polymarket") for row in rows_of(f"pool_{name}.jsonl")
    )
    one, two = vectors.transform(ours), vectors.transform(theirs)
    return np.asarray(one.multiply(two).sum(axis=1)).ravel()


def numbers_of(text):
    return {found.replace(",", "").rstrip("0").rstrip(".") for found in NUMBER.findall(text)}


def overlap(one, two):
    return len(one & two) / len(one | two) if one | two else 1.0


def features(rows):
    """Scores by name, and a matrix for boosting: no ids, no tickers, no labels."""
    ours = [text_of(row["kalshi"]) for row in rows]
    theirs = [text_of(row["polymarket"]) for row in rows]
    word = cosines(ours, theirs, ngram_range=(1, 2))
    char = cosines(ours, theirs, analyzer="char_wb", ngram_range=(3, 5), min_df=2)
    columns = [word, char]
    pairs = [(default_process(k), default_process(p)) for k, p in zip(ours, theirs, strict=True)]
    columns += [np.array([score(k, p) for k, p in pairs]) / 100 for score in FUZZ]
    for measure in (_numbers, _lengths):
        columns += list(np.array([measure(k, p) for k, p in zip(ours, theirs, strict=True)]).T)
    scores = {"token_set_ratio": columns[2], "TF-IDF cosine": (word + char) / 2}
    return scores, np.column_stack(columns)


def _numbers(ours, theirs):
    one, two = numbers_of(ours), numbers_of(theirs)
    return overlap(one, two), len(one - two), len(two - one), len(one & two)


def _lengths(ours, theirs):
    one, two = len(ours.split()), len(theirs.split())
    return one, two, min(one, two) / max(one, two, 1), overlap(_words(ours), _words(theirs))


def _words(text):
    return set(default_process(text).split())


def best_threshold(score, positive):
    precision, recall, thresholds = precision_recall_curve(positive, score)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return thresholds[np.argmax(f1[:-1])]


def folds(positive, groups, seed):
    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    return list(split.split(positive, positive, groups))


def fixed(score, positive, groups, seed):
    """Score and accept of each row by a score that needs no training."""
    accept = np.zeros(len(positive), bool)
    for train, test in folds(positive, groups, seed):
        accept[test] = score[test] >= best_threshold(score[train], positive[train])
    return score, accept


def boosted(matrix, positive, groups, seed):
    score, accept = np.zeros(len(positive)), np.zeros(len(positive), bool)
    for train, test in folds(positive, groups, seed):
        inner = np.zeros(len(train))
        for fit, held in folds(positive[train], groups[train], seed):
            model = _model(seed).fit(matrix[train][fit], positive[train][fit])
            inner[held] = model.predict_proba(matrix[train][held])[:, 1]
        model = _model(seed).fit(matrix[train], positive[train])
        score[test] = model.predict_proba(matrix[test])[:, 1]
        accept[test] = score[test] >= best_threshold(inner, positive[train])
    return score, accept


def _model(seed):
    return HistGradientBoostingClassifier(
        max_iter=200,
        learning_rate=0.06,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        random_state=seed,
    )


def measured(score, accept, positive, families):
    precision, recall, _ = precision_recall_curve(positive, score)
    sure = recall[precision >= 0.99]
    found = counts(accept, positive) | {
        "auc": round(float(roc_auc_score(positive, score)), 4),
        "recall_at_99": round(float(sure.max()) if len(sure) else 0.0, 4),
        "families": {},
    }
    for family in sorted(set(families)):
        mine = families == family
        found["families"][family] = counts(accept[mine], positive[mine])
    return found


def counts(accept, positive):
    right, n, true = int((accept & positive).sum()), int(accept.sum()), int(positive.sum())
    precision = right / n if n else None
    recall = right / true if true else None
    f1 = 2 * right / (n + true) if n + true else None
    told = {"precision": precision, "recall": recall, "f1": f1}
    rounded = {name: None if value is None else round(value, 4) for name, value in told.items()}
    return {"rows": len(positive), "positives": true, "accepted": n} | rounded


def mean(runs):
    """Over the seeds; a number that some fold-split could not have stays out of its mean."""
    if isinstance(runs[0], dict):
        return {key: mean([run[key] for run in runs]) for key in runs[0]}
    known = [run for run in runs if run is not None]
    return round(float(np.mean(known)), 4) if known else None


def markdown(results):
    lines = [
        "| method | precision | recall | F1 | AUC | recall at precision ≥ .99 |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, found in results.items():
        values = (found[key] for key in ("precision", "recall", "f1", "auc", "recall_at_99"))
        lines.append(f"| {name} | {' | '.join(map(shown, values))} |")
    note = (
        "By family: precision / recall of accept at that threshold (– where nothing was accepted, "
        "or there is nothing to find)."
    )
    head = f"| family | rows | positives | {' | '.join(results)} |"
    lines += ["", note, "", head, "| --- | --- | --- |" + " --- |" * len(results)]
    by_family = defaultdict(list)
    for found in results.values():
        for family, one in found["families"].items():
            by_family[family].append(one)
    for family, each in by_family.items():
        cells = [f"{shown(one['precision'])} / {shown(one['recall'])}" for one in each]
        head = f"| {family} | {each[0]['rows']:.0f} | {each[0]['positives']:.0f} | "
        lines.append(f"{head}{' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def shown(value):
    return "–" if value is None else f"{value:.3f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore", message="The least populated class")
    rows = [row for row in rows_of("pairs_dev.jsonl") if row["certainty"] != "ambiguous"]
    positive = np.array([row["relation"] in {"same", "inverted"} for row in rows])
    groups = np.array([row["group"] for row in rows])
    families = np.array([row["family"] for row in rows])
    scores, matrix = features(rows)
    methods = {
        name: lambda seed, score=score: fixed(score, positive, groups, seed)
        for name, score in scores.items()
    }
    methods["boosted text scores"] = lambda seed: boosted(matrix, positive, groups, seed)
    with threadpool_limits(1):  # on a busy machine its threads mostly wait for each other
        results = {
            name: mean([measured(*run(seed), positive, families) for seed in SEEDS])
            for name, run in methods.items()
        }
    table = markdown(results)
    print(table)
    if asked.markdown:
        asked.markdown.write_text(table, encoding="utf-8")
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
