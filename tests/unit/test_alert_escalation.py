"""What is critical is told again, less and less often, until it is known or over."""

from __future__ import annotations

from alerts.escalation import Escalation, Trouble

MINUTE_MS = 60_000
START_MS = 1_795_564_800_000
PARKED = Trouble(subject="hedge 1", title="Hedge parked: p", lines=("Look.",))


def heard(
    escalation: Escalation, minutes: int, *, known_from: int = 10**9, gone_at: int = 10**9
) -> list[tuple[int, str]]:
    found = []
    for minute in range(minutes):
        troubles = [PARKED] if minute < gone_at else []
        known = {"hedge 1"} if minute >= known_from else set[str]()
        now_ms = START_MS + minute * MINUTE_MS
        for _, message in escalation.watch(troubles, known, now_ms):
            assert message.is_critical
            found.append((minute, message.title))
    return found


def test_it_is_told_again_with_growing_intervals_up_to_the_longest() -> None:
    told = heard(Escalation(first_ms=5 * MINUTE_MS, most_ms=20 * MINUTE_MS), 100)
    assert [minute for minute, _ in told] == [0, 5, 15, 35, 55, 75, 95]
    assert told[0][1] == "Hedge parked: p"
    assert told[2][1] == "Told again (3): Hedge parked: p"


def test_nothing_more_is_said_of_what_is_known_until_it_is_over() -> None:
    escalation = Escalation(first_ms=5 * MINUTE_MS, most_ms=20 * MINUTE_MS, mark="SIM ")
    told = heard(escalation, 100, known_from=6, gone_at=50)
    assert told == [
        (0, "SIM Hedge parked: p"),
        (5, "SIM Told again (2): Hedge parked: p"),
        (50, "SIM Over: Hedge parked: p"),
    ]
    assert escalation.open == []


def test_what_comes_again_is_told_again_at_once() -> None:
    escalation = Escalation(first_ms=5 * MINUTE_MS, most_ms=20 * MINUTE_MS)
    assert len(escalation.watch([PARKED], (), START_MS)) == 1
    assert len(escalation.watch([], (), START_MS + 1)) == 1
    [again] = escalation.watch([PARKED], (), START_MS + 6 * MINUTE_MS)
    assert again.message.title == "Hedge parked: p"


def test_a_restart_within_the_first_interval_tells_nothing_twice() -> None:
    keys = [
        Escalation(first_ms=5 * MINUTE_MS, most_ms=MINUTE_MS).watch([PARKED], (), at_ms)[0].key
        for at_ms in (START_MS, START_MS + MINUTE_MS, START_MS + 5 * MINUTE_MS)
    ]
    assert keys[0] == keys[1] != keys[2]
