"""`dutchbook demo`: a scan of a small tape that we made ourselves, no network and no keys."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from app.cli import console
from app.commands import ScanOptions, scan_tape
from app.problem import Exit
from app.quotes import import_quotes

_DATA: Final = Path(__file__).parent / "demo_data"


def run(*, as_json: bool) -> Exit:
    """Imports the quotes that came with the program and scans them."""
    if not as_json:
        console().print(
            "Offline demo: four made-up pairs, quoted at two venues for two minutes. "
            "Nothing here is real and nothing is sent.\n"
        )
    with tempfile.TemporaryDirectory() as folder:
        tape = Path(folder) / "demo.tape"
        import_quotes(_DATA / "quotes.jsonl", tape)
        options = ScanOptions(
            pairs=_DATA / "pairs.csv", age_ms_max=None, member=None, top=5, as_json=as_json
        )
        return scan_tape(tape, options, None)
