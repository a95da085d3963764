"""The real parts every scenario stands on: one Kafka and one PostgreSQL, started once for a run of the tests."""
import os
import pathlib
import subprocess
import time
import uuid

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("MUNIM_BIN", ROOT / "build/release/bin"))


def wait_until(predicate, timeout, what="it"):
    """Returns the predicate's first true value; fails the test when there is none within the timeout (seconds)."""
    end = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {timeout} s; the last value was {value!r}")
        time.sleep(0.02)


def alive(pid):
    """True while the process exists and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Services:
    """Kafka and PostgreSQL in a directory of their own, or the ones KAFKA_BOOTSTRAP and DATABASE_URL name."""

    def __init__(self, var):
        self.env = {**os.environ, "MUNIM_VAR": str(var)}
        self.template = None

    def script(self, name, *args, **env):
        done = subprocess.run([ROOT / "scripts" / name, *args], env={**self.env, **env}, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, f"scripts/{name} {' '.join(args)}:\n{done.stdout}"
        return done.stdout.strip()

    def start(self):
        self.script("kafka", "launch")
        self.script("postgres", "start")
        self.make_template()
        self.script("kafka", "start")

    def stop(self):
        if self.template is not None:
            self.admin(f'drop database if exists "{self.template}"')
        self.script("kafka", "stop")
        self.script("postgres", "stop")

    @property
    def bootstrap(self):
        return self.script("kafka", "addr")

    @property
    def owns_kafka(self):
        return not self.env.get("KAFKA_BOOTSTRAP")

    @property
    def owns_postgres(self):
        return not self.env.get("DATABASE_URL")

    def url(self, database):
        """The URL of another database of the same server."""
        url = self.script("postgres", "url")
        head, mark, query = url.partition("?")
        scheme, _, rest = head.partition("://")
        return f"{scheme}://{rest.split('/', 1)[0]}/{database}{mark}{query}"

    def admin(self, sql):
        connection = psycopg2.connect(self.url("postgres"))
        connection.autocommit = True
        try:
            connection.cursor().execute(sql)
        finally:
            connection.close()

    def make_template(self):
        """Schema and demo shop once; each instance's database is a copy of it."""
        self.template = f"munim_template_{uuid.uuid4().hex[:8]}"
        self.admin(f'create database "{self.template}"')
        self.script("schema", "deploy", DATABASE_URL=self.url(self.template))
        self.script("demo-data", DATABASE_URL=self.url(self.template))

    def make_database(self, name):
        self.admin(f'create database "{name}" template "{self.template}"')

    def drop_database(self, name):
        self.admin(f'drop database if exists "{name}" with (force)')

    # Faults. Each returns when the fault has happened, or has passed.
    def kafka_kill(self):
        self.script("kafka", "kill")

    def kafka_start(self):
        self.script("kafka", "start")

    def postgres_crash(self):
        self.script("postgres", "crash")

    def postgres_start(self):
        self.script("postgres", "start")
