"""Tokens of links and confirmations: what they hold for, and for how long."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.tokens import (
    VIEW_MS,
    Confirmed,
    Held,
    Keys,
    confirm_token,
    confirms,
    nonce_of,
    same_text,
    view_token,
    views,
)

KEYS = Keys(b"k" * 32)
SHOWN = Confirmed(
    preview_id="p1", quote_version="q1", limits="loss 5.00", audience="sim:paper:browser"
)


def test_s09_a_view_token_opens_its_own_episode_until_that_ends_or_a_day_has_passed() -> None:
    token = view_token(KEYS, "pair@1", 1_000)
    assert views(KEYS, token, "pair@1", 1_000, ended_ms=None) is Held.GOOD
    assert views(KEYS, token, "pair@1", 999 + VIEW_MS, ended_ms=None) is Held.GOOD
    assert views(KEYS, token, "pair@1", 1_000 + VIEW_MS, ended_ms=None) is Held.OVER
    assert views(KEYS, token, "pair@1", 2_000, ended_ms=1_500) is Held.OVER
    assert views(KEYS, token, "pair@2", 1_000, ended_ms=None) is Held.WRONG


def test_s09_a_view_token_confirms_nothing_and_a_confirmation_opens_nothing() -> None:
    view = view_token(KEYS, SHOWN.preview_id, 0)
    assert confirms(KEYS, view, SHOWN, 0) is Held.WRONG
    confirm = confirm_token(KEYS, SHOWN, nonce="n", until_ms=60_000)
    assert views(KEYS, confirm, SHOWN.preview_id, 0, ended_ms=None) is Held.WRONG


@pytest.mark.parametrize("field", ["preview_id", "quote_version", "limits", "audience"])
def test_s09_a_confirmation_is_of_just_what_was_shown(field: str) -> None:
    token = confirm_token(KEYS, SHOWN, nonce="n0nce", until_ms=60_000)
    assert confirms(KEYS, token, SHOWN, 59_999) is Held.GOOD
    assert nonce_of(token) == "n0nce"
    assert confirms(KEYS, token, SHOWN, 60_000) is Held.OVER
    other = replace(SHOWN, **{field: "another"})
    assert confirms(KEYS, token, other, 0) is Held.WRONG


def test_what_was_moved_between_fields_does_not_read_the_same() -> None:
    token = confirm_token(KEYS, SHOWN, nonce="n", until_ms=60_000)
    moved = replace(SHOWN, preview_id="p1q", quote_version="1")
    assert confirms(KEYS, token, moved, 0) is Held.WRONG


def test_s09_the_key_rotates_and_after_two_rotations_an_old_token_is_worth_nothing() -> None:
    keys = Keys(b"a" * 32)
    token = view_token(keys, "pair@1", 0)
    keys.rotate(b"b" * 32)
    assert views(keys, token, "pair@1", 0, ended_ms=None) is Held.GOOD
    assert view_token(keys, "pair@1", 0) != token
    keys.rotate(b"c" * 32)
    assert views(keys, token, "pair@1", 0, ended_ms=None) is Held.WRONG


def test_a_short_key_is_refused_because_it_could_be_guessed() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(b"short")


@given(st.text(max_size=400), st.integers(0, 1 << 50))
def test_no_text_that_was_not_made_here_holds_and_none_raises(text: str, now_ms: int) -> None:
    assert views(KEYS, text, "pair@1", now_ms, ended_ms=None) is Held.WRONG
    assert confirms(KEYS, text, SHOWN, now_ms) is Held.WRONG
    assert not same_text(text, ["the token that was kept"])


@given(st.data())
def test_a_token_of_which_one_character_was_changed_holds_for_nothing(data: st.DataObject) -> None:
    token = confirm_token(KEYS, SHOWN, nonce="abc", until_ms=60_000)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(codec="ascii").filter(lambda c: c != token[at]))
    changed = token[:at] + other + token[at + 1 :]
    if at != len(token) - 1:  # the last character of base64 holds bits that mean nothing
        assert confirms(KEYS, changed, SHOWN, 0) is Held.WRONG
