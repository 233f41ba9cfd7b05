"""The only package that may send an order."""
