"""The real parts under the benchmarks, what /proc tells of a process, and how rounds become ratios."""
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

import psycopg2

import load

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scenario"))

from instance import ROOT, Instance, wait_until  # noqa: E402,F401
from services import Services  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("BENCH_TOOLS", ROOT / "build/release/bench"))
TICK = os.sysconf("SC_CLK_TCK")
# The broker as a shop would run it: scripts/kafka starts one for tests, with the quick compiler only.
BROKER_JVM = "-XX:TieredStopAtLevel=4 -Xmx512m"
# Production's waits, not the tests' short ones.
SETTINGS = {"kafka.partitions": "12", "sender.tick": "500ms", "worker.republish": "5s", "worker.sweep_every": "1s",
            "log.level": "warn"}


def say(words):
    print(words, file=sys.stderr, flush=True)


class Rig:
    """One Kafka and one PostgreSQL for the whole run; an instance with its own topics and database per cell."""

    def __init__(self):
        # Short: a socket's name has room for 107 bytes, and the server's user must reach it.
        self.var = pathlib.Path(tempfile.mkdtemp(prefix="munim-bench-"))
        self.var.chmod(0o755)
        os.environ.setdefault("_JAVA_OPTIONS", BROKER_JVM)
        self.services = Services(self.var)
        self.made = 0

    def __enter__(self):
        say("starting Kafka and PostgreSQL")
        try:
            self.services.start()
            if self.services.owns_postgres:
                for setting in ("max_wal_size = '8GB'", "checkpoint_timeout = '1h'"):
                    self.services.admin(f"alter system set {setting}")
                self.services.admin("select pg_reload_conf()")
            self.seed()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.services.stop()
        link = self.var / "postgres"
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(self.var, ignore_errors=True)

    def seed(self):
        """Gives the template database a past; every instance's database is a copy of it."""
        connection = psycopg2.connect(self.services.url(self.services.template))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(load.SEED, {"known": load.KNOWN})
            cursor.execute(load.STATISTICS)
        connection.close()

    def unsynced_contract(self):
        """The topic contract without flush.messages=1."""
        path = self.var / "topics.json"
        contract = json.loads((ROOT / "schema/contracts/topics.json").read_text())
        for topic in contract["topics"]:
            topic["synced"] = False
        path.write_text(json.dumps(contract))
        return str(path)

    def instance(self, settings=None, synced=True):
        """A munim with nothing started: its database, its topics, its secrets."""
        own = dict(SETTINGS)
        if not synced:
            own["kafka.contract"] = self.unsynced_contract()
        path = self.var / f"munim{self.made}"
        self.made += 1
        path.mkdir()
        return Instance(self.services, path, {**own, **(settings or {})})

    def broker_pid(self):
        path = self.var / "kafka/pid"
        return int(path.read_text()) if path.exists() else 0


def cpu_seconds(pid):
    """User and system time of a process, all its threads; 0 when there is none."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


def status_kib(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def resident(pid):
    """Resident memory in KiB: (all, of it private to the process)."""
    return status_kib(pid, "VmRSS"), status_kib(pid, "RssAnon")


def peak_resident(pid):
    """The most resident memory the process ever had, in KiB."""
    return status_kib(pid, "VmHWM")


def median(values):
    return statistics.median(values) if values else None


def ratios(ours, theirs):
    """Median, least and greatest of the ratios round by round."""
    each = [a / b for a, b in zip(ours, theirs) if b]
    return {"median": statistics.median(each), "min": min(each), "max": max(each)} if each else None


def ratio_text(r):
    return f"{r['median']:.2f} ({r['min']:.2f}-{r['max']:.2f})" if r else "-"


def table(head, rows):
    """Lines of a Markdown table with even columns."""
    cells = [[str(c) for c in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def percentile(values, q):
    """The smallest value that at least q of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(len(ordered) * q * 1000) // 1000) - 1))]
