"""Mail over TLS and STARTTLS with a password, to a real server whose authority is our own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alerts.channel import Undelivered
from alerts.email import Mail, Server
from alerts.message import Message

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the whole line is encrypted
MUTE = "http://127.0.0.1:8765/alerts?mute=KXFED"
MESSAGE = Message(
    title="$5.00: Fed holds?",
    lines=("Buy YES",),
    link="http://127.0.0.1:8765/a/x?v=y",
    mute=MUTE,
    legs=(("180.00 YES", "Kalshi", "0.40", "0.41", "$72.00", "$3.02", "Fed <holds>?"),),
    facts=(("Profit", "$5.00 (2.1 %)"), ("At worst", "−$77.25")),
)


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate of this machine that signs itself, and the server's side of it."""
    folder = tmp_path_factory.mktemp("papers")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    ours = folder / "ca.pem"
    ours.write_bytes(found.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ours, secret)
    return ours, context


class Box:
    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.was_encrypted: list[bool] = []

    async def handle_DATA(  # noqa: N802 - the server's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(envelope.content)
        transport = server.transport
        assert transport is not None
        self.was_encrypted.append(transport.get_extra_info("ssl_object") is not None)
        return "250 OK"


@asynccontextmanager
async def served(box: Box, context: ssl.SSLContext, security: str) -> AsyncIterator[int]:
    def check(
        server: SMTP, session: Session, envelope: Envelope, how: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        is_right = (data.login, data.password) == (b"me", b"s3cr3t")
        return AuthResult(success=is_right, handled=False)

    loop = asyncio.get_running_loop()
    options: dict[str, Any] = {"authenticator": check, "auth_required": True}
    if security == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    else:
        options |= {"auth_require_tls": False}
    server = await loop.create_server(
        lambda: SMTP(box, loop=loop, **options),
        "127.0.0.1",
        0,
        ssl=context if security == "tls" else None,
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


def channel(port: int, security: Any, *, ca_file: Path | None, password: str = "s3cr3t") -> Mail:
    server = Server(
        host="127.0.0.1",
        port=port,
        security=security,
        ca_file=str(ca_file) if ca_file else None,
        user="me",
        password=password,
    )
    return Mail(server, sender="from@example.com", recipients=["to@example.com"])


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_letter_arrives_encrypted_whole_and_with_what_it_links_to(
    papers: tuple[Path, ssl.SSLContext], security: str
) -> None:
    ca_file, context = papers
    box = Box()
    async with served(box, context, security) as port:
        await channel(port, security, ca_file=ca_file).send(MESSAGE)
    [content] = box.letters
    assert box.was_encrypted == [True]
    read = message_from_bytes(content, policy=policy.default)
    assert read["List-Unsubscribe"] == f"<{MUTE}>"
    assert read.get_content_type() == "multipart/alternative"
    plain, html = read.get_body(("plain",)), read.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert "At worst: −$77.25" in plain.get_content()
    shown = html.get_content()
    assert "Fed &lt;holds&gt;?" in shown
    assert "−$77.25" in shown
    assert f'href="{MUTE}"' in shown
    assert "src=" not in shown
    assert "url(" not in shown
    assert "<link" not in shown


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_that_nobody_vouches_for_gets_neither_password_nor_letter(
    papers: tuple[Path, ssl.SSLContext], security: str
) -> None:
    _, context = papers
    box = Box()
    async with served(box, context, security) as port:
        with pytest.raises(Undelivered, match="could not be reached"):
            await channel(port, security, ca_file=None).send(MESSAGE)
    assert box.letters == []


async def test_a_wrong_password_is_given_up(papers: tuple[Path, ssl.SSLContext]) -> None:
    ca_file, context = papers
    async with served(Box(), context, "starttls") as port:
        with pytest.raises(Undelivered, match="refused user and password") as caught:
            await channel(port, "starttls", ca_file=ca_file, password="no").send(MESSAGE)
    assert not caught.value.again


def test_an_authority_that_is_none_is_told_by_its_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ca\.pem cannot be read"):
        channel(25, "tls", ca_file=tmp_path / "ca.pem")
