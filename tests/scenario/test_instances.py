"""Instances as a person has them: `make run` in two directories at once, seen by munim status, ended by Ctrl-C."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import pytest

from instance import BIN, ROOT, alive, http, wait_until

# Two instances with brokers and clusters of their own start on a machine that is busy with tests.
START = 120


class Run:
    """One scripts/run in a directory of its own."""

    def __init__(self, var):
        self.var = var
        self.env = {**{k: v for k, v in os.environ.items() if not k.startswith("MUNIM_")}, "MUNIM_VAR": str(var)}
        self.log = var / "run.log"
        var.mkdir()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([ROOT / "scripts/run"], env=self.env, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)

    def status(self):
        done = subprocess.run([BIN / "munim", "status", "--json"], env=self.env, stdout=subprocess.PIPE, check=False)
        return done.returncode, json.loads(done.stdout)

    def started(self):
        assert self.process.poll() is None, self.log.read_text()
        return "Ctrl-C stops everything." in self.log.read_text()

    def pids(self):
        files = [self.var / "kafka/pid", self.var / "postgres/data/postmaster.pid", self.var / "run/pool.pid"]
        return [int(f.read_text().split()[0]) for f in files if f.exists()] + [
            p["pid"] for p in self.status()[1]["processes"] if p["pid"]]

    def end(self, sig):
        """As a terminal does it: the whole foreground group gets the signal."""
        os.killpg(self.process.pid, sig)
        return self.process.wait(60)


@pytest.fixture
def var():
    # Short and open to the server's user, as in conftest's services.
    path = pathlib.Path(tempfile.mkdtemp(prefix="munim-run-"))
    path.chmod(0o755)
    yield path
    for one in path.iterdir():
        subprocess.run([ROOT / "scripts/down"], env={**os.environ, "MUNIM_VAR": str(one)}, check=False)
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.skipif(bool(os.environ.get("KAFKA_BOOTSTRAP") or os.environ.get("DATABASE_URL")),
                    reason="the instances would share the given Kafka and database")
def test_two_instances_side_by_side(var):
    runs = [Run(var / "a"), Run(var / "b")]
    for run in runs:
        wait_until(run.started, START, "make run")
    seen = [run.status() for run in runs]
    assert [code for code, _ in seen] == [0, 0]
    first, second = (status for _, status in seen)
    for part, key in (("ingress", "url"), ("kafka", "bootstrap"), ("postgres", "url"), ("simulator", "url")):
        assert first[part][key] and first[part][key] != second[part][key]
    assert {p["name"] for p in first["processes"]} == {
        "munim-ingress", "munim-worker", "munim-sender", "munim-lag", "munim-sim"}
    channel = first["channels"][0]
    assert channel["api_url"] == first["simulator"]["url"] + "/v23.0"
    assert channel["phone_number_id"] and pathlib.Path(channel["app_secret_file"]).stat().st_mode & 0o777 == 0o600
    secrets = [f.read_text().strip() for f in (var / "a/secrets").iterdir()]
    assert len(secrets) == 3 and not [s for s in secrets if s in json.dumps(first)]
    # Nobody has signed this, and each instance has its own secret.
    assert http(first["ingress"]["url"] + "/webhooks/whatsapp", b"{}")[0] in (401, 403)

    pids = runs[0].pids()
    assert len(pids) == 8 and all(alive(pid) for pid in pids)
    assert runs[0].end(signal.SIGINT) == 0
    assert not [pid for pid in pids if alive(pid)]
    assert runs[0].status()[0] == 3 and runs[0].status()[1]["state"] == "stopped"
    assert runs[1].status()[0] == 0, "the other one goes on"
    pids = runs[1].pids()
    assert runs[1].end(signal.SIGTERM) == 0
    assert not [pid for pid in pids if alive(pid)]
