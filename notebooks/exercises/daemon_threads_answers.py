"""Answers to the exercises of lesson 03: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from time import monotonic

from tracing import Thread, sleep
from tracing import enumerate as enumerate_threads

# -- 2: which one is the daemon? -----------------------------------------------------------------------------


def start_both(tick, save):
    Thread(target=tick, name="tick", daemon=True).start()
    Thread(target=save, name="save").start()


def start_with_the_attribute(tick, save):
    clock, saver = Thread(target=tick), Thread(target=save)
    clock.daemon = True
    saver.start()
    clock.start()


def start_with_false(tick, save):
    saver = Thread(target=save, daemon=False)
    Thread(target=tick, name="clock", daemon=True).start()
    saver.start()


class Clock(Thread):
    def __init__(self, tick):
        super().__init__(daemon=True)
        self.tick = tick

    def run(self):
        self.tick()


def start_with_a_class(tick, save):
    for thread in (Clock(tick), Thread(target=save)):
        thread.start()


def start_from_a_plain_thread(tick, save):
    def both():
        Thread(target=tick, daemon=True).start()
        save()

    Thread(target=both).start()


def start_and_sleep(tick, save):
    start_both(tick, save)
    sleep(1)


def start_and_join_a_little(tick, save):
    Thread(target=tick, daemon=True).start()
    saver = Thread(target=save)
    saver.start()
    saver.join(1)


def start_and_let_another_wait(tick, save):
    saver = Thread(target=save, daemon=True)
    Thread(target=tick, daemon=True).start()
    saver.start()
    Thread(target=saver.join).start()


def start_two_daemons(tick, save):
    for job in (tick, save):
        Thread(target=job, name=job.__name__, daemon=True).start()


def start_no_daemon(tick, save):
    Thread(target=tick).start()
    Thread(target=save).start()


def start_the_wrong_daemon(tick, save):
    Thread(target=tick).start()
    Thread(target=save, daemon=True).start()


def start_then_daemon(tick, save):
    clock = Thread(target=tick)
    clock.start()
    clock.daemon = True
    Thread(target=save).start()


def start_and_wait(tick, save):
    Thread(target=tick, daemon=True).start()
    saver = Thread(target=save, daemon=True)
    saver.start()
    saver.join()


def start_and_join_the_clock(tick, save):
    Thread(target=save).start()
    clock = Thread(target=tick, daemon=True)
    clock.start()
    clock.join()


def start_twice(tick, save):
    start_both(tick, save)
    Thread(target=save).start()


def start_with_brackets(tick, save):
    Thread(target=save()).start()
    Thread(target=tick(), daemon=True).start()


def start_only_the_clock(tick, save):
    Thread(target=tick, daemon=True).start()
    Thread(target=save)


def start_inside_a_daemon(tick, save):
    def both():
        Thread(target=tick).start()
        Thread(target=save).start()

    Thread(target=both, daemon=True).start()


# -- 3: tell it to stop --------------------------------------------------------------------------------------


def stop_worker(worker, stop, seconds):
    stop.set()
    worker.join(seconds)
    return not worker.is_alive()


def stop_by_keyword(worker, stop, seconds):
    stop.set()
    worker.join(timeout=seconds)
    return worker.is_alive() is False


def stop_in_slices(worker, stop, seconds):
    stop.set()
    for _ in range(4):
        worker.join(seconds / 4)
    return not worker.is_alive()


def stop_by_the_clock(worker, stop, seconds):
    end = monotonic() + seconds
    if not stop.is_set():
        stop.set()
    while worker.is_alive() and (left := end - monotonic()) > 0:
        worker.join(left)
    return not worker.is_alive()


def stop_and_look_at_the_list(worker, stop, seconds):
    stop.set()
    worker.join(timeout=seconds)
    return worker not in enumerate_threads()


def stop_within_2_s(worker, stop, seconds):
    stop.set()
    worker.join(2)
    return not worker.is_alive()


def stop_within_4_s(worker, stop, seconds):
    stop.set()
    worker.join(4)
    return not worker.is_alive()


def stop_by_sleeping(worker, stop, seconds):
    stop.set()
    sleep(seconds)
    return not worker.is_alive()


def stop_by_polling(worker, stop, seconds):
    stop.set()
    end = monotonic() + seconds
    while worker.is_alive() and monotonic() < end:
        sleep(0.1)
    return not worker.is_alive()


def stop_and_wait_for_an_error(worker, stop, seconds):
    stop.set()
    try:
        worker.join(seconds)
    except TimeoutError:
        return False
    return True


def stop_and_say_yes(worker, stop, seconds):
    stop.set()
    worker.join(seconds)
    return True


def stop_without_a_join(worker, stop, seconds):
    stop.set()
    return not worker.is_alive()


def stop_without_telling(worker, stop, seconds):
    worker.join(seconds)
    return not worker.is_alive()


def stop_after_the_join(worker, stop, seconds):
    worker.join(seconds)
    stop.set()
    return not worker.is_alive()


def stop_by_what_join_says(worker, stop, seconds):
    stop.set()
    return worker.join(seconds)


def stop_without_a_timeout(worker, stop, seconds):
    stop.set()
    worker.join()
    return not worker.is_alive()


def stop_the_other_way_round(worker, stop, seconds):
    stop.set()
    worker.join(seconds)
    return worker.is_alive()


def stop_by_the_flag(worker, stop, seconds):
    stop.set()
    worker.join(seconds)
    return stop.is_set()


def stop_by_waiting_for_the_flag(worker, stop, seconds):
    return stop.wait(seconds)


def stop_and_wait_twice(worker, stop, seconds):
    worker.join(seconds)
    stop.set()
    worker.join(seconds)
    return not worker.is_alive()


def stop_by_a_daemon(worker, stop, seconds):
    stop.set()
    worker.daemon = True
    return True


# -- 4: the last lines ---------------------------------------------------------------------------------------


def write_log(lines, file, stop):
    stopping = False
    while not stopping:
        stopping = stop.wait(1)
        while lines:
            file.append(lines.pop(0))


def write_log_and_the_rest(lines, file, stop):
    while not stop.wait(1):
        while lines:
            file.append(lines.pop(0))
    file.extend(lines)


def write_log_and_look_again(lines, file, stop):
    while True:
        told = stop.is_set()
        while lines:
            file.append(lines.pop(0))
        if told:
            return
        stop.wait(1)


def write_log_by_slices(lines, file, stop):
    def move():
        while lines:
            file.append(lines[0])
            del lines[0]

    while not stop.wait(timeout=1):
        move()
    move()


def write_log_with_pauses(lines, file, stop):
    while not stop.is_set():
        sleep(1)
        while lines:
            file.append(lines.pop(0))
    file += lines


def write_log_by_number(lines, file, stop):
    while True:
        stopping = stop.wait(1)
        number = len(lines)
        file.extend(lines[:number])
        del lines[:number]
        if stopping:
            return


def write_log_line_by_line_and_clear(lines, file, stop):
    stopping = False
    while not stopping:
        stopping = stop.wait(1)
        for line in lines:
            file.append(line)
        lines.clear()


def write_log_line_by_line_and_cut(lines, file, stop):
    while not stop.wait(1):
        for line in lines:
            file.append(line)
        lines[:] = []
    file += lines


def write_log_and_keep_the_lines(lines, file, stop):
    written, stopping = 0, False
    while not stopping:
        stopping = stop.wait(1)
        while written < len(lines):
            file.append(lines[written])
            written += 1


def write_log_one_a_second(lines, file, stop):
    while lines or not stop.is_set():
        if lines:
            file.append(lines.pop(0))
        stop.wait(1)


def write_log_by_counting(lines, file, stop):
    while len(lines) > 0 or not stop.is_set():
        while len(lines) > 0:
            file.append(lines.pop(0))
        stop.wait(1)


def write_log_one_a_second_and_the_rest(lines, file, stop):
    while not stop.wait(1):
        if lines:
            file.append(lines.pop(0))
    while lines:
        file.append(lines.pop(0))


def write_log_into_a_new_list(lines, file, stop):
    while not stop.wait(1):
        for line in lines:
            file.append(line)
        lines = []
    file.extend(lines)


def write_log_in_a_thread_of_its_own(lines, file, stop):
    Thread(target=write_log, args=(lines, file, stop), name="logger").start()


def write_log_in_a_thread_that_it_joins(lines, file, stop):
    logger = Thread(target=write_log, args=(lines, file, stop), name="logger")
    logger.start()
    logger.join()


def write_log_from_a_copy(lines, file, stop):
    while not stop.wait(1):
        copy = lines.copy()
        lines.clear()
        file.extend(copy)
    file.extend(lines)


def write_log_while_there_is_something(lines, file, stop):
    while lines or not stop.is_set():
        while lines:
            file.append(lines.pop(0))
        stop.wait(1)


def write_log_until_told(lines, file, stop):
    while True:
        while lines:
            file.append(lines.pop(0))
        if stop.wait(1) and not lines:
            file.append("closed")
            return


def write_log_once_more_too_early(lines, file, stop):
    told = False
    while not told:
        while lines:
            file.append(lines.pop(0))
        told = stop.wait(1)


def write_log_without_a_pause(lines, file, stop):
    while not stop.is_set():
        while lines:
            file.append(lines.pop(0))
    while lines:
        file.append(lines.pop(0))


def write_nothing(lines, file, stop):
    """The stub of the notebook."""


def write_log_and_stop(lines, file, stop):
    while not stop.wait(1):
        while lines:
            file.append(lines.pop(0))


def write_log_and_ask(lines, file, stop):
    while not stop.is_set():
        stop.wait(1)
        while lines:
            file.append(lines.pop(0))


def write_log_for_ever(lines, file, stop):
    while True:
        stop.wait(1)
        while lines:
            file.append(lines.pop(0))


def write_log_with_sleep(lines, file, stop):
    while True:
        sleep(1)
        while lines:
            file.append(lines.pop(0))


def write_log_twice(lines, file, stop):
    stopping = False
    while not stopping:
        stopping = stop.wait(1)
        file.extend(lines)


def write_log_and_clear(lines, file, stop):
    stopping = False
    while not stopping:
        stopping = stop.wait(1)
        file.extend(lines)
        lines.clear()


def write_log_at_the_end(lines, file, stop):
    stop.wait()
    file.extend(lines)


def write_log_while_there_are_lines(lines, file, stop):
    while lines:
        file.append(lines.pop(0))


def write_log_one_more(lines, file, stop):
    while not stop.wait(1):
        file.append(lines.pop(0))
    file.append(lines.pop(0))


def write_log_and_one_more(lines, file, stop):
    write_log_and_stop(lines, file, stop)
    if lines:
        file.append(lines.pop(0))


def write_log_while_it_shrinks(lines, file, stop):
    stopping = False
    while not stopping:
        stopping = stop.wait(1)
        for _ in lines:
            file.append(lines.pop(0))


def write_log_and_take_out_another(lines, file, stop):
    stopping = False
    while not stopping:
        stopping = stop.wait(1)
        for line in lines:
            file.append(line)
            lines.pop(0)


def write_log_with_ends_of_lines(lines, file, stop):
    stopping = False
    while not stopping:
        stopping = stop.wait(1)
        while lines:
            file.append(lines.pop(0) + "\n")


def write_log_as_a_list(lines, file, stop):
    while not stop.wait(1):
        while lines:
            file.append(lines.pop(0))
    file.append(lines)


def write_log_backwards(lines, file, stop):
    while not stop.wait(5):
        pass
    while lines:
        file.append(lines.pop())


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("lamp", 5), ["Lamp", 5.0], (5, "lamp"), "lamp at 5 s", {"who": "lamp", "at": 5}],
    "check_start_both": [
        start_both,
        start_with_the_attribute,
        start_with_false,
        start_with_a_class,
        start_from_a_plain_thread,
    ],
    "check_stop_worker": [
        stop_worker,
        stop_by_keyword,
        stop_in_slices,
        stop_by_the_clock,
        stop_and_look_at_the_list,
    ],
    "check_write_log": [
        write_log,
        write_log_and_the_rest,
        write_log_and_look_again,
        write_log_by_slices,
        write_log_by_number,
        write_log_with_pauses,
        write_log_in_a_thread_that_it_joins,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "one name (lamp, painter or broom) and one number of seconds",
        "lamp": "1 name and no numbers",
        ("lamp", 2): "the main thread's own code had ended",
        ("lamp", 3): "At 3 s the lamp was not cut off",
        ("lamp", 4.5): "At 4.5 s the lamp was not cut off",
        ("lamp", 6): "At 6 s the lamp was not cut off",
        ("broom", 3): "The broom was not cut off: it came to its own end, at 3 s",
        ("painter", 5): "The painter was not cut off: it came to its own end, at 5 s",
        ("lamp and broom", 5): "2 names",
    },
    "check_start_both": {
        start_two_daemons: "The order is lost",
        start_no_daemon: "The program does not end",
        start_the_wrong_daemon: "May a clock be cut off?",
        start_then_daemon: "cannot set daemon status of active thread",
        start_and_wait: "You returned after 5.0 s",
        start_and_join_the_clock: "Do not join it",
        start_twice: "save ran more than once",
        start_with_brackets: "without brackets",
        start_only_the_clock: "save did not run",
        start_inside_a_daemon: "The order is lost",
        start_and_sleep: "You returned after 1.0 s",
        start_and_join_a_little: "You returned after 1.0 s",
        start_and_let_another_wait: "only saved because another thread waited for it",
    },
    "check_stop_worker": {
        stop_without_a_join: "needs time to tidy up",
        stop_without_telling: "Nobody told polite and deaf",
        stop_after_the_join: "is this your order?",
        stop_by_what_join_says: "that is what `join` returns, always",
        stop_without_a_timeout: "`seconds` was 1, and you came back from deaf after 60.0 s",
        stop_the_other_way_round: "You answered False for polite, True for deaf",
        stop_by_the_flag: "You answered True for polite, True for deaf",
        stop_by_waiting_for_the_flag: "Nobody told polite and deaf",
        stop_and_wait_twice: "came back from deaf after 2.0 s",
        stop_within_2_s: "came back from deaf after 2.0 s",
        stop_within_4_s: "came back from deaf after 4.0 s",
        stop_by_sleeping: "to sleep, or to look again and again, is no waiting",
        stop_by_polling: "to sleep, or to look again and again, is no waiting",
        stop_and_wait_for_an_error: "Only the worker itself knows",
        stop_and_say_yes: "You answered True for polite, True for deaf",
        stop_by_a_daemon: "cannot set daemon status of active thread",
    },
    "check_write_log": {
        write_nothing: "After 3 s `opened` was not in the file",
        write_log_and_stop: "Lost: paid and sent",
        write_log_and_ask: "once more *after* you know",
        write_log_for_ever: "did not end when it was told to",
        write_log_with_sleep: "did not end when it was told to",
        write_log_twice: "a line twice",
        write_log_and_clear: "Take out one line at a time",
        write_log_line_by_line_and_clear: "Take out one line at a time",
        write_log_line_by_line_and_cut: "Take out one line at a time",
        write_log_and_keep_the_lines: "opened is in the file, and also still in `lines`",
        write_log_one_a_second_and_the_rest: "were written 1.0 s apart",
        write_log_into_a_new_list: "opened is in the file, and also still in `lines`",
        write_log_in_a_thread_of_its_own: "it runs in one already",
        write_log_from_a_copy: "Take out one line at a time",
        write_log_by_counting: "once more *after* you know",
        write_log_one_a_second: "`while lines`, not `if lines`",
        write_log_at_the_end: "Do not leave all to the end",
        write_log_while_there_are_lines: "Lost: paid and sent",
        write_log_one_more: "Lost: paid and sent",
        write_log_and_one_more: "Lost: sent",
        write_log_while_it_shrinks: "Lost: sent, put in just before `stop.set()`, and still in `lines`",
        write_log_and_take_out_another: "Gone: paid, taken out of `lines` and not put into the file",
        write_log_with_ends_of_lines: "not only lines that came",
        write_log_as_a_list: "Put in one line at a time",
        write_log_backwards: "Do not leave all to the end",
        write_log_while_there_is_something: "once more *after* you know",
        write_log_until_told: "closed",
        write_log_once_more_too_early: "once more *after* you know",
        write_log_without_a_pause: "never pauses",
    },
}
