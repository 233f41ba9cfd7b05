"""What a venue might write to do harm: one corpus for every output."""

from __future__ import annotations

from typing import Final

HOSTILE: Final = (
    "<!channel> <!here> <@U123> <https://evil.example|click>",
    "Fed\r\nBcc: everybody@example.com",
    "\x1b[31mred\x1b[0m \x07bell \x00nul",
    "\u202eevil\u202c \u2066mixed\u2069 \u200bhidden \ufeffmark",
    "<script>alert(1)</script> & <img src=x onerror=alert(1)>",
    "*bold* _italic_ ~gone~ `code` ```block```",
    "=HYPERLINK(1) +1 -1 @SUM",
    "https://evil.example/x http://evil.example mailto:x@example.com",
    "x" * 10_000,
    "\n" * 50 + "lines",
    "ß" * 400 + "\U0001f600" * 400,
    "\" onmouseover='alert(1)' x=\"",
    "javascript:alert(1)//https://evil.example/",
    "{{ 7 * 7 }} {% include 'base.html' %} ${7 * 7}",
    "</template></td></table><svg onload=alert(1)>",
)
