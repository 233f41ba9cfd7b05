"""Kalshi: its wire, its fees, and the venue that speaks them."""

from venues.kalshi.fees import Member
from venues.kalshi.venue import DEMO, HOSTS, PROD, Kalshi

__all__ = ["DEMO", "HOSTS", "PROD", "Kalshi", "Member"]
