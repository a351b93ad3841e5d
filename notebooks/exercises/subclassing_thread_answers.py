"""Answers to the exercises of lesson 02: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from tracing import Thread, sleep

# -- 1: a thread that adds -----------------------------------------------------------------------------------


class Adder(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers = numbers

    def run(self):
        self.total = sum(self.numbers)


class AdderOfOtherThings(Thread):
    def __init__(self, name, numbers):
        super().__init__(name=name)
        self.numbers, self.total = numbers, 0

    def run(self):
        for number in self.numbers:
            self.total += number


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


# -- 2: ask the thread for its result ------------------------------------------------------------------------


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


class TaskThatForgets(Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        self.job()

    def result(self):
        return self.join()


# -- 3: when may it start? -----------------------------------------------------------------------------------


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


class TaskWithAnotherError(Task):
    def result(self):
        self.join()
        if self.error:
            raise IndexError("no result")
        return self.value


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_adder": [Adder, AdderOfOtherThings],
    "check_task": [Task],
    "check_greeter": [Greeter, GreeterWithoutAConstructor],
}
WRONG = {
    "check_adder": {
        AdderWithArguments: "`run` is called without arguments",
        AdderWithoutSuper: "call `super().__init__(name=name)`",
        AdderWithoutItsName: "not ann and bob",
        AdderWithoutSelf: "its first parameter is `self`",
        AdderWithoutKeywords: "`name=...`",
        AdderThatStartsItself: "leave out one `start()`",
        AdderThatReturns: "What `run` returns is lost",
        AdderInItsConstructor: "Add them in the new one: in `run`",
        AdderWithoutRun: "stands in a method called `run`",
        AdderWithAMethod: "`total` is a method",
        AdderWithALocalTotal: "write to `self.total`",
        AdderWithOneTotal: "a total of its own",
    },
    "check_task": {
        TaskWithoutErrors: "raise it in `result`",
        TaskWithoutAJoin: "let `result` call `self.join()`",
        TaskThatIsNotReady: "call `self.join()` in `result`",
        TaskInTheCaller: "ran in the thread that asks",
        TaskThatReturnsTheError: "Raise it",
        TaskWithoutResult: "There is no method `result`",
        TaskThatHidesItsMethod: "an attribute of the same name hides it",
        TaskThatStartsAgain: "only join",
        TaskThatSleeps: "You slept instead of waiting",
        TaskThatReturnsBoth: "Return the value alone",
        TaskThatRaisesOnce: "only once",
        TaskThatTestsTheValue: "not whether the value is true",
        TaskWithAnotherError: "raise the same one in `result`",
        TaskThatForgets: "Store the value in `run`",
    },
    "check_greeter": {
        GreeterThatStartsItself: "when all constructors have finished",
        GreeterThatSleepsFirst: "let the caller start",
        GreeterWithoutSuper: "Call `super().__init__()`",
        GreeterThatIsSilent: "must call `self.greet()`",
        GreeterThatRepeats: "it greeted 2 times",
    },
}
