"""The whole line: a webhook's due moment to the send that the channel accepted, at a fixed rate of distinct customers,
against the sum of what its three unavoidable steps cost by themselves."""
import json
import subprocess
import time

import load
from instance import http
from rig import TOOLS, percentile, say, table, wait_until

TEXTS = ("hello", "20m blue cotton")
CONNECTIONS = 128
WARM = 900000  # customers that no measured run has


def open_loop(url, path, webhooks, rate):
    """Rows of (due, answered, status) in microseconds of CLOCK_MONOTONIC, in the order of the file."""
    host, port = url.rsplit(":", 1)
    done = subprocess.run([TOOLS / "open_loop", host, port, path, str(webhooks), str(rate), str(CONNECTIONS)],
                          capture_output=True, text=True, check=False)
    rows = [tuple(map(int, line.split()))[1:] for line in done.stdout.splitlines()]
    assert rows, done.stderr
    return rows


def witnessed(instance):
    """customer -> moments of the sends that the channel accepted."""
    sends = {}
    path = instance.path / "witness.jsonl"
    for text in path.read_text().splitlines() if path.exists() else []:
        one = json.loads(text)
        sends.setdefault(one["to"], []).append(one["mono_us"])
    return sends


def send_lines(instance, first, count):
    """Webhooks of `count` customers nobody else uses in this run."""
    path = instance.path / f"webhooks{first}.tsv"
    load.write_webhooks(path, instance.app_secret, (
        load.webhook(instance.account_id, f"line{first}", i, first + i, TEXTS[i % 2]) for i in range(count)))
    return path


def at_rate(instance, rate, seconds, first):
    count = int(rate * seconds)
    rows = open_loop(instance.kept["ingress"], "/webhooks/whatsapp", send_lines(instance, first, count), rate)
    wanted = [load.phone(first + i) for i in range(count)]
    end = time.monotonic() + 60
    while time.monotonic() < end:
        sends = witnessed(instance)
        if all(phone in sends for phone in wanted):
            break
        time.sleep(0.5)
    late = [sends[phone][0] - rows[i][0] for i, phone in enumerate(wanted) if phone in sends]
    acknowledged = [answered - due for due, answered, status in rows if status == 200]
    wrong = []
    if len(late) != count:
        wrong.append(f"{count - len(late)} of {count} customers got no answer")
    repeats = sum(len(sends[phone]) - 1 for phone in wanted if phone in sends)
    if repeats:
        wrong.append(f"{repeats} answers were sent twice")
    if len(acknowledged) != count:
        wrong.append(f"{count - len(acknowledged)} webhooks were not answered 200")
    return {"rate": rate, "messages": count, "wrong": wrong,
            **{f"p{q}_ms": percentile(late, q / 100) / 1e3 for q in (50, 95, 99)},
            **{f"ack_p{q}_ms": percentile(acknowledged, q / 100) / 1e3 for q in (50, 99)}}


def floors(rig, instance):
    """Medians in milliseconds of the three steps: produce to a synced topic, a batch of 100, a POST to the channel."""
    produce = json.loads(subprocess.run(
        [TOOLS / "floor_produce", rig.services.bootstrap, f"{instance.name}.receipt.v1", "1", "2", "600"],
        capture_output=True, text=True, check=True).stdout)
    subprocess.run([TOOLS / "floor_pg", instance.url, "init", "100000"], check=True)
    batch = json.loads(subprocess.run([TOOLS / "floor_pg", instance.url, "run", "100", "2"], capture_output=True,
                                      text=True, check=True).stdout)
    path = instance.path / "sends.tsv"
    sends = ({"messaging_product": "whatsapp", "to": str(i), "type": "text", "text": {"body": "floor"}}
             for i in range(400))
    path.write_text("".join(f"0\t{json.dumps(send)}\n" for send in sends))
    rows = open_loop(instance.kept["sim"], f"/v23.0/{instance.account_id}/messages", path, 200)
    post = percentile([answered - due for due, answered, _ in rows], 0.5)
    return {"produce_ms": produce["p50_us"] / 1e3, "batch_ms": batch["p50_us"] / 1e3, "post_ms": post / 1e3}


def run(rig, options):
    instance = rig.instance()
    try:
        instance.start("munim-ingress", "munim-sim", "munim-worker", "munim-sender")
        # Delivery statuses are traffic of their own; here the way of the message alone is timed.
        http(f"http://{instance.kept['sim']}/control/behave", json.dumps(
            {"mode": "accept", "statuses": "none", "times": -1}).encode(), {"Content-Type": "application/json"})
        say("line: warming")
        at_rate(instance, 100, 3, WARM)
        cells, first = [], 0
        for rate in options.rates:
            cells.append(at_rate(instance, rate, options.line_seconds, first))
            first += cells[-1]["messages"]
            c = cells[-1]
            say(f"  {rate}/s  p50 {c['p50_ms']:.1f} ms  p95 {c['p95_ms']:.1f} ms  p99 {c['p99_ms']:.1f} ms"
                + ("  WRONG: " + "; ".join(c["wrong"]) if c["wrong"] else ""))
        least = floors(rig, instance)
    finally:
        instance.end()
    total = sum(least.values())
    rows = [[f"{c['rate']}/s", f"{c['ack_p50_ms']:.2f} / {c['ack_p99_ms']:.2f}", f"{c['p50_ms']:.1f}",
             f"{c['p95_ms']:.1f}", f"{c['p99_ms']:.1f}", f"{c['p50_ms'] / total:.1f}", f"{c['p99_ms'] / total:.1f}"]
            for c in cells]
    text = table(["rate", "200 after, p50 / p99 ms", "send after p50 ms", "p95", "p99", "p50 / floors", "p99 / floors"],
                 rows)
    text += (f"\nfloors, medians: produce {least['produce_ms']:.2f} ms + batch of 100 {least['batch_ms']:.2f} ms"
             f" + POST {least['post_ms']:.2f} ms = {total:.2f} ms")
    return text, {"cells": cells, "floors": least, "wrong": [w for c in cells for w in c["wrong"]]}
