"""Made-up secrets, each in a file of its own, and everything that could show one of them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

WALLET: Final = "c0ffee" + "7a1b9d3e5f" * 5 + "0badf00d"
SECRET: Final = base64.urlsafe_b64encode(b"canary-of-the-api-secret/32bytes").decode()
PASSPHRASE: Final = "canary-passphrase/of+the=venue"
WEBHOOK: Final = "canaryT0/canaryB0/canaryX0webhook"
PASSWORD: Final = "canary-password-of-the-mail"
TOKEN: Final = "canary-token-of-the-page-longer-than-24"
DATABASE: Final = "canary-password-of-the-database"
TEXTS: Final = (WALLET, SECRET, PASSPHRASE, WEBHOOK, PASSWORD, TOKEN, DATABASE)


@dataclass(frozen=True)
class Canaries:
    """The files that hold them; the text of the RSA key is made anew each time."""

    folder: Path
    rsa: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """The lines of the key too: one of them would be enough to know it by."""
        lines = [line for line in self.rsa.splitlines() if len(line) == 64]
        return (*TEXTS, *lines)

    def file(self, name: str) -> Path:
        return self.folder / name


def made(folder: Path) -> Canaries:
    folder.mkdir(mode=0o700)
    pem = (
        rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        .decode()
    )
    for name, text in (
        ("rsa.pem", pem),
        ("wallet", WALLET),
        ("password", PASSWORD),
        ("token", TOKEN),
    ):
        file = folder / name
        file.touch(mode=0o600)
        file.write_text(text)
    return Canaries(folder, pem)


def forms(secret: str) -> Iterator[str]:
    """Raw, and in base64 (at each of the three places that a longer text may put it), hex and URL
    encoding."""
    raw = secret.encode()
    yield from (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], raw.hex())
    yield raw.hex().upper()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        for shift in range(3):
            whole = encode(b"\0" * shift + raw).decode()
            yield whole[4 if shift else 0 :].rstrip("=")[:-2]


def shown(secrets: Iterable[str], text: str) -> list[str]:
    """The secrets that a text shows in any of these forms."""
    return [each for each in secrets if any(form in text for form in forms(each))]


def texts_under(folder: Path, *, but: Path) -> Iterator[tuple[Path, str]]:
    """Every file beneath, packed ones unpacked, but not those in the folder `but`."""
    import gzip

    for path in folder.rglob("*"):
        if path.is_file() and but not in path.parents:
            raw = path.read_bytes()
            yield path, (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("latin-1")
