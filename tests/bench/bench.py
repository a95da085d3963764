"""make bench: ratios against floors in one run. docs/performance.md says what each figure means.

usage: bench.py [PART...] [--json] [--rounds N] [--seconds N] [--messages N] [--connections 1,16] [--rates 200,1000]
       bench.py peers [ARGUMENTS OF THE PEERS' RUNNER]
Parts: ingress worker line reader memory (all of them without a name). FULL=1 takes the long run.
Tables on standard output, or one JSON object with --json; progress on standard error. Exit status 1 when a figure
cannot stand: something was lost, repeated, left out or not answered 200."""
import argparse
import datetime
import json
import os
import sys
import time

import idle
import ingress
import line
import peers
import worker
from rig import Rig, say

PARTS = {"worker": worker.run, "ingress": ingress.run, "line": line.run, "memory": idle.memory, "reader": idle.reader}


def numbers(text):
    return [int(n) for n in text.split(",")]


def parse(argv):
    full = os.environ.get("FULL") == "1"
    a = argparse.ArgumentParser(usage=__doc__, add_help=False)
    a.add_argument("parts", nargs="*", choices=[[], *PARTS])
    a.add_argument("--json", action="store_true")
    a.add_argument("--rounds", type=int, default=7 if full else 3)
    a.add_argument("--seconds", type=int, default=3 if full else 1)
    a.add_argument("--messages", type=int, default=100000 if full else 20000)
    a.add_argument("--connections", type=numbers, default=[1, 16, 64, 256, 512])
    a.add_argument("--rates", type=numbers, default=[200, 1000])
    a.add_argument("--line-seconds", type=int, default=10 if full else 6)
    options = a.parse_args(argv)
    options.full = full
    options.parts = options.parts or list(PARTS)
    return options


def conditions():
    """What a reader of the figures must know of the machine."""
    with open("/proc/loadavg", encoding="ascii") as f:
        load = f.read().split()[0]
    return {"date": datetime.date.today().isoformat(), "cores": os.cpu_count(), "load_before": float(load),
            "kernel": os.uname().release}


def main(argv):
    if argv[:1] == ["peers"]:
        return peers.run(argv[1:])
    options, data, began = parse(argv), {"conditions": conditions()}, time.monotonic()
    if data["conditions"]["load_before"] > 0.5:
        say(f"the machine is busy (load {data['conditions']['load_before']}): trust the ratios, not the figures")
    with Rig() as rig:
        for part in options.parts:
            say(f"{part}:")
            text, data[part] = PARTS[part](rig, options)
            if not options.json:
                print(f"\n## {part}\n{text}\n", flush=True)
    data["seconds"] = round(time.monotonic() - began)
    wrong = [f"{part}: {w}" for part in options.parts for w in data[part]["wrong"]]
    if options.json:
        print(json.dumps(data))
    for w in wrong:
        say(f"WRONG {w}")
    say(f"done in {data['seconds']} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
