"""Where the store is: `database_url` and `database_url_file`, whose text is a secret."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr

from app.problem import Exit, Problem
from venues.key_file import read_key_file

_URL = re.compile(r"postgres(?:ql)?(?:\+psycopg)?://\S+")


def _postgres(given: SecretStr) -> SecretStr:
    """The same with the driver that we use. What is refused is never shown."""
    url = given.get_secret_value().strip()
    if not _URL.fullmatch(url):
        raise ValueError("must be written as postgresql://NAME:PASSWORD@HOST:PORT/DATABASE")
    return SecretStr("postgresql+psycopg://" + url.partition("://")[2])


def _file(value: Any) -> Any:
    if isinstance(value, str) and "://" in value:
        raise ValueError("is the address itself: put it into a file of yours alone, and name that")
    return value


DatabaseUrl = Annotated[SecretStr, AfterValidator(_postgres)]
DatabaseUrlFile = Annotated[Path, BeforeValidator(_file)]


def url_in_file(path: Path) -> SecretStr:
    """Raises Problem where the file is not yours alone, or holds no address."""
    try:
        raw = read_key_file(path)
    except ValueError as error:
        raise Problem(Exit.BAD_FILE, f"database_url_file: {error}") from None
    try:
        return _postgres(SecretStr(raw.decode()))
    except ValueError as error:
        said = "is not text" if isinstance(error, UnicodeDecodeError) else error
        raise Problem(Exit.BAD_FILE, f"database_url_file {path} {said}.") from None
