"""What others wrote is what they published: no byte of it was changed here."""

from __future__ import annotations

import hashlib
import json

from app.web.render import HERE

VENDOR = HERE / "static" / "vendor"


def test_s16_every_vendored_file_has_its_version_its_licence_and_its_hash() -> None:
    known = json.loads((VENDOR / "vendored.json").read_text())
    told = {name: digest for each in known for name, digest in each["files"].items()}
    here = {path.name for path in VENDOR.iterdir()} - {"vendored.json"}
    assert here == told.keys()
    for name, digest in told.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
    for each in known:
        assert each["version"]
        assert each["licence"]
        assert each["licence_file"] in each["files"]


def test_our_own_scripts_reach_nobody_else_and_evaluate_nothing() -> None:
    for path in (HERE / "static").glob("*.js"):
        text = path.read_text()
        assert "http://" not in text
        assert "https://" not in text
        for word in ("eval(", "new Function", "innerHTML", "document.write", 'setAttribute("style'):
            assert word not in text, (path.name, word)
