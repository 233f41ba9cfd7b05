"""For each row of the fault table: what guards it, how that is switched off, and a test that must
fail then. A row whose test passes without its guard proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from guards_off import (
    Patch,
    any_size,
    approved_for_ever,
    as_planned,
    canceled,
    carry_on,
    every_word,
    guess,
    no_checksums,
    not_taken_back,
    only_cash,
    since_it_was_sent,
    since_our_clock_said,
    success,
    unshielded,
    wall,
    whatever_was_heard,
    while_all_rest,
    wrapped,
)

import execution.asking
import execution.executor
import execution.exposure
import execution.gate
import execution.hedge
import execution.journal
import execution.orders
import execution.reconcile
import execution.risk
import execution.router
import execution.rungs
import execution.sending
from venues.sim.faults import LOST_ANSWER


@dataclass(frozen=True, slots=True)
class Switch:
    """`test` of `args` fails while `patches` replace what guards the row. `off`: in words."""

    row: str
    test: str
    off: str
    patches: tuple[Patch, ...]
    args: tuple[Any, ...] = ()

    @property
    def id(self) -> str:
        return self.test.removeprefix("test_")


_asking, _sending = execution.asking, execution.sending
_guess: Final = ((_sending, "Lost", guess),)
_carry_on: Final = (wrapped(execution.journal.Journal, "append", carry_on),)
_F25: Final = "f25_a_market_that_closes_between_the_legs_gets_no_more_orders"
SWITCHES: Final = (
    Switch(
        "F01",
        "test_f01_a_lost_answer_is_found_and_adopted",
        "an unknown order counts as refused",
        _guess,
        ("kalshi", LOST_ANSWER),
    ),
    Switch(
        "F02",
        "test_f02_a_lost_request_is_presumed_absent_only_after_the_whole_procedure",
        "one question is enough",
        ((_asking, "ASKS", 1), (_asking, "ASKED_MS", 0)),
        ("kalshi",),
    ),
    Switch(
        "F03",
        "test_f03_a_storm_of_429_is_not_answered_with_a_storm_of_orders",
        "no pause between two tries",
        ((execution.router, "PAUSE_MS", 0),),
    ),
    Switch(
        "F04",
        "test_f04_while_an_engine_restarts_no_first_leg_leaves_anywhere",
        "nobody remembers that a venue took no orders",
        ((execution.risk, "_shut", lambda *_: False),),
    ),
    Switch(
        "F05",
        "test_f05_a_pause_stops_entries_and_sends_a_remainder_to_the_other_rungs",
        "the status of a venue is not asked for",
        (wrapped(execution.gate.LastLook, "_of_venue", only_cash),),
    ),
    Switch(
        "F06",
        "test_f06_a_broken_answer_is_never_a_success",
        "every answer counts as filled",
        (wrapped(_sending.Sender, "_outcome", success),),
        ("kalshi", b"{}"),
    ),
    Switch(
        "F07",
        "test_f07_a_slow_venue_has_a_deadline_for_the_whole_conversation",
        "no deadline over the whole of it",
        ((_sending, "SEND_MS", 600_000),),
        ("polymarket",),
    ),
    Switch(
        "F08",
        "test_f08_keys_that_are_refused_close_the_venue_and_are_not_tried_over_and_over",
        "a refusal of everything is tried again like any other",
        ((execution.router, "_is_shut", lambda *_: False),),
    ),
    Switch(
        "F16",
        "test_f16_a_market_that_changed_since_the_plan_gets_no_first_leg",
        "what was planned is not compared with what is there",
        ((execution.gate.LastLook, "_moved", lambda *_: ""),),
        ("fee",),
    ),
    Switch(
        "F17",
        "test_f17_a_second_leg_that_is_refused_goes_down_the_ladder_and_the_group_cools_down",
        "nothing cools down",
        ((execution.risk, "_cools", lambda *_: False),),
    ),
    Switch(
        "F18",
        "test_f18_the_second_leg_is_as_large_as_what_the_first_really_filled",
        "the second leg is as large as planned",
        (wrapped(execution.router, "ticket", as_planned),),
        ("17",),
    ),
    Switch(
        "F18",
        "test_f18_what_is_less_than_the_venue_takes_is_parked_and_shown",
        "the venue's smallest order is not looked at",
        (wrapped(execution.rungs._Try, "on", any_size),),
    ),
    Switch(
        "F19",
        "test_f19_a_price_that_ran_away_is_followed_to_the_loss_budget_and_not_beyond",
        "a repair may cost whatever it costs",
        (
            (execution.rungs._Try, "_result", lambda *_: 0),
            (execution.rungs._Try, "_is_too_dear", lambda *_: False),
        ),
    ),
    Switch(
        "F20",
        "test_f20_a_cancel_that_met_a_fill_is_no_cancel",
        "a cancel without an answer counts as canceled",
        (wrapped(_asking.Asking, "_cancel", canceled),),
    ),
    Switch(
        "F21",
        "test_f21_any_order_of_the_events_of_an_order_gives_the_same_position",
        "a fill that is told twice counts twice",
        (wrapped(execution.orders.Attempt, "filled_by", every_word),),
        (0,),
    ),
    Switch(
        "F22",
        "test_f22_an_order_that_has_to_wait_is_open_and_the_other_leg_waits_too",
        "an order without an end is not waited for",
        ((execution.hedge.Hedge, "open_attempts", property(lambda _: ())),),
    ),
    Switch(
        "F23",
        "test_f23_a_fill_that_is_taken_back_opens_the_hedge_again",
        "what was taken back still counts",
        ((execution.orders.Attempt, "filled", property(not_taken_back)),),
        ("0.29 100",),
    ),
    Switch(
        "F23",
        "test_f23_a_venue_that_takes_back_again_and_again_is_closed_to_entries",
        "nobody counts what is taken back",
        ((execution.reconcile, "reversals", lambda *_: ""),),
    ),
    Switch(
        "F24",
        "test_f24_money_that_is_not_there_stops_the_first_leg",
        "cash is not looked at",
        ((execution.risk, "_funds", lambda *_: []),),
        ("polymarket",),
    ),
    Switch(
        "F24",
        "test_f24_two_hedges_do_not_count_on_the_same_money",
        "what another hedge may still take is not taken off",
        ((execution.risk, "reserved", lambda *_: 0),),
    ),
    Switch(
        "F24",
        "test_f24_the_money_of_a_twin_that_is_still_missing_is_kept_for_it",
        "a leg that was sent keeps no money",
        ((execution.exposure, "_for_the_rest", lambda *_: 0),),
    ),
    Switch(
        "F02",
        "test_f02_an_order_that_arrives_while_it_is_being_given_up_is_not_given_up",
        "what was heard meanwhile is not looked at",
        (wrapped(execution.journal.Journal, "append", whatever_was_heard),),
    ),
    Switch(
        "F25",
        f"test_{_F25}",
        "whether a market is open is not looked at",
        (wrapped(execution.rungs._Try, "on", any_size),),
        ("kalshi", "paused"),
    ),
    Switch(
        "F26",
        "test_f26_an_approval_that_is_gone_by_then_stops_the_first_leg",
        "the approval is not asked for again",
        (wrapped(execution.gate.LastLook, "check", approved_for_ever),),
    ),
    Switch(
        "F27",
        "test_f27_what_others_do_on_the_account_is_shown_and_never_touched",
        "nothing is compared",
        ((execution.reconcile, "differences", lambda *_: ()),),
    ),
    Switch(
        "F27",
        "test_f27_nothing_is_bought_whose_other_side_is_held",
        "what else is held of a market is not looked at",
        ((execution.risk, "_opposes", lambda *_: []),),
        ("us",),
    ),
    Switch(
        "F27",
        "test_f27_a_difference_is_shown_although_another_hedge_is_at_work",
        "nothing is compared while any hedge is at work",
        (wrapped(execution.reconcile, "differences", while_all_rest),),
    ),
    Switch(
        "F28",
        "test_f28_an_order_whose_answer_the_dead_process_never_heard_is_adopted",
        "a start leaves alone what was unfinished",
        ((execution.executor.Executor, "_go_on", lambda _: None),),
        ("kalshi",),
    ),
    Switch(
        "F30",
        "test_f30_nothing_leaves_after_the_first_append_that_failed",
        "a failed append is let pass",
        _carry_on,
        (3,),
    ),
    Switch(
        "F31",
        "test_f31_a_commit_whose_outcome_is_unknown_stops_everything_and_counts_as_written",
        "a failed append is let pass",
        _carry_on,
        (3,),
    ),
    Switch(
        "F32",
        "test_f32_a_journal_that_is_not_what_was_written_is_found_at_the_start",
        "checksums are not compared",
        ((execution.journal, "verified", no_checksums),),
    ),
    Switch(
        "F32",
        "test_f32_a_venue_that_is_ahead_of_a_restored_journal_is_written_down",
        "nothing is compared",
        ((execution.reconcile, "differences", lambda *_: ()),),
        (0,),
    ),
    Switch(
        "F33",
        "test_f33_who_slept_between_writing_and_sending_sends_nothing_any_more",
        "what was written may leave at any time",
        ((_sending, "LATE_MS", 10**9), (_sending, "FRESH_MS", 10**9)),
    ),
    Switch(
        "F33",
        "test_f33_who_was_taken_over_can_neither_write_nor_send",
        "a failed append is let pass",
        _carry_on,
    ),
    Switch(
        "F34",
        "test_f34_a_clock_that_jumps_moves_no_deadline",
        "how long ago is read off the wall clock",
        ((execution.reconcile.Reconciler, "is_current", property(wall)),),
        (3_600_000,),
    ),
    Switch(
        "F34",
        "test_f34_what_was_sent_under_a_wrong_clock_is_found_under_the_right_one",
        "what was sent is looked for from when our clock said so",
        ((execution.reconcile.Reconciler, "_since_ms", since_it_was_sent),),
        ("kalshi",),
    ),
    Switch(
        "F34",
        "test_f34_what_never_came_under_a_wrong_clock_is_given_up_under_the_right_one",
        "how new reads are is compared with what our clock said at the sending",
        (wrapped(_asking.Asking, "_absent", since_our_clock_said),),
    ),
    Switch(
        "F35",
        "test_f35_a_plan_made_before_the_loop_stood_still_is_dropped",
        "books may be of any age",
        ((_sending, "FRESH_MS", 10**9),),
    ),
    Switch(
        "F37",
        "test_f37_a_stop_in_the_middle_is_over_within_eight_seconds",
        "a stop waits as long as it takes",
        ((execution.executor, "STOP_MS", 600_000),),
        (2_500,),
    ),
    Switch(
        "F37",
        "test_f37_a_caller_who_gives_up_in_the_middle_of_a_row_breaks_nothing",
        "who stops waiting for a row stops its writing",
        ((execution.journal.Journal, "append", unshielded),),
    ),
    Switch(
        "F40",
        "test_f40_a_double_click_is_one_hedge",
        "whoever comes second in the same instant is not told of the first",
        ((execution.router, "IllegalMove", ZeroDivisionError),),
    ),
    Switch(
        "F40",
        "test_f40_the_kill_switch_stops_what_was_written_and_lets_repairs_finish",
        "the switch is not looked at in the last instant",
        ((execution.gate.LastLook, "stops", lambda _: ""),),
    ),
    Switch(
        "F40",
        "test_f40_a_venue_that_is_closed_between_approval_and_order_gets_no_entry",
        "whether a venue was closed is not looked at in the last instant",
        ((_sending.Sender, "_closed", lambda *_: ""),),
    ),
    Switch(
        "F40",
        "test_f40_limits_that_were_lowered_bind_at_the_next_order",
        "limits are those of the start",
        ((execution.risk, "unhedged", lambda *_: -(10**12)),),
    ),
)
