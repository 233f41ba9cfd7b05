"""What ends a command early: one plain sentence and an exit code."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes, fixed by contract."""

    DONE = 0
    OUR_BUG = 1
    WRONG_USAGE = 2
    BAD_FILE = 3
    PARTIAL = 4
    REFUSED = 5
    UNKNOWN_OUTCOME = 6


class Problem(Exception):
    """Something a person can mend. str() says what happened and what to do."""

    def __init__(self, code: Exit, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
