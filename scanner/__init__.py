"""What is left after fees."""

from scanner.offer import Offer, OrderKind
from scanner.opportunity import Finding, Leg, Opportunity, ScanReport
from scanner.scan import Listed, Policy, Reason, scan
from scanner.spread import Point, Sized, curve, size

__all__ = [
    "Finding",
    "Leg",
    "Listed",
    "Offer",
    "Opportunity",
    "OrderKind",
    "Point",
    "Policy",
    "Reason",
    "ScanReport",
    "Sized",
    "curve",
    "scan",
    "size",
]
