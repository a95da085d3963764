"""One munim under load with which one row of the crash table is tried, and what became of it."""
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

import invariants
from crash_load import Load
from crash_tally import Tally
from instance import Instance
from services import ROOT, wait_until

FAIL_BIN = pathlib.Path(os.environ.get("MUNIM_FAIL_BIN", ROOT / "build/fail/bin"))
PROGRAMS = {"ingress": "munim-ingress", "turn": "munim-worker", "sender": "munim-sender"}
LATEST = 5  # a kill comes at the first to fifth hit of a process's life
HIT_PATIENCE = 120
REST = 180
# Times short enough to see a thousand lives of a process; the broker of development allows sessions of 1 s.
QUICK = {
    "kafka.session_timeout": "1s", "sender.request_timeout": "500ms", "sender.send_deadline": "1s",
    "sender.uncertain_window": "2500ms", "log.level": "info",
}
LINE = "{row:>4}  {point:<22} {hits:>6} {lost:>5} {doubled:>8} {uncertain:>10} {resent:>7} {seconds:>8}  {why}"


class Row:
    """One line of the report."""

    def __init__(self, row, point):
        self.row, self.point = row, point
        self.hits = self.uncertain = self.resent = 0
        self.lost, self.doubled = [], []
        self.skipped = ""
        self.trouble = ""
        self.began = time.monotonic()
        self.seconds = 0.0

    def good(self):
        return not self.lost and not self.doubled and not self.trouble and (self.hits > 0 or self.skipped)

    def object(self):
        why = self.trouble or self.skipped or "; ".join((self.lost + self.doubled)[:3])
        return {"row": self.row, "point": self.point, "hits": self.hits, "lost": len(self.lost),
                "doubled": len(self.doubled), "uncertain": self.uncertain, "resent": self.resent,
                "seconds": round(self.seconds, 1), "why": why}

    def text(self):
        return LINE.format(**self.object())


def take_up(instance):
    """What was at hand at three deaths in a row was put aside, and what may or may not have arrived twice over is held,
    as it should be: an operator takes them up again. True while there is any."""
    parked = instance.db("select conversation_id::text from munim.conversation where parked")
    held = instance.db("select dedupe_key from munim.guard where state = 'UNKNOWN' and settled_by = 'held'")
    for conversation, in parked:
        instance.munim("parked", "redrive", conversation)
    for key, in held:
        instance.munim("held", "resend", key, check=False)  # a word of the channel may have come in between
    return bool(parked or held)


class Lab:
    """One munim under load, with which one row of the table is tried."""

    open = []  # those whose processes run, to be ended when the whole run is interrupted

    def __init__(self, services, seed, settings=None, **load):
        self.random = random.Random(seed)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="munim-crash-"))
        self.instance = Instance(services, self.directory, {**QUICK, **(settings or {})})
        for program in (*PROGRAMS.values(), "munim-sim"):
            self.instance.binaries[program] = FAIL_BIN / program
        self.load = Load(self.instance, seed, **load)
        self.keep = False

    def __enter__(self):
        Lab.open.append(self)
        self.instance.start()
        self.load.start()
        wait_until(lambda: self.load.ended > 0, HIT_PATIENCE, "the first order's end")
        return self

    def __exit__(self, kind, why, trace):
        self.load.stopped = True
        self.load.thread.join(10)
        self.instance.end()
        Lab.open.remove(self)
        if kind is None and not self.keep:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            print(f"logs are in {self.directory}", file=sys.stderr)

    def arm(self, program, point):
        """From its next start on the program dies there; None: nowhere."""
        at = f"{point}@{self.random.randint(1, LATEST)}"
        self.instance.extra[program] = {"MUNIM_FAILPOINT": at} if point else {}

    def kill_at(self, program, point, hits, on_hit):
        """The program dies at the point, so often."""
        self.arm(program, point)
        self.instance.kill(program)
        for _ in range(hits):
            self.instance.launch(program)
            code = self.instance.processes[program].wait(HIT_PATIENCE)
            assert code == -signal.SIGKILL, f"{program} ended with {code}:\n{self.instance.tail(program)}"
            on_hit()
            self.arm(program, point)
        self.arm(program, None)
        self.instance.start(program)

    def settle(self, row, whole=True):
        """Faults are over: everything comes to rest, and the witnesses are compared. whole: all of them still have all
        that they have seen, so that every invariant can be asked for."""
        self.load.finish(REST)
        end = time.monotonic() + REST
        invariants.settle(self.instance, REST)
        while take_up(self.instance) and time.monotonic() < end:
            invariants.settle(self.instance, REST)
        tally = Tally(self.instance, self.load)
        row.lost, row.doubled = tally.lost, tally.doubled
        row.uncertain, row.resent = tally.uncertain, tally.resent
        if whole:
            invariants.check(self.instance, REST)
            code, found, errors = self.instance.munim("audit", check=False)
            assert code == 0, f"munim audit ended with {code}: {(found + errors).splitlines()[:3]}"

    def counts(self):
        return invariants.counts(self.instance)

    def progress(self, orders=2):
        """Waits until so many more orders have come to their end."""
        before = self.load.ended
        wait_until(lambda: self.load.ended >= before + orders, HIT_PATIENCE, f"{orders} more orders")


def try_row(row, lab, strikes, whole=True):
    """Runs one row; whatever goes wrong is in the row afterwards."""
    row.began = time.monotonic()
    try:
        with lab() as it:
            try:
                strikes(it, row)
                it.settle(row, whole)
            finally:
                it.keep = not row.good() or sys.exc_info()[0] is not None
    except Exception as why:  # a row that cannot be tried is a row that failed
        place = traceback.extract_tb(why.__traceback__)[-1]
        first = (str(why).strip().splitlines() or [""])[0]
        row.trouble = (first or f"{place.name}, line {place.lineno}: {place.line}")[:200]
        print(f"{row.point}: {''.join(traceback.format_exception(why))}", file=sys.stderr)
    row.seconds = time.monotonic() - row.began
    return row
