"""What the checker judges by: rows of Postgres, records of Kafka, the channel's witness, the load's and owner's logs.

Nothing here is shared with munim or with the other tests' invariants: to stay hidden, a mistake must be made twice.
"""
import collections
import json
import threading
import uuid

import psycopg2
import psycopg2.extras
from confluent_kafka import Consumer, TopicPartition

Record = collections.namedtuple("Record", "partition offset key type value")
TABLES = ("tenant", "account", "batch", "piece", "contact", "conversation", "part", "inbox", "refused", "parked",
          "orders", "order_line", "hold", "transition_log", "approval", "decision", "series", "invoice", "invoice_line",
          "ledger_txn", "ledger_entry", "outbox", "guard", "gate", "delivery", "message")
TOPICS = ("inbound.v1", "inbound.v1.dlq", "outbound.v1", "receipt.v1", "decision.v1", "approval.v1")


def connect(url):
    connection = psycopg2.connect(url, application_name="chaos", connect_timeout=5)
    connection.autocommit = True
    return connection


class Facts:
    """Everything as it stands now: a list of row dicts for each table, records[topic], sends, and what is given."""

    def __init__(self, url, bootstrap, prefix, witness, **given):
        self.__dict__.update(given)
        connection = connect(url)
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            for table in TABLES:
                cursor.execute(f"select * from munim.{table}")
                setattr(self, table, [dict(row) for row in cursor.fetchall()])
            cursor.execute("select count(*) as n from pg_stat_activity where datname = current_database()"
                           " and application_name <> 'chaos'")
            self.connections = cursor.fetchone()["n"]
        connection.close()
        self.prefix = prefix + "."
        self.records, self.ends = {}, {}
        for topic in TOPICS:
            self.records[topic], self.ends[topic] = read(bootstrap, self.prefix + topic)
        self.sends = [json.loads(line) for line in witness.read_text().splitlines()] if witness.exists() else []

    def by(self, table, key):
        return {row[key]: row for row in getattr(self, table)}

    def grouped(self, table, key, order=None):
        rows = getattr(self, table)
        found = collections.defaultdict(list)
        for row in sorted(rows, key=lambda row: row[order]) if order else rows:
            found[row[key]].append(row)
        return found


def read(bootstrap, topic):
    """Every record, by partition and offset, and {partition: end}."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": uuid.uuid4().hex, "enable.auto.commit": False,
                         "enable.partition.eof": True, "log_level": 0, "fetch.wait.max.ms": 20})
    partitions = sorted(consumer.list_topics(topic, timeout=30).topics[topic].partitions)
    ends = {n: consumer.get_watermark_offsets(TopicPartition(topic, n), timeout=30)[1] for n in partitions}
    consumer.assign([TopicPartition(topic, n, 0) for n in partitions])
    found, open_ends = [], set(partitions)
    while open_ends:
        message = consumer.poll(30)
        assert message is not None, f"{topic} is not readable to its end"
        if message.error() is not None:
            assert message.error().name() == "_PARTITION_EOF", f"{topic}: {message.error()}"
            open_ends.discard(message.partition())
            continue
        headers = dict(message.headers() or [])
        found.append(Record(message.partition(), message.offset(), (message.key() or b"").decode(),
                            (headers.get("ce_type") or b"").decode(), message.value()))
    consumer.close()
    return sorted(found, key=lambda one: one[:2]), ends


class Watch:
    """Looks while the faults strike: at what may only grow, and at the processes' appetite."""

    GROWING = ("inbox", "ledger_entry", "invoice", "transition_log", "decision", "outbox")

    def __init__(self, url):
        self.url = url
        self.looks, self.violations = 0, []
        self.last, self.rows = {}, {}
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, name="watch", daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.thread.join(30)

    def run(self):
        connection = None
        while not self.stopping.wait(0.2):
            try:
                connection = connection or connect(self.url)
                with connection.cursor() as cursor:
                    self.look(cursor)
            except psycopg2.Error:
                connection = None

    def look(self, cursor):
        cursor.execute("select topic, partition, next_offset, epoch from munim.part")
        for topic, partition, offset, epoch in cursor.fetchall():
            before = self.last.get((topic, partition), (-1, -1))
            if offset < before[0] or epoch < before[1]:
                self.violations.append((9, f"{topic} {partition} went from {before} to {(offset, epoch)}"))
            self.last[topic, partition] = (offset, epoch)
        cursor.execute("select " + ", ".join(f"(select count(*) from munim.{name})" for name in self.GROWING))
        for name, count in zip(self.GROWING, cursor.fetchone()):
            if count < self.rows.get(name, 0):
                self.violations.append((8, f"{name} shrank from {self.rows[name]} to {count} rows"))
            self.rows[name] = count
        cursor.execute("select count(*) from munim.batch where rolls < rolls_held + rolls_sold")
        if cursor.fetchone()[0]:
            self.violations.append((7, "more promised and sold than there is"))
        self.looks += 1
