"""The settings of the page: where it is served, and who may come in."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_TOKEN_ITSELF: Final = re.compile(r"[\w+=-]{24,}", re.ASCII)
_PUBLIC: Final = re.compile(r"https?://[\w.-]+(:\d+)?/?|https?://\[[0-9a-fA-F:]+\](:\d+)?/?")


def _token_file(value: object) -> object:
    """Whoever writes the token where its file belongs must not find it in a message."""
    if isinstance(value, str) and _TOKEN_ITSELF.fullmatch(value):
        raise ValueError("is the token itself: put it into a file of yours alone, and name that")
    return value


def _host(value: str) -> str:
    """Raises ValueError for a name: what it leads to may change."""
    return str(ipaddress.ip_address(value))


def _public_url(value: str) -> str:
    if not _PUBLIC.fullmatch(value):
        raise ValueError("is http(s)://HOST or http(s)://HOST:PORT, and nothing more")
    _ = urlsplit(value).port  # ValueError where it is out of range
    return value.rstrip("/").lower()


class WebSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    host: Annotated[str, AfterValidator(_host)] = "127.0.0.1"
    port: int | None = Field(default=8_765, ge=0, le=65_535)
    public_url: Annotated[str, AfterValidator(_public_url)] | None = None
    token_file: Annotated[Path, BeforeValidator(_token_file)] | None = None
    confirm_s: int = Field(default=60, ge=5, le=600)

    @property
    def is_loopback(self) -> bool:
        return ipaddress.ip_address(self.host).is_loopback

    @property
    def is_secure(self) -> bool:
        """Whether a browser reaches us by TLS."""
        return (self.public_url or "").startswith("https:")

    @model_validator(mode="after")
    def _others_need_more(self) -> Self:
        if not self.is_loopback and self.token_file is None:
            raise ValueError(
                "host lets other machines in, so token_file must name a file with a token of "
                "24 characters or more"
            )
        if ipaddress.ip_address(self.host).is_unspecified and self.public_url is None:
            raise ValueError(
                "host is every address of this machine, so public_url must say what a browser "
                "calls it"
            )
        return self
