"""Answers to the exercises of lesson 02: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from concurrent.futures import Future
from functools import reduce
from operator import add
from queue import Queue

from tracing import Event, Thread, Timer, sleep

# -- 3: a thread that adds -----------------------------------------------------------------------------------


class Adder(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def run(self):
        self.total = sum(self.numbers)


class AdderOfNothing(Thread):
    """The stub of the notebook."""

    def __init__(self, name, numbers):
        super().__init__(name=name)

    def run(self):
        pass


class AdderOfOtherThings(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers, self.total = numbers, 0

    def run(self):
        for number in self.numbers:
            self.total += number


class AdderOfAList(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = list(numbers)

    def run(self):
        self.total = sum(self.numbers)


class AdderOfATuple(Thread):
    total = 0

    def __init__(self, name, numbers):
        Thread.__init__(self, None, None, name)
        self.numbers = tuple(numbers)

    def run(self):
        self.total = reduce(add, self.numbers)


class AdderOfACopy(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name, daemon=True)
        self.numbers = numbers.copy()

    def run(self):
        total = 0
        while self.numbers:
            total += self.numbers.pop()
        self.total = total


class AdderByIndex(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers[:]
        self.total = 0

    def run(self):
        for index in range(len(self.numbers)):
            self.total = self.total + self.numbers[index]


class AdderByItsTarget(Thread):
    def __init__(self, name, numbers):
        super().__init__(target=self.add, args=(numbers,), name=name)

    def add(self, numbers):
        self.total = sum(numbers)


class AdderWithAProperty(Thread):
    def __init__(self, name, numbers):
        super().__init__()
        self.name, self.numbers, self.found = name, sorted(map(int, numbers)), None

    def run(self):
        self.found = sum(self.numbers)

    @property
    def total(self):
        return self.found


class AdderInItsStart(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def start(self):
        self.total = sum(self.numbers)
        super().start()


class AdderInItsJoin(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def run(self):
        pass

    def join(self, timeout=None):
        super().join(timeout)
        self.total = sum(self.numbers)


class AdderWhenAsked(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    @property
    def total(self):
        return sum(self.numbers)


class AdderOfTheLastNumber(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def run(self):
        for number in self.numbers:
            self.total = number


class AdderOfOneClass(Thread):
    total = 0

    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def run(self):
        AdderOfOneClass.total += sum(self.numbers)


class AdderWithAnotherName(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name.title())
        self.numbers = numbers

    def run(self):
        self.total = sum(self.numbers)


class AdderWithArguments(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name, args=(numbers,))

    def run(self, numbers):
        self.total = sum(numbers)


class AdderWithoutSuper(Thread):
    def __init__(self, name, numbers):
        self.numbers = numbers

    def run(self):
        self.total = sum(self.numbers)


class AdderWithoutItsName(Thread):
    def __init__(self, name, numbers):
        super().__init__()
        self.numbers = numbers

    def run(self):
        self.total = sum(self.numbers)


class AdderThatReturns(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def run(self):
        return sum(self.numbers)


class AdderThatReturnsAndHasNone(AdderOfNothing):
    def __init__(self, name, numbers):
        super().__init__(name, numbers)
        self.numbers, self.total = numbers, None

    def run(self):
        return sum(self.numbers)


class AdderWithSuperWithoutBrackets(Thread):
    def __init__(self, name, numbers):
        super.__init__(name=name)
        self.numbers = numbers

    def run(self):
        self.total = sum(self.numbers)


class AdderInItsConstructor(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.total = sum(numbers)


class AdderWithoutRun(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def add(self):
        self.total = sum(self.numbers)


class AdderWithOneTotal(Thread):
    counts = [0]  # noqa: RUF012 (that is what is wrong with it)

    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def run(self):
        self.counts[0] += sum(self.numbers)

    @property
    def total(self):
        return self.counts[0]


# -- 4: ask the thread for its result ------------------------------------------------------------------------


class Task(Thread):
    def __init__(self, job):
        super().__init__()
        self.job, self.value, self.error = job, None, None

    def run(self):
        try:
            self.value = self.job()
        except Exception as error:
            self.error = error

    def result(self):
        self.join()
        if self.error:
            raise self.error
        return self.value


class TaskWithAFuture(Thread):
    def __init__(self, job):
        super().__init__(daemon=True)
        self.job, self.future = job, Future()

    def run(self):
        try:
            self.future.set_result(self.job())
        except Exception as error:
            self.future.set_exception(error)

    def result(self):
        return self.future.result()


class TaskWithAnEvent(Thread):
    def __init__(self, job):
        super().__init__()
        self.job, self.done, self.outcome = job, Event(), None

    def run(self):
        try:
            value = self.job()
            self.outcome = lambda: value
        except Exception as error:
            self.error = error
            self.outcome = self.fail
        self.done.set()

    def fail(self):
        raise self.error

    def result(self):
        self.done.wait()
        return self.outcome()


class TaskWithAQueue(Thread):
    def __init__(self, job):
        super().__init__(name="task")
        self.job, self.kept = job, Queue()

    def run(self):
        try:
            self.kept.put((self.job(), None))
        except Exception as error:
            self.kept.put((None, error))

    def result(self):
        value, error = self.kept.get()
        self.kept.put((value, error))  # for whoever asks next
        if error is not None:
            raise error
        return value


class TaskNotBuiltYet:
    """The stub of the notebook."""


class TaskWithATarget(Thread):
    def __init__(self, job):
        super().__init__(target=self.work, args=(job,))
        self.kept = {}

    def work(self, job):
        try:
            self.kept["value"] = job()
        except BaseException as error:
            self.kept["error"] = error

    def result(self):
        while self.is_alive():
            self.join(0.5)
        if "error" in self.kept:
            raise self.kept["error"]
        return self.kept["value"]


class TaskThatGuesses(Task):
    def result(self):
        self.join(10)
        if self.error:
            raise self.error
        return self.value


class TaskThatWaitsAnHour(Task):
    def result(self):
        self.join(timeout=3600)
        if self.error:
            raise self.error
        return self.value


class TaskThatSleepsLong(Task):
    def result(self):
        sleep(1000)
        if self.error:
            raise self.error
        return self.value


class TaskThatPolls(Task):
    def result(self):
        while self.is_alive():
            sleep(0.5)
        if self.error:
            raise self.error
        return self.value


class TaskThatWorksTwice(Task):
    def run(self):
        try:
            self.job()
            self.value = self.job()
        except Exception as error:
            self.error = error


class TaskThatTriesAgain(Task):
    def result(self):
        self.join()
        return self.value or self.job()


class TaskThatWrapsTheError(Task):
    def result(self):
        self.join()
        if self.error:
            raise RuntimeError("the job failed") from self.error
        return self.value


class TaskWithoutErrors(Thread):
    def __init__(self, job):
        super().__init__()
        self.job, self.value = job, None

    def run(self):
        self.value = self.job()

    def result(self):
        self.join()
        return self.value


class TaskWithoutAJoin(Thread):
    def __init__(self, job):
        super().__init__()
        self.job, self.value = job, None

    def run(self):
        self.value = self.job()

    def result(self):
        return self.value


class TaskThatIsNotReady(Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        self.value = self.job()

    def result(self):
        return self.value


class TaskInTheCaller(Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        pass

    def result(self):
        return self.job()


class TaskThatReturnsTheError(Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        try:
            self.value = self.job()
        except Exception as error:
            self.value = error

    def result(self):
        self.join()
        return self.value


class TaskWithOneKindOfError(Task):
    def run(self):
        try:
            self.value = self.job()
        except LookupError as error:
            self.error = error


class TaskWithACopyOfTheError(Task):
    def result(self):
        self.join()
        if self.error:
            raise LookupError(*self.error.args)
        return self.value


class TaskThatAlwaysRaises(Task):
    def result(self):
        self.join()
        raise self.error


class TaskThatKeepsNothing(Task):
    def run(self):
        self.job()

    def result(self):
        self.join()
        return self.kept


class TaskThatGivesItAway(Thread):
    def __init__(self, job):
        super().__init__()
        self.job, self.values, self.errors = job, [], []

    def run(self):
        try:
            self.values.append(self.job())
        except Exception as error:
            self.errors.append(error)

    def result(self):
        self.join()
        if self.errors:
            raise self.errors[0]
        return self.values.pop()


class AdderOfAText(Adder):
    def run(self):
        super().run()
        self.total = str(self.total)


class TaskOfTheClass(Task):
    def run(self):
        try:
            TaskOfTheClass.common = self.job()
        except Exception as error:
            self.error = error

    def result(self):
        self.join()
        if self.error:
            raise self.error
        return self.common


class TaskThatForgets(Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        self.job()

    def result(self):
        return self.join()


# -- 2: when may it start? -----------------------------------------------------------------------------------


class Greeter(Thread):
    def __init__(self):
        super().__init__()
        self.times = 1

    def greet(self):
        pass

    def run(self):
        for _ in range(self.times):
            self.greet()


class GreeterWithoutAConstructor(Thread):
    def greet(self):
        pass

    def run(self):
        self.greet()


class GreeterWithAName(Thread):
    def __init__(self, name="greeter"):
        Thread.__init__(self, name=name)

    def greet(self):
        raise NotImplementedError

    def run(self):
        return self.greet()


class GreeterByItsTarget(Thread):
    def __init__(self):
        super().__init__(target=lambda: self.greet())

    def greet(self):
        pass


class GreeterOfAnything(Thread):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.daemon = True

    def greet(self):
        """Subclasses say something."""

    def run(self):
        sleep(1)  # simulated work
        self.greet()


class GreeterThatStartsByATimer(Thread):
    def __init__(self):
        super().__init__()
        Timer(1, self.start).start()

    def greet(self):
        pass

    def run(self):
        self.greet()


class GreeterThatWaitsForItsWords(Thread):
    def __init__(self):
        super().__init__()
        self.start()

    def greet(self):
        pass

    def run(self):
        while not hasattr(self, "words"):
            sleep(0.1)
        self.greet()


class GreeterThatIsReady(Thread):
    def __init__(self):
        super().__init__()
        self.words = "Hello"
        self.start()

    def greet(self):
        pass

    def run(self):
        self.greet()


class GreeterThatGreetsItself(Thread):
    def __init__(self):
        super().__init__()
        self.greet()

    def greet(self):
        pass


class GreeterThatStartsItself(Thread):
    def __init__(self):
        super().__init__()
        self.times = 1
        self.start()

    def greet(self):
        pass

    def run(self):
        for _ in range(self.times):
            self.greet()


class GreeterThatSleepsFirst(Thread):
    def __init__(self):
        super().__init__()
        self.start()

    def greet(self):
        pass

    def run(self):
        sleep(1)  # long enough?
        self.greet()


class GreeterWithoutSuper(Thread):
    def __init__(self):
        self.times = 1

    def greet(self):
        pass

    def run(self):
        for _ in range(self.times):
            self.greet()


class GreeterThatIsSilent(Thread):
    def greet(self):
        pass

    def run(self):
        pass


class GreeterThatRepeats(Thread):
    def greet(self):
        pass

    def run(self):
        self.greet()
        self.greet()


# -- slips ---------------------------------------------------------------------------------------------------


class AdderWithoutSelf(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def run():
        pass


class AdderWithoutKeywords(Thread):
    def __init__(self, name, numbers):
        super().__init__(name)
        self.numbers = numbers

    def run(self):
        self.total = sum(self.numbers)


class AdderThatStartsItself(Adder):
    def __init__(self, name, numbers):
        super().__init__(name, numbers)
        self.start()


class TaskWithoutResult(Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        self.value = self.job()


class AdderWithAMethod(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def run(self):
        self.sum = sum(self.numbers)

    def total(self):
        return self.sum


class AdderWithALocalTotal(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers, self.total = numbers, 0

    def run(self):
        total = sum(self.numbers)  # noqa: F841


class TaskWithAPropertyResult(Task):
    @property
    def result(self):
        return super().result()


class TaskWithoutSuper(Task):
    def __init__(self, job):
        self.job, self.value, self.error = job, None, None


class TaskThatLooksWhatTheValueIs(Task):
    def run(self):
        try:
            self.value = self.job()
        except Exception as error:
            self.value = error

    def result(self):
        self.join()
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


class TaskThatHidesItsMethod(Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        self.result = self.job()

    def result(self):
        self.join()
        return self.result


class TaskThatStartsAgain(Task):
    def result(self):
        self.start()
        return super().result()


class TaskThatSleeps(Task):
    def result(self):
        sleep(2)
        if self.error:
            raise self.error
        return self.value


class TaskThatReturnsBoth(Task):
    def result(self):
        self.join()
        return self.value, self.error


class TaskThatRaisesOnce(Task):
    def result(self):
        self.join()
        if self.error:
            error, self.error = self.error, None
            raise error
        return self.value


class TaskThatTestsTheValue(Task):
    def result(self):
        self.join()
        if self.value:
            return self.value
        raise self.error


class TaskThatTakesNoneForNothing(Task):
    def result(self):
        self.join()
        if self.value is not None:
            return self.value
        raise self.error


class TaskThatRaisesInBoth(Task):
    def run(self):
        try:
            self.value = self.job()
        except Exception as error:
            self.error = error
            raise


class TaskThatSpins(Task):
    def result(self):
        while self.is_alive():
            pass
        if self.error:
            raise self.error
        return self.value


class TaskWithAnotherError(Task):
    def result(self):
        self.join()
        if self.error:
            raise IndexError("no result")
        return self.value


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [("bob", 3), ["Bob", 3.0], (3, "bob"), "bob, 3 s", {"who": "bob", "seconds": 2.99}],
    "check_adder": [
        Adder,
        AdderOfOtherThings,
        AdderOfAList,
        AdderOfATuple,
        AdderOfACopy,
        AdderByIndex,
        AdderByItsTarget,
        AdderWithAProperty,
    ],
    "check_task": [Task, TaskWithAFuture, TaskWithAnEvent, TaskWithATarget, TaskWithAQueue],
    "check_greeter": [
        Greeter,
        GreeterWithoutAConstructor,
        GreeterByItsTarget,
        GreeterOfAnything,
        GreeterWithAName,
    ],
}
WRONG = {
    "check_reading": {
        ("?", 0): "one name (ann, bob or cho) and one number of seconds",
        "bob": "1 name and no numbers",
        ("ann", 2): "Ann has a row",
        ("cho", 4): "Cho has a row",
        ("ann", 3): "Ann has a row",
        ("bob", 7): "7 s is the time at which cho ended",
        ("bob", 2): "The way of bob did not take 2 s",
        ("bob", 4): "The way of bob did not take 4 s",
        ("bob and cho", 3): "2 names",
    },
    "check_adder": {
        AdderOfNothing: "Nobody added the numbers",
        AdderWithArguments: "`run` is called without arguments",
        AdderWithoutSuper: "First of all, call `super().__init__(name=name)`",
        AdderWithoutItsName: "not ann and bob",
        AdderWithoutSelf: "its first parameter is `self`",
        AdderWithoutKeywords: "`name=...`",
        AdderThatStartsItself: "leave out one `start()`",
        AdderThatReturns: "There is no sum in `total`. What `run` returns is lost",
        AdderThatReturnsAndHasNone: "There is no sum in `total`. What `run` returns is lost",
        AdderWithSuperWithoutBrackets: "Write `super()` with its brackets",
        AdderInItsConstructor: "was there before `start()`",
        AdderWithoutRun: "stands in a method called `run`",
        AdderWithAMethod: "`total` is a method",
        AdderWithALocalTotal: "write to `self.total`",
        AdderWithOneTotal: "a total of its own",
        AdderInItsStart: "added in the thread that made the adder",
        AdderInItsJoin: "added in the thread that made the adder",
        AdderWhenAsked: "was there before `start()`",
        AdderOfAText: "The totals are '6' and '9'",
        AdderOfTheLastNumber: "The totals are 3 and 5",
        AdderOfOneClass: "a total of its own",
        AdderWithAnotherName: "The threads are called Ann and Bob",
    },
    "check_task": {
        TaskNotBuiltYet: "Does the class have an `__init__`",
        TaskWithoutErrors: "raise it in `result`",
        TaskWithoutAJoin: "let `result` call `self.join()`",
        TaskThatIsNotReady: "It was asked before the job had ended. Call `self.join()` in `result`",
        TaskInTheCaller: "ran in the thread that asks",
        TaskThatReturnsTheError: "Raise it",
        TaskWithoutResult: "There is no method `result`",
        TaskThatHidesItsMethod: "on the object, `result` is no method",
        TaskWithAPropertyResult: "Make it a method, without `@property`",
        TaskWithoutSuper: "Call `super().__init__()` first of all",
        TaskThatLooksWhatTheValueIs: "the job returned this, and did not raise it",
        TaskThatStartsAgain: "only join",
        TaskThatSleeps: "let `result` call `self.join()` before it returns it",
        TaskThatReturnsBoth: "Return the value alone",
        TaskThatRaisesOnce: "only once",
        TaskThatTestsTheValue: "The third job gave 0, and who asked did not get it",
        TaskThatTakesNoneForNothing: "The third job gave None, and who asked did not get it",
        TaskThatRaisesInBoth: "ended with an exception that it did not catch",
        TaskWithAnotherError: "raise the same one in `result`",
        TaskWithOneKindOfError: "The second job raised OSError('no network')",
        TaskWithACopyOfTheError: "result() raised a new exception, LookupError('no price for tart')",
        TaskThatAlwaysRaises: "raise only where there is an error to raise",
        TaskThatKeepsNothing: "Does `run` keep the value on the object?",
        TaskThatGivesItAway: "Asked twice, result() gave 42, and then raised IndexError",
        TaskOfTheClass: "their results are 42 and 42",
        TaskThatForgets: "Store the value in `run`",
        TaskThatGuesses: "gave up",
        TaskThatWaitsAnHour: "gave up",
        TaskThatSleepsLong: "let `result` call `self.join()` before it returns it",
        TaskThatSpins: "to look again and again is polling",
        TaskThatPolls: "to look again and again is polling",
        TaskThatWorksTwice: "called their jobs 5 times",
        TaskThatTriesAgain: "ran in the thread that asks",
        TaskThatWrapsTheError: "result() raised RuntimeError('the job failed')",
    },
    "check_greeter": {
        GreeterThatStartsItself: "when all constructors have finished",
        GreeterThatSleepsFirst: "let the caller start",
        GreeterWithoutSuper: "Call `super().__init__()`",
        GreeterThatIsSilent: "must call `self.greet()`",
        GreeterThatRepeats: "it greeted 2 times",
        GreeterThatStartsByATimer: "leave out one `start()`",
        GreeterThatWaitsForItsWords: "alive before the caller called `start()`",
        GreeterThatIsReady: "alive before the caller called `start()`",
        GreeterThatGreetsItself: "Your constructor greets itself",
    },
}
