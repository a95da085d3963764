"""The worker at a backlog: messages a second, transactions, fsyncs and log bytes per message; the same code with one
transaction per message, and a floor of plain array statements, in the same rounds."""
import json
import pathlib
import re
import subprocess
import time

import load
from rig import TOOLS, cpu_seconds, peak_resident, ratio_text, ratios, say, table, wait_until

PG_BIN = "/usr/lib/postgresql"


def wal_position(instance):
    return instance.db("select pg_current_wal_insert_lsn()::text")[0][0]


def counters(instance):
    """Counters of the cluster, after everybody who writes them has told."""
    sync, wrote = instance.db("select wal_sync, wal_bytes from pg_stat_wal")[0]
    return {"fsync": int(sync), "wal": int(wrote)}


def wal_bytes(rig, instance, start, end):
    """Bytes of log records between two positions: (without full-page images, the images). (None, None) without
    pg_waldump or without a right to read the files."""
    tools = sorted(pathlib.Path(PG_BIN).glob("*/bin/pg_waldump"))
    directory = rig.var / "postgres/data/pg_wal"
    if not tools or not rig.services.owns_postgres:
        return None, None
    done = subprocess.run([tools[-1], "--stats", "-p", str(directory), "-s", start, "-e", end], capture_output=True,
                          text=True, check=False)
    total = re.search(r"^Total\s+\d+\s+(\d+) \[[^]]*\]\s+(\d+) ", done.stdout, re.M)
    return (int(total[1]), int(total[2])) if total else (None, None)


def backends_cpu(instance):
    """Processor seconds of the server processes that work for the worker."""
    rows = instance.db("select pid from pg_stat_activity where datname = %s and application_name like 'munim-worker%%'",
                       instance.name)
    return sum(cpu_seconds(pid) for pid, in rows)


def answered_once(instance, count, customers):
    """What must be true afterwards, whatever the speed; a list of complaints."""
    wrong = []
    inbox = instance.db("select count(*) from munim.inbox where topic <> 'past'")[0][0]
    if inbox != count:
        wrong.append(f"{inbox} inbox rows for {count} messages")
    rows = instance.db("select count(distinct conversation_id), count(*), count(distinct dedupe_key),"
                       " count(distinct (conversation_id, seq)) from munim.outbox where dedupe_key not like 'past-%'")[0]
    if rows[0] != min(customers, count):
        wrong.append(f"{rows[0]} of {min(customers, count)} customers have an answer")
    if rows[1] != rows[2] or rows[1] != rows[3]:
        wrong.append(f"answers are not unique: {rows}")
    gaps = instance.db("select count(*) from (select conversation_id from munim.outbox group by 1"
                       " having max(seq) <> count(*) or min(seq) <> 1) x")[0][0]
    if gaps:
        wrong.append(f"{gaps} conversations have a gap in their answers")
    silent = instance.db(
        "select count(*) from munim.inbox i where topic <> 'past' and not exists (select 1 from munim.message m"
        " where m.conversation_id = i.conversation_id and m.direction = 'in' and m.message_id = i.message_id)")[0][0]
    if silent:
        wrong.append(f"{silent} messages are not in the chat")
    for name in ("parked", "refused"):
        n = instance.db(f"select count(*) from munim.{name}")[0][0]
        if n:
            wrong.append(f"{n} {name}")
    return wrong


def cell(rig, batch, count, customers, chat):
    """One backlog of `count` messages, consumed by one worker."""
    # No sender takes the answers here, so the sweeper would publish them again and again: a cost by the second, not by
    # the message. It rests.
    instance = rig.instance({"worker.batch": str(batch), "worker.sweep_every": "60s"}, synced=False)
    try:
        topic = f"{instance.name}.inbound.v1"
        run = instance.name
        made = load.preload(rig.services.bootstrap, topic,
                            (load.inbound_record(instance.account_id, run, *step)
                             for step in load.steps(count, load.customers(customers), chat)))
        assert made == count, f"only {made} of {count} messages were preloaded"
        instance.db("checkpoint")
        before, lsn = counters(instance), wal_position(instance)
        sql = "select coalesce(sum(greatest(next_offset, 0)), 0) from munim.part where topic = %s"
        instance.launch("munim-worker")
        pid = instance.processes["munim-worker"].pid
        first = last = None

        def consumed():
            nonlocal first, last
            now, done = time.monotonic(), int(instance.db(sql, topic)[0][0])
            assert instance.processes["munim-worker"].poll() is None, instance.tail("munim-worker")
            here = (now, done, cpu_seconds(pid), backends_cpu(instance))
            if done and first is None:
                first = here
            last = here
            return done >= count

        wait_until(consumed, 600, "the end of the backlog")
        rate = (last[1] - first[1]) / (last[0] - first[0])
        own, server = ((last[k] - first[k]) / (last[1] - first[1]) * 1e6 for k in (2, 3))
        instance.wait_ready("munim-worker")
        commits = instance.metric("munim_worker_commits_total", '{end="done"}', "munim-worker")
        conflicts = sum(instance.metric("munim_worker_conflicts_total", f'{{code="{code}"}}', "munim-worker")
                        for code in ("MU002", "MU003", "MU004", "MU005", "MU006", "40001", "40P01"))
        peak = peak_resident(pid)
        instance.kill("munim-worker", 15)
        end = wal_position(instance)
        time.sleep(1.2)  # the server's processes tell their counters at most once a second
        after = counters(instance)
        plain, images = wal_bytes(rig, instance, lsn, end)
        return {"rate": rate, "cpu_us": own, "server_cpu_us": server, "peak_kib": peak, "commits": commits / count,
                "conflicts": conflicts / count, "fsync": (after["fsync"] - before["fsync"]) / count,
                "wal": (after["wal"] - before["wal"]) / count,
                "wal_plain": plain / count if plain is not None else None,
                "wal_images": images / count if images is not None else None,
                "wrong": answered_once(instance, count, customers)}
    finally:
        instance.end()


def floor_cell(rig, url, instance, seconds):
    before, lsn = counters(instance), wal_position(instance)
    done = subprocess.run([TOOLS / "floor_pg", url, "run", "100", str(seconds)], capture_output=True, text=True,
                          check=True)
    end = wal_position(instance)
    time.sleep(1.2)
    after, result = counters(instance), json.loads(done.stdout)
    plain, images = wal_bytes(rig, instance, lsn, end)
    n = result["messages"]
    return {"rate": n / result["seconds"], "fsync": (after["fsync"] - before["fsync"]) / n,
            "wal": (after["wal"] - before["wal"]) / n, "wal_plain": plain / n if plain is not None else None,
            "wal_images": images / n if images is not None else None, "p50_us": result["p50_us"], "commits": 0.01}


def line(name, c):
    wal = f"{c['wal_plain']:.0f} + {c['wal_images']:.0f}" if c["wal_plain"] is not None else f"{c['wal']:.0f}"
    return [name, f"{c['rate']:.0f}", f"{c['commits']:.4f}", f"{c['fsync']:.4f}", wal,
            f"{c['cpu_us']:.0f}" if "cpu_us" in c else "", f"{c['server_cpu_us']:.0f}" if "server_cpu_us" in c else ""]


def middle(rounds):
    """The round whose rate is the median one."""
    return sorted(rounds, key=lambda c: c["rate"])[len(rounds) // 2]


def report(cells):
    head = ["", "messages/s", "commits/msg", "fsync/msg", "WAL B/msg (records + page images)", "worker CPU us/msg",
            "server CPU us/msg"]
    names = {"group": "worker, groups of up to 128", "single": "worker, one transaction a message",
             "orders": "worker, a third of the messages confirm", "floor": "UNNEST floor, batches of 100"}
    rows = [line(names[key], middle(cells[key])) for key in names if cells.get(key)]

    def rates(key, what="rate"):
        return [c[what] for c in cells[key]]

    against_single, against_floor = ratios(rates("group"), rates("single")), ratios(rates("group"), rates("floor"))
    cpu = ratios(rates("group", "cpu_us"), rates("single", "cpu_us"))
    peak = max(rates("group", "peak_kib")) // 1024
    text = "\n".join([table(head, rows), f"groups / one transaction a message: {ratio_text(against_single)}",
                      f"groups / UNNEST floor: {ratio_text(against_floor)}",
                      f"worker CPU per message, groups / one transaction a message: {ratio_text(cpu)}",
                      f"worker's greatest resident memory at the backlog: {peak} MiB"])
    return text, {"cells": cells, "against_single": against_single, "against_floor": against_floor, "cpu_ratio": cpu}


def run(rig, options):
    cells = {"group": [], "single": [], "floor": [], "orders": []}
    floor = rig.instance()
    try:
        subprocess.run([TOOLS / "floor_pg", floor.url, "init", "100000"], check=True)
        for number in range(options.rounds):
            plan = [("group", 128, options.messages, load.CHAT), ("single", 1, options.messages // 4, load.CHAT)]
            if number == options.rounds - 1:
                plan.append(("orders", 128, options.messages // 4, load.ORDER))
            for key, batch, count, chat in plan if number % 2 == 0 else plan[::-1]:
                cells[key].append(cell(rig, batch, count, max(1, count // len(chat)), chat))
                tell(number, key, cells[key][-1])
            floor.db("checkpoint")
            cells["floor"].append(floor_cell(rig, floor.url, floor, 3))
            tell(number, "floor", cells["floor"][-1])
    finally:
        floor.end()
    text, data = report(cells)
    wrong = [w for each in cells.values() for c in each for w in c.get("wrong", [])]
    return text, {**data, "wrong": wrong}


def tell(number, key, c):
    say(f"  round {number + 1} {key:<8}{c['rate']:>8.0f} messages/s  commits {c['commits']:.4f}  fsync {c['fsync']:.4f}"
        f"  WAL {c['wal']:.0f} B" + (f"  CPU {c['cpu_us']:.0f} + {c['server_cpu_us']:.0f} us" if "cpu_us" in c else "")
        + ("  WRONG: " + "; ".join(c["wrong"]) if c.get("wrong") else ""))
