"""Logs: events with fields, to stderr, so that stdout stays what a command prints."""

from __future__ import annotations

import logging
import sys

import structlog


def to_stderr() -> None:
    """Sends structlog's events (ours, and stamina's about retries) to stderr from warnings up."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
