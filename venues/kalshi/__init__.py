"""Kalshi: its wire, its fees, and the venue that speaks them."""

from venues.kalshi.fees import Member
from venues.kalshi.venue import PROD, Kalshi

__all__ = ["PROD", "Kalshi", "Member"]
