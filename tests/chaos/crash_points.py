"""make crash-points: hits every row of the crash table, again and again, and says what was lost and what was doubled.

    HITS=100     kills at each failpoint          FAULTS=10   strikes of each fault from outside
    SEED=1       of the load and of the moments   JOBS=4      failpoints at work at once
    ONLY=turn    rows whose point begins so       JSON=1      one object a row instead of the table

A failpoint is a place in our code (common/base/failpoint.c). While customers order and the owner decides, the process dies
there by kill -9, at the first to fifth time it comes by, and is started again, so armed, until it has died often enough.
Then all settles, and three witnesses are compared. Exits 1 when a row has no hit, or something was lost or doubled.
"""
import contextlib
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scenario")]

from crash_faults import FAULTS  # noqa: E402
from crash_lab import FAIL_BIN, LINE, PROGRAMS, Lab, Row, try_row  # noqa: E402
from services import ROOT, Services  # noqa: E402


def failpoints():
    """[(row of the crash table, name, where)] as the C table has them."""
    table = (ROOT / "common/base/failpoint.c").read_text()
    return [(int(row), name, where) for name, row, where in re.findall(r'\{"([a-z.]+)", (\d+), "([^"]*)"\}', table)]


def try_point(services, row, hits, seed):
    program = PROGRAMS[row.point.split(".")[0]]

    def one_more():
        row.hits += 1

    return try_row(row, lambda: Lab(services, seed, batches=row.point == "ingress.half"),
                   lambda lab, _: lab.kill_at(program, row.point, hits, one_more))


def in_parallel(jobs, tasks, done):
    """Calls the tasks, so many at a time; done(result) comes from one thread at a time."""
    waiting = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    lock = threading.Lock()

    def work():
        while True:
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                return
            result = task()
            with lock:
                done(result)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextlib.contextmanager
def fresh_services():
    """A Kafka and a PostgreSQL that nobody else uses. Few topics: a broker that was killed looks at every one."""
    var = pathlib.Path(tempfile.mkdtemp(prefix="munim-crash-"))
    var.chmod(0o755)
    services = Services(var)
    try:
        services.start()
        yield services
    finally:
        for lab in list(Lab.open):
            lab.instance.end()
        services.stop()
        link = var / "postgres"
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(var, ignore_errors=True)


def strike_alone(services, hits, faults, seed, jobs, only, done):
    """Failpoints, and what strikes one instance alone: several rows at once."""
    tasks = [lambda n=n, name=name, i=i: try_point(services, Row(n, name), hits, seed * 1000 + i)
             for i, (n, name, _) in enumerate(failpoints()) if name.startswith(only)]
    tasks += [lambda f=f, i=i: f.strike(services, faults, seed * 1000 + 100 + i)
              for i, f in enumerate(FAULTS) if not f.shared and f.point.startswith(only) and faults > 0]
    in_parallel(jobs, tasks, done)


def strike_all(services, faults, seed, only, done):
    """What strikes the broker or the database of everybody: one row after the other."""
    for i, fault in enumerate(FAULTS):
        if fault.shared and fault.point.startswith(only) and faults > 0:
            done(fault.strike(services, faults, seed * 1000 + 100 + i))


def interrupted(number, frame):
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, interrupted)
    number = {name: int(os.environ.get(name, value)) for name, value in
              (("HITS", 100), ("FAULTS", 10), ("SEED", 1), ("JOBS", 4))}
    as_json, only = os.environ.get("JSON") == "1", os.environ.get("ONLY", "")
    rows, began = [], time.monotonic()

    def done(row):
        rows.append(row)
        if not as_json:
            print(f"{time.monotonic() - began:7.0f} s  {row.point}: {row.hits} hits", file=sys.stderr, flush=True)

    with fresh_services() as services:
        strike_alone(services, number["HITS"], number["FAULTS"], number["SEED"], number["JOBS"], only, done)
    if any(fault.shared and fault.point.startswith(only) for fault in FAULTS):
        with fresh_services() as services:
            strike_all(services, number["FAULTS"], number["SEED"], only, done)
    return report(rows, as_json)


def report(rows, as_json):
    rows.sort(key=lambda row: (row.row, row.point))
    if not as_json:
        print(LINE.format(row="row", point="point or fault", hits="hits", lost="lost", doubled="doubled",
                          uncertain="uncertain", resent="resent", seconds="seconds", why="").rstrip())
    for row in rows:
        print(json.dumps(row.object()) if as_json else row.text().rstrip())
    bad = [row.point for row in rows if not row.good()]
    if bad or not rows:
        print(f"crash points: {', '.join(bad) or 'no row'} FAILED", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
