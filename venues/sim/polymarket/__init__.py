"""The other end of Polymarket's wire: catalogue, exchange, settlement, streams; no shared code."""
