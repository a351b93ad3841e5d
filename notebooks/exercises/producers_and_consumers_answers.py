"""Answers to the exercises of lesson 14: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from queue import Empty, LifoQueue, Queue
from sys import version_info

from tracing import Condition, Event, Lock, Semaphore, SimpleQueue, Thread, current_thread, sleep

# -- 2: workers that look first ------------------------------------------------------------------------------


def serve(jobs, done):
    while True:
        try:
            job = jobs.get_nowait()
        except Empty:
            return
        done.append(job)


def serve_without_blocking(jobs, done):
    with suppress(Empty):
        while True:
            done.append(jobs.get(block=False))


def serve_with_a_timeout(jobs, done):
    try:
        while job := jobs.get(timeout=1):
            done.append(job)
    except Empty:
        pass


gate = Lock()


def serve_under_a_lock(jobs, done):
    while True:
        with gate:
            if jobs.empty():
                return
            job = jobs.get()
        done.append(job)


def serve_and_look_all_the_same(jobs, done):
    while not jobs.empty():
        try:
            done.append(jobs.get(False))
        except Empty:
            break


def serve_with_a_sentinel(jobs, done):
    jobs.put(None)
    while (job := jobs.get()) is not None:
        done.append(job)


def serve_as_the_stub(jobs, done):
    while not jobs.empty():
        done.append(jobs.get())


def serve_by_size(jobs, done):
    for _ in range(jobs.qsize()):
        done.append(jobs.get())


def serve_for_ever(jobs, done):
    while True:
        done.append(jobs.get())


def serve_one(jobs, done):
    done.append(jobs.get_nowait())


def serve_nothing(jobs, done):
    pass


def serve_and_fail(jobs, done):
    while True:
        done.append(jobs.get_nowait())


def serve_and_ask_for_more(jobs, done):
    while True:
        try:
            done.append(jobs.get_nowait())
        except Empty:
            continue


def serve_the_queue_itself(jobs, done):
    while True:
        try:
            jobs.get_nowait()
        except Empty:
            return
        done.append(jobs)


def serve_and_drop(jobs, done):
    with suppress(Empty):
        while True:
            jobs.get_nowait()


def serve_twice(jobs, done):
    with suppress(Empty):
        while True:
            job = jobs.get_nowait()
            done.extend([job, job])


def serve_with_half_a_lock(jobs, done):
    while True:
        with gate:
            if jobs.empty():
                return
        done.append(jobs.get())


def serve_the_sentinel_too(jobs, done):
    jobs.put(None)
    job = 0
    while job is not None:
        job = jobs.get()
        done.append(job)


def serve_and_build_the_list_anew(jobs, done):
    with suppress(Empty):
        while True:
            done[:] = [*done, jobs.get_nowait()]


def serve_until_none(jobs, done):
    jobs.put(None)
    for job in iter(jobs.get, None):
        done.append(job)


def serve_and_call_itself(jobs, done):
    try:
        done.append(jobs.get(True, 0))
    except Empty:
        return
    serve_and_call_itself(jobs, done)


def _what_is_left(jobs):
    while True:
        try:
            yield jobs.get_nowait()
        except Empty:
            return


def serve_what_is_left(jobs, done):
    done.extend(_what_is_left(jobs))


def serve_by_ann_alone(jobs, done):
    if current_thread().name == "bob":
        return
    while not jobs.empty():
        done.append(jobs.get())


def serve_by_bob_later(jobs, done):
    if current_thread().name == "bob":
        sleep(1)
    while not jobs.empty():
        done.append(jobs.get())


def serve_with_a_time_out_alone(jobs, done):
    while not jobs.empty():
        done.append(jobs.get(timeout=1))


def serve_as_a_list(jobs, done):
    for job in jobs:
        done.append(job)


def serve_copies(jobs, done):
    done.extend(list(jobs.queue))


def serve_and_put_back(jobs, done):
    with suppress(Empty):
        while True:
            job = jobs.get_nowait()
            done.append(job)
            jobs.put(job)


def serve_into_a_new_list(jobs, done):
    with suppress(Empty):
        while True:
            done = [*done, jobs.get_nowait()]


def serve_until_three_are_done(jobs, done):
    while len(done) < 3:
        done.append(jobs.get())


# -- 3: a job that fails -------------------------------------------------------------------------------------


def work(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.append(job)
        finally:
            jobs.task_done()


def work_without_finally(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except Exception:
            failed.append(job)
        jobs.task_done()


def work_that_says_it_twice(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.append(job)
            jobs.task_done()
        else:
            jobs.task_done()


def work_with_a_flag(jobs, handle, failed):
    while True:
        job, is_bad = jobs.get(), True
        with suppress(ValueError):
            handle(job)
            is_bad = False
        if is_bad:
            failed.append(job)
        jobs.task_done()


def work_with_an_inner_function(jobs, handle, failed):
    def attempt(job):
        try:
            handle(job)
        except ValueError:
            failed.append(job)

    while True:
        attempt(jobs.get())
        jobs.task_done()


def work_under_a_lock(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError as error:
            with gate:
                failed += [job] if error else []
        finally:
            jobs.task_done()


def work_as_the_stub(jobs, handle, failed):
    while True:
        job = jobs.get()
        handle(job)


def work_and_die(jobs, handle, failed):
    while True:
        job = jobs.get()
        handle(job)
        jobs.task_done()


def work_and_die_in_order(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        finally:
            jobs.task_done()


def work_and_say_nothing(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.append(job)


def work_said_done_where_it_went_well(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
            jobs.task_done()
        except ValueError:
            failed.append(job)


def work_said_done_too_early(jobs, handle, failed):
    while True:
        job = jobs.get()
        jobs.task_done()
        try:
            handle(job)
        except ValueError:
            failed.append(job)


def work_said_done_too_often(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.append(job)
            jobs.task_done()
        finally:
            jobs.task_done()


def work_that_hides_it(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            pass
        finally:
            jobs.task_done()


def work_that_notes_the_error(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError as error:
            failed.append(str(error))
        finally:
            jobs.task_done()


def work_that_tries_again(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.append(job)
            jobs.put(job)
        finally:
            jobs.task_done()


def work_that_notes_them_all(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            pass
        finally:
            failed.append(job)
            jobs.task_done()


def work_once(jobs, handle, failed):
    job = jobs.get()
    try:
        handle(job)
    except ValueError:
        failed.append(job)
    finally:
        jobs.task_done()


def work_until_an_error(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.append(job)
            break
        finally:
            jobs.task_done()


def work_for_five_seconds(jobs, handle, failed):
    with suppress(Empty):
        while True:
            job = jobs.get(timeout=5)
            try:
                handle(job)
            except ValueError:
                failed.append(job)
            finally:
                jobs.task_done()


def work_that_waits_again(jobs, handle, failed):
    while True:
        try:
            job = jobs.get(timeout=5)
        except Empty:
            continue
        try:
            handle(job)
        except ValueError:
            failed.append(job)
        jobs.task_done()


def work_that_catches_everything(jobs, handle, failed):
    while True:
        try:
            job = jobs.get()
            handle(job)
        except:  # noqa: E722
            failed.append(job)
        finally:
            jobs.task_done()


def work_of_an_iterator(jobs, handle, failed):
    for job in iter(jobs.get, None):
        try:
            handle(job)
        except Exception:
            failed.extend([job])
        finally:
            jobs.task_done()


def work_in_two_loops(jobs, handle, failed):
    while True:
        try:
            while True:
                job = jobs.get()
                handle(job)
                jobs.task_done()
        except ValueError:
            failed.append(job)
            jobs.task_done()


def work_by_threads(jobs, handle, failed):
    def attempt(job):
        try:
            handle(job)
        except ValueError:
            failed.append(job)
        finally:
            jobs.task_done()

    while True:
        Thread(target=attempt, args=(jobs.get(),)).start()


def work_in_two_loops_noted_last(jobs, handle, failed):
    while True:
        try:
            while True:
                job = jobs.get()
                try:
                    handle(job)
                finally:
                    jobs.task_done()
        except ValueError:
            failed.append(job)


def work_noted_last(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            jobs.task_done()
            failed.append(job)
        else:
            jobs.task_done()


def work_noted_with_the_next(jobs, handle, failed):
    bad = []
    while True:
        job = jobs.get()
        failed.extend(bad)
        bad.clear()
        try:
            handle(job)
        except ValueError:
            bad.append(job)
        finally:
            jobs.task_done()


def work_that_puts_into_a_list(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.put(job)
        finally:
            jobs.task_done()


def work_that_adds_to_a_list(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.add(job)
        finally:
            jobs.task_done()


def work_that_says_which_is_done(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.append(job)
        finally:
            jobs.task_done(job)


def work_while_there_is_some(jobs, handle, failed):
    while not jobs.empty():
        work_once(jobs, handle, failed)


def work_that_joins(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.append(job)
        jobs.join()


def work_into_a_new_list(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed = [*failed, job]
        finally:
            jobs.task_done()


def work_that_catches_another_error(jobs, handle, failed):
    while True:
        job = jobs.get()
        try:
            handle(job)
        except TypeError:
            failed.append(job)
        finally:
            jobs.task_done()


def work_said_done_before_the_next(jobs, handle, failed):
    while True:
        jobs.task_done()
        job = jobs.get()
        try:
            handle(job)
        except ValueError:
            failed.append(job)


# -- 4: a mailbox that can be closed -------------------------------------------------------------------------


class Mailbox:
    def __init__(self):
        self.letters = Queue()

    def put(self, letter):
        self.letters.put(letter)

    def get(self):
        letter = self.letters.get()
        if letter is None:
            self.letters.put(None)
        return letter

    def close(self):
        self.letters.put(None)


class MailboxWithACondition:
    def __init__(self):
        self.letters, self.closed, self.news = deque(), False, Condition()

    def put(self, letter):
        with self.news:
            self.letters.append(letter)
            self.news.notify()

    def get(self):
        with self.news:
            self.news.wait_for(lambda: self.letters or self.closed)
            return self.letters.popleft() if self.letters else None

    def close(self):
        with self.news:
            self.closed = True
            self.news.notify_all()


class MailboxThatIsAQueue(Queue):
    END = object()

    def get(self):
        letter = super().get()
        if letter is not self.END:
            return letter
        self.put(self.END)
        return None

    def close(self):
        self.put(self.END)


class MailboxThatIsSimple:
    def __init__(self):
        self.letters = SimpleQueue()
        self.put = self.letters.put

    def get(self):
        if (letter := self.letters.get()) is None:
            self.close()
        return letter

    def close(self):
        self.letters.put(None)


class MailboxWithASemaphore:
    def __init__(self):
        self.letters, self.there = deque(), Semaphore(0)

    def put(self, letter):
        self.letters.append(letter)
        self.there.release()

    def get(self):
        self.there.acquire()
        try:
            return self.letters.popleft()
        except IndexError:  # closed: let the next one look, too
            self.there.release()
            return None

    def close(self):
        self.there.release()


class MailboxThatIsShutDown:
    """Where a queue has `shutdown`; elsewhere as the first."""

    def __init__(self):
        self.letters = Queue()
        self.put = self.letters.put

    def get(self):
        if not hasattr(self.letters, "shutdown"):
            return Mailbox.get(self)
        from queue import ShutDown

        try:
            return self.letters.get()
        except ShutDown:
            return None

    def close(self):
        if hasattr(self.letters, "shutdown"):
            self.letters.shutdown()
        else:
            self.letters.put(None)


class MailboxThatGoesByTheVersion(Mailbox):
    if version_info >= (3, 13):

        def get(self):
            from queue import ShutDown

            try:
                return self.letters.get()
            except ShutDown:
                return None

        def close(self):
            self.letters.shutdown()


class MailboxThatAsksForTheVersion(MailboxThatIsShutDown):
    def get(self):
        if version_info < (3, 13):
            return Mailbox.get(self)
        return MailboxThatIsShutDown.get(self)

    def close(self):
        if version_info >= (3, 13):
            self.letters.shutdown()
        else:
            Mailbox.close(self)


class MailboxThatLooksTwice:
    """Between the two looks a letter may come, and the end."""

    def __init__(self):
        self.letters, self.closed = [], False
        self.put = self.letters.append

    def get(self):
        while True:
            if self.letters:
                return self.letters.pop(0)
            if self.closed:
                return None
            sleep(1)

    def close(self):
        self.closed = True


class MailboxThatLooksAgain(MailboxThatLooksTwice):
    """Closed first, then the letters: what is not there then will never be."""

    def get(self):
        while True:
            closed = self.closed
            with suppress(IndexError):
                return self.letters.pop(0)
            if closed:
                return None
            sleep(1)


class MailboxToBuild:
    """As the notebook has it."""


class MailboxWithOneSentinel(Mailbox):
    def get(self):
        return self.letters.get()


class MailboxWithTwoSentinels(MailboxWithOneSentinel):
    def close(self):
        self.letters.put(None)
        self.letters.put(None)


class MailboxThatNeverWaits(Mailbox):
    def get(self):
        with suppress(Empty):
            return self.letters.get_nowait()


class MailboxThatCloses(Mailbox):
    closed = False

    def get(self):
        return None if self.closed else self.letters.get()

    def close(self):
        self.closed = True


class MailboxThatTakesEmptyForTheEnd(Mailbox):
    def get(self):
        letter = self.letters.get()
        if not letter:
            self.letters.put(letter)
            return None
        return letter


class MailboxThatForgetsWhatIsLeft(MailboxWithACondition):
    def get(self):
        with self.news:
            self.news.wait_for(lambda: self.letters or self.closed)
            return None if self.closed else self.letters.popleft()


class MailboxThatTellsOne(MailboxWithACondition):
    def close(self):
        with self.news:
            self.closed = True
            self.news.notify()


class MailboxLastFirst(Mailbox):
    def __init__(self):
        self.letters = LifoQueue()


class MailboxWithRoomForOne(Mailbox):
    def __init__(self):
        self.letters = Queue(maxsize=1)

    def close(self):
        self.letters.put(None)
        self.letters.put(None)


class MailboxThatPutsEverythingBack(Mailbox):
    def get(self):
        letter = self.letters.get()
        self.letters.put(None)
        return letter


class MailboxThatReturnsItsSentinel(MailboxThatIsAQueue):
    def get(self):
        letter = Queue.get(self)
        if letter is self.END:
            self.put(letter)
        return letter


class MailboxThatLooksTwiceAtAQueue(MailboxThatLooksTwice):
    def __init__(self):
        self.letters, self.closed = Queue(), False
        self.put = self.letters.put

    def get(self):
        while True:
            with suppress(Empty):
                return self.letters.get_nowait()
            if self.closed:
                return None
            sleep(1)


class MailboxThatLooksTwiceWithAnEvent(MailboxThatLooksTwiceAtAQueue):
    def __init__(self):
        super().__init__()
        self.is_closed = Event()
        self.close = self.is_closed.set

    def get(self):
        while True:
            try:
                return self.letters.get(timeout=1)
            except Empty:
                if self.is_closed.is_set():
                    return None


class MailboxThatAsksOften(MailboxThatLooksTwiceWithAnEvent):
    def get(self):
        while True:
            try:
                return self.letters.get(timeout=0.1)
            except Empty:
                if self.is_closed.is_set():
                    return None


class MailboxThatAsksOftenAndSleeps(MailboxThatLooksTwiceAtAQueue):
    def get(self):
        while True:
            with suppress(Empty):
                return self.letters.get_nowait()
            if self.closed:
                return None
            sleep(0.05)


class MailboxThatLooksAndTakes(MailboxThatLooksTwice):
    """Closed first, so no letter is overlooked; but two may see the same letter."""

    def get(self):
        while True:
            closed = self.closed
            if self.letters:
                return self.letters.pop(0)
            if closed:
                return None
            sleep(1)


class MailboxWithoutSelf:
    def put(letter):
        pass

    def get():
        pass

    def close():
        pass


class MailboxThatIsReadBeforeItCloses(Mailbox):
    def get(self):
        letter = super().get()
        self.letters.task_done()
        return letter

    def close(self):
        self.letters.join()
        self.letters.put(None)


class MailboxThatIsEmptyBeforeItCloses(Mailbox):
    def close(self):
        while not self.letters.empty():
            sleep(0.1)
        self.letters.put(None)


class MailboxThatLooksWithoutAPauseBeforeItCloses(Mailbox):
    def close(self):
        while not self.letters.empty():
            pass
        self.letters.put(None)


class MailboxWithAConditionThatIsEmptyBeforeItCloses(MailboxWithACondition):
    def get(self):
        letter = super().get()
        with self.news:
            self.news.notify_all()
        return letter

    def close(self):
        super().close()
        with self.news:
            self.news.wait_for(lambda: not self.letters)


class MailboxWhoseEndIsHeardBeforeItCloses(Mailbox):
    def __init__(self):
        super().__init__()
        self.heard = Event()

    def get(self):
        if (letter := super().get()) is None:
            self.heard.set()
        return letter

    def close(self):
        super().close()
        self.heard.wait()


class MailboxWithRoomForALetterOrTheEnd(Mailbox):
    def __init__(self):
        self.letters = Queue(maxsize=1)


class MailboxThatTakesItsTimeToClose(Mailbox):
    def close(self):
        sleep(1)
        super().close()


class MailboxThatAppends(Mailbox):
    def put(self, letter):
        self.letters.append(letter)


class MailboxWithALoop(MailboxWithACondition):
    def get(self):
        with self.news:
            while not (self.letters or self.closed):
                self.news.wait()
            return self.letters.popleft() if self.letters else None


class MailboxWithALockForReaders(Mailbox):
    def __init__(self):
        super().__init__()
        self.turn = Lock()

    def get(self):
        with self.turn:
            return super().get()


class MailboxThatAsksInTheRightOrder(Mailbox):
    def __init__(self):
        super().__init__()
        self.is_closed = Event()
        self.close = self.is_closed.set

    def get(self):
        while True:
            was_closed = self.is_closed.is_set()
            try:
                return self.letters.get(timeout=1)
            except Empty:
                if was_closed:
                    return None


class MailboxWithTwentyTwoSentinels(MailboxWithOneSentinel):
    def close(self):
        for _ in range(22):
            self.letters.put(None)


class MailboxThatPutsItBackSoOften(Mailbox):
    left = 1_000

    def get(self):
        if (letter := self.letters.get()) is None and self.left:
            self.left -= 1
            self.letters.put(None)
        return letter


class MailboxThatLooksOnce(MailboxWithACondition):
    def put(self, letter):
        with self.news:
            self.letters.append(letter)
            self.news.notify_all()

    def get(self):
        with self.news:
            if not (self.letters or self.closed):
                self.news.wait()
            return self.letters.popleft() if self.letters else None


class MailboxThatLooksOnceAndTellsOne(MailboxWithACondition):
    def get(self):
        with self.news:
            if not (self.letters or self.closed):
                self.news.wait()
            return self.letters.popleft() if self.letters else None


class MailboxWithATextAtTheEnd(Mailbox):
    def get(self):
        letter = self.letters.get()
        if letter == "STOP":
            self.letters.put("STOP")
            return None
        return letter

    def close(self):
        self.letters.put("STOP")


class MailboxThatIsAlwaysShutDown(MailboxThatIsShutDown):
    def get(self):
        from queue import ShutDown

        try:
            return self.letters.get()
        except ShutDown:
            return None

    def close(self):
        self.letters.shutdown()


class MailboxThatNotifiesAtTheEnd(MailboxWithACondition):
    def put(self, letter):
        with self.news:
            self.letters.append(letter)


class MailboxThatWaitsForAMinute(Mailbox):
    def get(self):
        try:
            return self.letters.get(timeout=60)
        except Empty:
            return None

    def close(self):
        pass


class MailboxWithATimeOut(MailboxWithACondition):
    def get(self):
        with self.news:
            self.news.wait_for(lambda: self.letters or self.closed, timeout=10)
            return self.letters.popleft() if self.letters else None


class MailboxThatCountsReaders(MailboxWithOneSentinel):
    waiting = 0

    def get(self):
        self.waiting += 1
        letter = super().get()
        self.waiting -= 1
        return letter

    def close(self):
        for _ in range(self.waiting):
            self.letters.put(None)


class MailboxThatHoldsItsLock(MailboxWithALockForReaders):
    def put(self, letter):
        with self.turn:
            super().put(letter)


# -- what the checks must say of them ------------------------------------------------------------------------

CLOSES_LATE = "`close()` was called before anybody had read the letter, and has not returned"
RIGHT = {
    "check_room": [("ann", 2.5), "Ann waits 2.5 s", ["ann", 2.5], {"who": "ann", "s": 2.5}, "2.5 s, ann"],
    "check_serve": [
        serve,
        serve_without_blocking,
        serve_with_a_timeout,
        serve_under_a_lock,
        serve_and_look_all_the_same,
        serve_with_a_sentinel,
        serve_until_none,
        serve_and_call_itself,
        serve_what_is_left,
    ],
    "check_work": [
        work,
        work_without_finally,
        work_that_says_it_twice,
        work_with_a_flag,
        work_with_an_inner_function,
        work_under_a_lock,
        work_that_waits_again,
        work_of_an_iterator,
        work_that_catches_everything,
        work_in_two_loops,
        work_by_threads,
    ],
    "check_mailbox": [
        Mailbox,
        MailboxWithACondition,
        MailboxThatIsAQueue,
        MailboxThatIsSimple,
        MailboxWithASemaphore,
        MailboxThatIsShutDown,
        MailboxThatGoesByTheVersion,
        MailboxThatAsksForTheVersion,
        MailboxThatLooksAgain,
        MailboxWithALoop,
        MailboxWithALockForReaders,
        MailboxThatAsksInTheRightOrder,
        MailboxThatTakesItsTimeToClose,
    ],
}
WRONG = {
    "check_room": {
        ("", 0): "Give one name",
        "ann": "Your answer has 1 name and no numbers",
        2.5: "Your answer has no names and 1 number",
        ("ann", "bob", 2.5): "Your answer has 2 names",
        ("bob", 2.5): "Bob waits for an item",
        ("cho", 1): "Cho waits for an item",
        ("ann", 1): "There is another one",
        ("ann", 1.5): "There is another one",
        ("ann", 3): "All that ann waits is not 3 s",
        ("ann", -2.5): "All that ann waits is not -2.5 s",
    },
    "check_serve": {
        serve_as_the_stub: "Get without waiting",
        serve_by_size: "Get without waiting",
        serve_for_ever: "Get without waiting",
        serve_with_half_a_lock: "Get without waiting",
        serve_one: "Job 3 was not done, and both workers have ended",
        serve_nothing: "No job was done",
        serve_and_drop: "No job was done",
        serve_and_ask_for_more: "All three jobs are done, and a worker asks for more",
        serve_the_queue_itself: "which is no job",
        serve_and_fail: "Catch `queue.Empty`, and return",
        serve_and_build_the_list_anew: "was not done",
        serve_twice: "A job was done twice",
        serve_the_sentinel_too: "`done` holds None, which is no job",
        serve_by_ann_alone: "Get without waiting",
        serve_by_bob_later: "Get without waiting",
        serve_with_a_time_out_alone: "Catch `queue.Empty`, and return",
        serve_as_a_list: "object is not iterable",
        serve_copies: "A job was done twice",
        serve_and_put_back: "Your code went on and on",
        serve_into_a_new_list: "No job was done",
        serve_until_three_are_done: "Get without waiting",
    },
    "check_work": {
        work_as_the_stub: "worker failed with ValueError: job 2 cannot be done",
        work_and_die: "append the job to `failed` in `except ValueError`",
        work_and_die_in_order: "nobody does the jobs that are left",
        work_and_say_nothing: "called `jobs.task_done()` 0 times",
        work_said_done_where_it_went_well: "`jobs.join()` has never returned",
        work_said_done_too_early: "`jobs.join()` returned when only 2 of 3 jobs",
        work_said_done_too_often: "`jobs.join()` returned when only 2 of 3 jobs",
        work_that_hides_it: "Job 2 failed, and `failed` is []",
        work_that_notes_the_error: "`failed` is ['job 2 cannot be done']; it should be [2], the job itself",
        work_that_tries_again: "times, for 3 jobs",
        work_that_notes_them_all: "it should be [2], the job itself",
        work_once: "2 of 3 jobs are left in the queue: nobody",
        work_until_an_error: "1 of 3 jobs is left in the queue: nobody",
        work_for_five_seconds: "1 of 3 jobs is left in the queue: nobody",
        work_while_there_is_some: "3 of 3 jobs are left in the queue: nobody",
        work_that_joins: "2 of 3 jobs are left in the queue: nobody",
        work_into_a_new_list: "Job 2 failed, and `failed` is []",
        work_that_catches_another_error: "append the job to `failed` in `except ValueError`",
        work_said_done_before_the_next: "`jobs.join()` returned when only 2 of 3 jobs",
        work_noted_last: "When `jobs.join()` returned, job 2 had failed, and it was not in `failed` yet",
        work_in_two_loops_noted_last: "It is at its end when it is noted",
        work_noted_with_the_next: "Job 2 failed, and `failed` is []",
        work_that_puts_into_a_list: "That is a list, and no queue: `append`",
        work_that_adds_to_a_list: "That is a list, and no set: `append`",
        work_that_says_which_is_done: "it only counts: `jobs.task_done()`",
    },
    "check_mailbox": {
        MailboxToBuild: "has no attribute 'put'",
        MailboxWithoutSelf: "takes 1 positional argument",
        MailboxWithOneSentinel: "reader-2 still waits in `get()`",
        MailboxWithTwoSentinels: "Then `get()` was called, and has not returned",
        MailboxThatNeverWaits: "got None out of `get()` before the box was closed",
        MailboxThatCloses: "was never read",
        MailboxThatTakesEmptyForTheEnd: "An empty letter is a letter",
        MailboxThatForgetsWhatIsLeft: "only when the box is closed and nothing is left",
        MailboxThatTellsOne: "reader-2 still waits in `get()`",
        MailboxLastFirst: "The letter '' was never read",
        MailboxWithRoomForOne: "`close()` was called, and has never returned",
        MailboxThatPutsEverythingBack: "None comes only after `close()`",
        MailboxThatLooksTwice: "pop from empty list",
        MailboxThatLooksTwiceAtAQueue: "was never read",
        MailboxThatLooksTwiceWithAnEvent: "was never read",
        MailboxThatAsksOften: "was never read",
        MailboxThatAsksOftenAndSleeps: "was never read",
        MailboxThatLooksOnceAndTellsOne: "got None out of `get()` before the box was closed",
        MailboxWithATextAtTheEnd: "A letter was taken for the end",
        MailboxThatIsAlwaysShutDown: "A queue has that from Python 3.13 on",
        MailboxThatLooksAndTakes: "IndexError",
        MailboxThatReturnsItsSentinel: "nobody put such a letter in",
        MailboxWithTwentyTwoSentinels: "Then `get()` was called 21 times, and has not returned",
        MailboxThatPutsItBackSoOften: "Then `get()` was called 1000 times, and has not returned",
        MailboxThatLooksOnce: "got None out of `get()` before the box was closed",
        MailboxThatNotifiesAtTheEnd: "got it only when the box was closed",
        MailboxThatWaitsForAMinute: "got None out of `get()` before the box was closed",
        MailboxWithATimeOut: "got None out of `get()` before the box was closed",
        MailboxThatCountsReaders: "reader-1 and reader-2 still wait in `get()`",
        MailboxThatHoldsItsLock: "was called, and has never returned",
        MailboxThatIsReadBeforeItCloses: CLOSES_LATE,
        MailboxThatIsEmptyBeforeItCloses: CLOSES_LATE,
        MailboxThatLooksWithoutAPauseBeforeItCloses: CLOSES_LATE,
        MailboxWithAConditionThatIsEmptyBeforeItCloses: CLOSES_LATE,
        MailboxWhoseEndIsHeardBeforeItCloses: CLOSES_LATE,
        MailboxWithRoomForALetterOrTheEnd: CLOSES_LATE,
        MailboxThatAppends: "That is a queue, and no list: `put`",
    },
}
