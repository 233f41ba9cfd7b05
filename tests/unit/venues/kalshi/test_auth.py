"""Signatures: the right message, the right padding, the right time, and keys that stay private."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx2
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from venues import AuthRefused, Clock
from venues.bucket import TokenBucket
from venues.http import Call, Http
from venues.kalshi.auth import KalshiAuth, Signer
from venues.skew import Skew

PATH = "/trade-api/v2/portfolio/balance"
RSA = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
ED = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PKCS1, PKCS8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8


def pem(key: object, form: PrivateFormat = PKCS8) -> bytes:
    return key.private_bytes(Encoding.PEM, form, NoEncryption())  # type: ignore[attr-defined,no-any-return]


def signature(headers: dict[str, str]) -> bytes:
    return base64.b64decode(headers["KALSHI-ACCESS-SIGNATURE"], validate=True)


def check_rsa(signed: bytes, message: str, salt: int = 32) -> None:
    pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt)
    RSA.public_key().verify(signed, message.encode(), pss, hashes.SHA256())


@pytest.mark.parametrize("form", [PKCS1, PKCS8])
def test_an_rsa_key_signs_with_pss_and_a_salt_of_32_bytes(form: PrivateFormat) -> None:
    headers = Signer.from_pem("id", pem(RSA, form)).headers("get", PATH + "?limit=5", 1703123456789)
    assert headers["KALSHI-ACCESS-KEY"] == "id"
    assert headers["KALSHI-ACCESS-TIMESTAMP"] == "1703123456789"
    check_rsa(signature(headers), "1703123456789GET/trade-api/v2/portfolio/balance")
    for salt in (0, 20):
        with pytest.raises(InvalidSignature):
            check_rsa(signature(headers), "1703123456789GET" + PATH, salt)
    with pytest.raises(InvalidSignature):
        check_rsa(signature(headers), "1703123456789GET" + PATH + "?limit=5")
    with pytest.raises(InvalidSignature):  # what the often-copied guide signs with
        RSA.public_key().verify(
            signature(headers),
            b"1703123456789GET" + PATH.encode(),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )


def test_an_ed25519_key_signs_plainly_and_always_the_same() -> None:
    headers = Signer.from_pem("id", pem(ED)).headers("GET", "/trade-api/ws/v2", 1)
    ED.public_key().verify(signature(headers), b"1GET/trade-api/ws/v2")
    assert (
        headers["KALSHI-ACCESS-SIGNATURE"]
        == base64.b64encode(ED.sign(b"1GET/trade-api/ws/v2")).decode()
    )


def test_signatures_of_other_people_verify_as_nist_says(shared: Path) -> None:
    """The verifier of these tests is no wishful thinking: it tells salt 20 from salt 32."""
    import json

    file = shared / "data/recorded/signing/rsa_pss_sha256_2048_nist_verify.json"
    vectors = json.loads(file.read_text())["vectors"]
    assert vectors
    for each in vectors:
        public = rsa.RSAPublicNumbers(int(each["e"], 16), int(each["n"], 16)).public_key()
        for salt, good in ((20, True), (32, False)):
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=salt)
            try:
                public.verify(
                    bytes.fromhex(each["S"]), bytes.fromhex(each["Msg"]), pss, hashes.SHA256()
                )
            except InvalidSignature:
                assert not good
            else:
                assert good


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (b"", "no private key"),
        (b"-----BEGIN RSA PRIVATE" + b" KEY-----\nAAAA\n", "no private key"),
        (pem(ec.generate_private_key(ec.SECP256R1())), "another kind of key"),
        (
            RSA.public_key().public_bytes(
                Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
            "no private key",
        ),
        (
            RSA.private_bytes(
                Encoding.PEM, PKCS8, serialization.BestAvailableEncryption(b"password")
            ),
            "without a password",
        ),
    ],
)
def test_what_is_no_key_of_kalshi_is_refused_without_showing_it(bad: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        Signer.from_pem("id", bad)
    assert "AAAA" not in str(caught.value)


@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "remedy"),
    [(0o700, 0o640, "chmod 600"), (0o700, 0o604, "chmod 600"), (0o750, 0o600, "chmod 700")],
)
def test_s02_a_key_file_that_others_can_reach_is_refused(
    tmp_path: Path, folder_mode: int, file_mode: int, remedy: str
) -> None:
    file = tmp_path / "keys" / "kalshi.pem"
    file.parent.mkdir()
    file.write_bytes(pem(ED))
    file.chmod(file_mode)
    file.parent.chmod(folder_mode)
    link = tmp_path / "link.pem"
    link.symlink_to(file)
    for path in (file, link):
        with pytest.raises(ValueError, match=remedy):
            Signer.from_file("id", path)


def test_s02_a_private_key_file_is_read_through_a_link(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    file = tmp_path / "kalshi.pem"
    file.write_bytes(pem(ED))
    file.chmod(0o600)
    link = tmp_path / "link.pem"
    link.symlink_to(file)
    assert Signer.from_file("id", link).headers("GET", "/", 1) == Signer("id", ED).headers(
        "GET", "/", 1
    )
    with pytest.raises(ValueError, match=r"cannot be read: No such file"):
        Signer.from_file("id", tmp_path / "none.pem")


def test_what_is_no_file_of_a_key_is_said_and_never_waits(tmp_path: Path) -> None:
    import os

    tmp_path.chmod(0o700)
    circle, pipe = tmp_path / "circle.pem", tmp_path / "pipe.pem"
    circle.symlink_to(circle)
    os.mkfifo(pipe, 0o600)
    for path in (circle, pipe, Path("~no-such-user-here/kalshi.pem"), tmp_path):
        with pytest.raises(ValueError, match=r"key (file|folder)"):
            Signer.from_file("id", path)


def test_s01_a_signer_shows_nothing_of_its_key() -> None:
    signer = Signer.from_pem("id", pem(RSA))
    assert repr(signer) == "Signer('id')"
    assert "BEGIN" not in str(vars(signer))


async def test_every_request_is_signed_over_the_path_as_it_is_sent(clock: Clock) -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={})

    auth = KalshiAuth(Signer("id", ED), clock, Skew())
    async with httpx2.AsyncClient(auth=auth, transport=httpx2.MockTransport(answer)) as client:
        await client.get("http://127.0.0.1/trade-api/v2/markets/A%20B%2FC%25", params={"depth": 1})
    headers = dict(seen[0].headers)
    ED.public_key().verify(
        base64.b64decode(headers["kalshi-access-signature"]),
        f"{clock.now_ms()}GET/trade-api/v2/markets/A%20B%2FC%25".encode(),
    )


@pytest.mark.parametrize(("ahead_s", "tries"), [(0, 1), (1, 1), (-1, 1), (60, 2), (-60, 2)])
async def test_a_wrong_clock_is_learned_from_the_refusal_and_signed_again_once(
    clock: Clock, ahead_s: int, tries: int
) -> None:
    from email.utils import formatdate

    stamps: list[int] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        stamps.append(int(request.headers["kalshi-access-timestamp"]))
        date = formatdate(clock.now_ms() // 1_000 + ahead_s, usegmt=True)
        return httpx2.Response(401, json={"code": "no"}, headers={"date": date})

    skew = Skew()
    async with Http(
        venue="kalshi",
        hosts={"": "http://127.0.0.1/trade-api/v2"},
        clock=clock,
        bucket=TokenBucket(clock, capacity=9, refill_per_s=9),
        auth=KalshiAuth(Signer("id", ED), clock, skew),
        skew=skew,
        transport=httpx2.MockTransport(answer),
    ) as http:
        for _ in range(2):
            with pytest.raises(AuthRefused):
                await http.act(Call(method="POST", path="/x", body=b"{}", answer=dict), "x")
    assert len(stamps) == tries + 1  # the second call knows already
    assert abs(stamps[-1] - clock.now_ms() - (ahead_s * 1_000 if tries == 2 else 0)) <= 1_000


def test_the_headers_of_a_websocket_are_those_of_its_path(clock: Clock) -> None:
    auth = KalshiAuth(Signer("id", ED), clock, Skew())
    headers = auth.websocket_headers("wss://127.0.0.1/trade-api/ws/v2")
    ED.public_key().verify(signature(headers), f"{clock.now_ms()}GET/trade-api/ws/v2".encode())
