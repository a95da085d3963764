"""A message that nobody can take ends up in a place of its own, with the conversation behind it, and the shop goes on.

The worker is the test build, in which a failpoint ends the process at a text that holds a certain word.
"""
import json
import os
import pathlib
import signal
import subprocess

import pytest

import invariants
from instance import ROOT, wait_until
from play import ask, message, order_of, phone, tell, told, webhook_of

POISON = "turn.read=poison"
TRIES = 3
# One partition, so that every customer stands behind the poison.
SETTINGS = {"kafka.partitions": "1", "kafka.session_timeout": "2s"}


def prepare(instance):
    """The worker with failpoints and sanitizers, built when it is not there or not new."""
    if "MUNIM_SAN_BIN" in os.environ:
        instance.binaries["munim-worker"] = pathlib.Path(os.environ["MUNIM_SAN_BIN"]) / "munim-worker"
        return
    subprocess.run(["make", "-s", "-C", ROOT, "SAN=1", "build/san/bin/munim-worker"], check=True, timeout=600)
    instance.binaries["munim-worker"] = ROOT / "build/san/bin/munim-worker"


@pytest.fixture
def instance(shared):
    yield shared
    assert shared.db("select 1 from munim.conversation where parked") == []


def arm(instance, failpoint):
    """From the next start on the worker dies there; None: nowhere."""
    instance.extra["munim-worker"] = {"MUNIM_FAILPOINT": failpoint} if failpoint else {}
    instance.restart("munim-worker")


def die(instance, times):
    """Starts the worker again whenever it dies, so often; the last one lives."""
    for n in range(times):
        code = instance.processes["munim-worker"].wait(30)
        assert code == -signal.SIGKILL, f"death {n + 1} is {code}:\n{instance.tail('munim-worker')}"
        instance.launch("munim-worker")


def conversation_of(instance, who):
    return instance.db("select conversation_id::text, parked from munim.conversation where address = %s", who)[0]


def parked(instance, who, state="parked"):
    """(text, reason, attempts) of the customer's parked events, in order."""
    rows = instance.db("select raw, reason, attempts from munim.parked where key = %s and state = %s"
                       " order by parked_id", who, state)
    return [(json.loads(bytes(raw))["text"], reason, attempts) for raw, reason, attempts in rows]


def listed(instance):
    lines = instance.munim("parked", "list", "--json").splitlines()
    return {one["conversation"]: one for one in map(json.loads, lines)}


def redrive(instance, who):
    instance.munim("parked", "redrive", conversation_of(instance, who)[0])


def test_a_turn_that_ends_the_process_parks_its_conversation(instance):
    poisoned, others = phone(), [phone() for _ in range(3)]
    tell(instance, poisoned, "2m white cotton")
    arm(instance, POISON)
    instance.say("poison 1m", poisoned)
    for who in others:
        instance.say("1m white cotton", who)
    die(instance, TRIES)
    # Behind the poison, on its own partition, everybody is served.
    for who in others:
        instance.wait_sends(1, who)
    assert instance.processes["munim-worker"].poll() is None
    assert conversation_of(instance, poisoned)[1]
    assert [text for text, _, _ in parked(instance, poisoned)] == ["poison 1m"]
    assert len(told(instance, poisoned)) == 1
    # What the customer says now joins it, in order, poison or not; a whole order of another one passes.
    for text in ("haan confirm", "poison again", "status?"):
        instance.say(text, poisoned)
        wait_until(lambda text=text: [one[0] for one in parked(instance, poisoned)][-1] == text, 20, "its parking")
    assert instance.processes["munim-worker"].poll() is None
    assert ask(instance, phone())["total_paise"] > 0
    assert instance.metric("munim_worker_parked_total", '{reason="appended"}', "munim-worker") == 3

    # The operator sees it, in words.
    conversation = conversation_of(instance, poisoned)[0]
    assert listed(instance)[conversation]["events"] == 4 and listed(instance)[conversation]["reason"]
    shown = [json.loads(line) for line in instance.munim("parked", "show", conversation, "--json").splitlines()]
    assert [json.loads(one["event"])["text"] for one in shown] == [
        "poison 1m", "haan confirm", "poison again", "status?"]
    assert instance.munim("parked", "show", "00000000-0000-0000-0000-000000000000", check=False)[0] == 1
    assert instance.munim("parked", "redrive", "00000000-0000-0000-0000-000000000000", check=False)[0] == 1

    # With the bug mended the events are taken, in order, each once, and the flag goes.
    arm(instance, None)
    redrive(instance, poisoned)
    instance.wait_sends(5, poisoned)
    wait_until(lambda: not conversation_of(instance, poisoned)[1], 20, "the flag's end")
    assert parked(instance, poisoned) == [] and len(parked(instance, poisoned, "redriven")) == 4
    assert conversation not in listed(instance)
    assert order_of(instance, poisoned)[1] == "WAITING_OWNER_CONFIRMATION"
    assert [row[0] for row in instance.db(
        "select body from munim.message m join munim.conversation c using (conversation_id) where c.address = %s"
        " and direction = 'in' order by n", poisoned)] == [
        "2m white cotton", "poison 1m", "haan confirm", "poison again", "status?"]
    # A second redrive finds nothing to do.
    assert instance.munim("parked", "redrive", conversation, check=False)[0] == 1
    tell(instance, poisoned, "cancel")


def test_a_first_message_can_be_poison(instance):
    """The conversation is born parked, and comes to life with the redrive."""
    who = phone()
    arm(instance, POISON)
    instance.say("poison", who)
    die(instance, TRIES)
    wait_until(lambda: parked(instance, who), 30, "its parking")
    instance.say("1m white cotton", who)
    wait_until(lambda: len(parked(instance, who)) == 2, 20, "the second one's")
    assert told(instance, who) == []
    arm(instance, None)
    redrive(instance, who)
    assert len(instance.wait_sends(2, who)) == 2
    wait_until(lambda: not conversation_of(instance, who)[1], 20, "the flag's end")


def test_a_redrive_into_the_same_bug(instance):
    """The event stays parked and the worker lives; what waits behind it keeps its place."""
    who = phone()
    arm(instance, POISON)
    instance.say("poison", who)
    die(instance, TRIES)
    wait_until(lambda: parked(instance, who), 30, "its parking")
    redrive(instance, who)
    # One more: the worker that dies first is the one that moved the position last, and its claim is not counted.
    die(instance, TRIES + 1)
    # The redrive is given up, the shop goes on.
    assert ask(instance, phone())["total_paise"] > 0
    assert conversation_of(instance, who)[1] and [one[0] for one in parked(instance, who)] == ["poison"]
    arm(instance, None)
    redrive(instance, who)
    instance.wait_sends(1, who)
    wait_until(lambda: not conversation_of(instance, who)[1], 20, "the flag's end")


def test_a_constraint_that_refuses_a_message(instance):
    """Three tries, then it is parked; in the same group others commit, and the worker does not stop."""
    unlucky, others = phone(), [phone() for _ in range(5)]
    tell(instance, unlucky, "1m white cotton")
    instance.db("alter table munim.message add constraint no_tarpaulin check (body not like '%tarpaulin%') not valid")
    try:
        worker = instance.processes["munim-worker"].pid
        for who in others[:3]:
            instance.say("1m white cotton", who)
        instance.say("tarpaulin", unlucky)
        instance.say("haan confirm", unlucky)
        for who in others[3:]:
            instance.say("1m white cotton", who)
        for who in others:
            instance.wait_sends(1, who)
        wait_until(lambda: len(parked(instance, unlucky)) == 2, 20, "its parking")
        assert [(text, attempts) for text, _, attempts in parked(instance, unlucky)] == [
            ("tarpaulin", TRIES), ("haan confirm", 0)]
        assert "23514" in parked(instance, unlucky)[0][1]
        # A redrive that fails again leaves both where they are.
        redrive(instance, unlucky)
        invariants.settle(instance)
        assert [text for text, _, _ in parked(instance, unlucky)] == ["tarpaulin", "haan confirm"]
    finally:
        instance.db("alter table munim.message drop constraint no_tarpaulin")
    redrive(instance, unlucky)
    instance.wait_sends(3, unlucky)
    wait_until(lambda: not conversation_of(instance, unlucky)[1], 20, "the flag's end")
    assert order_of(instance, unlucky)[1] == "WAITING_OWNER_CONFIRMATION"
    assert (instance.processes["munim-worker"].pid, instance.processes["munim-worker"].poll()) == (worker, None)


def test_a_dropped_event_does_nothing_and_the_rest_goes_on(instance):
    """Left out for good, also when the channel sends it again; what stands behind it is taken."""
    who = phone()
    tell(instance, who, "1m white cotton")
    instance.db("alter table munim.message add constraint no_oilcloth check (body not like '%oilcloth%') not valid")
    try:
        said = instance.say("5m oilcloth", who)
        instance.say("2m white cotton", who)
        wait_until(lambda: len(parked(instance, who)) == 2, 20, "its parking")
        conversation = conversation_of(instance, who)[0]
        first, = instance.db("select min(parked_id) from munim.parked where conversation_id = %s", conversation)[0]
        for wrong, status in ((first + 1000, 1), (0, 2), ("x", 2)):
            assert instance.munim("parked", "drop", conversation, str(wrong), check=False)[0] == status
        instance.munim("parked", "drop", conversation, str(first))
        instance.wait_sends(2, who)
        wait_until(lambda: not conversation_of(instance, who)[1], 20, "the flag's end")
        assert [len(parked(instance, who, state)) for state in ("parked", "dropped", "redriven")] == [0, 1, 1]
        assert instance.webhook(webhook_of(instance.account_id, message(who, "5m oilcloth", said["message_id"])))[0] == 200
        tell(instance, who, "haan confirm")
    finally:
        instance.db("alter table munim.message drop constraint no_oilcloth")
    assert instance.db("select count(*) from munim.inbox where message_id = %s", said["message_id"]) == [(1,)]
    assert instance.db("select kind, body from munim.message where message_id = %s", said["message_id"]) == [
        ("dropped", "")]
    instance.munim("audit")  # finds nothing amiss


def test_a_trigger_that_refuses_a_decision(instance):
    """The owner's decision is an event as any other: parked, then redriven, it is carried out once."""
    who = phone()
    order = ask(instance, who)
    instance.db("create function public.refuse() returns trigger language plpgsql as"
                " $$ begin raise exception 'no invoices today'; end $$")
    instance.db("create trigger refuse before insert on munim.invoice execute function public.refuse()")
    try:
        code, outcome = instance.approve(order["order_id"], "--timeout", "2")
        assert (code, outcome["outcome"]) == (1, "no_answer")
        wait_until(lambda: conversation_of(instance, who)[1], 20, "its parking")
        assert instance.db("select 1 from munim.hold where order_id = %s and state <> 'held'", order["order_id"]) == []
    finally:
        instance.db("drop trigger refuse on munim.invoice")
    redrive(instance, who)
    wait_until(lambda: order_of(instance, who)[1] == "ORDER_COMPLETED", 20, "the invoice")
    wait_until(lambda: not conversation_of(instance, who)[1], 20, "the flag's end")
    assert instance.approve(order["order_id"])[0] == 3


@pytest.mark.parametrize("value, headers", [
    (b"not json", {"ce_type": "munim.inbound.message.v1"}),
    (b"{}", {"ce_type": "munim.inbound.message.v1"}),
    (b"", {"ce_type": "munim.inbound.message.v1"}),
    (None, {"ce_type": "munim.inbound.message.v1"}),
    (b"\xff\x00\xfe", {"ce_type": "munim.inbound.message.v1"}),
    (b"{}", {"ce_type": "munim.of.next.year.v9"}),
    (b"{}", {}),
], ids=["no-json", "empty-object", "empty", "tombstone", "bytes", "unknown-type", "no-type"])
@pytest.mark.parametrize("topic", ["inbound.v1", "decision.v1"])
def test_an_unreadable_record_is_refused(instance, topic, value, headers):
    """Whoever wrote it: a row with its bytes and the reason, and the partition goes on behind it."""
    partition, offset = instance.topics().put(topic, value, headers=headers)
    rows = wait_until(lambda: instance.db('select reason, raw from munim.refused where topic = %s and partition = %s'
                                          ' and "offset" = %s', f"{instance.name}.{topic}", partition, offset),
                      20, "the refused row")
    assert len(rows[0][0]) > 10 and bytes(rows[0][1]) == (value or b"")
    who = phone()
    tell(instance, who, "1m white cotton")


def test_redrive_of_an_outsider_changes_nothing(instance):
    """A redrive that names another conversation than its key's, or none that there is."""
    who = phone()
    tell(instance, who, "1m white cotton")
    for conversation in ("00000000-0000-0000-0000-000000000000", conversation_of(instance, who)[0]):
        command = {"command_id": "11111111-1111-4111-8111-" + os.urandom(6).hex(), "channel": "whatsapp",
                   "account_id": instance.account_id, "key": who, "conversation_id": conversation}
        instance.topics().put("inbound.v1", json.dumps(command).encode(), who,
                              {"ce_type": "munim.inbound.redrive.v1"})
    assert tell(instance, who, "haan confirm")
