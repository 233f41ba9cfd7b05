"""The settings of alerts: whom to tell, and of what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.dollars import Dollars


def _file_of_a_secret(value: object) -> object:
    """Whoever writes the secret where its file belongs must not find it in a message."""
    if isinstance(value, str) and "://" in value:
        raise ValueError("is the secret itself: put it into a file of yours alone, and name that")
    if isinstance(value, str) and "/" not in value:
        raise ValueError("must be the path of a file, with its folder: ~/keys/NAME or ./NAME")
    return value


SecretFile = Annotated[Path, BeforeValidator(_file_of_a_secret)]
Address = Annotated[str, Field(pattern=r"^[^\s@<>,;:\"]+@[^\s@<>,;:\"]+$", max_length=200)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SlackSettings(_Section):
    webhook_file: SecretFile | None = None
    local: bool = False


class EmailSettings(_Section):
    host: str | None = None
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_file: SecretFile | None = None
    sender: Address | None = None
    recipients: tuple[Address, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.host and not (self.sender and self.recipients):
            raise ValueError("email.sender and email.recipients go with email.host")
        if (self.user is None) != (self.password_file is None):
            raise ValueError("email.user and email.password_file go together: set both or neither")
        return self


class AlertSettings(_Section):
    profit_min: Dollars = 1_000_000
    edge_bps_min: int = Field(default=50, ge=0)
    executable_only: bool = False
    again_percent: int = Field(default=50, ge=1)
    cool_down_minutes: int = Field(default=10, ge=0)
    per_ten_minutes: int = Field(default=20, ge=1, le=1_000)
    slack: SlackSettings = SlackSettings()
    email: EmailSettings = EmailSettings()
