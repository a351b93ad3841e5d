"""Answers to the exercises of lesson 10: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from contextlib import suppress

from tracing import Barrier, BrokenBarrierError, sleep

# -- 1: count the votes --------------------------------------------------------------------------------------


def share(place, box, counts, meeting):
    counts[place] = box.count()
    meeting.wait()
    return counts[place] / sum(counts)


def share_that_meets_twice(place, box, counts, meeting):
    votes = box.count()
    meeting.wait()
    counts[place] = votes
    meeting.wait()
    return votes / sum(counts)


def share_without_a_meeting(place, box, counts, meeting):
    counts[place] = box.count()
    return counts[place] / sum(counts)


def share_that_meets_too_early(place, box, counts, meeting):
    meeting.wait()
    counts[place] = box.count()
    return counts[place] / sum(counts)


def share_that_writes_after_the_meeting(place, box, counts, meeting):
    votes = box.count()
    meeting.wait()
    counts[place] = votes
    return votes / sum(counts)


def share_that_reads_before_the_meeting(place, box, counts, meeting):
    counts[place] = box.count()
    total = sum(counts)
    meeting.wait()
    return counts[place] / total


def share_where_one_waits_for_the_others(place, box, counts, meeting):
    counts[place] = box.count()
    if place == 0:
        meeting.wait()
    return counts[place] / sum(counts)


def share_with_a_barrier_of_its_own(place, box, counts, meeting):
    counts[place] = box.count()
    Barrier(1).wait()
    return counts[place] / sum(counts)


def share_that_asks_again_and_again(place, box, counts, meeting):
    counts[place] = box.count()
    while 0 in counts:
        sleep(0.1)
    return counts[place] / sum(counts)


def share_that_sleeps(place, box, counts, meeting):
    counts[place] = box.count()
    sleep(1_000)
    return counts[place] / sum(counts)


def share_that_is_impatient(place, box, counts, meeting):
    counts[place] = box.count()
    meeting.wait(timeout=1)
    return counts[place] / sum(counts)


def share_that_writes_nothing(place, box, counts, meeting):
    votes = box.count()
    meeting.wait()
    return votes / max(1, sum(counts))


def share_without_a_return(place, box, counts, meeting):
    counts[place] = box.count()
    meeting.wait()
    counts[place] / sum(counts)


# -- 2: one of them tidies up --------------------------------------------------------------------------------


def leave(meeting, tidy):
    if meeting.wait() == 0:
        tidy()


def leave_the_last_one_to_tidy(meeting, tidy):
    number = meeting.wait()
    if number == meeting.parties - 1:
        tidy()


def leave_and_all_tidy(meeting, tidy):
    meeting.wait()
    tidy()


def leave_when_nobody_waits(meeting, tidy):
    meeting.wait()
    if meeting.n_waiting == 0:
        tidy()


def leave_the_first_one_to_tidy(meeting, tidy):
    first = meeting.n_waiting == 0
    meeting.wait()
    if first:
        tidy()


def leave_before_the_meeting(meeting, tidy):
    if meeting.n_waiting == 0:
        tidy()
    meeting.wait()


def leave_if_all_others_wait(meeting, tidy):
    if meeting.n_waiting == meeting.parties - 1:
        tidy()
    meeting.wait()


def leave_by_a_number_that_nobody_gets(meeting, tidy):
    if meeting.wait() == meeting.parties:
        tidy()


def leave_without_brackets(meeting, tidy):
    if meeting.wait() == 0:
        tidy  # noqa: B018


def leave_if_there_is_a_number(meeting, tidy):
    if meeting.wait():
        tidy()


def leave_and_meet_again_to_see(meeting, tidy):
    if meeting.wait() == 0:
        tidy()
        meeting.wait()


def leave_without_a_meeting(meeting, tidy):
    tidy()


# -- 3: give up together -------------------------------------------------------------------------------------


def prepare(meeting, work):
    try:
        work()
    except ConnectionError:
        meeting.abort()
        return False
    try:
        meeting.wait()
    except BrokenBarrierError:
        return False
    return True


def prepare_in_one_try(meeting, work):
    try:
        work()
        meeting.wait()
    except Exception:
        meeting.abort()
        return False
    return True


def prepare_and_hope(meeting, work):
    work()
    meeting.wait()
    return True


def prepare_and_stay_away(meeting, work):
    try:
        work()
    except ConnectionError:
        return False
    meeting.wait()
    return True


def prepare_without_an_answer_to_the_break(meeting, work):
    try:
        work()
    except ConnectionError:
        meeting.abort()
        return False
    meeting.wait()
    return True


def prepare_and_reset(meeting, work):
    try:
        work()
        meeting.wait()
    except ConnectionError:
        meeting.reset()
        return False
    except BrokenBarrierError:
        return False
    return True


def prepare_and_always_abort(meeting, work):
    try:
        work()
        meeting.wait()
        return True
    except (ConnectionError, BrokenBarrierError):
        return False
    finally:
        meeting.abort()


def prepare_with_a_timeout(meeting, work):
    try:
        work()
        meeting.wait(timeout=10)
        return True
    except (ConnectionError, BrokenBarrierError):
        return False


def prepare_and_come_with_empty_hands(meeting, work):
    with suppress(ConnectionError):
        work()
    meeting.wait()
    return True


def prepare_and_tell_nobody(meeting, work):
    try:
        work()
        result = True
    except ConnectionError:
        result = False
    meeting.wait()
    return result


def prepare_and_let_it_pass(meeting, work):
    try:
        work()
    except ConnectionError:
        meeting.abort()
        raise
    try:
        meeting.wait()
    except BrokenBarrierError:
        return False
    return True


def prepare_without_a_result(meeting, work):
    try:
        work()
        meeting.wait()
    except Exception:
        meeting.abort()


def prepare_and_never_meet(meeting, work):
    try:
        work()
    except ConnectionError:
        meeting.abort()
        return False
    sleep(30)
    return not meeting.broken


def prepare_without_work(meeting, work):
    try:
        work  # noqa: B018
        meeting.wait()
    except (ConnectionError, BrokenBarrierError):
        meeting.abort()
        return False
    return True


def prepare_with_a_slip(meeting, work):
    try:
        work()
    except ConectionError:  # noqa: F821
        meeting.abort()
        return False
    meeting.wait()
    return True


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_share_of_votes": [share, share_that_meets_twice],
    "check_leave": [leave, leave_the_last_one_to_tidy],
    "check_prepare": [prepare, prepare_in_one_try],
}
WRONG = {
    "check_share_of_votes": {
        share_without_a_meeting: "Let all meet before anybody reads",
        share_that_meets_too_early: "Write before the meeting, and read after it",
        share_that_writes_after_the_meeting: "Write before the meeting, and read after it",
        share_that_reads_before_the_meeting: "Write before the meeting, and read after it",
        share_where_one_waits_for_the_others: "Every clerk must come to the meeting",
        share_with_a_barrier_of_its_own: "Let all meet before anybody reads",
        share_that_asks_again_and_again: "let `meeting.wait()` do the waiting",
        share_that_sleeps: "Let all meet before anybody reads",
        share_that_is_impatient: "wait without a timeout",
        share_that_writes_nothing: "Each clerk writes `counts[place]`",
        share_without_a_return: "Return it",
    },
    "check_leave": {
        leave_and_all_tidy: "3 guests tidied up, where one should",
        leave_when_nobody_waits: "let that decide",
        leave_the_first_one_to_tidy: "2 guests tidied up, where one should. Each gets a different number",
        leave_before_the_meeting: "Meet first",
        leave_if_all_others_wait: "Nobody tidied up",
        leave_by_a_number_that_nobody_gets: "gives 0, 1 and 2",
        leave_without_brackets: "call `tidy()`, with the brackets",
        leave_if_there_is_a_number: "2 guests tidied up",
        leave_and_meet_again_to_see: "Each guest must come to the meeting once",
        leave_without_a_meeting: "Meet first",
    },
    "check_prepare": {
        prepare_and_hope: "`meeting.abort()`, where `work()` fails",
        prepare_and_stay_away: "`meeting.abort()`, where `work()` fails",
        prepare_without_an_answer_to_the_break: "Catch BrokenBarrierError, and return False",
        prepare_and_reset: "`meeting.abort()`, where `work()` fails",
        prepare_and_always_abort: "only where `work()` failed",
        prepare_with_a_timeout: "wait without a timeout",
        prepare_and_come_with_empty_hands: "returned True, but the work of cho had failed",
        prepare_and_tell_nobody: "returned True, but the work of cho had failed",
        prepare_and_let_it_pass: "The error of `work()` ended cho. Catch it",
        prepare_without_a_result: "Return True after a meeting",
        prepare_and_never_meet: "did not come to the meeting",
        prepare_without_work: "Call `work()`, with the brackets",
        prepare_with_a_slip: "failed with NameError",
    },
}
