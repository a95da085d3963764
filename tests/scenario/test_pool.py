"""munim-pool with programs that misbehave: the pool is the real one, its children are small scripts beside it."""
import json
import os
import shutil
import signal
import stat
import subprocess
import time

import pytest

from instance import BIN, alive, wait_until

# Says READY, publishes an address, writes down TERM and ends on it after DELAY seconds.
CHILD = """#!/usr/bin/env python3
import os, signal, socket, sys, time
name = os.path.basename(sys.argv[0])
log = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "log")
def say(what):
    with open(log, "a") as out:
        out.write(f"{name} {what} {os.getpid()}\\n")
def tell(text):
    to = os.environ["NOTIFY_SOCKET"]
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text.encode(), "\\0" + to[1:])
def end(*_):
    say("TERM")
    tell("STOPPING=1")
    time.sleep(float(os.environ.get("DELAY", "0")))
    say("end")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
say("start")
"""
READY = """
open(os.environ["MUNIM_ADDRESS_FILE"], "w").write("admin=127.0.0.1:7\\n")
tell("READY=1\\nSTATUS=at work")
while True:
    signal.pause()
"""
DIES = "sys.exit(75)\n"
DEAF = "signal.signal(signal.SIGTERM, lambda *_: say('TERM'))\n" + READY
PROGRAMS = ("munim-ingress", "munim-worker", "munim-sender", "munim-lag")


class Pool:
    """A munim-pool in its own directory, beside children of our making."""

    def __init__(self, path):
        self.path = path
        shutil.copy(BIN / "munim-pool", path / "munim-pool")
        shutil.copy(BIN / "munim", path / "munim")
        for name in PROGRAMS:
            self.child(name, READY)
        self.process = None

    def child(self, name, body):
        program = self.path / name
        program.write_text(CHILD + body)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def start(self, *flags, **env):
        self.process = subprocess.Popen(
            [self.path / "munim-pool", f"--pool.run={self.path}/var/run", *flags], env={**os.environ, **env},
            stderr=open(self.path / "stderr", "ab"), start_new_session=True)
        return self.process

    def status(self):
        done = subprocess.run([self.path / "munim", "status", "--json"], stdout=subprocess.PIPE, check=False,
                              env={**os.environ, "MUNIM_VAR": str(self.path / "var")})
        return done.returncode, json.loads(done.stdout)

    def one(self, name):
        return next((p for p in self.status()[1]["processes"] if p["name"] == name),
                    {"state": None, "pid": None, "restarts": 0})

    def running(self):
        return self.status()[0] == 0

    def log(self):
        path = self.path / "log"
        return [line.split() for line in path.read_text().splitlines()] if path.exists() else []

    def pids(self):
        return [p["pid"] for p in self.status()[1]["processes"] if p["pid"]]

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def pool(tmp_path):
    p = Pool(tmp_path)
    yield p
    p.end()


def test_all_ready_is_running_and_seen_by_status(pool):
    pool.start("--worker.processes=2")
    wait_until(pool.running, 10)
    code, status = pool.status()
    assert code == 0 and status["state"] == "running"
    assert [p["name"] for p in status["processes"]] == [
        "munim-ingress", "munim-worker-1", "munim-worker-2", "munim-sender", "munim-lag"]
    assert all(p["state"] == "running" and p["restarts"] == 0 and alive(p["pid"]) for p in status["processes"])
    assert status["admin"]["munim-worker-2"] == "http://127.0.0.1:7"


def test_term_drains_in_order(pool):
    pool.start(DELAY="0.2")
    wait_until(pool.running, 10)
    pool.process.terminate()
    assert pool.process.wait(10) == 0
    told = [(name, what) for name, what, _ in pool.log() if what != "start"]
    # Each is told only when the one before has ended.
    assert told == [(name, what) for name in PROGRAMS for what in ("TERM", "end")]
    code, status = pool.status()
    assert code == 3 and status["state"] == "stopped"
    assert all(p["pid"] is None and p["state"] == "stopped" for p in status["processes"])


def test_a_deaf_process_is_killed_after_the_drain_time(pool):
    pool.child("munim-worker", DEAF)
    pool.start("--pool.drain_timeout=300ms")
    wait_until(pool.running, 10)
    pool.process.terminate()
    assert pool.process.wait(10) == 0
    assert ["munim-lag", "end"] in [line[:2] for line in pool.log()]


def test_a_second_term_hurries(pool):
    pool.child("munim-ingress", DEAF)
    pool.start("--pool.drain_timeout=600s")
    wait_until(pool.running, 10)
    pids = pool.pids()
    pool.process.terminate()
    wait_until(lambda: ["munim-ingress", "TERM"] in [line[:2] for line in pool.log()], 10)
    pool.process.terminate()
    assert pool.process.wait(10) == 75
    assert not [pid for pid in pids if alive(pid)]


def test_a_killed_process_comes_back_at_once(pool):
    pool.start("--pool.backoff_base=60s", "--pool.backoff_cap=60s")
    wait_until(pool.running, 10)
    before = pool.one("munim-worker")["pid"]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: pool.one("munim-worker")["restarts"] == 1 and pool.one("munim-worker")["state"] == "running", 10)
    assert pool.one("munim-worker")["pid"] != before
    assert [pool.one(n)["restarts"] for n in ("munim-ingress", "munim-sender", "munim-lag")] == [0, 0, 0]


def test_dying_before_ready_doubles_the_wait_and_never_gives_up(pool):
    pool.child("munim-worker", DIES)
    pool.start("--pool.backoff_base=100ms", "--pool.backoff_cap=400ms")

    def starts():
        return len([1 for line in pool.log() if line[:2] == ["munim-worker", "start"]])

    began = time.monotonic()
    wait_until(lambda: starts() >= 5, 20)
    # Waits of 100, 200, 400 and 400 ms lie between five starts.
    assert time.monotonic() - began >= 1.0
    assert pool.status()[1]["state"] == "starting" and pool.one("munim-sender")["state"] == "running"
    pool.child("munim-worker", READY)
    wait_until(pool.running, 10)


def test_too_many_deaths_hold_the_service_and_leave_the_others(pool):
    pool.start("--pool.intensity=2", "--pool.period=60s", "--pool.backoff_cap=2s")
    wait_until(pool.running, 10)
    for n in range(3):
        wait_until(lambda n=n: pool.one("munim-worker")["state"] == "running" and
                   pool.one("munim-worker")["restarts"] == n, 10)
        os.kill(pool.one("munim-worker")["pid"], signal.SIGKILL)
    wait_until(lambda: pool.one("munim-worker")["state"] == "throttled", 5)
    began = time.monotonic()
    assert pool.one("munim-sender")["state"] == "running"
    wait_until(lambda: pool.one("munim-worker")["state"] == "running", 10)
    assert time.monotonic() - began > 1


def test_children_die_with_the_pool(pool):
    pool.start()
    wait_until(pool.running, 10)
    pids = pool.pids()
    pool.process.kill()
    pool.process.wait()
    wait_until(lambda: not [pid for pid in pids if alive(pid)], 10)
    assert pool.status()[0] == 3 and pool.status()[1]["state"] == "stopped"


def test_one_pool_per_run_directory(pool):
    first = pool.start()
    wait_until(pool.running, 10)
    pids = pool.pids()
    second = pool.start()
    assert second.wait(10) == 78
    assert f"pid {first.pid}" in (pool.path / "stderr").read_text()
    assert pool.running() and pool.pids() == pids
    pool.process = first


def test_a_stranger_cannot_speak_for_a_child(pool):
    pool.child("munim-lag", READY.replace('tell("READY=1', '("READY=1'))
    pool.start()
    wait_until(lambda: pool.one("munim-sender")["state"] == "running", 10)
    with open(f"/proc/{pool.one('munim-lag')['pid']}/environ") as env:
        name = next(v[14:] for v in env.read().split("\0") if v.startswith("NOTIFY_SOCKET="))
    subprocess.run(["python3", "-c", "import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)"
                    ".sendto(b'READY=1', '\\0' + sys.argv[1][1:])", name], check=True)
    time.sleep(0.3)
    assert pool.one("munim-lag")["state"] == "starting"


def test_tree_is_printed_under_the_settings(pool):
    out = subprocess.run([pool.path / "munim-pool", "--tree", "--worker.processes=3", "--pool.simulator=true"],
                         stdout=subprocess.PIPE, check=True, text=True).stdout
    assert "munim-worker   x 3" in out and "munim-sim " in out
    assert out.index("munim-ingress") < out.index("munim-worker") < out.index("munim-sender") < out.index("munim-lag")


def test_port_zero_is_chosen_once_for_all_ingress_processes(pool):
    pool.child("munim-ingress", "say(os.environ['MUNIM_INGRESS_LISTEN'])\n" + READY)
    pool.start("--ingress.listen=127.0.0.1:0", "--ingress.processes=2")
    wait_until(pool.running, 10)
    seen = {what for name, what, _ in pool.log() if name == "munim-ingress" and ":" in what}
    assert len(seen) == 1 and not seen.pop().endswith(":0")
