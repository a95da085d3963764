"""The ingress against nginx's static 200 and against plain gateways with one fixed linger each, round by round on one
broker; what the sync of every append costs, beside it."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import confluent_kafka.admin

import load
from rig import HERE, TOOLS, cpu_seconds, median, ratio_text, ratios, say, table, wait_until

WEBHOOKS = 2000
# Lingers in milliseconds; 5 is what librdkafka comes with.
LINGERS = ("0", "0.3", "5")
NGINX = """daemon off; master_process off; pid {dir}/nginx.pid; error_log {dir}/nginx.log;
events {{ worker_connections 2048; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {dir}/body; client_max_body_size 4m;
 server {{ listen 127.0.0.1:{port} backlog=1024; location / {{ return 200; }} }} }}
"""


class Contestant:
    def __init__(self, name, url, pid, topic=None, process=None):
        self.name, self.url, self.pid, self.topic, self.process = name, url, pid, topic, process

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def post(url, signature, body, timeout=5):
    """The HTTP status, 0 when there is none."""
    request = urllib.request.Request(url, body.encode(), {
        "Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        return answer.code
    except OSError:
        return 0


def start_nginx(path):
    port = free_port()
    (path / "nginx.conf").write_text(NGINX.format(dir=path, port=port))
    process = subprocess.Popen(["nginx", "-e", path / "nginx.log", "-p", path, "-c", path / "nginx.conf"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Contestant("nginx 200", f"http://127.0.0.1:{port}/", process.pid, process=process)


def start_floor(rig, linger, secret):
    port, topic = free_port(), f"bench.gateway.{linger}"
    admin = confluent_kafka.admin.AdminClient({"bootstrap.servers": rig.services.bootstrap})
    admin.create_topics([confluent_kafka.admin.NewTopic(topic, 12, 1)])[topic].result(20)
    process = subprocess.Popen([TOOLS / "floor_gateway", "-p", str(port), "-b", rig.services.bootstrap, "-t", topic,
                                "-s", str(secret), "-l", linger], stdin=subprocess.DEVNULL)
    return Contestant(f"linger {linger}", f"http://127.0.0.1:{port}/", process.pid, topic, process)


def start_munim(instance, name):
    instance.start("munim-ingress")
    return Contestant(name, f"http://{instance.kept['ingress']}/webhooks/whatsapp",
                      instance.processes["munim-ingress"].pid, f"{instance.name}.inbound.v1")


def stopped(pid):
    """Every thread stands: a signal reaches them one after another, and until then some still work."""
    for stat in pathlib.Path(f"/proc/{pid}/task").glob("*/stat"):
        if stat.read_text().rsplit(")", 1)[1].split()[0] != "T":
            return False
    return True


def honest(rig, one, webhooks):
    """What the contestant may not do, whatever its speed; a complaint or None."""
    signature, body = webhooks.read_text().split("\n", 1)[0].split("\t")
    wait_until(lambda: post(one.url, signature, body) == 200, 20, f"a 200 of {one.name}")
    if one.topic is None:
        return None
    if post(one.url, signature, body.replace("9198", "9199", 1)) in (0, 200):
        return f"{one.name} takes a forged body"
    pid = rig.broker_pid()
    if pid:
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(lambda: stopped(pid), 10, "the broker's standstill")
            early = post(one.url, signature, body, timeout=1)
        finally:
            os.kill(pid, signal.SIGCONT)
        if early == 200:
            return f"{one.name} answers 200 while the broker stands still"
    return None


def cell(rig, one, connections, seconds, webhooks):
    """One run of wrk: rate, latency, CPU, and what arrived in the topic."""
    bootstrap = rig.services.bootstrap
    before = load.topic_end(bootstrap, one.topic) if one.topic else 0
    own, broker = cpu_seconds(one.pid), cpu_seconds(rig.broker_pid())
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s",
                           HERE / "webhook.lua", one.url], env={**os.environ, "WEBHOOKS": str(webhooks)},
                          capture_output=True, text=True, check=True)
    own, broker = cpu_seconds(one.pid) - own, cpu_seconds(rig.broker_pid()) - broker
    result = json.loads(done.stdout.splitlines()[-1])
    good = result["requests"] - result["not_2xx"]
    lost = 0
    if one.topic:
        def missing():
            return good - (load.topic_end(bootstrap, one.topic) - before)

        # What wrk dropped at its end arrives too, so there may be more records than replies, never fewer.
        end = time.monotonic() + 2
        while (lost := max(0, missing())) and time.monotonic() < end:
            time.sleep(0.05)
    return {"rate": good / result["duration_us"] * 1e6, "p50_ms": result["p50_us"] / 1e3,
            "p99_ms": result["p99_us"] / 1e3, "not_2xx": result["not_2xx"],
            "socket_errors": result["socket_errors"], "lost": lost, "cpu_us": own / max(1, good) * 1e6,
            "broker_cpu_us": broker / max(1, good) * 1e6}


def warm(rig, contestants, webhooks):
    """A cold JVM costs whoever comes first half its rate."""
    topic = next(c.topic for c in contestants if c.topic)
    for window in ("1", "64"):
        subprocess.run([TOOLS / "floor_produce", rig.services.bootstrap, topic, window, "4", "600"], check=True,
                       stdout=subprocess.DEVNULL)
    for one in contestants:
        cell(rig, one, 64, 2, webhooks)


def measure(rig, options, contestants, webhooks):
    cells = {}
    for number in range(options.rounds):
        # Nobody keeps a place: the first after a pause is often the slower one.
        turn = contestants[number % len(contestants):] + contestants[:number % len(contestants)]
        for connections in options.connections:
            for one in turn:
                result = cell(rig, one, connections, options.seconds, webhooks)
                cells.setdefault((one.name, connections), []).append(result)
                say(f"  round {number + 1} c={connections:<4}{one.name:<12}{result['rate']:>9.0f}/s  p50 "
                    f"{result['p50_ms']:.2f} ms  p99 {result['p99_ms']:.2f} ms  CPU {result['cpu_us']:.1f} us  "
                    f"not 2xx {result['not_2xx']}  lost {result['lost']}")
    return cells


def best_fixed(cells, connections):
    """Round by round the rate of whichever fixed linger was fastest in that round."""
    each = [[c["rate"] for c in cells[f"linger {linger}", connections]] for linger in LINGERS]
    return [max(rates) for rates in zip(*each)]


def report(options, cells):
    def values(name, connections, key="rate"):
        return [c[key] for c in cells[name, connections]]

    head = ["connections", *map(str, options.connections)]
    def middle(key, digits):
        return [f"{median(values('munim', c, key)):.{digits}f}" for c in options.connections]

    rows = [["munim, requests/s", *middle("rate", 0)], ["munim, p50 ms", *middle("p50_ms", 2)],
            ["munim, p99 ms", *middle("p99_ms", 2)], ["munim, own CPU us/webhook", *middle("cpu_us", 1)],
            ["broker, CPU us/webhook", *middle("broker_cpu_us", 1)]]
    found = {}
    for other in ("nginx 200", *(f"linger {linger}" for linger in LINGERS)):
        found[other] = {c: ratios(values("munim", c), values(other, c)) for c in options.connections}
        rows.append([f"munim / {other}", *(ratio_text(found[other][c]) for c in options.connections)])
    found["best fixed"] = {c: ratios(values("munim", c), best_fixed(cells, c)) for c in options.connections}
    rows.append(["munim / best fixed linger", *(ratio_text(found["best fixed"][c]) for c in options.connections)])
    cpu = {c: ratios(values("munim", c, "cpu_us"), values("linger 0", c, "cpu_us")) for c in options.connections}
    rows.append(["own CPU, munim / linger 0", *(ratio_text(cpu[c]) for c in options.connections)])
    synced = {c: ratios(values("munim synced", c), values("munim", c)) for c in options.connections}
    rows.append(["munim with a sync per append / without", *(ratio_text(synced[c]) for c in options.connections)])
    every = [c for each in cells.values() for c in each]
    bad = {key: sum(c[key] for c in every) for key in ("not_2xx", "socket_errors", "lost")}
    text = (f"{table(head, rows)}\nall cells: {bad['not_2xx']} not 2xx, {bad['socket_errors']} socket errors, "
            f"{bad['lost']} lost")
    return text, {"ratios": found, "cpu_ratio": cpu, "synced_ratio": synced, "bad": bad,
                  "cells": [{"who": name, "connections": c, "rounds": r} for (name, c), r in cells.items()]}


def run(rig, options):
    plain, synced = rig.instance(synced=False), rig.instance()
    contestants, path = [], pathlib.Path(rig.var)
    try:
        secret, webhooks = path / "app_secret", path / "webhooks.tsv"
        secret.write_text(plain.app_secret)
        (synced.path / "app_secret").write_text(plain.app_secret + "\n")
        load.write_webhooks(webhooks, plain.app_secret, (load.webhook(plain.account_id, "bench", *step) for step in
                                                         load.steps(WEBHOOKS, load.customers(WEBHOOKS))))
        contestants.append(start_nginx(path))
        contestants.append(start_munim(plain, "munim"))
        contestants.extend(start_floor(rig, linger, secret) for linger in LINGERS)
        contestants.append(start_munim(synced, "munim synced"))
        wrong = [w for w in (honest(rig, one, webhooks) for one in contestants) if w]
        say("ingress: warming the broker and everybody")
        warm(rig, contestants[1:], webhooks)
        text, data = report(options, measure(rig, options, contestants, webhooks))
        wrong += [f"{n} {key}" for key, n in data["bad"].items() if n]
        return text, {**data, "wrong": wrong}
    finally:
        for one in contestants:
            one.stop()
        plain.end()
        synced.end()
