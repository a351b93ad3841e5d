"""Programs under load that use what others wrote: by name of the library, each with what it prints.

Rule: what a program prints is the same in every run, whatever order its threads take.
"""

from __future__ import annotations

PROGRAMS: dict[str, str] = {}

PROGRAMS["sqlalchemy"] = '''
"""Twelve threads share a pool of three connections; two that time out say so."""
import threading
from sqlalchemy import create_engine, exc, pool, text

engine = create_engine(
    "sqlite://", poolclass=pool.QueuePool, pool_size=2, max_overflow=1, pool_timeout=30,
    connect_args={"check_same_thread": False},
)
seen, done = [], []


def work(number):
    for turn in range(20):
        with engine.connect() as connection:
            seen.append(connection.execute(text("select 2 + 3")).scalar())
    done.append(number)


threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(seen), set(seen), sorted(done), engine.pool.checkedout())
small = create_engine("sqlite://", poolclass=pool.QueuePool, pool_size=1, max_overflow=0, pool_timeout=0.05)
with small.connect():
    try:
        small.connect()
    except exc.TimeoutError as error:
        print(type(error).__name__, "QueuePool limit" in str(error))
small.dispose()
engine.dispose()
'''

PROGRAMS["urllib3"] = '''
"""A pool of two connections, which block, to a server with a thread for each request."""
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import urllib3


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = self.path[1:].upper().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
pool = urllib3.HTTPConnectionPool("127.0.0.1", server.server_port, maxsize=2, block=True)
with ThreadPoolExecutor(8) as workers:
    answers = list(workers.map(lambda n: pool.request("GET", f"/page{n}").data.decode(), range(60)))
print(answers == [f"PAGE{n}" for n in range(60)], pool.num_connections)
held = [pool._get_conn(), pool._get_conn()]
try:
    pool.request("GET", "/late", pool_timeout=0.05, retries=False)
except urllib3.exceptions.EmptyPoolError as error:
    print(type(error).__name__)
for connection in held:
    pool._put_conn(connection)
pool.close()
server.shutdown()
server.server_close()
'''

PROGRAMS["apscheduler"] = '''
"""Jobs at intervals and at once, in a pool of the scheduler's; one fails, and its listener hears of it."""
import logging
import threading
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
scheduler = BackgroundScheduler(executors={"default": ThreadPoolExecutor(4)}, timezone="UTC")
lock, count, enough, failed = threading.Lock(), [0], threading.Event(), threading.Event()


def tick():
    with lock:
        count[0] += 1
        if count[0] == 10:
            enough.set()


def wrong():
    raise ValueError("wrong")


scheduler.add_listener(lambda event: failed.set(), EVENT_JOB_ERROR)
scheduler.start()
for number in range(20):
    scheduler.add_job(tick, id=f"once{number}")
scheduler.add_job(tick, "interval", seconds=0.05, id="again")
scheduler.add_job(wrong)
print(enough.wait(20), failed.wait(20))
scheduler.shutdown()
print(scheduler.running, count[0] >= 10)
'''

PROGRAMS["watchdog"] = '''
"""An observer's threads tell of the files that are made in a folder."""
import tempfile
import threading
from pathlib import Path
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer


class Seen(FileSystemEventHandler):
    def __init__(self):
        self.names, self.all = set(), threading.Event()

    def on_created(self, event):
        self.names.add(Path(event.src_path).name)
        if len(self.names) == 50:
            self.all.set()


with tempfile.TemporaryDirectory() as folder:
    seen, observer = Seen(), Observer()
    observer.schedule(seen, folder)
    observer.start()
    makers = [
        threading.Thread(target=lambda n=n: [Path(folder, f"{n}-{m}").write_text("") for m in range(10)])
        for n in range(5)
    ]
    for maker in makers:
        maker.start()
    print(seen.all.wait(20), len(seen.names))
    for maker in makers:
        maker.join()
    observer.stop()
    observer.join()
print(observer.is_alive())
'''

PROGRAMS["joblib"] = '''
"""Many small calls by four threads, one after the other as they come, and one that raises."""
from joblib import Parallel, delayed

squares = Parallel(n_jobs=4, backend="threading")(delayed(pow)(n, 2) for n in range(300))
print(squares == [n * n for n in range(300)])
lazily = Parallel(n_jobs=4, backend="threading", return_as="generator")(delayed(abs)(-n) for n in range(50))
print(list(lazily) == list(range(50)))
try:
    Parallel(n_jobs=2, backend="threading")(delayed(divmod)(1, n) for n in (1, 0, 2))
except ZeroDivisionError as error:
    print(type(error).__name__)
'''

PROGRAMS["tqdm"] = '''
"""One bar that eight threads move on, and its monitor, which is a thread, too."""
import io
import threading
from tqdm import tqdm
from tqdm.contrib.concurrent import thread_map

out = io.StringIO()
tqdm.monitor_interval = 0.05
with tqdm(total=800, file=out, miniters=1, mininterval=0) as bar:
    guard = threading.Lock()

    def work():
        for _ in range(100):
            with guard:
                bar.update()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(bar.n, "800/800" in out.getvalue())
print(thread_map(len, ["a", "bb"] * 40, max_workers=4, file=out)[:4])
'''
