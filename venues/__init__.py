"""What a venue is: the vocabulary that every other package speaks. Importing it opens no socket."""

from venues.book import Book, Level
from venues.clock import Clock, SystemClock
from venues.errors import (
    AuthRefused,
    NotFound,
    OrderRefused,
    OrderUnknown,
    RateLimited,
    Refused,
    Unavailable,
    VenueError,
    WireError,
)
from venues.fees import (
    CarriedFee,
    FeeModel,
    FeeSchedule,
    RoundedFee,
    Slice,
    UnknownFee,
    WorseFee,
)
from venues.market import Band, Contract, Event, Grid, Market, MarketStatus
from venues.money import CENT, LOT, ONE, Cash, Price, Quantity, micros
from venues.order import (
    Balance,
    Fill,
    Order,
    OrderRequest,
    OrderState,
    Position,
    TimeInForce,
)
from venues.sides import Outcome, Side
from venues.venue import MarketData, Page, PricePoint, Trading, VenueStatus

__all__ = [
    "CENT",
    "LOT",
    "ONE",
    "AuthRefused",
    "Balance",
    "Band",
    "Book",
    "CarriedFee",
    "Cash",
    "Clock",
    "Contract",
    "Event",
    "FeeModel",
    "FeeSchedule",
    "Fill",
    "Grid",
    "Level",
    "Market",
    "MarketData",
    "MarketStatus",
    "NotFound",
    "Order",
    "OrderRefused",
    "OrderRequest",
    "OrderState",
    "OrderUnknown",
    "Outcome",
    "Page",
    "Position",
    "Price",
    "PricePoint",
    "Quantity",
    "RateLimited",
    "Refused",
    "RoundedFee",
    "Side",
    "Slice",
    "SystemClock",
    "TimeInForce",
    "Trading",
    "Unavailable",
    "UnknownFee",
    "VenueError",
    "VenueStatus",
    "WireError",
    "WorseFee",
    "micros",
]
