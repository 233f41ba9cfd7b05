"""What a comparison gathers: evidence per field, vetoes, bridges, divergences, the relation."""

from __future__ import annotations

from dataclasses import dataclass, field

from matching.pairs import Relation
from matching.verdict import Agreement, Divergence, Evidence, Severity


@dataclass(slots=True)
class Finding:
    """The one mutable thing of a comparison; `judge` turns it into a Judgement.

    In every method `k` and `p` are the words of Kalshi and of Polymarket. `vetoes`, `assumed` and
    `open` name fields or rules: what surely differs, what a rule filled, what a person must see.
    `may_tie`: a game can end level, and then the titles do not settle both contracts.
    """

    relation: Relation = Relation.UNRELATED
    evidence: list[Evidence] = field(default_factory=list)
    vetoes: list[str] = field(default_factory=list)
    assumed: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    divergences: list[Divergence] = field(default_factory=list)
    may_tie: bool = False

    def agree(self, name: str, k: str, p: str) -> None:
        """Both say it, and the same."""
        self.evidence.append(Evidence(name, Agreement.AGREE, k, p))

    def bridge(self, name: str, k: str, p: str, rule: str) -> None:
        """One side is silent; `rule` says what fills it."""
        self.evidence.append(Evidence(name, Agreement.BRIDGED, k, p))
        self.assume(rule)

    def assume(self, rule: str) -> None:
        """A rule filled what a side leaves out; each rule once."""
        if rule not in self.assumed:
            self.assumed.append(rule)

    def unknown(self, name: str, k: str, p: str) -> None:
        """Neither agreed nor refused: a person must look."""
        self.evidence.append(Evidence(name, Agreement.UNKNOWN, k, p))
        self.open.append(name)

    def veto(self, name: str, k: str, p: str, code: str) -> None:
        """Both say it, and not the same: no pair, whatever the relation. `code` "": none."""
        self.evidence.append(Evidence(name, Agreement.CONFLICT, k, p))
        self.vetoes.append(name)
        self.diverge(code, k, p, Severity.BAR)

    def differ(self, name: str, k: str, p: str, code: str) -> None:
        """A difference in what is asked that the relation already expresses."""
        self.evidence.append(Evidence(name, Agreement.CONFLICT, k, p))
        self.diverge(code, k, p, Severity.BAR)

    def diverge(self, code: str, k: str, p: str, severity: Severity) -> None:
        """What would settle the two otherwise; of each code the first is kept."""
        if code and all(each.code != code for each in self.divergences):
            self.divergences.append(Divergence(code, severity, k, p))

    def relate(self, relation: Relation) -> None:
        """What is known of the relation so far; the last one counts."""
        self.relation = relation
