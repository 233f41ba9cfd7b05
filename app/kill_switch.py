"""The kill switch: a file. While it is there no hedge begins; those at work are finished."""

from __future__ import annotations

from app.config import Settings
from app.private_file import private

_WHY_MAX = 300


def stop(settings: Settings, why: str) -> None:
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with private(settings.kill_file, "w") as handle:
        handle.write(f"{why[:_WHY_MAX]}\n")


def let_go(settings: Settings) -> None:
    settings.kill_file.unlink(missing_ok=True)


def stopped(settings: Settings) -> str | None:
    """Why, as whoever did it said; None where hedges may begin."""
    try:
        return (
            settings.kill_file.read_text(errors="replace")[:_WHY_MAX].strip() or "no reason given"
        )
    except FileNotFoundError:
        return None
