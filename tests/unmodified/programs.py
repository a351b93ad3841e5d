"""The programs, by name. Each ends by itself, and prints the same in every run."""

from __future__ import annotations

import inspect

PROGRAMS: dict[str, str] = {}


def program(name: str, text: str) -> None:
    """Keep it."""
    PROGRAMS[name] = inspect.cleandoc(text) + "\n"


program(
    "workers and a queue",
    """
    import queue, threading
    jobs, results = queue.Queue(), queue.Queue()
    def work():
        while (job := jobs.get()) is not None:
            results.put(job * job)
            jobs.task_done()
        jobs.task_done()
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads: thread.start()
    for number in range(20): jobs.put(number)
    for _ in threads: jobs.put(None)
    jobs.join()
    for thread in threads: thread.join()
    print(sorted(results.queue))
""",
)
program(
    "a priority queue",
    """
    import queue, threading
    q = queue.PriorityQueue()
    for each in (3, 1, 2): q.put(each)
    t = threading.Thread(target=lambda: print([q.get() for _ in range(3)]))
    t.start(); t.join()
""",
)
program(
    "a full queue",
    """
    import queue
    q = queue.Queue(maxsize=1)
    q.put(1)
    try: q.put(2, timeout=0.01)
    except queue.Full: print("full", q.qsize(), q.full())
    try: q.get(); q.get_nowait()
    except queue.Empty: print("empty", q.empty())
""",
)
program(
    "a simple queue",
    """
    import queue, threading
    q = queue.SimpleQueue()
    threading.Thread(target=lambda: [q.put(n) for n in range(5)]).start()
    print([q.get() for _ in range(5)], isinstance(q, queue.SimpleQueue))
""",
)
program(
    "a pool",
    """
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(max_workers=3) as pool:
        print(list(pool.map(lambda n: n ** 2, range(10))))
""",
)
program(
    "futures as they complete",
    """
    from concurrent.futures import ThreadPoolExecutor, as_completed, wait
    pool = ThreadPoolExecutor(2, thread_name_prefix="mine", initializer=lambda: None)
    done = [pool.submit(divmod, 7, n) for n in range(3)]
    print(len(wait(done).done), sorted(str(f.exception() or f.result()) for f in as_completed(done)))
    print(done[0].cancelled(), done[1].add_done_callback(lambda f: print("called", f.result())))
    pool.shutdown(cancel_futures=True)
""",
)
program(
    "an error in a pool",
    """
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor() as pool:
        future = pool.submit(int, "x")
    future.result()
""",
)
program(
    "a socket server",
    """
    import socket, socketserver, threading
    class Handler(socketserver.StreamRequestHandler):
        def handle(self): self.wfile.write(self.rfile.readline().upper())
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for word in (b"one", b"two"):
            with socket.create_connection(server.server_address) as s:
                s.sendall(word + b"\\n"); print(s.makefile().readline().strip())
        server.shutdown(); thread.join()
""",
)
program(
    "a web server",
    """
    import threading, urllib.request
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200); self.end_headers(); self.wfile.write(self.path.encode())
        def log_message(self, *args): pass
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    print([urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/{n}").read() for n in range(3)])
    server.shutdown(); server.server_close()
""",
)
program(
    "logging through a queue",
    """
    import logging, logging.handlers, queue, sys, threading
    q = queue.Queue()
    listener = logging.handlers.QueueListener(q, logging.StreamHandler(sys.stdout))
    log = logging.getLogger("mine"); log.addHandler(logging.handlers.QueueHandler(q)); log.setLevel("INFO")
    listener.start()
    t = threading.Thread(target=log.info, args=("from %s", "a thread")); t.start(); t.join()
    listener.stop()
""",
)
program(
    "readers of a subprocess",
    """
    import subprocess, sys, threading
    code = "import sys; print('out'); print('err', file=sys.stderr)"
    p = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = {}
    def read(name): lines[name] = getattr(p, name).read()
    threads = [threading.Thread(target=read, args=(name,)) for name in ("stdout", "stderr")]
    [t.start() for t in threads]; [t.join() for t in threads]
    print(sorted(lines.items()), p.wait())
""",
)
program(
    "communicate",
    """
    import subprocess, sys
    print(subprocess.run([sys.executable, "-c", "print(input() * 2)"], input="ab", capture_output=True, text=True).stdout)
""",
)
program(
    "a thread's own",
    """
    import threading
    class Mine(threading.local):
        def __init__(self, start=5): self.count = start
    mine, seen = Mine(), []
    def work(n):
        mine.count += n; seen.append(mine.count)
    for n in range(3):
        t = threading.Thread(target=work, args=(n,)); t.start(); t.join()
    print(seen, mine.count)
""",
)
program(
    "a fork after threads",
    """
    import os, threading
    lock = threading.Lock()
    t = threading.Thread(target=lambda: None); t.start(); t.join()
    child = os.fork()
    if not child:
        with lock: os._exit(threading.active_count() + 6)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""",
)
program(
    "a forked pool of threads",
    """
    import os, sys
    from concurrent.futures import ThreadPoolExecutor
    if not (child := os.fork()):
        with ThreadPoolExecutor(2) as pool: print(sum(pool.map(abs, [-1, -2])), flush=True)
        os._exit(0)
    os.waitpid(child, 0); print("parent")
""",
)
program(
    "a signal's handler",
    """
    import os, signal, threading
    got = threading.Event()
    signal.signal(signal.SIGUSR1, lambda number, frame: got.set())
    threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    print(got.wait(10))
""",
)
program(
    "an alarm",
    """
    import signal, time
    def late(number, frame): raise TimeoutError("late")
    signal.signal(signal.SIGALRM, late); signal.setitimer(signal.ITIMER_REAL, 0.02)
    try: time.sleep(10)
    except TimeoutError as error: print(error)
""",
)
program(
    "asyncio.to_thread",
    """
    import asyncio, threading, time
    def work(n):
        time.sleep(0.01); return n, threading.current_thread() is threading.main_thread()
    async def main(): return await asyncio.gather(*(asyncio.to_thread(work, n) for n in range(3)))
    print(asyncio.run(main()))
""",
)
program(
    "a loop in a thread",
    """
    import asyncio, threading
    loop = asyncio.new_event_loop()
    t = threading.Thread(target=loop.run_forever); t.start()
    async def work(): await asyncio.sleep(0.01); return 42
    print(asyncio.run_coroutine_threadsafe(work(), loop).result())
    loop.call_soon_threadsafe(loop.stop); t.join(); loop.close()
""",
)
program(
    "a condition",
    """
    import threading
    cond, items = threading.Condition(), []
    def consume():
        with cond:
            cond.wait_for(lambda: len(items) == 3)
            print(items)
    t = threading.Thread(target=consume); t.start()
    for n in range(3):
        with cond: items.append(n); cond.notify_all()
    t.join()
""",
)
program(
    "a barrier",
    """
    import threading
    barrier, seen = threading.Barrier(3, action=lambda: print("met")), []
    def work(): seen.append(barrier.wait())
    ts = [threading.Thread(target=work) for _ in range(3)]
    [t.start() for t in ts]; [t.join() for t in ts]
    print(sorted(seen), barrier.n_waiting, barrier.broken)
""",
)
program(
    "semaphores",
    """
    import threading
    s = threading.BoundedSemaphore(2)
    with s, s: print(s.acquire(blocking=False))
    try: s.release()
    except ValueError as error: print(error)
""",
)
program(
    "a timer that is called off",
    """
    import threading
    t = threading.Timer(60, print, ("never",)); t.start(); t.cancel(); t.join(); print(t.is_alive())
""",
)
program(
    "locks and what they are",
    """
    import threading
    lock, rlock = threading.Lock(), threading.RLock()
    with rlock, rlock: print(rlock.acquire(timeout=0.01)); rlock.release()
    print(lock.acquire(timeout=1), lock.locked(), lock.acquire(blocking=False))
    lock.release()
    try: lock.release()
    except RuntimeError as error: print(type(error).__name__)
""",
)
program(
    "a subclass",
    """
    import threading
    class Worker(threading.Thread):
        def __init__(self, n): super().__init__(name=f"worker {n}", daemon=True); self.n, self.result = n, None
        def run(self): self.result = self.n * 2
    ws = [Worker(n) for n in range(3)]
    [w.start() for w in ws]; [w.join() for w in ws]
    print([(w.name, w.daemon, w.result, w.is_alive()) for w in ws], isinstance(ws[0], threading.Thread))
""",
)
program(
    "an error in a thread",
    """
    import threading
    t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join(); print("main goes on")
""",
)
program(
    "a hook for errors in threads",
    """
    import threading
    threading.excepthook = lambda args: print(args.exc_type.__name__, args.thread.name)
    t = threading.Thread(target=lambda: 1 / 0, name="mine"); t.start(); t.join()
""",
)
program(
    "a thread outlives main",
    """
    import atexit, threading, time
    atexit.register(print, "at exit")
    threading.Thread(target=lambda: (time.sleep(0.03), print("thread"))).start()
    print("main")
""",
)
program(
    "a daemon is cut off",
    """
    import threading, time
    def work():
        try: time.sleep(60)
        finally: print("never")
    threading.Thread(target=work, daemon=True).start(); print("main")
""",
)
program(
    "sys.exit in main with a thread",
    """
    import sys, threading, time
    threading.Thread(target=time.sleep, args=(0.02,)).start()
    sys.exit(4)
""",
)
program(
    "an uncaught error in main",
    """
    import threading
    threading.Thread(target=print, args=("thread",)).start()
    raise KeyError("no")
""",
)
program(
    "os._exit in a thread",
    """
    import os, threading, time
    threading.Thread(target=os._exit, args=(9,)).start(); time.sleep(60)
""",
)
program(
    "a class with a lock, pickled and copied",
    """
    import copy, pickle, threading
    class Account:
        def __init__(self): self.lock, self.money = threading.Lock(), 3
        def __getstate__(self): return {"money": self.money}
        def __setstate__(self, state): self.__init__(); self.money = state["money"]
    print(copy.copy(Account()).money, pickle.loads(pickle.dumps(Account())).money)
    try: pickle.dumps(threading.Lock())
    except TypeError as error: print("TypeError")
""",
)
program(
    "multiprocessing's pool of threads",
    """
    from multiprocessing.pool import ThreadPool
    with ThreadPool(2) as pool: print(pool.map(abs, [-1, -2, 3]))
""",
)
program(
    "a process of multiprocessing",
    """
    import multiprocessing
    def work(q): q.put("from the child")
    if __name__ == "__main__":
        multiprocessing.set_start_method("spawn")
        q = multiprocessing.Queue(); p = multiprocessing.Process(target=work, args=(q,)); p.start()
        print(q.get()); p.join(); print(p.exitcode)
""",
)
program(
    "a scheduler",
    """
    import sched, threading, time
    s = sched.scheduler(time.monotonic, time.sleep)
    s.enter(0.02, 1, print, ("second",)); s.enter(0.01, 1, print, ("first",))
    t = threading.Thread(target=s.run); t.start(); t.join()
""",
)
program(
    "weak references and names",
    """
    import threading, weakref
    class Thing: pass
    thing = Thing(); ref = weakref.ref(thing); lock = threading.Lock(); weak = weakref.ref(threading.Event())
    del thing; print(ref() is None, weak() is None, threading.main_thread().name, threading.active_count())
    print([t.name for t in threading.enumerate()], threading.current_thread() is threading.main_thread())
""",
)
program(
    "context variables",
    """
    import contextvars, threading
    v = contextvars.ContextVar("v", default=1); v.set(2)
    c = contextvars.copy_context()
    t = threading.Thread(target=c.run, args=(lambda: print(v.get()),)); t.start(); t.join()
""",
)
program(
    "input and arguments",
    """
    import sys, threading
    t = threading.Thread(target=lambda: print(sys.stdin.read().split(), sys.argv[1:])); t.start(); t.join()
""",
)
program(
    "a library that counts starts",
    """
    import threading
    started, counted = threading.Thread.start, []
    def start(self):
        counted.append(self.name)
        return started(self)
    threading.Thread.start = start
    for number in range(3):
        t = threading.Thread(target=print, args=(number,), name=f"number {number}"); t.start(); t.join()
    print(counted)
""",
)
