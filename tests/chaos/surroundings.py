"""Strikes what processes stand on and cannot see: a disk without room, a wall clock that leaps."""
import threading
import time

from clocks import seconds_off

PATIENCE = 8.0  # seconds for which such a fault waits to be felt
LEAPS = (7_200, 86_400, 31_536_000)  # seconds; Kafka would refuse what a producer dated an hour ahead
FELT = 3_600


class Surroundings:
    """lab: has disks, clocks and services. sleep: ends early when the run does."""

    def __init__(self, lab, sleep):
        self.lab, self.sleep = lab, sleep
        self.mended = []  # partitions of the broker's own that a full disk has ruined
        # A service is struck by one lane at a time: Postgres and Kafka do not start on a full disk, nor ought they.
        self.alone = {"broker": threading.Lock(), "database": threading.Lock()}

    def fill(self, fault):
        """Until the service or its clients have said so, and a little longer."""
        what = fault.how["what"]
        with self.alone[what]:
            disk, felt = self.lab.disks[what], getattr(self, f"{what}_felt")()
            try:
                disk.fill()
                struck = self.until(felt)
                self.sleep(fault.seconds)
            finally:
                disk.empty()
                if what == "broker":  # it ends when it cannot write its log
                    self.lab.services.kafka_start()
                    self.mend()
        return struck

    def mend(self):
        while name := self.lab.services.kafka_mend():
            self.mended.append(name)

    def until(self, felt):
        end = time.monotonic() + PATIENCE
        while not (struck := felt()) and time.monotonic() < end:
            self.sleep(0.05)
        return struck

    def database_felt(self):
        """A process of ours was told SQLSTATE 53100."""
        read = {path: path.stat().st_size for path in self.lab.path.glob("munim-*.log")}

        def felt():
            for path in self.lab.path.glob("munim-*.log"):
                with open(path, "rb") as log:
                    log.seek(read.get(path, 0))
                    if b"53100" in log.read():
                        return True
            return False
        return felt

    def broker_felt(self):
        """The broker has met the end of its disk; what it does then, it says at its own end."""
        log = self.lab.services.broker_log
        return lambda: b"No space left" in log.read_bytes()

    def clock(self, fault):
        program, draw = fault.how["what"], fault.how["draw"]
        clock = self.lab.clocks[program]
        leap = LEAPS[int(draw * len(LEAPS))]
        try:
            clock.leap(leap if fault.kind.startswith("clock ahead") else -leap)
            struck = self.until(lambda: self.clock_felt(program))
            self.sleep(fault.seconds)
        finally:
            clock.leap(0)
        return struck

    def clock_felt(self, program):
        """A process of the program tells a wrong time."""
        for name in [name for name in list(self.lab.processes) if name.split(".")[0] == program]:
            try:
                if abs(seconds_off(self.lab.address(name)["admin"])) > FELT / 2:
                    return True
            except (OSError, KeyError):
                continue  # struck by another lane meanwhile
        return False
