"""Somebody who reads an alert of the demo and hedges it, over HTTP alone: follows its link, comes
in, fills the forms and presses the buttons that the pages show."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx2

from app.inbox import Inbox, Letter
from venues import Clock

_AT_REST: Final = frozenset(("hedged", "flat", "parked"))
_SIZE: Final = "10"
_LOOK_AGAIN_MS: Final = 200
_TIMEOUT_S: Final = 15


@dataclass(slots=True)
class _Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """The forms of a page, with what their fields hold."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self.feed(words)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(_Form(said.get("action", "")))
        elif tag == "input" and self.found and said.get("name"):
            self.found[-1].fields[said["name"]] = said.get("value", "")

    def to(self, action: str) -> _Form | None:
        return next((form for form in self.found if form.action == action), None)


class Person:
    """`token`: what lets a browser in. `hedged`: the API's document of the last hedge; `said`: why
    there is none."""

    def __init__(self, inbox: Inbox, token: str, clock: Clock) -> None:
        self._inbox = inbox
        self._token = token
        self._clock = clock
        self.hedged: dict[str, Any] | None = None
        self.said = "no alert came"

    async def hedge(self) -> None:
        """Until one is made of an alert, the newest first. Orders that met nobody hedge nothing,
        and the next alert is taken."""
        async with httpx2.AsyncClient(
            timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False
        ) as browser:
            tried: set[str] = set()
            while True:
                await self._inbox.arrived.wait()
                self._inbox.arrived.clear()
                for letter in [each for each in reversed(self._inbox.letters) if each.link]:
                    if letter.link in tried:
                        continue
                    tried.add(letter.link)
                    await self._try(browser, letter)
                    if self.hedged and self.hedged["state"] != "flat":
                        return

    async def _try(self, browser: httpx2.AsyncClient, letter: Letter) -> None:
        base = "{0.scheme}://{0.netloc}".format(urlsplit(letter.link))
        shown = await browser.get(letter.link)
        if shown.status_code == httpx2.codes.OK:  # it shows, and does nothing: come in first
            await self._post(browser, base, "/enter", {"token": self._token})
            shown = await browser.get(letter.link)
        if shown.has_redirect_location:
            shown = await browser.get(urljoin(base, shown.headers["location"]))
        preview = _Forms(shown.text).to("/hedge/preview")
        if preview is None:
            self.said = f"the link showed no form ({shown.status_code})"
            return
        offered = await self._post(
            browser, base, preview.action, preview.fields | {"size": _SIZE, "budget": ""}
        )
        execute = _Forms(offered.text).to("/hedge/execute")
        if execute is None:
            self.said = f"nothing was left at the click ({offered.status_code})"
            return
        done = await self._post(browser, base, execute.action, execute.fields)
        if not done.has_redirect_location:
            self.said = f"the price moved before the click ({done.status_code})"
            return
        await self._wait(browser, base, done.headers["location"].rpartition("/")[2])

    async def _wait(self, browser: httpx2.AsyncClient, base: str, id: str) -> None:
        """Until it rests and no fill can be taken back any more."""
        while True:
            answer = await browser.get(f"{base}/api/v1/hedges/{id}")
            answer.raise_for_status()
            found: dict[str, Any] = answer.json()["hedge"]
            self.hedged, self.said = found, found["why"]
            if found["state"] in _AT_REST and (found["final"] or found["state"] == "parked"):
                return
            await self._clock.sleep_ms(_LOOK_AGAIN_MS)

    async def _post(
        self, browser: httpx2.AsyncClient, base: str, path: str, form: dict[str, str]
    ) -> httpx2.Response:
        return await browser.post(f"{base}{path}", data=form, headers={"Origin": base})
