"""A simulated Kalshi: the exchange behind the wire, written from the fact sheet alone.

`House` is what the REST and the websocket face talk to. Section numbers in this folder's
docstrings are those of shared/facts/kalshi.md.
"""
