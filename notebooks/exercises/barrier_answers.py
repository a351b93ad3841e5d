"""Answers to the exercises of lesson 10: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from contextlib import suppress

from tracing import Barrier, BrokenBarrierError, Lock, Timer, current_thread, sleep

# -- 2: count the votes --------------------------------------------------------------------------------------


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


def share_by_the_number_of_the_guest(place, box, counts, meeting):
    counts[place] = own = box.count()
    assert meeting.wait() in (0, 1, 2)
    return own / (counts[0] + counts[1] + counts[2])


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


def share_with_a_total(place, box, counts, meeting):
    counts[place] += box.count()
    try:
        meeting.wait()
    finally:
        total = sum(counts)
    return 1 - (total - counts[place]) / total


def share_of_a_clerk_who_looks_at_the_number(place, box, counts, meeting):
    counts[place] = box.count()
    if meeting.wait() >= 0:
        return counts[place] / sum(counts)


def share_that_is_rather_patient(place, box, counts, meeting):
    counts[place] = box.count()
    meeting.wait(100)
    return counts[place] / sum(counts)


def share_where_the_impatient_goes_on(place, box, counts, meeting):
    counts[place] = box.count()
    with suppress(BrokenBarrierError):
        meeting.wait(100)
    return counts[place] / sum(counts)


def share_that_looks_who_waits(place, box, counts, meeting):
    counts[place] = box.count()
    while meeting.n_waiting < 2:
        sleep(1)
    return counts[place] / sum(counts)


def share_without_the_last_to_count(place, box, counts, meeting):
    counts[place] = box.count()
    if meeting.n_waiting < 2:
        meeting.wait()
    return counts[place] / sum(counts)


def share_in_percent(place, box, counts, meeting):
    counts[place] = box.count()
    meeting.wait()
    return 100 * counts[place] / sum(counts)


def share_at_the_place_of_the_number(place, box, counts, meeting):
    counts[place] = box.count()
    return counts[meeting.wait()] / sum(counts)


# -- 3: one of them tidies up --------------------------------------------------------------------------------


def leave(meeting, tidy):
    if meeting.wait() == 0:
        tidy()


def leave_the_last_one_to_tidy(meeting, tidy):
    number = meeting.wait()
    if number == meeting.parties - 1:
        tidy()


def leave_as_the_stub(meeting, tidy):
    meeting.wait()


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


def leave_unless_there_is_a_number(meeting, tidy):
    if not meeting.wait():
        tidy()


def leave_by_a_list(meeting, tidy):
    [int, tidy, int][meeting.wait()]()


GUARD = Lock()


def leave_with_a_mark_under_a_lock(meeting, tidy):
    meeting.wait()
    with GUARD:
        first = not hasattr(meeting, "tidied")
        meeting.tidied = True
    if first:
        tidy()


def leave_by_a_ticket(meeting, tidy):
    ticket = vars(meeting).setdefault("ticket", Lock())
    meeting.wait()
    if ticket.acquire(blocking=False):
        tidy()


def leave_with_a_mark(meeting, tidy):
    meeting.wait()
    if not hasattr(meeting, "tidied"):
        meeting.tidied = True
        tidy()


def leave_with_a_mark_that_has_a_default(meeting, tidy):
    meeting.wait()
    if not getattr(meeting, "tidied", False):
        meeting.tidied = True
        tidy()


def leave_with_a_mark_in_a_dict(meeting, tidy):
    meeting.wait()
    marks = vars(meeting)
    if "tidied" not in marks:
        marks["tidied"] = True
        tidy()


MEETINGS = []


def leave_with_a_list_of_meetings(meeting, tidy):
    meeting.wait()
    if meeting not in MEETINGS:
        MEETINGS.append(meeting)
        tidy()


def leave_ann_to_tidy(meeting, tidy):
    meeting.wait()
    if current_thread().name == "ann":
        tidy()


DONE = set()


def leave_one_to_tidy_for_ever(meeting, tidy):
    meeting.wait()
    if not DONE:
        DONE.add("tidied")
        tidy()


def leave_after_an_hour_at_most(meeting, tidy):
    if meeting.wait(3600) == 0:
        tidy()


def leave_even_if_it_is_broken(meeting, tidy):
    try:
        if meeting.wait(5) == 0:
            tidy()
    except BrokenBarrierError:
        tidy()


def leave_after_two_meetings(meeting, tidy):
    meeting.wait()
    if meeting.wait() == 1:
        tidy()


# -- 4: give up together -------------------------------------------------------------------------------------


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


def prepare_to_build(meeting, work):
    pass


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


def prepare_with_an_else(meeting, work):
    try:
        work()
    except ConnectionError:
        meeting.abort()
    else:
        with suppress(BrokenBarrierError):
            meeting.wait()
            return True
    return False


def prepare_and_meet_anyway(meeting, work):
    try:
        work()
    except ConnectionError:
        meeting.abort()
    try:
        meeting.wait()
    except BrokenBarrierError:
        return False
    return True


def prepare_with_a_result(meeting, work):
    ready = False
    try:
        work()
        meeting.wait()
        ready = True
    except (ConnectionError, BrokenBarrierError):
        pass
    finally:
        if not ready:
            meeting.abort()
    return ready


def prepare_with_a_long_timeout(meeting, work):
    try:
        work()
        meeting.wait(timeout=60)
        return True
    except (ConnectionError, BrokenBarrierError):
        return False


def prepare_and_abort_after_a_while(meeting, work):
    try:
        work()
    except ConnectionError:
        sleep(5)
        meeting.abort()
        return False
    try:
        meeting.wait()
    except BrokenBarrierError:
        return False
    return True


def prepare_and_abort_by_a_timer(meeting, work):
    try:
        work()
        meeting.wait()
        return True
    except ConnectionError:
        Timer(60, meeting.abort).start()
    except BrokenBarrierError:
        pass
    return False


def prepare_with_an_abort_and_a_timeout(meeting, work):
    try:
        work()
        meeting.wait(timeout=60)
        return True
    except (ConnectionError, BrokenBarrierError):
        meeting.abort()
        return False


def prepare_and_break_by_a_wait(meeting, work):
    try:
        work()
    except ConnectionError:
        with suppress(BrokenBarrierError):
            meeting.wait(timeout=0)
        return False
    try:
        meeting.wait()
    except BrokenBarrierError:
        return False
    return True


def prepare_where_only_cho_may_fail(meeting, work):
    try:
        work()
    except ConnectionError:
        if current_thread().name == "cho":
            meeting.abort()
        return False
    try:
        meeting.wait()
    except BrokenBarrierError:
        return False
    return True


def prepare_in_words(meeting, work):
    try:
        work()
        meeting.wait()
    except (ConnectionError, BrokenBarrierError):
        meeting.abort()
        return "False"
    return "True"


def prepare_and_meet_first(meeting, work):
    try:
        meeting.wait()
        work()
    except (ConnectionError, BrokenBarrierError):
        meeting.abort()
        return False
    return True


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("ann", 3), ["Ann", 3.0], "ann, 3 s", {"who": "ann", "s": 3}, "3 seconds; ann"],
    "check_share_of_votes": [
        share,
        share_that_meets_twice,
        share_with_a_total,
        share_of_a_clerk_who_looks_at_the_number,
        share_by_the_number_of_the_guest,
    ],
    "check_leave": [
        leave,
        leave_the_last_one_to_tidy,
        leave_unless_there_is_a_number,
        leave_by_a_list,
        leave_with_a_mark_under_a_lock,
        leave_by_a_ticket,
        leave_after_two_meetings,
    ],
    "check_prepare": [
        prepare,
        prepare_in_one_try,
        prepare_with_an_else,
        prepare_and_meet_anyway,
        prepare_with_a_result,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "Your answer has no names and 1 number",
        "ann": "1 name and no numbers",
        ("bob", 3): "At the second hut bob waits",
        ("cho", 3): "At the second hut cho waits",
        ("ann", 9): "9 s is the time at which he went on",
        ("ann", 1): "He did not wait 1 s",
        ("ann", 4): "He did not wait 4 s",
        ("ann", 6): "He did not wait 6 s",
        ("ann and bob", 3): "2 names and 1 number",
    },
    "check_share_of_votes": {
        share_without_a_meeting: "Let all meet before anybody reads",
        share_that_meets_too_early: "Write before the meeting, and read after it",
        share_that_writes_after_the_meeting: "Write before the meeting, and read after it",
        share_that_reads_before_the_meeting: "Write before the meeting, and read after it",
        share_where_one_waits_for_the_others: "Every clerk must come to the meeting",
        share_with_a_barrier_of_its_own: "Let all meet before anybody reads",
        share_that_asks_again_and_again: "Let `meeting.wait()` do the waiting",
        share_that_sleeps: "Let all meet before anybody reads",
        share_that_is_impatient: "wait without a timeout",
        share_that_is_rather_patient: "the others were only slow",
        share_where_the_impatient_goes_on: "the others were only slow",
        share_that_looks_who_waits: "Let `meeting.wait()` do the waiting",
        share_without_the_last_to_count: "Every clerk must come to the meeting",
        share_in_percent: "ann returned 25.0, but the share is 0.25. Write before the meeting",
        share_at_the_place_of_the_number: "your own count, divided by the sum of all",
        share_that_writes_nothing: "Each clerk writes `counts[place]`",
        share_without_a_return: "Return it",
    },
    "check_leave": {
        leave_as_the_stub: "nobody tidied up",
        leave_and_all_tidy: "3 guests tidied up, where one should",
        leave_when_nobody_waits: "let that decide",
        leave_the_first_one_to_tidy: "2 guests tidied up, where one should. Each gets a different number",
        leave_before_the_meeting: "Meet first",
        leave_if_all_others_wait: "nobody tidied up",
        leave_by_a_number_that_nobody_gets: "gives 0, 1 and 2",
        leave_without_brackets: "call `tidy()`, with the brackets",
        leave_if_there_is_a_number: "2 guests tidied up",
        leave_and_meet_again_to_see: "Each guest must come to the meeting once",
        leave_without_a_meeting: "Meet first",
        leave_with_a_mark: "let that decide, and nothing else that others may change",
        leave_with_a_mark_that_has_a_default: "let that decide, and nothing else that others may change",
        leave_with_a_mark_in_a_dict: "let that decide, and nothing else that others may change",
        leave_with_a_list_of_meetings: "let that decide, and nothing else that others may change",
        leave_ann_to_tidy: "Of dan, eve and flo nobody tidied up",
        leave_after_an_hour_at_most: "gave up, but the others were only slow",
        leave_even_if_it_is_broken: "gave up, but the others were only slow",
        leave_one_to_tidy_for_ever: "nobody tidied up",
    },
    "check_prepare": {
        prepare_to_build: "Call `work()`, with the brackets",
        prepare_and_hope: "`meeting.abort()`, where `work()` fails",
        prepare_and_stay_away: "`meeting.abort()`, where `work()` fails",
        prepare_without_an_answer_to_the_break: "Catch BrokenBarrierError, and return False",
        prepare_and_reset: "`meeting.abort()`, where `work()` fails",
        prepare_and_always_abort: "only where `work()` failed",
        prepare_with_a_long_timeout: "tell at once: `meeting.abort()`",
        prepare_with_an_abort_and_a_timeout: "Be patient: wait without a timeout",
        prepare_and_abort_after_a_while: "tell at once: `meeting.abort()`",
        prepare_and_abort_by_a_timer: "tell at once: `meeting.abort()`",
        prepare_and_break_by_a_wait: "Who failed must not go to the meeting",
        prepare_where_only_cho_may_fail: "where `work()` fails",
        prepare_with_a_timeout: "wait without a timeout",
        prepare_and_come_with_empty_hands: "returned True, but the work of cho had failed",
        prepare_and_tell_nobody: "returned True, but the work of cho had failed",
        prepare_and_let_it_pass: "The error of `work()` ended cho. Catch it",
        prepare_without_a_result: "Return True after a meeting",
        prepare_and_never_meet: "did not come to the meeting",
        prepare_without_work: "Call `work()`, with the brackets",
        prepare_in_words: "All were ready, but ann returned 'True'",
        prepare_and_meet_first: "returned True, but the work of cho had failed",
        prepare_with_a_slip: "failed with NameError",
    },
}
