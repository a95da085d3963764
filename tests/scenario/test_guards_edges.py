"""The guards at the edges of the delivery path: what ingress calls stored, what a claim refuses to read on from, and what
the schema refuses whoever writes it. Each is brought about by hand.

scripts/mutants takes each guard out and runs these tests first.
"""
import pathlib
import signal
import socket
import struct
import uuid

import psycopg2
import psycopg2.errors
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource

from hold import stopped_when_done
from instance import Instance, wait_until
from play import message, phone, webhook_of
from test_schema_rules import invoice, order, shop
from test_turn_engine import Feed

PATIENCE = 20
LIMIT = 20_000  # bytes of a batch that the broker takes, where a test wants it to refuse one


def configs(instance, topic, **changed):
    """The topic's settings; with names and values, those are changed first and the others kept."""
    admin = AdminClient({"bootstrap.servers": instance.services.bootstrap})
    name = f"{instance.name}.{topic}"

    def read():
        found, = admin.describe_configs([ConfigResource("topic", name)]).values()
        return {key: entry.value for key, entry in found.result(PATIENCE).items() if not entry.is_default}

    if changed:
        done, = admin.alter_configs([ConfigResource("topic", name, set_config={**read(), **changed})]).values()
        done.result(PATIENCE)
    return read()


@pytest.fixture(scope="module")
def contract(services, tmp_path_factory):
    """An instance of which no program runs."""
    with stopped_when_done(Instance(services, tmp_path_factory.mktemp("munim"))) as one:
        yield one


@pytest.fixture(scope="module")
def ingress(services, tmp_path_factory):
    with stopped_when_done(Instance(services, tmp_path_factory.mktemp("munim"))) as one:
        yield one.start("munim-ingress")


@pytest.fixture(scope="module")
def reader(services, tmp_path_factory):
    """(an instance whose worker has taken three messages and ended, the condition that names their partition's row)"""
    with stopped_when_done(Instance(services, tmp_path_factory.mktemp("munim"))) as one:
        where, _ = read_some(one.start("munim-worker"), Feed(one))
        one.kill("munim-worker", signal.SIGTERM)
        yield one, where


def test_a_webhook_is_stored_when_its_last_record_is(ingress):
    """One of its customers' records is refused by the broker: whatever was acknowledged first, the answer is 503."""
    configs(ingress, "inbound.v1", **{"max.message.bytes": str(LIMIT)})
    small = [message(phone(), "1m white cotton") for _ in range(6)]
    large = message(phone(), "x" * 3 * LIMIT)
    alone = webhook_of(ingress.account_id, large)
    wait_until(lambda: ingress.webhook(alone)[0] == 503, PATIENCE, "the refusal")  # once the broker knows of the limit
    assert ingress.webhook(webhook_of(ingress.account_id, *small))[0] == 200
    for n in range(6):
        assert ingress.webhook(webhook_of(ingress.account_id, *small[:n], large, *small[n:]))[0] == 503


def batches(services, topic):
    """(producer id, first sequence) of every record batch of the topic on the broker's disk."""
    for path in sorted((pathlib.Path(services.env["MUNIM_VAR"]) / "kafka/data").glob(f"{topic}-*/*.log")):
        data = path.read_bytes()
        while len(data) >= 61:
            size, = struct.unpack_from(">i", data, 8)
            yield struct.unpack_from(">qhi", data, 43)[::2]
            data = data[12 + size:]


def test_a_producer_is_known_to_the_broker(ingress):
    """Its batches carry the id and the sequence by which the broker drops what it has already; with them acknowledged
    means by all replicas, or the client does not start."""
    if not ingress.services.owns_kafka:
        pytest.skip("KAFKA_BOOTSTRAP names a broker whose disk is not ours to read")
    assert ingress.webhook(webhook_of(ingress.account_id, message(phone(), "1m white cotton")))[0] == 200
    found = wait_until(lambda: list(batches(ingress.services, ingress.name + ".inbound.v1")), PATIENCE, "the batch")
    assert all(producer >= 0 and sequence >= 0 for producer, sequence in found)


def test_a_customer_has_one_partition(ingress):
    """The one that any Kafka client finds by the key: the order of the log is that of the conversation."""
    who, topics = phone(), ingress.topics()
    for n in range(4):
        assert ingress.webhook(webhook_of(ingress.account_id, message(who, f"{n}m white cotton")))[0] == 200
    place, _ = topics.put("inbound.v1", b"{}", who)
    assert [one.partition for one in topics.records("inbound.v1") if one.key == who] == [place] * 5


def test_what_is_not_signed_leaves_nothing(ingress):
    who = phone()
    body = webhook_of(ingress.account_id, message(who, "1m white cotton"))
    right = ingress.signed(body)[1]
    for wrong in ("", "sha256=", right[:-1], right[:-1] + ("0" if right[-1] != "0" else "1"), "sha256=" + "0" * 64):
        assert ingress.webhook(body, wrong)[0] == 401
    assert [one for one in ingress.topics().records("inbound.v1") if one.key == who] == []


def test_a_prefix_has_one_owner(new_instance):
    """Another installation's database with this one's topics: its worker would drop and take what is not its own."""
    instance = new_instance()
    instance.db("update munim.installation set installation_id = gen_random_uuid()")
    instance.start("munim-worker")
    instance.kill("munim-worker", signal.SIGTERM)
    instance.db("update munim.installation set installation_id = gen_random_uuid()")
    instance.launch("munim-worker")
    status, tail = end_of_worker(instance)
    assert status == 78 and "belongs to another installation" in tail


@pytest.mark.parametrize("topic", ["inbound.v1", "decision.v1", "receipt.v1", "approval.v1"])
def test_what_is_acknowledged_is_on_the_disk(contract, topic):
    assert configs(contract, topic)["flush.messages"] == "1"


def read_some(instance, feed):
    """Three messages were taken; returns the condition that names the row of their partition."""
    who = "919860000000"
    for _ in range(3):
        feed.message(who, "hello")
    feed.wait_read()
    partition, = set(feed.home.values())
    return f"topic = '{instance.name}.inbound.v1' and partition = {partition}", partition


def end_of_worker(instance):
    """The worker's exit status and its last words."""
    return instance.processes["munim-worker"].wait(PATIENCE), instance.tail("munim-worker", 8)


@pytest.mark.parametrize("change, words", [
    ("next_offset = 1000, last_offset = -1, last_digest = ''", "the log ends before the position"),
    ("last_digest = repeat('0', 64)", "the last record taken is not the one that was taken"),
    ("cluster_id = 'another'", "another Kafka cluster than the one read before")], ids=["end", "record", "cluster"])
def test_a_log_that_is_not_the_one_that_was_read(reader, change, words):
    """The worker stops with words, and skips nothing."""
    instance, where = reader
    position = "next_offset, last_offset, last_digest, cluster_id"
    sound, = instance.db(f"select {position} from munim.part where {where}")
    instance.db(f"update munim.part set {change} where {where}")
    try:
        before = instance.db(f"select {position} from munim.part where {where}")
        instance.launch("munim-worker")
        status, tail = end_of_worker(instance)
        assert status == 78 and words in tail
        assert instance.db(f"select {position} from munim.part where {where}") == before
    finally:
        instance.db(f"update munim.part set ({position}) = (%s, %s, %s, %s) where {where}", *sound)


def trim(instance, topic, partition, offset):
    """Deletes the partition's records before the offset: a DeleteRecords request of version 0, for which the client
    library has no call."""
    name = f"{instance.name}.{topic}".encode()
    body = struct.pack(">hhihih", 21, 0, 1, -1, 1, len(name)) + name + struct.pack(">iiqi", 1, partition, offset, 10_000)
    host, port = instance.services.bootstrap.split(",")[0].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as broker, broker.makefile("rb") as answers:
        broker.sendall(struct.pack(">i", len(body)) + body)
        answer = answers.read(struct.unpack(">i", answers.read(4))[0])
    low, error = struct.unpack(">qh", answer[-10:])
    assert (low, error) == (offset, 0), answer


def test_records_that_expire_before_they_are_read(new_instance):
    """Under a worker that stood still, and again at its next start: it stops with words, and skips nothing."""
    instance = new_instance({"kafka.session_timeout": "60s"}).start("munim-worker")
    feed = Feed(instance)
    where, partition = read_some(instance, feed)
    before = instance.db(f"select next_offset from munim.part where {where}")
    instance.processes["munim-worker"].send_signal(signal.SIGSTOP)
    for _ in range(2):  # a request of the worker that is still open takes the first at most
        feed.message("919860000000", "5 metre blue cotton")
        feed.flush()
    trim(instance, "inbound.v1", partition, instance.topics().ends("inbound.v1")[partition])
    instance.processes["munim-worker"].send_signal(signal.SIGCONT)
    status, tail = end_of_worker(instance)
    assert status == 78, tail
    assert instance.db(f"select next_offset from munim.part where {where}")[0][0] <= before[0][0] + 1
    instance.launch("munim-worker")
    status, tail = end_of_worker(instance)
    assert status == 78 and "records expired before they were read" in tail


@pytest.fixture
def db(contract):
    connection = psycopg2.connect(contract.url)
    yield connection.cursor()
    connection.close()


def insert(cursor, table, **values):
    cursor.execute(f"insert into munim.{table} ({', '.join(values)}) values ({', '.join(['%s'] * len(values))})",
                   list(values.values()))


def rows(ids):
    """{name: (table, two rows of which the second must be refused)}."""
    one, two, key = str(uuid.uuid4()), str(uuid.uuid4()), "0" * 64
    place = {"topic": "t", "partition": 0, '"offset"': 1}
    event = {"channel": "whatsapp", "account_id": "1", "message_id": "wamid.1"}
    sent = {"tenant_id": ids["tenant"], "conversation_id": ids["conversation"], "payload": "{}"}
    parked = {**place, "channel": "whatsapp", "account_id": "1", "key": "1", "type": "t", "raw": b"", "reason": "r",
              "attempts": 3}
    at = {"partition": 0, "channel": "whatsapp", "account_id": "1", "class": "reply"}
    return {
        "event": ("inbox", {**event, **place}, {**event, **place, '"offset"': 2}),
        "sequence": ("outbox", {**sent, "dedupe_key": key, "seq": 1, "key": "1"},
                     {**sent, "dedupe_key": "1" * 64, "seq": 1, "key": "1"}),
        "answer": ("outbox", {**sent, "dedupe_key": key, "seq": 1, "key": "1"},
                   {**sent, "dedupe_key": key, "seq": 2, "key": "1"}),
        "guard's key": ("guard", {**sent, **at, "dedupe_key": key, "seq": 1}, {**sent, **at, "dedupe_key": key, "seq": 2}),
        "guard's sequence": ("guard", {**sent, **at, "dedupe_key": key, "seq": 1},
                             {**sent, **at, "dedupe_key": "1" * 64, "seq": 1}),
        "parked place": ("parked", parked, {**parked, "raw": b"other"}),
        "refused place": ("refused", {**place, "reason": "r", "raw": b""}, {**place, "reason": "s", "raw": b""}),
        "identity": ("contact_identity", {"tenant_id": ids["tenant"], "identity": "p:1", "contact_id": ids["contact"]},
                     {"tenant_id": ids["tenant"], "identity": "p:1", "contact_id": ids["other"]}),
        "decision": ("decision", *[{"order_id": one, "decision_id": "d", "tenant_id": ids["tenant"], "verb": "approve",
                                    "outcome": outcome} for outcome in ("completed", "changed")]),
        "ledger's cause": ("ledger_txn", *[{"txn_id": txn, "tenant_id": ids["tenant"], "kind": "invoice", "ref_id": one}
                                           for txn in (one, two)]),
    }


@pytest.mark.parametrize("name", sorted(rows(dict.fromkeys(("tenant", "conversation", "contact", "other")))))
def test_what_there_may_be_once(db, name):
    ids = {**shop(db), "other": str(uuid.uuid4())}
    insert(db, "contact", contact_id=ids["other"], tenant_id=ids["tenant"])
    table, first, second = rows(ids)[name]
    insert(db, table, **first)
    with pytest.raises(psycopg2.errors.UniqueViolation):
        insert(db, table, **second)


def test_one_open_order_of_a_contact(db):
    ids = shop(db)
    for state in ("ORDER_COMPLETED", "ORDER_REJECTED", "ORDER_CANCELLED", "COLLECTING_ITEMS"):
        order(db, ids, state)
    with pytest.raises(psycopg2.errors.UniqueViolation, match="orders_one_open"):
        order(db, ids, "WAITING_OWNER_CONFIRMATION")


@pytest.mark.parametrize("other", ["order_id", "no"])
def test_one_invoice_of_an_order_and_one_of_a_number(db, other):
    """A copy that differs in everything else than the order, or than the number."""
    ids = shop(db)
    one, elsewhere = invoice(db, ids), order(db, ids, "ORDER_COMPLETED")
    changed = {"order_id": ("order_id", "no + 1", "'INV/26-27/000002'"), "no": (f"'{elsewhere}'::uuid", "no", "'X'")}[other]
    with pytest.raises(psycopg2.errors.UniqueViolation):
        db.execute("insert into munim.invoice select gen_random_uuid(), tenant_id, %s, series, fy, %s, %s,"
                   " place_of_supply, inter_state, taxable_paise, cgst_paise, sgst_paise, igst_paise, round_off_paise,"
                   " total_paise, dated, at from munim.invoice where invoice_id = '%s'" % (*changed, one))


@pytest.mark.parametrize("promise", [
    "update munim.batch set rolls_held = 1, rolls_sold = rolls where batch_id = %s",
    "insert into munim.piece (piece_id, tenant_id, batch_id, length_um, held_um, sold_um) select gen_random_uuid(),"
    " tenant_id, batch_id, 10, 6, 5 from munim.batch where batch_id = %s"], ids=["rolls", "piece"])
def test_no_more_is_promised_than_there_is(db, promise):
    with pytest.raises(psycopg2.errors.CheckViolation):
        db.execute(promise, [shop(db)["batch"]])
