"""Kalshi's JSON as msgspec Structs, one file per area; `raw` holds what they share."""
