"""Answers to the exercises of lesson 08: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from queue import Queue
from time import monotonic

from tracing import Event, Lock, Semaphore, Thread, current_thread, sleep

# -- 2: a heartbeat that can be stopped ----------------------------------------------------------------------


def heartbeat(beat, stop, period):
    while not stop.wait(period):
        beat()


def heartbeat_that_begins_at_once(beat, stop, period):
    while not stop.is_set():
        beat()
        stop.wait(period)


def heartbeat_by_walrus(beat, stop, period):
    while (told := stop.wait(timeout=period)) is False:
        beat()
    assert told


def heartbeat_that_sleeps(beat, stop, period):
    while not stop.is_set():
        beat()
        sleep(period)


def heartbeat_that_looks_often(beat, stop, period):
    while not stop.is_set():
        beat()
        for _ in range(20):
            sleep(period / 20)


def heartbeat_the_wrong_way(beat, stop, period):
    while stop.wait(period):
        beat()


def heartbeat_for_ever(beat, stop, period):
    while True:
        stop.wait(period)
        beat()


def heartbeat_without_a_word(beat, stop, period):
    while True:
        sleep(period)
        beat()


def heartbeat_without_a_period(beat, stop, period):
    while not stop.wait():
        beat()


def heartbeat_without_brackets(beat, stop, period):
    while not stop.wait(period):
        beat  # noqa: B018


def heartbeat_without_a_pause(beat, stop, period):
    while not stop.is_set():
        beat()


def heartbeat_once_too_often(beat, stop, period):
    told = False
    while not told:
        told = stop.wait(period)
        beat()


def heartbeat_that_stops_itself(beat, stop, period):
    while not stop.is_set():
        beat()
        sleep(period)
        stop.set()


def heartbeat_that_clears(beat, stop, period):
    while not stop.wait(period):
        beat()
        stop.clear()


def heartbeat_that_does_nothing(beat, stop, period):
    beat()


def heartbeat_twice_as_fast(beat, stop, period):
    while not stop.wait(period / 2):
        beat()


def heartbeat_that_is_called(beat, stop, period):
    while not stop.wait(period):
        beat(stop)


def heartbeat_with_a_break(beat, stop, period):
    while True:
        beat()
        if stop.wait(timeout=period):
            break


def heartbeat_that_returns(beat, stop, period):
    told = stop.wait(period)
    while told is False:
        beat()
        told = stop.wait(period)
    return told


def heartbeat_every_two_seconds(beat, stop, period):
    while not stop.wait(2):
        beat()


def heartbeat_three_times(beat, stop, period):
    for _ in range(3):
        stop.wait(period)
        beat()
    stop.wait()


def heartbeat_that_sleeps_then_asks(beat, stop, period):
    while not stop.wait(0):
        beat()
        sleep(period)


def heartbeat_in_two_naps(beat, stop, period):
    while not stop.wait(period / 2):
        sleep(period / 2)
        beat()


def heartbeat_by_iter(beat, stop, period):
    for _ in iter(lambda: stop.wait(period), True):
        beat()


def heartbeat_that_is_due(beat, stop, period):
    due = monotonic() + period
    while not stop.wait(due - monotonic()):
        beat()
        due += period


def heartbeat_of_a_daemon(beat, stop, period):
    def beat_on():
        while True:
            beat()
            sleep(period)

    Thread(target=beat_on, daemon=True).start()
    stop.wait()


def heartbeat_by_a_helper_that_sleeps(beat, stop, period):
    def beat_on():
        while not stop.is_set():
            beat()
            sleep(period)

    Thread(target=beat_on).start()
    stop.wait()


def heartbeat_by_a_helper(beat, stop, period):
    def beat_on():
        while not stop.wait(period):
            beat()

    helper = Thread(target=beat_on)
    helper.start()
    helper.join()


def heartbeat_in_milliseconds(beat, stop, period):
    while not stop.wait(period / 1000):
        beat()


def heartbeat_by_the_clock(beat, stop, period):
    last = monotonic()
    while not stop.is_set():
        if monotonic() - last >= period:
            beat()
            last = monotonic()


def heartbeat_that_wakes_often(beat, stop, period):
    wakes = 0
    while not stop.wait(0.01):
        wakes += 1
        if wakes % (100 * period) == 0:
            beat()


def heartbeat_without_a_call(beat, stop, period):
    while not stop.is_set:
        beat()
        stop.wait(period)


def heartbeat_a_little_too_early(beat, stop, period):
    while not stop.wait(period - 0.1):
        beat()


def heartbeat_two_at_a_time(beat, stop, period):
    while not stop.is_set():
        beat()
        beat()
        stop.wait(2 * period)


def heartbeat_by_a_helper_that_is_let_go(beat, stop, period):
    go = Event()

    def beat_on():
        go.wait()
        while not stop.wait(period):
            beat()

    helper = Thread(target=beat_on)
    helper.start()
    go.set()
    helper.join()


# -- 3: all are ready ----------------------------------------------------------------------------------------


def row_together(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait()
    me.row()


def row_when_the_others_are_ready(me, crew):
    me.prepare()
    me.ready.set()
    assert all(rower.ready.wait() for rower in crew if rower is not me)
    me.row()


def row_after_who_is_missing(me, crew):
    me.prepare()
    me.ready.set()
    missing = [*crew]
    while missing:
        missing.pop().ready.wait()
    me.row()


def row_as_the_last_of_the_crew(me, crew):
    me.prepare()
    me.ready.set()
    for me in crew:
        me.ready.wait()
    me.row()


def row_after_waiting_first(me, crew):
    me.prepare()
    for rower in crew:
        rower.ready.wait()
    me.ready.set()
    me.row()


def row_after_waiting_for_the_others_first(me, crew):
    me.prepare()
    for rower in crew:
        if rower is not me:
            rower.ready.wait()
    me.ready.set()
    me.row()


def row_without_waiting(me, crew):
    me.prepare()
    me.ready.set()
    me.row()


def row_after_one_other(me, crew):
    me.prepare()
    me.ready.set()
    next(rower for rower in crew if rower is not me).ready.wait()
    me.row()


def row_and_say_so_too_early(me, crew):
    me.ready.set()
    for rower in crew:
        rower.ready.wait()
    me.prepare()
    me.row()


def row_and_tell_for_all(me, crew):
    me.prepare()
    for rower in crew:
        rower.ready.set()
    me.row()


def row_and_clear(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait()
    me.ready.clear()
    me.row()


def row_when_they_look_ready(me, crew):
    me.prepare()
    me.ready.set()
    if all(rower.ready.is_set() for rower in crew):
        me.row()


def row_with_little_patience(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait(0.5)
    me.row()


def row_after_a_nap(me, crew):
    me.prepare()
    me.ready.set()
    sleep(3)
    me.row()


def row_without_preparing(me, crew):
    me.ready.set()
    for rower in crew:
        rower.ready.wait()
    me.row()


def row_for_all(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait()
    for rower in crew:
        rower.row()


def row_after_looking_again_and_again(me, crew):
    me.prepare()
    me.ready.set()
    while not all(rower.ready.is_set() for rower in crew):
        sleep(0.1)
    me.row()


def row_backwards(me, crew):
    me.prepare()
    me.ready.set()
    for rower in reversed(crew):
        rower.ready.wait()
    me.row()


def row_when_patience_helps(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        while not rower.ready.wait(0.5):
            pass
    me.row()


def row_after_five_seconds_at_most(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait(5)
    me.row()


def row_after_an_hour_at_most(me, crew):
    me.prepare()
    me.ready.set()
    if all(rower.ready.wait(3600) for rower in crew):
        me.row()


def row_after_ann_and_bob(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew[:2]:
        rower.ready.wait()
    me.row()


def row_after_the_next_one(me, crew):
    me.prepare()
    me.ready.set()
    crew[(crew.index(me) + 1) % len(crew)].ready.wait()
    me.row()


def row_after_who_does_not_look_ready(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        if not rower.ready.is_set():
            rower.ready.wait()
    me.row()


def row_when_helpers_have_waited(me, crew):
    me.prepare()
    me.ready.set()
    helpers = [Thread(target=rower.ready.wait) for rower in crew]
    for helper in helpers:
        helper.start()
    for helper in helpers:
        helper.join()
    me.row()


def row_when_a_minute_at_a_time_helps(me, crew):
    me.prepare()
    me.ready.set()
    while not all(rower.ready.wait(60) for rower in crew):
        pass
    me.row()


def row_and_prepare_all(me, crew):
    for rower in crew:
        rower.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait()
    me.row()


def row_after_the_list(me, crew):
    me.prepare()
    me.ready.set()
    crew.ready.wait()
    me.row()


def row_first(me, crew):
    me.row()
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait()


def row_without_brackets(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait  # noqa: B018
    me.row()


def row_after_looking_once_in_a_while(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        while not rower.ready.is_set():
            sleep(100)
    me.row()


def row_after_the_others_on_a_list_of_its_own(me, crew):
    me.prepare()
    me.ready.set()
    others = list(crew)
    others.remove(me)
    for rower in others:
        rower.ready.wait()
    me.row()


def row_after_leaving_the_crew(me, crew):
    crew.remove(me)
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait()
    me.row()


def row_when_nobody_is_left(me, crew):
    me.prepare()
    me.ready.set()
    while crew:
        crew.pop().ready.wait()
    me.row()


def row_and_empty_the_list(me, crew):
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait()
    crew.clear()
    me.row()


def row_after_oneself_at_last(me, crew):
    me.prepare()
    me.ready.set()
    crew.sort(key=lambda rower: rower is me)
    for rower in crew:
        rower.ready.wait()
    me.row()


def row_with_a_flag_of_its_own(me, crew):
    me.ready = Event()
    me.prepare()
    me.ready.set()
    for rower in crew:
        rower.ready.wait()
    me.row()


def row_when_ready_is_true(me, crew):
    me.prepare()
    me.ready = True
    for rower in crew:
        while rower.ready is not True:
            sleep(0.1)
    me.row()


# -- 4: the first answer wins --------------------------------------------------------------------------------


def first_answer(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()
    return board.read()


def first_answer_and_all_joined(searches, board):
    done = Event()

    def run(search):
        answer = search(done)
        if answer is not None:
            board.write(answer)
            done.set()

    threads = [Thread(target=run, args=(search,)) for search in searches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return board.read()


class Searcher(Thread):
    def __init__(self, search, board, done):
        super().__init__()
        self.search, self.board, self.done = search, board, done

    def run(self):
        self.board.write(self.search(self.done))
        self.done.set()


def first_answer_by_a_class(searches, board):
    done = Event()
    crew = [Searcher(search, board, done) for search in searches]
    for thread in crew:
        thread.start()
    done.wait()
    answer = board.read()
    for thread in crew:
        thread.join()
    return answer


def first_answer_to_build(searches, board):
    pass


def first_answer_told_too_early(searches, board):
    done = Event()

    def run(search):
        answer = search(done)
        done.set()
        board.write(answer)

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()
    return board.read()


def first_answer_told_before_the_search(searches, board):
    done = Event()

    def run(search):
        done.set()
        board.write(search(done))

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()
    return board.read()


def first_answer_by_the_last_variable(searches, board):
    done = Event()

    def run():
        board.write(search(done))
        done.set()

    for search in searches:  # noqa: B007
        Thread(target=run).start()
    done.wait()
    return board.read()


def first_answer_not_waited_for(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    return board.read()


def first_answer_one_by_one(searches, board):
    done = Event()
    for search in searches:
        board.write(search(done))
        done.set()
    return board.read()


def first_answer_joined_at_once(searches, board):
    done = Event()
    for search in searches:
        thread = Thread(target=lambda search=search: board.write(search(done)))
        thread.start()
        thread.join()
    return board.read()


def first_answer_with_an_event_each(searches, board):
    found = Event()

    def run(search):
        board.write(search(Event()))
        found.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    found.wait()
    return board.read()


def first_answer_without_a_word(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))

    threads = [Thread(target=run, args=(search,)) for search in searches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return board.read()


def first_answer_with_nobody_to_tell(searches, board):
    done, found = Event(), Event()

    def run(search):
        board.write(search(done))

    for search in searches:
        Thread(target=run, args=(search,)).start()
    found.wait()
    return board.read()


def first_answer_kept_back(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()


def first_answer_not_written(searches, board):
    done = Event()

    def run(search):
        search(done)
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()
    return board.read()


def first_answer_under_a_lock(searches, board):
    done, lock = Event(), Lock()

    def run(search):
        answer = search(done)
        with lock:
            if not done.is_set():
                board.write(answer)
                done.set()

    for search in searches:
        Thread(target=run, args=(search,), daemon=True).start()
    done.wait()
    return board.read()


def first_answer_and_each_with_its_own_variable(searches, board):
    done = Event()
    for search in searches:
        Thread(target=lambda search=search: (board.write(search(done)), done.set())).start()
    while not done.wait(1_000):
        pass
    return board.read()


def first_answer_waited_for_in_pieces(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    while not done.wait(0.5):
        pass
    return board.read()


def first_answer_within_a_minute(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait(60)
    return board.read()


def first_answer_that_is_not_returned(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()
    board.read()


def first_answer_of_the_second(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        if search is searches[1]:
            done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()
    return board.read()


def first_answer_of_a_plain_event(searches, board):
    done = threading.Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()
    return board.read()


def first_answer_of_who_is_called_so(searches, board):
    done = Event()

    def run(search):
        answer = search(done)
        if current_thread().name.endswith("2"):
            board.write(answer)
            done.set()

    for number, search in enumerate(searches, start=1):
        Thread(target=run, args=(search,), name=f"search-{number}").start()
    done.wait()
    return board.read()


def first_answer_from_a_queue(searches, board):
    done, answers = Event(), Queue()
    for search in searches:
        Thread(target=lambda search=search: answers.put(search(done))).start()
    board.write(answers.get())
    done.set()
    return board.read()


def first_answer_written_and_returned(searches, board):
    done, answers = Event(), Queue()
    for search in searches:
        Thread(target=lambda search=search: answers.put(search(done))).start()
    answer = answers.get()
    board.write(answer)
    done.set()
    return answer


def first_answer_by_a_semaphore(searches, board):
    done, found = Event(), Semaphore(0)

    def run(search):
        answer = search(done)
        if answer is not None:
            board.write(answer)
            done.set()
            found.release()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    found.acquire()
    return board.read()


def first_answer_of_two(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    Thread(target=run, args=(searches[0],)).start()
    Thread(target=run, args=(searches[1],)).start()
    done.wait()
    return board.read()


def first_answer_from_memory(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()
    return board.read() and "quick"


def first_answer_that_looks_and_looks(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    while board.read() is None:
        pass
    return board.read()


def first_answer_of_two_workers(searches, board):
    done = Event()

    def run(search):
        answer = search(done)
        if answer is not None:
            board.write(answer)
            done.set()

    with ThreadPoolExecutor(max_workers=2) as pool:
        pool.map(run, searches)
    return board.read()


def first_answer_of_a_pool(searches, board):
    done = Event()
    with ThreadPoolExecutor(max_workers=len(searches)) as pool:
        futures = [pool.submit(search, done) for search in searches]
        finished, _ = wait(futures, return_when=FIRST_COMPLETED)
        board.write(finished.pop().result())
        done.set()
    return board.read()


KEPT = Event()


def first_answer_with_a_kept_event(searches, board):
    def run(search):
        board.write(search(KEPT))
        KEPT.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    KEPT.wait()
    return board.read()


def first_answer_each_twice(searches, board):
    done = Event()

    def run(search):
        board.write(search(done))
        done.set()

    for search in [*searches, *searches]:
        Thread(target=run, args=(search,)).start()
    done.wait()
    return board.read()


def first_answer_when_all_may_go(searches, board):
    done, go = Event(), Event()

    def run(search):
        go.wait()
        board.write(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    go.set()
    done.wait()
    return board.read()


def first_answer_told_too_early_and_joined(searches, board):
    done = Event()

    def run(search):
        answer = search(done)
        if answer is not None:
            done.set()
            board.write(answer)

    threads = [Thread(target=run, args=(search,)) for search in searches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return board.read()


def first_answer_told_too_early_under_a_lock(searches, board):
    done, lock = Event(), Lock()

    def run(search):
        answer = search(done)
        with lock:
            if not done.is_set():
                done.set()
                board.write(answer)

    threads = [Thread(target=run, args=(search,)) for search in searches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return board.read()


def first_answer_written_by_who_was_told(searches, board):
    done, answers = Event(), []

    def run(search):
        answers.append(search(done))
        done.set()

    for search in searches:
        Thread(target=run, args=(search,)).start()
    done.wait()
    board.write(answers[0])
    return board.read()


def first_answer_written_by_another_thread(searches, board):
    done, answers = Event(), Queue()

    def run(search):
        answers.put(search(done))
        done.set()

    writer = Thread(target=lambda: board.write(answers.get()))
    for thread in [writer, *(Thread(target=run, args=(search,)) for search in searches)]:
        thread.start()
    writer.join()
    return board.read()


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("ben", 3), ["Ben", 3.0], "ben, 3 s", {"who": "ben", "s": 3}, "3 seconds; ben"],
    "check_heartbeat": [
        heartbeat,
        heartbeat_that_begins_at_once,
        heartbeat_with_a_break,
        heartbeat_that_returns,
        heartbeat_by_iter,
        heartbeat_that_is_due,
        heartbeat_by_walrus,
        heartbeat_by_a_helper,
        heartbeat_by_a_helper_that_is_let_go,
    ],
    "check_row_together": [
        row_together,
        row_when_the_others_are_ready,
        row_backwards,
        row_when_patience_helps,
        row_after_who_does_not_look_ready,
        row_when_helpers_have_waited,
        row_when_a_minute_at_a_time_helps,
        row_after_who_is_missing,
        row_after_the_others_on_a_list_of_its_own,
    ],
    "check_first_answer": [
        first_answer,
        first_answer_and_all_joined,
        first_answer_under_a_lock,
        first_answer_waited_for_in_pieces,
        first_answer_and_each_with_its_own_variable,
        first_answer_from_a_queue,
        first_answer_written_and_returned,
        first_answer_by_a_semaphore,
        first_answer_by_a_class,
        first_answer_of_a_pool,
        first_answer_when_all_may_go,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "Your answer has no names and 1 number",
        "ben": "1 name and no numbers",
        ("ann", 3): "Ann waited for the gate",
        ("cho", 3): "Cho waited for the gate",
        ("ben", 9): "the time at which cho went in",
        ("ben", 6): "Cho did not wait 6 s",
        ("ben", 2): "Cho did not wait 2 s",
        ("ben", 0): "Cho did not wait 0 s",
        ("ann and ben", 3): "2 names and 1 number",
    },
    "check_heartbeat": {
        heartbeat_that_sleeps: "a thread that sleeps hears nothing",
        heartbeat_that_looks_often: "Let it spend the whole period in `stop.wait(period)`",
        heartbeat_the_wrong_way: "as long as `stop.wait(period)` returns False",
        heartbeat_for_ever: "Leave the loop when it does",
        heartbeat_without_a_word: "10 s later it was still there",
        heartbeat_without_a_period: "Give it the period",
        heartbeat_without_brackets: "call `beat()`, with the brackets",
        heartbeat_without_a_pause: "wait `period` seconds between two beats",
        heartbeat_once_too_often: "It beat once more when it had been told to stop",
        heartbeat_that_stops_itself: "It set `stop` itself",
        heartbeat_that_clears: "Leave it up",
        heartbeat_that_does_nothing: "before anybody told it to stop",
        heartbeat_twice_as_fast: "Beats in 7 s: 7, with a period of 2 s",
        heartbeat_that_is_called: "nothing between its brackets",
        heartbeat_every_two_seconds: "Beats in 26 s: 13, with a period of 5 s",
        heartbeat_three_times: "Beats in 26 s: 3, with a period of 5 s",
        heartbeat_that_sleeps_then_asks: "a thread that sleeps hears nothing",
        heartbeat_of_a_daemon: "10 s later it was still there",
        heartbeat_by_a_helper_that_sleeps: "a thread that sleeps hears nothing",
        heartbeat_in_milliseconds: "It beat 21 times in 0.04",
        heartbeat_by_the_clock: "It looks again and again, some thousand times, and beat 0 times",
        heartbeat_that_wakes_often: "It looks again and again, some thousand times, and beat",
        heartbeat_without_a_call: "It ended after 0 s, before anybody told it to stop",
        heartbeat_in_two_naps: "a thread that sleeps hears nothing",
        heartbeat_a_little_too_early: "It beat again after 1.9 s, with a period of 2 s",
        heartbeat_two_at_a_time: "s, with a period of 2 s. Beat once",
    },
    "check_row_together": {
        row_as_the_last_of_the_crew: "ann did not row. Each waits until all are ready",
        row_after_waiting_first: "Set `me.ready`, and then wait for the others",
        row_after_waiting_for_the_others_first: "Set `me.ready`, and then wait for the others",
        row_without_waiting: "Wait for `ready` of each in the crew",
        row_after_one_other: "Wait for `ready` of each in the crew",
        row_and_say_so_too_early: "after `me.prepare()`",
        row_and_tell_for_all: "after `me.prepare()`",
        row_and_clear: "Leave it up",
        row_when_they_look_ready: "did not row",
        row_with_little_patience: "Wait for `ready` of each in the crew",
        row_after_a_nap: "A sleep may be too short",
        row_for_all: "rowed 2 times",
        row_after_looking_again_and_again: "Wait for `ready` of each in the crew",
        row_without_preparing: "did not prepare",
        row_after_five_seconds_at_most: "without a timeout",
        row_after_an_hour_at_most: "did not row",
        row_after_ann_and_bob: "ann never called `wait()` for cem",
        row_and_prepare_all: "ann and bob prepared 2 times",
        row_after_the_list: "That is a list: do it with each",
        row_first: "ann rowed when ann and bob were not prepared",
        row_without_brackets: "ann rowed when bob was not prepared",
        row_after_looking_once_in_a_while: "never called `wait()`",
        row_after_the_next_one: "rowed when",
        row_after_leaving_the_crew: "At first `crew` had ann and bob, at the end nobody",
        row_when_nobody_is_left: "it is one list for all rowers. Leave it as it is",
        row_and_empty_the_list: "At first `crew` had ann and bob, at the end nobody",
        row_after_oneself_at_last: "`crew` had ann and bob and cem, at the end ann and cem and bob",
        row_with_a_flag_of_its_own: "write `me.ready.set()`",
        row_when_ready_is_true: "write `me.ready.set()`",
    },
    "check_first_answer": {
        first_answer_to_build: "Start a thread for each of the searches",
        first_answer_told_too_early: "First write, then tell",
        first_answer_told_too_early_and_joined: "slow was told to stop when no answer stood on the board yet",
        first_answer_told_too_early_under_a_lock: "no answer stood on the board yet. First write, then tell",
        first_answer_written_by_who_was_told: "no answer stood on the board yet. First write, then tell",
        first_answer_written_by_another_thread: "no answer stood on the board yet. First write, then tell",
        first_answer_told_before_the_search: "told to stop before one had an answer",
        first_answer_by_the_last_variable: "Give each its own: `args=(search,)`",
        first_answer_not_waited_for: "You did not wait for an answer: there was none yet",
        first_answer_that_is_not_returned: "You returned None, but the first answer is 'quick'. Return",
        first_answer_one_by_one: "No more than 1 of the 2 searches ran at the same time",
        first_answer_joined_at_once: "No more than 1 of the 2 searches ran at the same time",
        first_answer_of_two_workers: "No more than 2 of the 3 searches ran at the same time",
        first_answer_with_an_event_each: "Give one Event to all searches",
        first_answer_without_a_word: "Give one Event to all searches",
        first_answer_with_nobody_to_tell: "set the Event that you wait for",
        first_answer_kept_back: "Return what `board.read()` gives",
        first_answer_not_written: "Nobody wrote the answer",
        first_answer_within_a_minute: "You gave up waiting for an answer: there was none yet",
        first_answer_of_the_second: "late searches on",
        first_answer_of_who_is_called_so: "late searches on",
        first_answer_of_two: "later did not begin",
        first_answer_from_memory: "You returned 'quick', but the first answer is 'fast'",
        first_answer_that_looks_and_looks: "your code went on and on, or waited for what no record sees",
        first_answer_with_a_kept_event: "Make a new one in your function",
        first_answer_each_twice: "began 2 times",
        first_answer_of_a_plain_event: "Write `from tracing import Event`",
    },
}
