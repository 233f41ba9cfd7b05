"""What goes to stderr, so that stdout stays what a command prints: log events, and retries."""

from __future__ import annotations

import logging
import sys

import stamina
import structlog
from stamina.instrumentation import RetryDetails


def to_stderr() -> None:
    """Sends structlog's events to stderr from warnings up, and says each retry in a sentence."""
    stamina.instrumentation.set_on_retry_hooks([_say_retry])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def _say_retry(details: RetryDetails) -> None:
    why = getattr(details.caused_by, "why", str(details.caused_by))
    venue = getattr(details.caused_by, "venue", "a venue")
    sys.stderr.write(f"dutchbook: {venue}: {why}. Trying again in {details.wait_for:.0f} s.\n")
