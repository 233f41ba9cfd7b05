"""Polymarket's main venue: the catalogue (Gamma) and the exchange (CLOB), public reads."""

from venues.polymarket.venue import CLOB, GAMMA, Polymarket

__all__ = ["CLOB", "GAMMA", "Polymarket"]
