"""What a person must type before something that cannot be taken back."""

from __future__ import annotations

import sys

from app.config import Settings
from app.problem import Exit, Problem


def confirmed(warning: str, word: str, given: str | None) -> None:
    """Raises Problem unless the word was typed, here or as an option."""
    if given is None and sys.stdin.isatty():
        sys.stderr.write(f"{warning} Type {word} to go on: ")
        sys.stderr.flush()
        given = sys.stdin.readline().strip()
    if given != word:
        raise Problem(
            Exit.REFUSED, f"{warning} Nothing was done: type {word}, or give --confirm {word}."
        )


def mode_of(settings: Settings) -> str:
    """How a mode is shown: what comes from simulated venues says so."""
    return f"{settings.mode}{' · SIM' if settings.environment == 'sim' else ''}"
