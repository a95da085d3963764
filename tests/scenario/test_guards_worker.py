"""The guards of the worker's transactions, one by one: what each has to refuse is brought about by hand, in a
transaction that the worker's own has to wait for, or behind its back.

scripts/mutants takes each guard out and runs these tests first.
"""
import concurrent.futures
import hashlib
import json
import uuid

import pytest

from hold import FENCED, conflicts, conversation_of, meanwhile, partition_of, parts, said, stopped_broker, taken
from instance import wait_until
from play import ask, message, order_of, phone, state_of, tell, webhook_of
from test_turn_engine import wait_owner

PATIENCE = 10


@pytest.fixture
def instance(shared):
    return shared


@pytest.mark.parametrize("change, back", [("epoch = epoch + 1", "epoch = epoch"),
                                          ("next_offset = next_offset + 7", "next_offset = next_offset - 7")],
                         ids=["epoch", "position"])
@pytest.mark.parametrize("program, topic", [("munim-worker", "inbound.v1"), ("munim-sender", "outbound.v1")])
def test_a_later_owner_of_the_partition(instance, program, topic, change, back):
    """Somebody else has claimed it, or moved its position: nothing is written any more, the position least of all."""
    who = phone()
    tell(instance, who, "1m white cotton")
    of_topic = (" where topic = %s", f"{instance.name}.{topic}")
    instance.db("update munim.part set " + change + of_topic[0], of_topic[1])
    before, fences = parts(instance, topic), said(instance, program, FENCED)
    one = instance.say("haan confirm", who)["message_id"]

    def has_effect():
        if program == "munim-worker":
            return taken(instance, one)
        return len(instance.db("select 1 from munim.guard where conversation_id = %s",
                               conversation_of(instance, who))) > 1

    wait_until(lambda: said(instance, program, FENCED) > fences or has_effect(), PATIENCE, "the fence")
    assert not has_effect() and parts(instance, topic) == before
    instance.db("update munim.part set " + back + of_topic[0], of_topic[1])
    instance.restart(program)
    instance.wait_sends(2, who)


def test_a_later_owner_of_a_careful_partition(instance):
    """The owner counts its attempt before it begins; who is no owner any more counts none: it would park what the later
    one is about to do."""
    who, topic = phone(), instance.name + ".inbound.v1"
    tell(instance, who, "1m white cotton")
    instance.kill("munim-worker", 15)
    instance.db("update munim.part set claims = 5 where topic = %s", topic)
    instance.start("munim-worker")
    with meanwhile(instance, ("select 1 from munim.conversation where address = %s for update", who)) as held:
        instance.say("2m white cotton", who)
        held.waited_for("munim-worker")
        assert [row[3] for row in parts(instance, "inbound.v1") if row[0] == partition_of(instance, who)] == [1]
    instance.wait_sends(2, who)
    instance.kill("munim-worker", 15)
    instance.db("update munim.part set claims = 5 where topic = %s", topic)
    instance.start("munim-worker")
    wait_owner(instance, "munim-worker")
    instance.db("update munim.part set epoch = epoch + 1 where topic = %s", topic)
    before, fences = parts(instance, "inbound.v1"), said(instance, "munim-worker", FENCED)
    instance.say("haan confirm", who)
    wait_until(lambda: said(instance, "munim-worker", FENCED) > fences, PATIENCE, "the fence")
    assert parts(instance, "inbound.v1") == before
    instance.restart("munim-worker")
    instance.wait_sends(3, who)


def test_a_worker_that_leaves_after_a_later_owner_came(instance):
    """It ends in good order, and takes back what it has counted: not what the later owner has."""
    counts = "select claims, attempts from munim.part where topic = %s"
    topic = instance.name + ".inbound.v1"
    wait_owner(instance, "munim-worker")
    instance.db("update munim.part set epoch = epoch + 1, claims = 4, attempts = 1 where topic = %s", topic)
    assert instance.kill("munim-worker", 15) == 0
    assert instance.db(counts, topic) == [(4, 1)] * 3
    instance.db("update munim.part set claims = 0, attempts = 0 where topic = %s", topic)
    instance.start("munim-worker")
    tell(instance, phone(), "1m white cotton")


def test_what_ended_the_worker_again_and_again(instance):
    """Two attempts stand in the partition's row: the next one parks the event and does nothing else with it."""
    who = phone()
    tell(instance, who, "1m white cotton")
    instance.kill("munim-worker", 15)
    instance.db("update munim.part set attempts = 2 where topic = %s and partition = %s", instance.name + ".inbound.v1",
                partition_of(instance, who))
    instance.start("munim-worker")
    one = instance.say("haan confirm", who)["message_id"]
    conversation = conversation_of(instance, who)
    wait_until(lambda: taken(instance, one) or instance.db(
        "select 1 from munim.parked where conversation_id = %s", conversation), PATIENCE, "its parking")
    assert not taken(instance, one)
    assert instance.db("select attempts from munim.parked where conversation_id = %s", conversation) == [(3,)]
    instance.munim("parked", "redrive", conversation)
    instance.wait_sends(2, who)


def test_each_claim_is_a_new_epoch(instance):
    epochs = "select topic, partition, epoch from munim.part order by 1, 2"
    before = instance.db(epochs)
    for program in ("munim-worker", "munim-sender"):
        instance.restart(program)
    assert [row[:2] for row in instance.db(epochs)] == [row[:2] for row in before]
    wait_until(lambda: all(now[2] > then[2] for now, then in zip(instance.db(epochs), before)), PATIENCE,
               f"later epochs than {before}")


def test_the_conversation_changed_meanwhile(instance):
    """A decision of the same conversation was parked in another worker: this message joins it and does nothing."""
    who = phone()
    tell(instance, who, "namaste")
    conversation = conversation_of(instance, who)
    before = conflicts(instance, "MU002")
    with meanwhile(instance, ("update munim.conversation set parked = true, version = version + 1"
                              " where conversation_id = %s", conversation)) as held:
        one = instance.say("1m white cotton", who)["message_id"]
        held.waited_for("munim-worker")
    wait_until(lambda: taken(instance, one) or instance.db(
        "select 1 from munim.parked where conversation_id = %s", conversation), PATIENCE, "its parking")
    assert not taken(instance, one) and conflicts(instance, "MU002") == before + 1
    assert instance.db("select parked from munim.conversation where conversation_id = %s", conversation) == [(True,)]
    instance.munim("parked", "redrive", conversation)
    instance.wait_sends(2, who)


def test_the_event_was_taken_meanwhile(instance):
    """A repeat in another partition was first: this one has no effect."""
    who, one = phone(), "wamid." + uuid.uuid4().hex
    tell(instance, who, "namaste")
    conversation, partition = conversation_of(instance, who), partition_of(instance, who)
    before = conflicts(instance, "MU003")
    with meanwhile(instance,
                   ('insert into munim.inbox (channel, account_id, message_id, topic, partition, "offset",'
                    " conversation_id) values ('whatsapp', %s, %s, %s, %s, %s, %s)", instance.account_id, one,
                    instance.name + ".inbound.v1", partition, instance.topics().ends("inbound.v1")[partition],
                    conversation),
                   ("insert into munim.message (conversation_id, tenant_id, direction, message_id, kind, body)"
                    " select conversation_id, tenant_id, 'in', %s, 'text', '1m white cotton' from munim.conversation"
                    " where conversation_id = %s", one, conversation)) as held:
        assert instance.webhook(webhook_of(instance.account_id, message(who, "1m white cotton", one)))[0] == 200
        held.waited_for("munim-worker")
    wait_until(lambda: conflicts(instance, "MU003") > before or len(instance.sends(who)) > 1, PATIENCE, "the conflict")
    assert tell(instance, who, "kya rate hai") and order_of(instance, who) is None
    assert len(instance.sends(who)) == 2


def test_the_event_was_taken_before(instance):
    """Its inbox row is seen when the turn is read: it is no conflict, and parks nobody."""
    who = phone()
    body = webhook_of(instance.account_id, message(who, "1m white cotton"))
    assert instance.webhook(body)[0] == 200
    instance.wait_sends(1, who)
    before = conflicts(instance, "MU003")
    assert instance.webhook(body)[0] == 200
    tell(instance, who, "kya rate hai")
    assert conflicts(instance, "MU003") == before and len(instance.sends(who)) == 2


def test_messages_of_one_customer_at_once(instance):
    """A conversation's turns run one after another, in the order of the log, though all are at hand."""
    who, texts = phone(), ["namaste", "1m white cotton", "2m red cotton", "kya rate hai", "haan confirm"]
    body = webhook_of(instance.account_id, *(message(who, text) for text in texts))
    assert instance.webhook(body)[0] == 200
    instance.wait_sends(len(texts), who)
    assert [row[0] for row in instance.db(
        "select body from munim.message where direction = 'in' and conversation_id = %s order by n",
        conversation_of(instance, who))] == texts
    assert order_of(instance, who)[1] == "WAITING_OWNER_CONFIRMATION"


def test_the_order_changed_meanwhile(instance):
    """The contact has cancelled it in a conversation at another number of the shop: there is nothing to confirm."""
    who = phone()
    tell(instance, who, "1m white cotton")
    order_id, state = order_of(instance, who)
    before = conflicts(instance, "MU005")
    with meanwhile(instance, ("update munim.orders set state = 'ORDER_CANCELLED', version = version + 1,"
                              " closed_at = now() where order_id = %s", order_id),
                   ('insert into munim.transition_log (tenant_id, order_id, from_state, to_state, input, ok, topic,'
                    ' partition, "offset") select tenant_id, order_id, %s, state, %s, true, %s, 0, 0 from munim.orders'
                    " where order_id = %s", state, "CANCEL_ASKED", instance.name + ".inbound.v1", order_id)) as held:
        instance.say("haan confirm", who)
        held.waited_for("munim-worker")
    instance.wait_sends(2, who)
    assert order_of(instance, who) == (order_id, "ORDER_CANCELLED") and conflicts(instance, "MU005") == before + 1
    assert instance.db("select 1 from munim.hold where order_id = %s", order_id) == []


@pytest.mark.parametrize("goods, gone", [
    ("30m cream linen", "update munim.batch set rolls = 0 where dye_lot = 'N-04'"),
    ("6m red polyester", "update munim.piece set length_um = 1000000 where batch_id = (select batch_id from munim.batch"
                         " where dye_lot = 'P-41')")], ids=["rolls", "piece"])
def test_the_goods_went_meanwhile(instance, goods, gone):
    """No more is promised than there is; the turn is planned anew at once, not by way of a failure."""
    who = phone()
    tell(instance, who, goods)
    before, failures = conflicts(instance, "MU004"), said(instance, "munim-worker", "a turn failed")
    with meanwhile(instance, (gone,)) as held:
        instance.say("haan confirm", who)
        held.waited_for("munim-worker")
    instance.wait_sends(2, who)
    assert conflicts(instance, "MU004") == before + 1
    assert said(instance, "munim-worker", "a turn failed") == failures


def test_a_live_hold_of_another_stays(instance):
    """Whoever promises from the same lot releases what has expired, and nothing else."""
    first, second = phone(), phone()
    order_id = ask(instance, first, "10m blue cotton")["order_id"]
    ask(instance, second, "10m blue cotton")
    assert instance.db("select state from munim.hold where order_id = %s", order_id) == [("held",)]


@pytest.mark.parametrize("how", ["released", "expired"])
def test_a_hold_lapsed_meanwhile(instance, how):
    """The approval sells what is held at its commit; what lapsed before that is looked for anew, and sold once."""
    order_id = ask(instance, phone(), "50m black polyester")["order_id"]
    steps = {"released": [("update munim.hold set state = 'released' where order_id = %s", order_id),
                          ("update munim.batch set rolls_held = rolls_held - 1 where dye_lot = 'P-42'",)],
             "expired": [("update munim.hold set expires_at = now() where order_id = %s", order_id)]}[how]
    before = conflicts(instance, "MU006")
    with concurrent.futures.ThreadPoolExecutor() as owner:
        with meanwhile(instance, *steps) as held:
            decision = owner.submit(instance.approve, order_id)
            held.waited_for("munim-worker")
        assert (decision.result()[0], decision.result()[1]["outcome"]) == (0, "completed")
    assert conflicts(instance, "MU006") == before + 1
    assert instance.db("select sum(length_um) from munim.hold where order_id = %s and state = 'sold'", order_id) == [
        (50_000_000,)]


def test_a_decision_on_another_version(instance):
    order = ask(instance, phone())
    code, outcome = instance.approve(order["order_id"], "--version", str(order["version"] - 1))
    assert (code, outcome["outcome"]) == (6, "changed")
    assert state_of(instance, order["order_id"]) == "WAITING_OWNER_CONFIRMATION"


def stranger(instance, who):
    """(contact id, steps that make the contact, step that makes the conversation): another worker has just met him."""
    contact, tenant = str(uuid.uuid4()), instance.db("select tenant_id::text from munim.account limit 1")[0][0]
    return contact, [("insert into munim.contact (contact_id, tenant_id) values (%s, %s)", contact, tenant),
                     ("insert into munim.contact_identity (tenant_id, identity, contact_id) values (%s, %s, %s)", tenant,
                      "p:" + who, contact)], \
        ("insert into munim.conversation (conversation_id, tenant_id, channel, account_id, contact_id, key, address)"
         " values (%s, %s, 'whatsapp', %s, %s, %s, %s)", str(uuid.uuid4()), tenant, instance.account_id, contact, who, who)


def test_the_contact_was_made_meanwhile(instance):
    """One customer stays one contact."""
    who = phone()
    contact, steps, _ = stranger(instance, who)
    with meanwhile(instance, *steps) as held:
        instance.say("kya rate hai", who)
        held.waited_for("munim-worker")
    instance.wait_sends(1, who)
    assert instance.db("select contact_id::text from munim.conversation where address = %s", who) == [(contact,)]


def test_the_conversation_was_made_meanwhile(instance):
    """One conversation stays one, and what was said stands in it."""
    who = phone()
    _, steps, born = stranger(instance, who)
    for step in steps:
        instance.db(*step)
    with meanwhile(instance, born) as held:
        one = instance.say("kya rate hai", who)["message_id"]
        held.waited_for("munim-worker")
    instance.wait_sends(1, who)
    assert instance.db("select conversation_id::text from munim.message where message_id = %s", one) == [(born[1],)]


def parked_one(instance, texts):
    """(customer, conversation) whose last texts are parked, by hand as after a failure."""
    who = phone()
    tell(instance, who, "namaste")
    conversation = conversation_of(instance, who)
    instance.db("update munim.conversation set parked = true, version = version + 1 where conversation_id = %s",
                conversation)
    for n, text in enumerate(texts):
        instance.say(text, who)
        wait_until(lambda n=n: len(instance.db("select 1 from munim.parked where conversation_id = %s", conversation))
                   == n + 1, PATIENCE, "its parking")
    return who, conversation


PARKED = "topic, partition, \"offset\", conversation_id, channel, account_id, key, type, raw, reason, attempts"


def test_another_event_was_parked_during_the_redrive(instance):
    """The redrive of the last parked event must not clear the flag over it."""
    who, conversation = parked_one(instance, ["1m white cotton", "haan confirm"])
    second, = instance.db(f"select {PARKED} from munim.parked where conversation_id = %s order by parked_id desc limit 1",
                          conversation)
    where = 'topic = %s and partition = %s and "offset" = %s'
    instance.db("delete from munim.parked where " + where, *second[:3])
    with meanwhile(instance, ("select 1 from munim.conversation where conversation_id = %s for update", conversation),
                   (f"insert into munim.parked ({PARKED}) values ({', '.join(['%s'] * len(second))})",
                    *second)) as held:
        instance.munim("parked", "redrive", conversation)
        held.waited_for("munim-worker")
    wait_until(lambda: instance.db("select parked from munim.conversation where conversation_id = %s", conversation)
               == [(False,)], PATIENCE, "the flag's end")
    assert instance.db("select state from munim.parked where conversation_id = %s", conversation) == [("redriven",)] * 2
    instance.wait_sends(3, who)


def test_a_parked_event_was_dropped_during_the_redrive(instance):
    """What was taken off the list meanwhile has no effect; its record stays accounted for."""
    who, conversation = parked_one(instance, ["1m white cotton"])
    with meanwhile(instance, ("update munim.parked set state = 'dropped' where conversation_id = %s",
                              conversation)) as held:
        instance.munim("parked", "redrive", conversation)
        held.waited_for("munim-worker")
    tell(instance, who, "kya rate hai")
    assert len(instance.sends(who)) == 2 and order_of(instance, who) is None
    # As far as the records go, it is still parked.
    instance.db("update munim.conversation set parked = true, version = version + 1 where conversation_id = %s",
                conversation)
    instance.db("update munim.parked set state = 'parked' where conversation_id = %s", conversation)
    instance.munim("parked", "redrive", conversation)
    instance.wait_sends(3, who)


def test_another_event_is_parked_in_the_same_place(instance):
    """One of an older log, before its topic was made anew: it is not overwritten, and the new one is refused with its
    bytes; the partition goes on."""
    who, conversation = parked_one(instance, ["1m white cotton"])
    partition = partition_of(instance, who)
    place = (instance.name + ".inbound.v1", partition, instance.topics().ends("inbound.v1")[partition])
    where = 'where topic = %s and partition = %s and "offset" = %s'
    instance.db('insert into munim.parked (topic, partition, "offset", channel, account_id, key, type, raw, reason,'
                " attempts) values (%s, %s, %s, 'whatsapp', '1', '1', 't', 'older', 'r', 0)", *place)
    one = instance.say("haan confirm", who)["message_id"]
    wait_until(lambda: parts(instance, "inbound.v1")[partition][2] > place[2], PATIENCE, "the next record's turn")
    assert instance.db("select raw = 'older' from munim.parked " + where, *place) == [(True,)]
    raw, = instance.db("select convert_from(raw, 'UTF8') from munim.refused " + where, *place)[0]
    assert one in raw
    instance.db("delete from munim.parked " + where, *place)
    instance.munim("parked", "redrive", conversation)
    instance.wait_sends(2, who)


def test_an_answer_that_nobody_published(instance):
    """Its worker died behind the commit: the sweeper finds the row."""
    who = phone()
    tell(instance, who, "1m white cotton")
    instance.db("with c as (update munim.conversation set next_seq = next_seq + 1, version = version + 1 where address = %s"
                " returning *), o as (select o.*, %s as new from munim.outbox o join c using (conversation_id))"
                " insert into munim.outbox (dedupe_key, tenant_id, conversation_id, seq, key, class, payload, publish_after)"
                " select o.new, c.tenant_id, c.conversation_id, c.next_seq - 1, c.key, o.class, (o.payload::jsonb ||"
                " jsonb_build_object('seq', c.next_seq - 1, 'dedupe_key', o.new))::text, now()"
                " from c join o using (conversation_id)", who, hashlib.sha256(who.encode()).hexdigest())
    instance.wait_sends(2, who, PATIENCE)


@pytest.mark.parametrize("what", ["version", "answer"])
def test_an_order_s_state_that_is_old_when_it_is_acknowledged(instance, what):
    """While a state is on its way the order moves on, and its mark is cleared by another worker, whose record stands
    before this one: the present state must follow."""
    if not instance.services.owns_kafka:
        pytest.skip("KAFKA_BOOTSTRAP names a broker that is not ours to stop")
    order_id = ask(instance, phone())["order_id"]
    row = "select dirty, publish_count from munim.approval where order_id = %s"
    wait_until(lambda: not instance.db(row, order_id)[0][0], PATIENCE, "the first mark's end")
    count = instance.db(row, order_id)[0][1]
    with stopped_broker(instance.services):
        instance.db("update munim.approval set dirty = true, publish_after = now() where order_id = %s", order_id)
        wait_until(lambda: instance.db(row, order_id)[0][1] > count, PATIENCE, "the record")
        if what == "version":
            instance.db("update munim.orders set version = version + 1 where order_id = %s", order_id)
            instance.db("update munim.approval set version = version + 1, dirty = false where order_id = %s", order_id)
        else:
            instance.db("insert into munim.decision (order_id, decision_id, tenant_id, verb, outcome) select order_id, 'one',"
                        " tenant_id, 'approve', 'changed' from munim.orders where order_id = %s", order_id)
            instance.db("update munim.approval set dirty = false, publish_after = now() + interval '1 hour'"
                        " where order_id = %s", order_id)

    def told():
        last = [json.loads(one.value) for one in instance.topics().records("approval.v1") if one.key == order_id][-1]
        version = instance.db("select version from munim.orders where order_id = %s", order_id)[0][0]
        return last["version"] == version and (what == "version" or "one" in last["answers"])

    wait_until(told, PATIENCE, "the present state")
