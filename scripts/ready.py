"""Waits until an instance is ready: `munim status` says running and every process's /readyz says yes.

ready.py MUNIM POOL_PID: exits 0 then, and 1 when the pool has ended or 90 s have passed, with the reasons in words.
"""
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE = 90
PAUSE = 0.1
# Ends that do not pass by themselves: a wrong call, a wrong configuration or schema, no such program.
HOPELESS = ("exit 64", "exit 78", "exit 127")


def alive(pid):
    """True while the process exists and is no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Hopeless(Exception):
    """Waiting longer will not help."""


def reasons(munim):
    """Why the instance is not ready; an empty list when it is."""
    done = subprocess.run([munim, "status", "--json"], stdout=subprocess.PIPE, check=False, env=os.environ)
    try:
        status = json.loads(done.stdout)
    except ValueError:
        return ["no status yet"]
    for process in status["processes"]:
        if process["state"] == "throttled" and process.get("last_end") in HOPELESS:
            raise Hopeless(f"{process['name']} cannot start ({process['last_end']})")
    found = [f"{p['name']} is {p['state']}" for p in status["processes"] if p["state"] != "running"]
    if status["state"] != "running":
        return found or [f"the pool is {status['state']}"]
    for name, url in status["admin"].items():
        try:
            urllib.request.urlopen(url + "/readyz", timeout=2).close()
        except urllib.error.HTTPError as answer:
            found.append(f"{name}: {answer.read(200).decode(errors='replace').strip()}")
        except OSError as why:
            found.append(f"{name}: {why}")
    return found


def main(munim, pid):
    end = time.monotonic() + PATIENCE
    while True:
        try:
            why = reasons(munim)
        except Hopeless as what:
            print(what)
            return 1
        if not why:
            return 0
        if not alive(pid):
            print("munim-pool has ended")
            return 1
        if time.monotonic() > end:
            print("not ready:", "; ".join(why))
            return 1
        time.sleep(PAUSE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
