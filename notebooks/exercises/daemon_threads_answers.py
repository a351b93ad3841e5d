"""Answers to the exercises of lesson 03: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from tracing import Thread, sleep

# -- 1: which one is the daemon? -----------------------------------------------------------------------------


def start_both(tick, save):
    Thread(target=tick, name="tick", daemon=True).start()
    Thread(target=save, name="save").start()


def start_with_the_attribute(tick, save):
    clock, saver = Thread(target=tick), Thread(target=save)
    clock.daemon = True
    saver.start()
    clock.start()


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


# -- 2: tell it to stop --------------------------------------------------------------------------------------


def stop_worker(worker, stop, seconds):
    stop.set()
    worker.join(seconds)
    return not worker.is_alive()


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


# -- 3: the last lines ---------------------------------------------------------------------------------------


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
    "check_start_both": [start_both, start_with_the_attribute],
    "check_stop_worker": [stop_worker],
    "check_write_log": [write_log, write_log_and_the_rest],
}
WRONG = {
    "check_start_both": {
        start_two_daemons: "The order is lost",
        start_no_daemon: "The program does not end",
        start_the_wrong_daemon: "May a clock be cut off?",
        start_then_daemon: "cannot set daemon status of active thread",
        start_and_wait: "Return at once",
        start_and_join_the_clock: "Do not join it",
        start_twice: "save ran more than once",
        start_with_brackets: "without brackets",
        start_only_the_clock: "save did not run",
        start_inside_a_daemon: "The order is lost",
    },
    "check_stop_worker": {
        stop_without_a_join: "needs a moment to tidy up",
        stop_without_telling: "Nobody told polite and deaf",
        stop_after_the_join: "is this your order?",
        stop_by_what_join_says: "that is what `join` returns, always",
        stop_without_a_timeout: "Give `join` your patience",
        stop_the_other_way_round: "You answered False for polite, True for deaf",
        stop_by_the_flag: "You answered True for polite, True for deaf",
        stop_by_waiting_for_the_flag: "Nobody told polite and deaf",
        stop_and_wait_twice: "one `join(seconds)` is enough",
        stop_by_a_daemon: "cannot set daemon status of active thread",
    },
    "check_write_log": {
        write_log_and_stop: "Lost: paid and sent",
        write_log_and_ask: "once more *after* you know",
        write_log_for_ever: "did not end when it was told to",
        write_log_with_sleep: "did not end when it was told to",
        write_log_twice: "a line twice",
        write_log_and_clear: "Take out one line at a time",
        write_log_at_the_end: "Do not leave all to the end",
        write_log_while_there_are_lines: "Lost: paid and sent",
        write_log_one_more: "Lost: paid and sent",
        write_log_and_one_more: "Lost: sent",
        write_log_as_a_list: "Put in one line at a time",
        write_log_backwards: "Do not leave all to the end",
    },
}
