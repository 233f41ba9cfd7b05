"""Simulated venues: product code for the demo and for paper trading, and the tests' other end."""
