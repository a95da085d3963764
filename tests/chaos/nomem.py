"""make no-memory: the n-th allocation fails in a worker, sender or ingress, once while it starts and once while a message
runs through it, for n counted up; then what became of the process and of the message.

    N=300        as far as this, unless a message takes fewer     STEP=1     every so many
    ONLY=worker  one program                                      JSON=1     one object a row instead of the table
    ANYBODY=1    allocations of libraries count as well, on the program's own thread

Memory that is out ends a process by design (abort, with a last line), or is lived with where a library says so. Bad are a
crash of any other kind, an end without a word, and a message without its answer. In the end all witnesses are compared. A
crash within a library that does not look is counted apart: to munim it is one more kill.
"""
import collections
import itertools
import json
import mmap
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scenario")]

import invariants  # noqa: E402
from crash_lab import QUICK, take_up  # noqa: E402
from crash_points import fresh_services  # noqa: E402
from instance import Instance  # noqa: E402
from play import phone  # noqa: E402
from preload import preload  # noqa: E402
from services import BIN, wait_until  # noqa: E402

PROGRAMS = ("munim-ingress", "munim-worker", "munim-sender")
TEXTS = ("1m white cotton", "haan confirm")  # of one customer, one after the other; no greeting, which may be dropped
PATIENCE = 60
SPOKEN = (1, 69, 75, 78)  # ends that a log line explains
LIBRARY = "a library"
LINE = "{program:<14} {when:<8} {tried:>6} {went_on:>8} {aborted:>8} {ended:>6} {crashed:>8} {places:>7}  {bad}"


class Memory:
    """What is shared with nomem.c: struct nomem."""

    def __init__(self, path):
        path.write_bytes(bytes(32))
        with open(path, "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 32)
        self.environment = {**preload("nomem"), "LAB_NOMEM": str(path)}

    def arm(self, left, anybody=False):
        self.shared[:] = struct.pack("=qqqq", left, anybody, 0, 0)

    def state(self):
        """(allocations left, those that failed, the last one's caller)"""
        left, _, struck, where = struct.unpack("=qqqq", self.shared[:])
        return left, struck, where


class Row:
    """One program, at one time of its life."""

    def __init__(self, program, when):
        self.program, self.when = program, when
        self.tried = self.went_on = 0
        self.crashed = 0  # within a library that does not look
        self.ends = collections.Counter()
        self.places = collections.Counter()
        self.bad = []

    def note(self, n, code, said, where):
        self.tried += 1
        self.places[where] += 1
        if code is None:
            self.went_on += 1
            return
        self.ends[code] += 1
        if code == -signal.SIGSEGV and where == LIBRARY:
            self.crashed += 1
        elif not ((code == -signal.SIGABRT and "aborted" in said) or code in SPOKEN and said):
            self.bad.append(f"n={n} in {where}: ended with {code}, without a word")

    def object(self):
        aborted = self.ends[-signal.SIGABRT]
        return {"program": self.program, "when": self.when, "tried": self.tried, "went_on": self.went_on,
                "aborted": aborted, "ended": sum(self.ends.values()) - aborted - self.crashed,
                "crashed": self.crashed, "places": len(self.places), "bad": self.bad}

    def text(self):
        return LINE.format(**{**self.object(), "bad": "; ".join(self.bad)})


class Trial:
    """One munim of which one program has no memory at times."""

    def __init__(self, instance, anybody=False):
        self.instance, self.anybody = instance, anybody
        self.memory = {}
        for program in PROGRAMS:
            self.memory[program] = Memory(instance.path / f"memory.{program}")
            instance.extra[program] = self.memory[program].environment
        self.who, self.said = phone(), 0
        instance.start()

    def end_of(self, program):
        """Exit status and last words of a process that has ended; None while it runs."""
        code = self.instance.processes[program].poll()
        return None if code is None else (code, self.instance.tail(program, 3))

    def place(self, program):
        where = self.memory[program].state()[2]
        if where == 0:
            return LIBRARY
        done = subprocess.run(["addr2line", "-f", "-e", BIN / program, hex(where - 1)], capture_output=True, text=True,
                              check=False)
        return done.stdout.split("\n", 1)[0] or hex(where)

    def say(self):
        """The next text; returns what tells whether it was answered."""
        if self.said % len(TEXTS) == 0:
            self.who = phone()
        who, before = self.who, len(self.instance.sends(self.who))
        self.instance.say(TEXTS[self.said % len(TEXTS)], who)
        self.said += 1
        return lambda: len(self.instance.sends(who)) > before

    def message(self, program, n, row):
        """False when a message takes fewer than n allocations."""
        memory = self.memory[program]
        memory.arm(n, self.anybody)
        answered = self.say()
        wait_until(lambda: memory.state()[1] or answered(), PATIENCE, f"{program}, allocation {n}")
        struck = memory.state()[1] > 0
        memory.arm(0) if not struck else None
        end, until = None, time.monotonic() + PATIENCE
        while not answered() or (end is None and self.end_of(program)):
            if end is None and (end := self.end_of(program)):
                self.instance.start(program)
            assert time.monotonic() < until, f"{program}, allocation {n}: no answer; {end}"
            time.sleep(0.02)
        if struck:
            row.note(n, *(end or (None, "")), self.place(program))
        return struck

    def start(self, program, n, row):
        """False when a start takes fewer than n."""
        instance, memory = self.instance, self.memory[program]
        instance.kill(program, signal.SIGKILL)
        memory.arm(n, self.anybody)
        instance.launch(program)

        def up():
            return instance.address(program) or self.end_of(program)

        wait_until(up, PATIENCE, f"{program}'s start, allocation {n}")
        struck, end = memory.state()[1] > 0, self.end_of(program)
        if not struck:
            memory.arm(0)
        if end is not None:
            instance.launch(program)
        instance.wait_ready(program)
        if struck:
            row.note(n, *(end or (None, "")), self.place(program))
        return struck

    def run(self, program, when, numbers):
        """A row of the numbers, in their order, up to the first that is never reached."""
        row = Row(program, when)
        for n in numbers:
            try:
                if not getattr(self, when)(program, n, row):
                    break
            except AssertionError as why:
                row.bad.append(f"n={n} in {self.place(program)}: {str(why).splitlines()[0]}")
                print(f"{row.bad[-1]}\n{self.instance.tail(program, 12)}", file=sys.stderr)
                self.memory[program].arm(0)
                self.instance.restart(program, signal.SIGKILL)
        return row

    def settle(self):
        """All comes to rest, and the witnesses are compared."""
        invariants.settle(self.instance, PATIENCE)
        while take_up(self.instance):
            invariants.settle(self.instance, PATIENCE)
        invariants.check(self.instance, PATIENCE)
        code, found, errors = self.instance.munim("audit", check=False)
        assert code == 0, f"munim audit ended with {code}: {(found + errors).splitlines()[:3]}"


def main():
    most, step = int(os.environ.get("N", 300)), int(os.environ.get("STEP", 1))
    only, as_json = os.environ.get("ONLY", ""), os.environ.get("JSON") == "1"
    rows = []
    if not as_json:
        print(LINE.format(program="program", when="when", tried="tried", went_on="went on", aborted="aborted",
                          ended="ended", crashed="crashed", places="places", bad="bad"), flush=True)
    with fresh_services() as services:
        directory = pathlib.Path(tempfile.mkdtemp(prefix="munim-nomem-"))
        instance = Instance(services, directory, QUICK)
        try:
            trial = Trial(instance, os.environ.get("ANYBODY") == "1")
            for program, when in itertools.product([one for one in PROGRAMS if only in one], ("start", "message")):
                rows.append(trial.run(program, when, range(1, most + 1, step)))
                print(json.dumps(rows[-1].object()) if as_json else rows[-1].text(), flush=True)
            trial.settle()
        finally:
            instance.end()
        shutil.rmtree(directory, ignore_errors=True)
    return 1 if not rows or any(row.bad or not row.tried for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
