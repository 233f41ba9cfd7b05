"""Which contracts are about the same thing."""

from matching.category import category_of
from matching.pairs import Pair, Relation

__all__ = ["Pair", "Relation", "category_of"]
