"""The chaos laboratory's checker, which nothing else checks: every sentence it can say is brought out once, by rows that
are spoilt in the real tables of a real run, and it is silent about that run as it was."""
import copy
import json
import re
import sys

import psycopg2
import psycopg2.extras
import pytest

import invariants
from hold import LOST, guard, stopped_when_done
from instance import ROOT, Instance, wait_until
from play import ask, buy, message, phone, tell, webhook_of

sys.path.append(str(ROOT / "tests/chaos"))
import checker  # noqa: E402
import facts  # noqa: E402

SETTINGS = {"sender.request_timeout": "700ms", "sender.send_deadline": "1s", "sender.uncertain_window": "2s"}
FORGED, STRANGE = "wamid.forged", "wamid.strange"


def talk(instance):
    """A bit of everything that is allowed; returns what the laboratory would have noted down."""
    buyer, unlucky, greeter = phone(), phone(), phone()
    for who in (unlucky, greeter):
        instance.behave(to=who, **LOST)
    instance.say("namaste", greeter)
    instance.say("1m white cotton", unlucky)
    before = [row[0] for row in instance.db("select decision_id from munim.decision")]
    order_id, number = buy(instance, buyer, "5m black polyester")
    decision = next(row[0] for row in instance.db("select decision_id from munim.decision") if row[0] not in before)
    waiting, cancelled = phone(), phone()
    ask(instance, waiting, "10m blue cotton")
    ask(instance, cancelled, "3m red cotton")
    tell(instance, cancelled, "cancel")
    assert instance.webhook(webhook_of("1", message(phone(), "hello", STRANGE)))[0] == 200
    assert instance.webhook(webhook_of(instance.account_id, message(phone(), "hello", FORGED)), "sha256=0")[0] == 401
    wait_until(lambda: (guard(instance, greeter), guard(instance, unlucky)) == (["UNKNOWN"], ["UNKNOWN", "SENT"]), 20,
               "the windows' ends")
    invariants.settle(instance)
    return {"said": instance.said, "offered": {}, "strangers": {STRANGE: "919899999901"}, "forged": [FORGED],
            "forged_answers": {401: 1}, "forged_people": ["919899999902"], "unrest": "", "bound": 60, "watch": [],
            "decisions": [{"order": order_id, "id": decision, "verb": "approve", "acknowledged": True}],
            "by_tool": [{"order": order_id, "outcome": "completed", "number": number}], "secrets": ["not-for-logs"],
            "logs": {"worker": "a quiet log"}, "appetite": {"munim-worker.2": (20, 30_000)},
            "appetite_before": {"munim-worker": (20, 30_000)}, "buyer": buyer}


@pytest.fixture(scope="module")
def run(services, tmp_path_factory):
    """(a connection to the database of a run that is over, its facts)"""
    with stopped_when_done(Instance(services, tmp_path_factory.mktemp("munim"), SETTINGS)) as instance:
        stock = {"stock_before": dict(instance.db("select batch_id, rolls from munim.batch")),
                 "pieces_before": dict(instance.db("select piece_id, length_um from munim.piece"))}
        given = talk(instance.start())
        for process in instance.processes.values():
            process.terminate()
        for process in instance.processes.values():
            process.wait(20)
        found = facts.Facts(instance.url, instance.services.bootstrap, instance.name, instance.path / "witness.jsonl",
                            **given, **stock, connections_before=4)
        connection = psycopg2.connect(instance.url)
        yield connection, found
        connection.close()


# Rows by which the statements below find their victims.
INVOICED = "(select order_id from munim.invoice)"
AGAIN = "(select resend_of from munim.outbox where resend_of is not null)"
SENT = "(select min(dedupe_key) from munim.guard where state = 'SENT' and resend_of is null)"
TALKER = "(select conversation_id from munim.conversation order by next_seq desc, 1 limit 1)"
FREE = "alter table munim.%s disable trigger all;"
COPY = "insert into munim.message (conversation_id, tenant_id, direction, message_id, kind, body) select" \
    " conversation_id, tenant_id, direction, %s, kind, body from munim.message where direction = 'in' limit 1"


def sends(change):
    """The channel's witness, spoilt."""
    def spoil(f):
        f.sends = change([dict(one) for one in f.sends])
    return spoil


def given(**values):
    """Something else that was noted down; a function is given what there was."""
    def spoil(f):
        for name, value in values.items():
            setattr(f, name, value(copy.deepcopy(getattr(f, name))) if callable(value) else value)
    return spoil


def record(topic, place, change):
    """A record of the topic, at a place in its list, added once more with its value changed."""
    def spoil(f):
        one = f.records[topic][place]
        value = json.dumps({**json.loads(one.value), **change}).encode()
        f.records = {**f.records, topic: [*f.records[topic], one._replace(offset=one.offset + 1000, value=value)]}
    return spoil


# (function, what it must say, SQL that spoils the rows or a function that spoils the other facts)
VIOLATIONS = [
    ("inv_01", "is not in the log", given(said=lambda said: [*said, "wamid.lost"])),
    ("inv_01", "has 0 inbox rows", "delete from munim.inbox where channel = 'whatsapp'"),
    ("inv_01", "and is kept aside", 'insert into munim.refused (topic, partition, "offset", reason, raw) select topic,'
     " partition, \"offset\", 'r', '' from munim.inbox where channel = 'whatsapp'"),
    ("inv_01", "is not among the refused", "delete from munim.refused"),
    ("inv_02", "the chat has", COPY % "message_id"),
    ("inv_02", "had no effect", "delete from munim.message where direction = 'in'"),
    ("inv_02", "was never taken", COPY % "'wamid.new'"),
    ("inv_02", "belongs to no event", f"update munim.outbox set dedupe_key = 'x' where dedupe_key = {SENT}"),
    ("inv_02", "was never planned", f"delete from munim.outbox where dedupe_key = {SENT}"),
    ("inv_03", "accepted .* more than once", sends(lambda all: [*all, {**all[0], "n": 99, "id": "wamid.second"}])),
    ("inv_03", "sent without a guard row", sends(lambda all: [*all, {**all[0], "n": 99, "dedupe_key": "x"}])),
    ("inv_03", "other words than planned", sends(lambda all: [{**all[0], "text": "other"}, *all[1:]])),
    ("inv_03", "is SENT, and the channel never took it", sends(lambda all: [])),
    ("inv_03", "another id than the channel's", f"update munim.guard set provider_id = 'x' where dedupe_key = {SENT}"),
    ("inv_03", "is FAILED, and the channel took it", "update munim.guard set state = 'FAILED', settled_by = 'answer'"
     f" where dedupe_key = {SENT}"),
    ("inv_03", "was sent again twice", "insert into munim.outbox (dedupe_key, tenant_id, conversation_id, seq, key,"
     " payload, resend_of) select 'x', tenant_id, conversation_id, 99, key, payload, resend_of from munim.outbox"
     " where resend_of is not null"),
    ("inv_03", "though its outcome is known", f"update munim.guard set state = 'SENT' where dedupe_key in {AGAIN}"),
    ("inv_03", "is a bill or a resend", f"update munim.guard set class = 'bill' where dedupe_key in {AGAIN}"),
    ("inv_04", "ended as PENDING", f"update munim.guard set state = 'PENDING' where dedupe_key = {SENT}"),
    ("inv_04", "taken at None", f"update munim.outbox set taken_at = null where dedupe_key = {SENT}"),
    ("inv_04", "ended as None", f"delete from munim.guard where dedupe_key = {SENT}"),
    ("inv_04", "a reply, stayed unknown and was not sent again", "delete from munim.outbox where resend_of is not null"),
    ("inv_04", "a greeting, stayed unknown and was sent again", f"update munim.outbox set class = 'greeting' where"
     f" dedupe_key in {AGAIN}"),
    ("inv_04", "is held, and should not be", f"update munim.guard set settled_by = 'held' where dedupe_key in {AGAIN}"),
    ("inv_05", "has the sequence", f"update munim.outbox set seq = seq + 7 where conversation_id = {TALKER} and seq = 2"),
    ("inv_05", "the gate of", f"update munim.gate set settled_through = 0 where conversation_id = {TALKER}"),
    ("inv_05", "was accepted after number", sends(lambda all: [{**one, "n": -one["n"]} for one in all])),
    ("inv_06", "took effect before an earlier one", 'update munim.inbox set "offset" = 1000 - "offset"'),
    ("inv_06", "and stands first at", 'update munim.inbox set "offset" = "offset" + 1000'),
    ("inv_07", "its holds say", "update munim.batch set rolls_held = rolls_held + 1 where dye_lot = 'L-17'"),
    ("inv_07", r"had \d+ rolls, has", "update munim.batch set rolls = rolls + 1"),
    ("inv_07", "and left the pieces", "delete from munim.piece where from_roll"),
    ("inv_07", "against its holds", "update munim.piece set held_um = held_um + 1 where not from_roll"),
    ("inv_07", "another length than before", "update munim.piece set length_um = length_um + 1 where not from_roll"),
    ("inv_07", "a hold of .* is sold, the order WAITING", "update munim.hold set state = 'sold' where state = 'held'"),
    ("inv_08", "does not balance", FREE % "ledger_entry" + "update munim.ledger_entry set amount_paise = amount_paise + 1"),
    ("inv_08", "ORDER_COMPLETED, invoices: False", "update munim.orders set state = 'ORDER_COMPLETED'"),
    ("inv_08", "the ledger says 0", FREE % "ledger_entry" + "delete from munim.ledger_entry"),
    ("inv_08", "bills another length", "update munim.hold set length_um = length_um + 1 where state = 'sold'"),
    ("inv_08", "have gaps", FREE % "invoice" + "update munim.invoice set no = no + 1"),
    ("inv_08", "0 transactions for 1", FREE % "ledger_entry" + FREE % "ledger_txn" + "delete from munim.ledger_entry;"
     "delete from munim.ledger_txn"),
    ("inv_09", r"inbound.v1 \d stands at", "update munim.part set next_offset = next_offset - 1"),
    ("inv_09", r"outbound.v1 \d stands at None", "delete from munim.part"),
    ("inv_09", r"receipt.v1 \d stands at", "update munim.part set epoch = 0"),
    ("inv_10", r"inbound.v1 \d: \d+ events, 0 inbox rows", "delete from munim.inbox"),
    ("inv_10", r"inbound.v1 9: 0 events, 1 inbox", "insert into munim.inbox select channel, account_id, 'x', topic, 9, 9"
     " from munim.inbox where channel = 'whatsapp' limit 1"),
    ("inv_11", "1 forged webhooks were taken", given(forged_answers={200: 1})),
    ("inv_11", "left a trace", given(forged=lambda _: [STRANGE])),
    ("inv_12", "no rest within 60 s: a turn", given(unrest="a turn")),
    ("inv_12", "parked True, without", "update munim.conversation set parked = true"),
    ("inv_13", "holds not-fo", given(logs={"sender": "said not-for-logs aloud"})),
    ("inv_13", "sender holds 91", lambda f: given(logs={"sender": f"to {f.buyer}"})(f)),
    ("inv_14", "descriptors open", given(appetite={"munim-worker.2": (69, 30_000)})),
    ("inv_14", "holds 140001 kB", given(appetite={"munim-worker.2": (20, 140_001)})),
    ("inv_14", "connections to Postgres", given(connections=9)),
    ("inv_15", "was never committed", f"delete from munim.outbox where dedupe_key = {SENT}"),
    ("inv_15", "differs from its row", record("outbound.v1", 0, {"text": "other"})),
    ("inv_15", "with two contents or keys", record("inbound.v1", 0, {"text": "other"})),
    ("inv_16", "has no outcome", "delete from munim.decision"),
    ("inv_16", "to approve came out as rejected", "update munim.decision set outcome = 'rejected'"),
    ("inv_16", "the tool told invoice X", given(by_tool=lambda all: [{**all[0], "number": "X"}])),
    ("inv_16", "after \\['completed', 'completed'\\]", "insert into munim.decision (order_id, decision_id, tenant_id, verb,"
     " outcome) select order_id, 'x', tenant_id, verb, outcome from munim.decision"),
    ("inv_16", "the owner was last told", "update munim.orders set version = version + 1"),
    ("inv_17", "jumped from", FREE % "transition_log" + "update munim.transition_log set from_state = 'ORDER_REJECTED'"),
    ("inv_17", "its log ends", FREE % "transition_log" + f"delete from munim.transition_log where order_id in {INVOICED}"),
    ("inv_17", "has two open orders", "drop index munim.orders_one_open; insert into munim.orders (order_id, tenant_id,"
     " conversation_id, contact_id, flow_version, state, version) select gen_random_uuid(), tenant_id, conversation_id,"
     " contact_id, 1, state, 1 from munim.orders where state like 'WAITING%'"),
]


def test_a_good_run(run):
    """With everything in it that the violations below spoil: none of them is empty talk."""
    _, found = run
    assert checker.check(found) == []
    assert {"ORDER_COMPLETED", "WAITING_OWNER_CONFIRMATION", "ORDER_CANCELLED"} < {row["state"] for row in found.orders}
    assert {row["state"] for row in found.hold} == {"held", "sold", "released"}
    assert {row["state"] for row in found.guard} == {"SENT", "UNKNOWN"} and found.refused and found.sends


def test_every_invariant_is_tried():
    names = {name[:6] for name in vars(checker) if name.startswith("inv_")}
    assert {name for name, _, _ in VIOLATIONS} == names


@pytest.mark.parametrize("name, words, spoil", VIOLATIONS, ids=[f"{one[0]}-{one[1]}" for one in VIOLATIONS])
def test_what_the_checker_says(run, name, words, spoil):
    connection, found = run
    found = copy.copy(found)
    if callable(spoil):
        spoil(found)
    else:
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            try:
                cursor.execute("set constraints all deferred; " + (spoil if spoil.startswith("alter") else
                               "set session_replication_role = replica; " + spoil))
                for table in facts.TABLES:
                    cursor.execute(f"select * from munim.{table}")
                    setattr(found, table, [dict(row) for row in cursor.fetchall()])
            finally:
                connection.rollback()
    said = [sentence for number, _, sentence in checker.check(found) if number == int(name[4:])]
    assert [one for one in said if re.search(words, one)], said


@pytest.mark.parametrize("number, spoil", [
    (9, "update munim.part set next_offset = next_offset - 1 where next_offset > 0"), (9, "update munim.part set epoch = 0"),
    (8, "delete from munim.outbox"), (8, "delete from munim.inbox"),
    (7, "alter table munim.batch drop constraint batch_check; update munim.batch set rolls_sold = rolls + 1")])
def test_what_the_watch_sees(run, number, spoil):
    """What may only grow has shrunk; more was promised than there is."""
    connection, _ = run
    watch = facts.Watch(connection.dsn)
    with connection.cursor() as cursor:
        try:
            for step in ("select 1", "select 1", spoil):
                assert watch.violations == []
                cursor.execute(step)
                watch.look(cursor)
        finally:
            connection.rollback()
    assert {one for one, _ in watch.violations} == {number} and watch.looks == 3
