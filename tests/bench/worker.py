"""The worker at a backlog: messages a second, transactions, fsyncs and log bytes per message; the same code with one
transaction per message, and a floor of plain array statements, in the same rounds."""
import re
import subprocess
import time

import load
from rig import TOOLS, cpu_seconds, median, ratio_text, ratios, say, table, wait_until

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
    tools = sorted(p for p in __import__("pathlib").Path(PG_BIN).glob("*/bin/pg_waldump"))
    directory = rig.var / "postgres/data/pg_wal"
    if not tools or not rig.services.owns_postgres:
        return None, None
    done = subprocess.run([tools[-1], "--stats", "-p", str(directory), "-s", start, "-e", end], capture_output=True,
                          text=True, check=False)
    total = re.search(r"^Total\s+\d+\s+(\d+) \[[^]]*\]\s+(\d+) ", done.stdout, re.M)
    return (int(total[1]), int(total[2])) if total else (None, None)


def answered_once(instance, count, customers):
    """What must be true afterwards, whatever the speed; a list of complaints."""
    wrong = []
    inbox = instance.db("select count(*) from munim.inbox")[0][0]
    if inbox != count:
        wrong.append(f"{inbox} inbox rows for {count} messages")
    rows = instance.db("select count(distinct o.conversation_id), count(*), count(distinct o.dedupe_key),"
                       " count(distinct (o.conversation_id, o.seq)) from munim.outbox o")[0]
    if rows[0] != min(customers, count):
        wrong.append(f"{rows[0]} of {min(customers, count)} customers have an answer")
    if rows[1] != rows[2] or rows[1] != rows[3]:
        wrong.append(f"answers are not unique: {rows}")
    gaps = instance.db("select count(*) from (select conversation_id from munim.outbox group by 1"
                       " having max(seq) <> count(*) or min(seq) <> 1) x")[0][0]
    if gaps:
        wrong.append(f"{gaps} conversations have a gap in their answers")
    silent = instance.db(
        "select count(*) from munim.inbox i where not exists (select 1 from munim.message m"
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
    instance = rig.instance({"worker.batch": str(batch)}, synced=False)
    try:
        topic = f"{instance.name}.inbound.v1"
        run = instance.name
        made = load.preload(rig.services.bootstrap, topic,
                            (load.inbound_record(instance.account_id, run, *step)
                             for step in load.steps(count, customers, chat)))
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
            if done and first is None:
                first = (now, done, cpu_seconds(pid))
            last = (now, done, cpu_seconds(pid))
            return done >= count

        wait_until(consumed, 600, "the end of the backlog")
        rate = (last[1] - first[1]) / (last[0] - first[0])
        own = (last[2] - first[2]) / (last[1] - first[1]) * 1e6
        instance.wait_ready("munim-worker")
        commits = instance.metric("munim_worker_commits_total", '{end="done"}', "munim-worker")
        conflicts = sum(instance.metric("munim_worker_conflicts_total", f'{{code="{code}"}}', "munim-worker")
                        for code in ("MU002", "MU003", "MU004", "MU005", "MU006", "40001", "40P01"))
        instance.kill("munim-worker", 15)
        end = wal_position(instance)
        time.sleep(1.2)  # the server's processes tell their counters at most once a second
        after = counters(instance)
        plain, images = wal_bytes(rig, instance, lsn, end)
        return {"rate": rate, "cpu_us": own, "commits": commits / count, "conflicts": conflicts / count,
                "fsync": (after["fsync"] - before["fsync"]) / count, "wal": (after["wal"] - before["wal"]) / count,
                "wal_plain": plain / count if plain is not None else None,
                "wal_images": images / count if images is not None else None,
                "wrong": answered_once(instance, count, customers)}
    finally:
        instance.end()
