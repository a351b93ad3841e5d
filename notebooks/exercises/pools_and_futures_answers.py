"""Answers to the exercises of lesson 15: right ones, and wrong ones with what the check must say of them.

The stubs of the notebook are among the wrong ones. tests/test_exercises.py runs them all.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, as_completed, wait
from contextlib import suppress

from tracing import Event, Lock, SimpleQueue, Thread, current_thread, sleep

# -- 2: fetch all, at the same time --------------------------------------------------------------------------


def fetch_all(pool, fetch, names):
    futures = [pool.submit(fetch, name) for name in names]
    return [future.result() for future in futures]


def fetch_all_by_map(pool, fetch, names):
    return list(pool.map(fetch, names))


def fetch_all_in_a_dict(pool, fetch, names):
    futures = {name: pool.submit(fetch, name) for name in names}
    pages = {}
    for name, future in futures.items():
        pages[name] = future.result()
    return [pages[name] for name in names]


def fetch_all_as_they_come_and_sort(pool, fetch, names):
    place = {pool.submit(fetch, name): number for number, name in enumerate(names)}
    pages = [""] * len(names)
    for future in as_completed(place):
        pages[place[future]] = future.result()
    return pages


def fetch_all_and_wait(pool, fetch, names):
    futures = [pool.submit(fetch, name) for name in names]
    wait(futures)
    return tuple(future.result() for future in futures)


def fetch_all_by_functions(pool, fetch, names):
    jobs = [pool.submit(lambda name=name: fetch(name)) for name in names]
    return list(map(Future.result, jobs))


def fetch_all_one_by_one(pool, fetch, names):
    pages = []
    for name in names:
        future = pool.submit(fetch, name)
        pages.append(future.result())
    return pages


def fetch_all_without_the_pool(pool, fetch, names):
    return [fetch(name) for name in names]


def fetch_all_as_futures(pool, fetch, names):
    return [pool.submit(fetch, name) for name in names]


def fetch_all_lazily(pool, fetch, names):
    return pool.map(fetch, names)


def fetch_all_as_they_come(pool, fetch, names):
    futures = [pool.submit(fetch, name) for name in names]
    return [future.result() for future in as_completed(futures)]


def fetch_all_and_return_none(pool, fetch, names):
    futures = [pool.submit(fetch, name) for name in names]
    wait(futures)


def fetch_all_called_at_once(pool, fetch, names):
    futures = [pool.submit(fetch(name)) for name in names]
    return [future.result() for future in futures]


def fetch_all_twice(pool, fetch, names):
    wait([pool.submit(fetch, name) for name in names])
    return list(pool.map(fetch, names))


def fetch_all_in_one_job(pool, fetch, names):
    return pool.submit(lambda: [fetch(name) for name in names]).result()


def fetch_all_in_another_pool(pool, fetch, names):
    with ThreadPoolExecutor(len(names)) as mine:
        return list(mine.map(fetch, names))


def fetch_all_from_inside(pool, fetch, names):
    return pool.submit(lambda: [pool.submit(fetch, name).result() for name in names]).result()


def fetch_all_in_a_future(pool, fetch, names):
    return pool.submit(fetch, names)


def fetch_all_of_a_list(pool, fetch, names):
    return [future.result for future in [pool.submit(fetch, name) for name in names]]


def fetch_all_into_places(pool, fetch, names):
    pages = [None] * len(names)

    def job(place):
        pages[place] = fetch(names[place])

    wait([pool.submit(job, place) for place in range(len(names))])
    return pages


def fetch_all_and_ask_again(pool, fetch, names):
    futures = [pool.submit(fetch, name) for name in names]
    while not all(future.done() for future in futures):
        sleep(0.1)
    return [future.result() for future in futures]


def fetch_all_by_callbacks(pool, fetch, names):
    pages, futures = {}, []
    for name in names:
        future = pool.submit(fetch, name)
        future.add_done_callback(lambda done, name=name: pages.update({name: done.result()}))
        futures.append(future)
    wait(futures)
    return [pages[name] for name in names]


def fetch_all_and_shut_down(pool, fetch, names):
    futures = [pool.submit(fetch, name) for name in names]
    pool.shutdown()
    return [future.result() for future in futures]


def fetch_all_from_a_generator(pool, fetch, names):
    futures = (pool.submit(fetch, name) for name in names)
    return [future.result() for future in futures]


def fetch_all_and_return_too_early(pool, fetch, names):
    pages = []
    for name in names:
        pool.submit(lambda name=name: pages.append(fetch(name)))
    return pages


def fetch_all_with_the_last_name(pool, fetch, names):
    futures = [pool.submit(lambda: fetch(name)) for name in names]  # noqa: B023
    return [future.result() for future in futures]


def fetch_all_in_threads(pool, fetch, names):
    pages = [None] * len(names)

    def job(place):
        pages[place] = fetch(names[place])

    threads = [Thread(target=job, args=(place,)) for place in range(len(names))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return pages


def fetch_all_and_sort(pool, fetch, names):
    return sorted(pool.map(fetch, names))


def fetch_all_within_a_second(pool, fetch, names):
    futures = [pool.submit(fetch, name) for name in names]
    return [future.result(timeout=1) for future in futures]


def fetch_all_of_those_done(pool, fetch, names):
    done, _ = wait([pool.submit(fetch, name) for name in names])
    return [future.result() for future in done]


def fetch_all_as_completed_after_all(pool, fetch, names):
    futures = [pool.submit(fetch, name) for name in names]
    wait(futures)
    return [future.result() for future in as_completed(futures)]


def fetch_all_of_a_set(pool, fetch, names):
    return [future.result() for future in {pool.submit(fetch, name) for name in names}]


def fetch_all_of_those_done_into_places(pool, fetch, names):
    place = {pool.submit(fetch, name): number for number, name in enumerate(names)}
    return [future.result() for future in sorted(wait(place).done, key=place.get)]


def fetch_all_the_names_at_once(pool, fetch, names):
    return pool.submit(fetch, names).result()


# -- 3: what there is, and what is missing -------------------------------------------------------------------


def what_there_is(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in as_completed(futures):
        try:
            pages[futures[future]] = future.result()
        except LookupError:
            missing.append(futures[future])
    return pages, missing


def what_there_is_by_exception(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in as_completed(futures):
        if future.exception():
            missing.append(futures[future])
        else:
            pages[futures[future]] = future.result()
    return pages, missing


def what_there_is_in_order(pool, fetch, names):
    futures = [(name, pool.submit(fetch, name)) for name in names]
    pages = {name: future.result() for name, future in futures if future.exception() is None}
    return pages, [name for name in names if name not in pages]


def what_there_is_after_waiting(pool, fetch, names):
    futures = {name: pool.submit(fetch, name) for name in names}
    wait(futures.values())
    missing = {name for name, future in futures.items() if future.exception()}
    return {name: futures[name].result() for name in names if name not in missing}, missing


def what_there_is_by_a_job_that_catches(pool, fetch, names):
    def attempt(name):
        try:
            return fetch(name)
        except LookupError:
            return None

    pages = dict(zip(names, pool.map(attempt, names), strict=True))
    missing = [name for name in names if pages[name] is None]
    return {name: pages[name] for name in names if name not in missing}, missing


def what_there_is_of_any_error(pool, fetch, names):
    jobs, pages, missing = [pool.submit(fetch, name) for name in names], {}, []
    for name, job in zip(names, jobs, strict=True):
        try:
            page = job.result(timeout=60)
        except Exception:
            missing += [name]
            continue
        pages[name] = page
    return [pages, missing]


def what_there_is_as_the_stub(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in as_completed(futures):
        pages[futures[future]] = future.result()
    return pages, missing


def what_there_is_without_names(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in as_completed(futures):
        with suppress(LookupError):
            pages[futures[future]] = future.result()
    return pages, missing


def what_there_is_with_a_wide_try(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    try:
        for future in as_completed(futures):
            pages[futures[future]] = future.result()
    except LookupError:
        missing.append(futures[future])
    return pages, missing


def what_there_is_until_the_first(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in futures:
        if future.exception():
            missing.append(futures[future])
            break
        pages[futures[future]] = future.result()
    return pages, missing


def what_there_is_with_none(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in as_completed(futures):
        pages[futures[future]] = None if future.exception() else future.result()
        if future.exception():
            missing.append(futures[future])
    return pages, missing


def what_there_is_with_errors(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in as_completed(futures):
        if error := future.exception():
            missing.append(error)
        else:
            pages[futures[future]] = future.result()
    return pages, missing


def what_there_is_by_map(pool, fetch, names):
    pages = dict(zip(names, pool.map(fetch, names), strict=True))
    return pages, [name for name in names if name not in pages]


def what_there_is_one_by_one(pool, fetch, names):
    pages, missing = {}, []
    for name in names:
        try:
            pages[name] = pool.submit(fetch, name).result()
        except LookupError:
            missing.append(name)
    return pages, missing


def what_there_is_alone(pool, fetch, names):
    pages, missing = {}, []
    for name in names:
        try:
            pages[name] = fetch(name)
        except LookupError:
            missing.append(name)
    return pages, missing


def what_there_is_and_nothing_else(pool, fetch, names):
    return what_there_is(pool, fetch, names)[0]


def what_there_is_the_other_way_round(pool, fetch, names):
    pages, missing = what_there_is(pool, fetch, names)
    return missing, pages


def what_there_is_under_futures(pool, fetch, names):
    futures = [pool.submit(fetch, name) for name in names]
    pages = {future: future.result() for future in futures if not future.exception()}
    return pages, ["gold", "ink"]


def what_there_is_and_what_is_not_in_it(pool, fetch, names):
    futures, pages = {pool.submit(fetch, name): name for name in names}, {}
    for future in as_completed(futures):
        with suppress(LookupError):
            pages[futures[future]] = future.result()
    return pages, [name for name in names if name not in pages]


def what_there_is_with_the_keys_of_errors(pool, fetch, names):
    futures = {name: pool.submit(fetch, name) for name in names}
    errors = {name: future.exception() for name, future in futures.items() if future.exception()}
    return {name: futures[name].result() for name in names if name not in errors}, errors.keys()


def what_there_is_by_jobs_that_write(pool, fetch, names):
    pages, missing = {}, []

    def job(name):
        try:
            pages[name] = fetch(name)
        except LookupError:
            missing.append(name)

    wait([pool.submit(job, name) for name in names])
    return pages, missing


def what_there_is_too_early(pool, fetch, names):
    pages, missing = {}, []

    def job(name):
        try:
            pages[name] = fetch(name)
        except LookupError:
            missing.append(name)

    for name in names:
        pool.submit(job, name)
    return pages, missing


def what_there_is_of_value_errors(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in as_completed(futures):
        try:
            pages[futures[future]] = future.result()
        except ValueError:
            missing.append(futures[future])
    return pages, missing


def what_there_is_with_a_text(pool, fetch, names):
    pages, missing = what_there_is(pool, fetch, names)
    return pages, ", ".join(missing)


def what_there_is_named_twice(pool, fetch, names):
    pages, missing = what_there_is(pool, fetch, names)
    return pages, missing * 2


def what_there_is_that_is_done(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in futures:
        if future.done() and not future.exception():
            pages[futures[future]] = future.result()
        else:
            missing.append(futures[future])
    return pages, missing


def what_there_is_of_the_first(pool, fetch, names):
    futures = {pool.submit(fetch, name): name for name in names}
    pages, missing = {}, []
    for future in as_completed(futures):
        try:
            pages[futures[future]] = future.result()
        except LookupError:
            missing.append(futures[future])
        return pages, missing


def what_there_is_caught_at_the_submit(pool, fetch, names):
    futures, missing = {}, []
    for name in names:
        try:
            futures[pool.submit(fetch, name)] = name
        except LookupError:
            missing.append(name)
    return {futures[future]: future.result() for future in as_completed(futures)}, missing


# -- 4: count the files of a folder --------------------------------------------------------------------------


def count_files(pool, look, root):
    count, waiting = 0, [pool.submit(look, root)]
    while waiting:
        files, folders = waiting.pop().result()
        count += files
        waiting += [pool.submit(look, folder) for folder in folders]
    return count


def count_files_first_come_first_served(pool, look, root):
    count, line = 0, deque([pool.submit(look, root)])
    while line:
        files, folders = line.popleft().result()
        count += files
        line.extend(pool.submit(look, folder) for folder in folders)
    return count


def count_files_level_by_level(pool, look, root):
    count, level = 0, [root]
    while level:
        found = list(pool.map(look, level))
        count += sum(files for files, _ in found)
        level = [folder for _, folders in found for folder in folders]
    return count


def count_files_as_they_come(pool, look, root):
    count, waiting = 0, {pool.submit(look, root)}
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            files, folders = future.result()
            count += files
            waiting |= {pool.submit(look, folder) for folder in folders}
    return count


def count_files_by_a_function_that_calls_itself(pool, look, root):
    def count(future):  # in the caller's thread: it is no job
        files, folders = future.result()
        inside = [pool.submit(look, folder) for folder in folders]
        return files + sum(map(count, inside))

    return count(pool.submit(look, root))


def count_files_over_a_growing_list(pool, look, root):
    futures, count = [pool.submit(look, root)], 0
    for future in futures:
        count += future.result()[0]
        futures.extend(pool.submit(look, folder) for folder in future.result()[1])
    return count


def count_files_by_jobs_that_hand_over(pool, look, root):
    futures = []

    def count(folder):
        files, folders = look(folder)
        futures.extend(pool.submit(count, each) for each in folders)  # and waits for none of them
        return files

    futures.append(pool.submit(count, root))
    return sum(future.result() for future in futures)


def count_files_to_build(pool, look, root):
    """As the notebook has it."""


def count_files_in_jobs_that_wait(pool, look, root):
    def count(folder):
        files, folders = look(folder)
        inside = [pool.submit(count, each) for each in folders]
        return files + sum(each.result() for each in inside)

    return pool.submit(count, root).result()


def count_files_by_map_in_a_job(pool, look, root):
    def count(folder):
        files, folders = look(folder)
        return files + sum(pool.map(count, folders))

    return count(root) if current_thread().name == "worker_0" else pool.submit(count, root).result()


def count_files_alone(pool, look, root):
    files, folders = look(root)
    return files + sum(count_files_alone(pool, look, folder) for folder in folders)


def count_files_in_one_job(pool, look, root):
    return pool.submit(count_files_alone, pool, look, root).result()


def count_files_one_after_the_other(pool, look, root):
    files, folders = pool.submit(look, root).result()
    return files + sum(count_files_one_after_the_other(pool, look, folder) for folder in folders)


def count_files_of_the_root(pool, look, root):
    return pool.submit(look, root).result()[0]


def count_files_two_levels_deep(pool, look, root):
    files, folders = pool.submit(look, root).result()
    return files + sum(found[0] for found in pool.map(look, folders))


def count_files_and_folders(pool, look, root):
    count, waiting = 0, [pool.submit(look, root)]
    while waiting:
        files, folders = waiting.pop().result()
        count += files + len(folders)
        waiting += [pool.submit(look, folder) for folder in folders]
    return count


def count_files_without_the_root(pool, look, root):
    return count_files(pool, look, root) - 2


def count_files_twice(pool, look, root):
    count_files(pool, look, root)
    return count_files(pool, look, root)


def count_files_and_wait_under_a_lock(pool, look, root):
    lock, counts = Lock(), []

    def count(folder):
        with lock:
            files, folders = look(folder)
            counts.append(files)
            for each in [pool.submit(count, each) for each in folders]:
                each.result()

    pool.submit(count, root).result()
    return sum(counts)


def count_files_and_shut_down(pool, look, root):
    counts = []

    def job(folder):
        files, folders = look(folder)
        counts.append(files)
        for each in folders:
            pool.submit(job, each)

    pool.submit(job, root)
    pool.shutdown()
    return sum(counts)


def count_files_of_a_future(pool, look, root):
    files, folders = pool.submit(look, root)
    return files + len(folders)


def count_files_into_one_variable(pool, look, name):
    total, names = 0, [name]

    def job(each):
        nonlocal total
        files, inside = look(each)
        total += files
        return inside

    while names:
        names = [each for inside in pool.map(job, names) for each in inside]
    return total


def count_files_into_one_list(pool, look, root):
    counts, names = [], [root]

    def job(each):
        nonlocal counts
        files, inside = look(each)
        counts += [files]  # the list itself grows: it gets the name that it has
        return inside

    while names:
        names = [each for inside in pool.map(job, names) for each in inside]
    return sum(counts)


def count_files_by_callbacks(pool, look, root):
    lock, all_done, count, still_open = Lock(), Event(), 0, 1

    def came(future):
        nonlocal count, still_open
        files, folders = future.result()
        with lock:
            count += files
            still_open += len(folders) - 1
            is_last = not still_open
        for folder in folders:
            pool.submit(look, folder).add_done_callback(came)
        if is_last:
            all_done.set()

    pool.submit(look, root).add_done_callback(came)
    all_done.wait()
    return count


def count_files_through_a_queue(pool, look, root):
    line, still_open, count = SimpleQueue(), 1, 0
    pool.submit(look, root).add_done_callback(line.put)
    while still_open:
        files, folders = line.get().result()
        count += files
        still_open += len(folders) - 1
        for folder in folders:
            pool.submit(look, folder).add_done_callback(line.put)
    return count


def count_files_by_a_generator(pool, look, root):
    def walk(future):
        files, folders = future.result()
        yield files
        for inside in [pool.submit(look, folder) for folder in folders]:
            yield from walk(inside)

    return sum(walk(pool.submit(look, root)))


def count_files_of_a_list(pool, look, root):
    files, folders = pool.submit(look, root).result()
    return files + pool.submit(look, folders).result()[0]


def count_files_within_five_seconds(pool, look, root):
    def count(folder):
        files, folders = look(folder)
        inside = [pool.submit(count, each) for each in folders]
        return files + sum(each.result(timeout=5) for each in inside)

    return pool.submit(count, root).result()


def count_files_in_a_pool_of_the_job(pool, look, root):
    def count(folder):
        files, folders = look(folder)
        with ThreadPoolExecutor() as mine:
            return files + sum(mine.map(count, folders))

    return pool.submit(count, root).result()


def count_files_and_look_now_and_then(pool, look, root):
    count, waiting = 0, [pool.submit(look, root)]
    while waiting:
        future = waiting.pop(0)
        while not future.done():
            sleep(5)
        files, folders = future.result()
        count += files
        waiting += [pool.submit(look, folder) for folder in folders]
    return count


def count_files_without_asking(pool, look, root):
    return pool.submit(look, root)


def count_files_as_a_text(pool, look, root):
    return str(count_files(pool, look, root))


def count_files_for_ever(pool, look, root):
    count, waiting = 0, [pool.submit(look, root)]
    while waiting:
        files, folders = waiting[0].result()
        count += files
        waiting += [pool.submit(look, folder) for folder in folders]
    return count


# -- what the checks must say of them ------------------------------------------------------------------------

RIGHT = {
    "check_reading": [
        ("dan", 3),
        "dan, 3 s",
        {"who": "dan", "seconds": 3.0},
        [3, "Dan"],
        "Dan waited for 3.0 s",
    ],
    "check_fetch_all": [
        fetch_all,
        fetch_all_by_map,
        fetch_all_in_a_dict,
        fetch_all_as_they_come_and_sort,
        fetch_all_and_wait,
        fetch_all_by_functions,
        fetch_all_into_places,
        fetch_all_and_ask_again,
        fetch_all_by_callbacks,
        fetch_all_and_shut_down,
        fetch_all_of_those_done_into_places,
    ],
    "check_fetch_what_there_is": [
        what_there_is,
        what_there_is_by_exception,
        what_there_is_in_order,
        what_there_is_after_waiting,
        what_there_is_by_a_job_that_catches,
        what_there_is_of_any_error,
        what_there_is_and_what_is_not_in_it,
        what_there_is_with_the_keys_of_errors,
        what_there_is_by_jobs_that_write,
    ],
    "check_count_files": [
        count_files,
        count_files_first_come_first_served,
        count_files_level_by_level,
        count_files_as_they_come,
        count_files_by_a_function_that_calls_itself,
        count_files_over_a_growing_list,
        count_files_by_jobs_that_hand_over,
        count_files_by_callbacks,
        count_files_through_a_queue,
        count_files_by_a_generator,
        count_files_into_one_list,
    ],
}
WRONG = {
    "check_reading": {
        "?": "Give one name (ann, bob, cho, dan or eve) and one number of seconds",
        ("dan",): "Your answer has 1 name and no numbers",
        ("dan", "eve", 3): "Your answer has 2 names and 1 number",
        ("eve", 2): "Eve's parcel stood in the line for 2 s. Another one waited longer",
        ("cho", 1): "Cho's parcel stood in the line for 1 s. Another one waited longer",
        ("ann", 4): "Ann's parcel stood in the line for 0 s",
        ("bob", 0): "Bob's parcel stood in the line for 0 s",
        ("dan", 4): "At 4 s the clerk began with dan's parcel",
        ("dan", 1): "Dan's parcel did not wait 1 s",
        ("dan", 2): "Dan's parcel did not wait 2 s",
        ("dan", -3): "Dan's parcel did not wait -3 s",
    },
    "check_fetch_all": {
        fetch_all_one_by_one: "It took 6 s, and could be done in 3 s",
        fetch_all_without_the_pool: "Your function itself fetched tea",
        fetch_all_as_futures: "Your list holds Futures",
        fetch_all_lazily: "Your function returned a generator, and no list",
        fetch_all_as_they_come: "in the wrong order: text of milk, text of bread, text of tea",
        fetch_all_and_return_none: "Your function returned None, and no list",
        fetch_all_called_at_once: "Hand the function over, and do not call it",
        fetch_all_twice: "The page tea was fetched 2 times",
        fetch_all_in_one_job: "It took 6 s, and could be done in 3 s",
        fetch_all_in_another_pool: "A thread called ThreadPoolExecutor-0_0 fetched tea",
        fetch_all_from_inside: "It took 6 s",
        fetch_all_in_a_future: "Nobody fetched the page tea",
        fetch_all_of_a_list: "Your function returned [<bound method",
        fetch_all_from_a_generator: "It took 6 s, and could be done in 3 s",
        fetch_all_and_return_too_early: "Your function returned []",
        fetch_all_with_the_last_name: "The page bread was fetched 3 times, and tea never",
        fetch_all_in_threads: "no worker of `pool` was asked to",
        fetch_all_and_sort: "in the wrong order: text of bread",
        fetch_all_of_those_done: "in the wrong order: text of",
        fetch_all_as_completed_after_all: "in the wrong order: text of",
        fetch_all_of_a_set: "neither `as_completed` nor a set keeps it",
        fetch_all_within_a_second: "Your code failed with TimeoutError",
        fetch_all_the_names_at_once: "unhashable type: 'list'",
    },
    "check_fetch_what_there_is": {
        what_there_is_as_the_stub: "The LookupError of a missing page came out of your function",
        what_there_is_without_names: "As missing you return []",
        what_there_is_with_a_wide_try: "let `try` and `except` stand inside the loop",
        what_there_is_until_the_first: "Your pages are {'tea': 'text of tea'}",
        what_there_is_with_none: "and there is no such page",
        what_there_is_with_errors: "The names gold and ink are what is missing",
        what_there_is_by_map: "The LookupError of a missing page came out of your function",
        what_there_is_one_by_one: "It took 5 s, and could be done in 3 s",
        what_there_is_alone: "Your function itself fetched tea",
        what_there_is_and_nothing_else: "Return two things",
        what_there_is_the_other_way_round: "Return two things",
        what_there_is_under_futures: "a page stands under its name",
        what_there_is_too_early: "Your pages are {}",
        what_there_is_of_value_errors: "The LookupError of a missing page came out of your function",
        what_there_is_with_a_text: "As missing you return 'gold, ink'",
        what_there_is_named_twice: "are what is missing, each once",
        what_there_is_that_is_done: "Your pages are {}",
        what_there_is_of_the_first: "Your pages are {}",
        what_there_is_caught_at_the_submit: "The LookupError of a missing page came out of your function",
    },
    "check_count_files": {
        count_files_to_build: "Nobody has looked into home",
        count_files_in_jobs_that_wait: "The run hangs. Deadlock: worker_0 waits for inside[0]",
        count_files_by_map_in_a_job: "for which no worker is free before worker_0 is",
        count_files_alone: "Your function itself looked into home",
        count_files_in_one_job: "It took 6 s. With two workers it can be done in 4 s",
        count_files_one_after_the_other: "It took 6 s. With two workers it can be done in 4 s",
        count_files_of_the_root: "Nobody has looked into photos",
        count_files_two_levels_deep: "Nobody has looked into 2024",
        count_files_and_folders: "Your function returned 27. There are 22 files",
        count_files_without_the_root: "Your function returned 20. There are 22 files",
        count_files_twice: "looked into home 2 times",
        count_files_and_wait_under_a_lock: "The run hangs",
        count_files_into_one_variable: "No common lock guards total",
        count_files_and_shut_down: "with RuntimeError: cannot schedule new futures after shutdown",
        count_files_of_a_future: "cannot unpack non-iterable Future object",
        count_files_of_a_list: "unhashable type: 'list'",
        count_files_within_five_seconds: "Your code failed with TimeoutError",
        count_files_in_a_pool_of_the_job: "no worker of `pool` was asked to",
        count_files_and_look_now_and_then: "It took 15 s. With two workers it can be done in 4 s",
        count_files_without_asking: "Nobody has looked into photos",
        count_files_as_a_text: "There are 22 files: return this number",
        count_files_for_ever: "Your code went on and on",
    },
}
