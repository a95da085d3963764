"""One munim in a test: its own database, Kafka prefix and processes, with a simulated channel as phone and witness."""
import hashlib
import hmac
import json
import os
import pathlib
import signal
import subprocess
import urllib.error
import urllib.request
import uuid

import psycopg2
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from services import BIN, ROOT, alive, wait_until
from topics import Topics

__all__ = ["BIN", "ROOT", "Instance", "alive", "wait_until"]

# What a message passes through; munim-lag only watches, and the tests about it start it themselves.
PROGRAMS = ("munim-ingress", "munim-sim", "munim-worker", "munim-sender")
START_TIMEOUT = 30
# Short waits, so that a test sees in seconds what a shop sees in minutes. A test overrides what it is about.
QUICK = {
    "kafka.partitions": "3", "sender.tick": "50ms", "sender.retry_base": "100ms", "sender.retry_cap": "1s",
    "worker.republish": "500ms", "worker.sweep_every": "100ms", "lag.every": "500ms", "log.format": "logfmt",
}


def http(url, body=None, headers=None, timeout=15):
    """(status, bytes) of a GET, or of a POST when there is a body; a refused connection raises OSError."""
    request = urllib.request.Request(url, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read()


class Instance:
    """Processes are started one by one, without the pool, so that a test can kill and restart any of them."""

    def __init__(self, services, path, settings=None):
        self.services = services
        self.path = pathlib.Path(path)
        self.name = "t" + uuid.uuid4().hex[:8]
        self.settings = {**QUICK, **(settings or {})}
        self.processes = {}
        self.connection = None
        self.kept = {}  # addresses that a restarted process must have again
        self.binaries = {}  # {program: path}, where a test wants another build than BIN's
        self.extra = {}  # {program: environment of its own}, from its next start
        self.said = []  # message ids that the channel has taken from customers
        self._topics = None
        services.make_database(self.name)
        self.url = services.url(self.name)
        for name in ("app_secret", "verify_token", "access_token"):
            (self.path / name).write_text(uuid.uuid4().hex + "\n")
        self.app_secret = (self.path / "app_secret").read_text().strip()
        self.munim("topics", "create")
        self.account_id = self.db("select account_id from munim.account where channel = 'whatsapp' order by 1")[0][0]

    # -- settings and processes

    def env(self):
        settings = {
            "ingress.listen": self.kept.get("ingress", "127.0.0.1:0"),
            "kafka.bootstrap": self.services.bootstrap, "kafka.prefix": self.name,
            "kafka.contract": str(ROOT / "schema/contracts/topics.json"),
            "postgres.url": self.url, "worker.lexicon_dir": str(ROOT / "schema/lexicon"),
            "pool.run": str(self.path / "run"),
            "whatsapp.api_url": f"http://{self.kept.get('sim', '127.0.0.1:9')}/v23.0",
            **{f"whatsapp.{name}_file": str(self.path / name)
               for name in ("app_secret", "verify_token", "access_token")},
            **self.settings,
        }
        return {**os.environ, "MUNIM_VAR": str(self.path), **{
            "MUNIM_" + key.upper().replace(".", "_"): value for key, value in settings.items()}}

    def arguments(self, program):
        if program != "munim-sim":
            return []
        return ["--listen", self.kept.get("sim", "127.0.0.1:0"), "--webhook-url",
                f"http://{self.kept['ingress']}/webhooks/whatsapp", "--app-secret-file", str(self.path / "app_secret"),
                "--witness", str(self.path / "witness.jsonl")]

    def start(self, *names):
        """Starts the processes ("munim-worker", or "munim-worker.2" for one more) and waits until each is ready."""
        names = names or PROGRAMS
        for name in names:
            self.launch(name)
            if name in ("munim-ingress", "munim-sim"):
                self.wait_ready(name)  # the next ones are told its address
        for name in names:
            self.wait_ready(name)
        return self

    def launch(self, name):
        program = name.split(".")[0]
        address = self.path / f"{name}.address"
        address.unlink(missing_ok=True)
        with open(self.path / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [self.binaries.get(program, BIN / program), *self.arguments(program)], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
                env={**self.env(), **self.extra.get(program, {}), "MUNIM_ADDRESS_FILE": str(address)})

    def address(self, name):
        """What the process has published: {"admin": "127.0.0.1:4711", ...}; empty before it has."""
        path = self.path / f"{name}.address"
        return dict(line.split("=", 1) for line in path.read_text().splitlines()) if path.exists() else {}

    def wait_ready(self, name, timeout=START_TIMEOUT):
        def ready():
            process = self.processes[name]
            assert process.poll() is None, f"{name} ended with {process.returncode}:\n{self.tail(name)}"
            found = self.address(name)
            if "admin" in found:
                try:
                    return http(f"http://{found['admin']}/readyz")[0] == 200 and found
                except OSError:
                    return None
            return found if program == "munim-sim" else None

        program = name.split(".")[0]
        found = wait_until(ready, timeout, f"readiness of {name}")
        for key in ("ingress", "sim"):
            if key in found:
                self.kept[key] = found[key]

    def kill(self, name, sig=signal.SIGKILL):
        """Signals the process and waits for its end; returns its exit status."""
        self.processes[name].send_signal(sig)
        return self.processes[name].wait(30)

    def restart(self, name, sig=signal.SIGTERM):
        if self.processes[name].poll() is None:
            self.kill(name, sig)
        self.start(name)

    def tail(self, name, lines=25):
        path = self.path / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def end(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.connection is not None:
            self.connection.close()
        if self._topics is not None:
            self._topics.close()
        self.drop_topics()
        self.services.drop_database(self.name)

    def drop_topics(self):
        """A broker that keeps the topics of every test runs out of memory at its next start."""
        admin = AdminClient({"bootstrap.servers": self.services.bootstrap, "log_level": 2})
        try:
            mine = [name for name in admin.list_topics(timeout=5).topics if name.startswith(self.name + ".")]
            for done in admin.delete_topics(mine, operation_timeout=5).values() if mine else ():
                done.result(10)
        except KafkaException:
            pass  # the test has left it dead

    # -- the customer, who is also the witness

    def say(self, text, sender="919812345678", account_id=None):
        """The customer writes; the simulator signs the webhook and sends it to ingress."""
        body = json.dumps({"from": sender, "text": text, "account_id": account_id or self.account_id}).encode()
        status, answer = http(f"http://{self.kept['sim']}/control/say", body, {"Content-Type": "application/json"})
        assert status in (200, 202), answer
        said = json.loads(answer)
        self.said.append(said["message_id"])
        return said

    def control(self, verb, what=None):
        """Asks the simulator for one of the things that `munim-sim --help` lists under /control."""
        body = what if isinstance(what, bytes) else json.dumps(what or {}).encode()
        status, answer = http(f"http://{self.kept['sim']}/control/{verb}", body, {"Content-Type": "application/json"})
        assert status in (200, 202), answer
        return json.loads(answer)

    def behave(self, mode, **rule):
        """One more rule of how the channel treats sends; the first that fits and has turns left decides."""
        self.control("behave", {"mode": mode, **rule})

    def sends(self, to=None):
        """Every send the channel accepted, in order; only those to one customer when `to` is given."""
        status, answer = http(f"http://{self.kept['sim']}/control/sends")
        assert status == 200, answer
        return [send for send in json.loads(answer) if to is None or send["to"] == to]

    def wait_sends(self, count, to=None, timeout=20):
        """The sends, once there are at least `count`."""
        return wait_until(lambda: len(self.sends(to)) >= count and self.sends(to), timeout, f"send number {count}")

    def signed(self, body):
        """The bytes of a webhook's body (bytes, or an object) and the channel's signature of them."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return body, "sha256=" + hmac.new(self.app_secret.encode(), body, hashlib.sha256).hexdigest()

    def webhook(self, body, signature=None, timeout=15):
        """Posts a body (bytes, or an object) to ingress as the channel would; (status, answer)."""
        body, right = self.signed(body)
        signature = right if signature is None else signature
        return http(f"http://{self.kept['ingress']}/webhooks/whatsapp", body,
                    {"Content-Type": "application/json", "X-Hub-Signature-256": signature}, timeout)

    # -- the owner, the operator, the auditor

    def munim(self, *args, check=True):
        """Runs the munim command; its standard output, or with check=False (exit status, output, errors)."""
        done = subprocess.run([BIN / "munim", *args], env=self.env(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if not check:
            return done.returncode, done.stdout, done.stderr
        assert done.returncode == 0, f"munim {' '.join(args)} ended with {done.returncode}: {done.stderr}"
        return done.stdout

    def waiting(self):
        """What `munim approve list` shows the owner."""
        return [json.loads(line) for line in self.munim("approve", "list", "--json").splitlines()]

    def approve(self, order_id, *args):
        """(exit status, outcome) of the owner's yes."""
        code, out, errors = self.munim("approve", "approve", order_id, "--json", *args, check=False)
        return code, json.loads(out) if out.strip() else {"error": errors}

    def reject(self, order_id, reason, *args):
        code, out, errors = self.munim("approve", "reject", order_id, "--reason", reason, "--json", *args, check=False)
        return code, json.loads(out) if out.strip() else {"error": errors}

    def topics(self):
        """The instance's topics, to be read and written by a test."""
        if self._topics is None:
            self._topics = Topics(self)
        return self._topics

    def db(self, sql, *args):
        """Rows of a query, or [] of a statement without rows. A connection that the server has lost is made again."""
        for fresh in (False, True):
            if self.connection is None or fresh:
                self.connection = psycopg2.connect(self.url)
                self.connection.autocommit = True
            try:
                with self.connection.cursor() as cursor:
                    cursor.execute(sql, args or None)
                    return cursor.fetchall() if cursor.description else []
            except psycopg2.Error as why:
                # Without an SQLSTATE, or with one of class 57, the connection is what failed.
                if fresh or (why.pgcode or "57")[:2] != "57":
                    raise
        raise AssertionError("not reached")

    def metric(self, name, labels="", process="munim-ingress"):
        """The value of one series on the process's /metrics; 0 when it is not there."""
        page = http(f"http://{self.address(process)['admin']}/metrics")[1].decode()
        series = name + labels + " "
        return next((float(line[len(series):]) for line in page.splitlines() if line.startswith(series)), 0.0)
