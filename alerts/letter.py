"""A message as a letter: plain text, and HTML that mail programs show alike. Pure.

Every style stands in its own tag, nothing is fetched from anywhere, and the colours are those that
programs with a dark background turn round well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from html import escape
from typing import Final

from alerts.message import LEG_COLUMNS, OPEN, SIM, Message

MUTE: Final = "Hear less of this"
_INK: Final = "#1a1f27"
_DIM: Final = "#5b6572"
_LINE: Final = "#d9dee5"
_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_DARK: Final = (
    ":root{color-scheme:light dark;supported-color-schemes:light dark}"
    "@media (prefers-color-scheme:dark){"
    "body,.page{background:#14181e!important}.card{background:#1c222b!important}"
    ".ink{color:#e8ecf1!important}.dim{color:#9aa5b4!important}"
    ".line{border-color:#323b47!important}"
    ".good{color:#5fd38d!important}.mark{background:#f0c14b!important;color:#14181e!important}"
    ".go{background:#4c8dff!important;color:#ffffff!important}.bad{color:#ff8a80!important}}"
)


def mail(message: Message, *, sender: str, recipients: Sequence[str]) -> EmailMessage:
    found = EmailMessage()
    found["Subject"] = f"dutchbook: {message.title}"
    found["From"] = sender
    found["To"] = ", ".join(recipients)
    found["Auto-Submitted"] = "auto-generated"
    if message.mute:
        found["List-Unsubscribe"] = f"<{message.mute}>"
    found.set_content("\n".join(_plain(message)))
    found.add_alternative(_page(message), subtype="html")
    return found


def _plain(message: Message) -> Iterator[str]:
    yield from (message.title, "", *message.lines)
    said = " ".join(message.lines)
    yield from (f"{name}: {value}" for name, value in message.facts if value not in said)
    if message.link:
        yield from ("", f"{OPEN}: {message.link}")
    if message.mute:
        yield from ("", f"{MUTE}: {message.mute}")
    yield ""


def _page(message: Message) -> str:
    rows = "".join((*_body(message), *_links(message)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(message.title)}</title><style>{_DARK}</style></head>"
        f'<body class="page" style="margin:0;padding:0;background:#eef1f5;{_FONT}">'
        '<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" '
        'style="background:#eef1f5"><tr><td align="center" style="padding:16px 8px">'
        '<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" '
        'style="max-width:620px;background:#ffffff;border-radius:8px">'
        f'<tr><td style="padding:20px 20px 24px">{rows}</td></tr></table></td></tr></table>'
        "</body></html>"
    )


def _body(message: Message) -> Iterator[str]:
    title, mark = message.title, ""
    if title.startswith(SIM):
        title = title.removeprefix(SIM)
        mark = (
            '<span class="mark" style="background:#8a5a00;color:#ffffff;font-size:12px;'
            'padding:2px 6px;border-radius:4px;vertical-align:2px">SIM</span> '
        )
    kind = "bad" if message.is_critical else "ink"
    colour = "#b3261e" if message.is_critical else _INK
    yield (
        f'<h1 class="{kind}" style="margin:0 0 14px;font-size:19px;line-height:1.35;'
        f'color:{colour}">{mark}{escape(title)}</h1>'
    )
    if not message.legs:
        yield from (
            f'<p class="ink line" style="margin:0;padding:6px 0;border-top:1px solid {_LINE};'
            f'font-size:14px;line-height:1.45;color:{_INK}">{escape(line)}</p>'
            for line in message.lines
        )
        return
    yield from (_leg(leg) for leg in message.legs)
    yield '<table role="presentation" width="100%" cellpadding="0" cellspacing="0">'
    yield from (_fact(name, value) for name, value in message.facts)
    yield "</table>"


def _leg(leg: Sequence[str]) -> str:
    """A block for each, for a telephone has no room for seven columns."""
    buy, venue, *cells, title = leg
    numbers = "".join(
        '<td width="25%" valign="top" style="padding:4px 8px 0 0">'
        f'<span class="dim" style="font-size:12px;color:{_DIM}">'
        f'{name}</span><br><span class="ink" style="font-size:15px;color:{_INK}">'
        f"{escape(value)}</span></td>"
        for name, value in zip(LEG_COLUMNS[2:-1], cells, strict=True)
    )
    return (
        '<table role="presentation" class="line" width="100%" cellpadding="0" cellspacing="0" '
        f'style="border:1px solid {_LINE};border-radius:6px;margin:0 0 10px"><tr>'
        '<td style="padding:10px 12px">'
        f'<div class="ink" style="font-size:15px;font-weight:600;color:{_INK}">'
        f"Buy {escape(buy)} at {escape(venue)}</div>"
        f'<div class="dim" style="font-size:13px;line-height:1.4;color:{_DIM}">{escape(title)}'
        '</div><table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>'
        f"{numbers}</tr></table></td></tr></table>"
    )


def _fact(name: str, value: str) -> str:
    is_profit = name == "Profit"
    colour = "#0a7a3d" if is_profit else _INK
    weight = "600" if is_profit else "400"
    cell = f"border-top:1px solid {_LINE};padding:7px 0;font-size:14px;line-height:1.4"
    return (
        f'<tr><td class="dim line" width="104" valign="top" '
        f'style="{cell};padding-right:10px;color:{_DIM}">'
        f'{escape(name)}</td><td class="{"good" if is_profit else "ink"} line" valign="top" '
        f'style="{cell};color:{colour};font-weight:{weight}">{escape(value)}</td></tr>'
    )


def _links(message: Message) -> Iterator[str]:
    if message.link:
        yield (
            '<div style="padding:18px 0 2px"><a class="go" '
            f'href="{escape(message.link)}" style="display:inline-block;background:#1f5fd0;'
            "color:#ffffff;text-decoration:none;font-size:15px;font-weight:600;padding:10px 18px;"
            f'border-radius:6px">{OPEN}</a></div>'
        )
    if message.mute:
        yield (
            f'<div style="padding:14px 0 0"><a class="dim" href="{escape(message.mute)}" '
            f'style="font-size:12px;color:{_DIM}">{MUTE}</a></div>'
        )
