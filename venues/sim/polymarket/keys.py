"""API keys (§7): a wallet's owner has one for every nonce, and it is the same every time."""

from __future__ import annotations

import base64

from venues.sim.polymarket.core import Core
from venues.sim.polymarket.records import ApiKey
from venues.sim.polymarket.refusal import Refusal


class Keys:
    def __init__(self, core: Core) -> None:
        self._core = core
        self._keys: dict[str, ApiKey] = {}

    def create(self, address: str, nonce: int) -> ApiKey:
        """400 where this nonce has one."""
        if self._known(address, nonce):
            raise Refusal(400, "Could not create api key")
        rng = self._core.rng
        made = ApiKey(
            key=self._core.new_uuid(),
            secret=base64.urlsafe_b64encode(rng.randbytes(32)).decode(),
            passphrase=rng.randbytes(32).hex(),
            address=address,
            nonce=nonce,
        )
        self._keys[made.key] = made
        return made

    def derive(self, address: str, nonce: int) -> ApiKey:
        """400 where there is none: the facts are silent, the official client only looks at 4xx."""
        found = self._known(address, nonce)
        if found is None:
            raise Refusal(400, "Could not derive api key!")
        return found

    def find(self, key: str) -> ApiKey | None:
        return self._keys.get(key)

    def of(self, address: str) -> tuple[ApiKey, ...]:
        return tuple(each for each in self._keys.values() if each.address == address)

    def delete(self, key: str) -> None:
        self._keys.pop(key, None)

    def _known(self, address: str, nonce: int) -> ApiKey | None:
        return next((each for each in self.of(address) if each.nonce == nonce), None)
