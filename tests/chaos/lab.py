"""A munim whose every connection goes through a fault proxy: worker and sender to Postgres, all to Kafka, sender to
channel, channel to ingress. The tests' own look at things goes past the proxies."""
import contextlib
import json
import pathlib
import re
import shutil
import time

import psycopg2.extensions

from clocks import Clock
from crash_postgres import full_disk
from disks import SmallDisk, cannot_mount
from facts import connect
from instance import Instance, http
from plan import CLOCKED, LINKS, PROCESSES
from proxy import Proxies
from services import Services

SETTINGS = {
    "kafka.partitions": "6", "kafka.session_timeout": "2s", "sender.request_timeout": "1s",
    "sender.send_deadline": "2s", "sender.uncertain_window": "5s", "worker.turn_deadline": "5s",
    "service.drain_timeout": "5s", "log.format": "json",
}
UNLOADABLE = re.compile(rb"Failed to load metadata from (__consumer_offsets-[0-9]+)")
LOADING = 2.0  # seconds in which a broker that answers has loaded its groups, or said that it cannot
BROKER_MB = 256  # the log of fifty runs; each run's topics are deleted with it


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def socket_of(url):
    """Where the server of a URL listens: a socket's path, or (host, port)."""
    about = psycopg2.extensions.parse_dsn(url)
    host, port = about.get("host", "localhost"), about.get("port", "5432")
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, int(port))


class LabServices(Services):
    """Kafka tells its clients the proxy's address."""

    def __init__(self, var):
        super().__init__(var)
        self.proxies = Proxies()
        self.where = ()
        self.kafka = self.proxies.add(lambda: self.where)
        self.env["KAFKA_ADVERTISED"] = self.kafka.address
        self.disk = None

    @property
    def broker_log(self):
        return pathlib.Path(self.env["MUNIM_VAR"]) / "kafka/broker.log"

    def launch(self):
        if not cannot_mount():
            data = pathlib.Path(self.env["MUNIM_VAR"]) / "kafka/data"
            data.mkdir(parents=True)
            self.disk = SmallDisk(data, BROKER_MB)
        self.script("kafka", "launch")
        self.where = address(self.bootstrap)
        self.script("postgres", "start")
        self.make_template()
        self.script("kafka", "start")
        self.where = address(self.bootstrap)

    def stop(self):
        try:
            super().stop()
        finally:
            if self.disk is not None:
                self.disk.unmount()

    def kafka_start(self):
        super().kafka_start()
        self.where = address(self.bootstrap)

    def kafka_mend(self):
        """What an operator does when a full disk has left groups' offsets that Kafka 4.3 cannot load ("must be greater"):
        throws that partition away. Positions are in Postgres. Returns its name, or nothing."""
        end = time.monotonic() + LOADING
        while not (found := UNLOADABLE.search(self.broker_log.read_bytes())) and time.monotonic() < end:
            time.sleep(0.1)
        if not found:
            return ""
        name = found.group(1).decode()
        self.script("kafka", "stop")
        shutil.rmtree(self.disk.at / name)
        self.kafka_start()
        return name


class Lab(Instance):
    def __init__(self, services, path, settings=None):
        self.closed = False
        self.kafka = services.kafka.address
        self.proxies = {"kafka": services.kafka}
        super().__init__(services, path, {**SETTINGS, **(settings or {}), "kafka.bootstrap": self.kafka})
        about = psycopg2.extensions.parse_dsn(self.url)
        where = socket_of(self.url)
        self.proxies["postgres"] = services.proxies.add(lambda: where)
        self.proxies["channel"] = services.proxies.add(lambda: address(self.kept["sim"]))
        self.proxies["ingress"] = services.proxies.add(lambda: address(self.kept["ingress"]))
        assert set(self.proxies) == set(LINKS)
        self.disks = {"broker": services.disk}
        self.clocks = {}
        self.lacks = {"fill": cannot_mount()}  # {verb of a fault: why it cannot be done here}
        secret = f":{about['password']}" if about.get("password") else ""
        self.settings["postgres.url"] = (f"postgresql://{about.get('user', '')}{secret}@"
                                         f"{self.proxies['postgres'].address}/{about['dbname']}?sslmode=disable")
        self.settings["whatsapp.api_url"] = f"http://{self.proxies['channel'].address}/v23.0"
        # Enough goods that nobody's order fails for want of them, but for one colour.
        self.db("update munim.batch set rolls = rolls * 400 where dye_lot <> 'L-22'")

    def arguments(self, program):
        given = super().arguments(program)
        if program == "munim-sim":
            given[given.index("--webhook-url") + 1] = f"http://{self.proxies['ingress'].address}/webhooks/whatsapp"
        return given

    def launch(self, name):
        if not self.closed:
            super().launch(name)

    @contextlib.contextmanager
    def surrounded(self):
        """By clocks of its own, and on a disk of its own where that can be had. Meanwhile the lab must end."""
        self.clocks = {program: Clock(self.path / f"clock.{program}") for program in CLOCKED}
        self.extra = {program: clock.environment for program, clock in self.clocks.items()}
        with contextlib.ExitStack() as stack:
            if not self.lacks["fill"]:
                self.disks["database"] = stack.enter_context(full_disk(self))
            yield

    def begin(self):
        """Everything up, in one wait."""
        self.start("munim-ingress", "munim-sim")
        self.start(*PROCESSES[1:])
        return self

    def counts(self):
        return json.loads(http(f"http://{self.kept['sim']}/control/counts")[1])

    def admin(self, sql, *args):
        """A query on a connection of its own, from any thread."""
        connection = connect(self.url)
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql, args)
                return cursor.fetchall()
        finally:
            connection.close()

    def appetite(self):
        """{process: (open descriptors, resident kB)} of those that run."""
        found = {}
        for name, process in self.processes.items():
            about = pathlib.Path(f"/proc/{process.pid}")
            if process.poll() is None and name != "munim-sim":
                rows = dict(line.split(":", 1) for line in (about / "status").read_text().splitlines())
                found[name] = (len(list((about / "fd").iterdir())), int(rows["VmRSS"].split()[0]))
        return found

    def logs(self):
        return {path.name: path.read_text(errors="replace") for path in self.path.glob("*.log")
                if not path.name.startswith("munim-sim")}
