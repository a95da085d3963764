"""The guards of the sender, one by one: what each has to refuse is brought about by hand, behind the sender's back or in
a transaction that its own has to wait for.

scripts/mutants takes each guard out and runs these tests first.
"""
import contextlib
import json
import signal
import time

import pytest

import invariants
from hold import FENCED, LOST, conversation_of, guard, meanwhile, said, status, wait_states
from instance import wait_until
from play import phone, tell

# A request that is not answered ends soon; what is uncertain then stays so, where the window is not the test's subject.
SETTINGS = {"kafka.session_timeout": "2s", "sender.request_timeout": "700ms", "sender.send_deadline": "1s",
            "sender.uncertain_window": "120s"}
DEADLINE = 1.0
PATIENCE = 10


@pytest.fixture
def instance(shared):
    yield shared
    shared.control("reset")


def requests(instance):
    return invariants.counts(instance)["requests"]


def change(instance, who, what, *args):
    """Changes the customer's guard rows, as another process might."""
    instance.db(f"update munim.guard set {what} where conversation_id = %s", *args, conversation_of(instance, who))


def postpone(instance, who):
    """The customer's answer is refused for now: its row is PENDING, and in the sender's index until it is due."""
    instance.behave("refuse", to=who, times=1, http=429, code=130429, retry_after=1)
    instance.behave("accept", to=who, statuses="none")
    instance.say("1m white cotton", who)
    wait_until(lambda: guard(instance, who, "error_code")[-1:] == ["130429"], PATIENCE, "the refusal")


def wait_due(instance, later=None):
    """Until the sender has begun every send that was due before now, by one that is due after all of them."""
    later = later or phone()
    postpone(instance, later)
    wait_until(lambda: set(guard(instance, later)) == {"SENT"}, PATIENCE, "the later one")


def test_one_of_several_partitions_has_a_later_owner(instance):
    """What waits in several partitions goes in one transaction; the one that is lost must not keep the others."""
    mine = strangers(instance)
    lost = next(who for who in iter(phone, None) if tell(instance, who, "namaste")
                and not {guard(instance, who, "partition")[0]} & {guard(instance, m, "partition")[0] for m in mine})
    topic, number = f"{instance.name}.outbound.v1", guard(instance, lost, "partition")[0]
    fences = said(instance, "munim-sender", FENCED)
    with asleep(instance, (*mine, lost), 6):
        for who in (*mine, lost):
            instance.say("1m white cotton", who)
        instance.db("update munim.part set epoch = epoch + 1 where topic = %s and partition = %s", topic, number)
    for who in mine:
        instance.wait_sends(2, who)
    wait_until(lambda: said(instance, "munim-sender", FENCED) > fences, PATIENCE, "the fence")
    assert len(guard(instance, lost)) == 1
    instance.restart("munim-sender")
    instance.wait_sends(2, lost)


@contextlib.contextmanager
def asleep(instance, who, count):
    """The sender stands still until `count` records wait for the customers."""
    sender = instance.processes["munim-sender"]
    sender.send_signal(signal.SIGSTOP)
    try:
        yield
        wait_until(lambda: len([m for m in instance.topics().records("outbound.v1") if m.key in who]) == count, PATIENCE,
                   "the records")
    finally:
        sender.send_signal(signal.SIGCONT)


def test_a_record_that_is_twice_in_one_batch(instance):
    """Both copies are read before either is a row."""
    who, before = phone(), requests(instance)
    with asleep(instance, [who], 2):
        instance.say("namaste", who)
        wait_until(lambda: any(m.key == who for m in instance.topics().records("outbound.v1")), PATIENCE, "the record")
        one = next(m for m in instance.topics().records("outbound.v1") if m.key == who)
        instance.topics().put("outbound.v1", one.value, one.key, {"ce_type": one.type})
    wait_states(instance, who, "SENT")
    tell(instance, who, "1m white cotton")
    assert requests(instance) == before + 2


def strangers(instance):
    """Two customers whose messages lie in different partitions."""
    who, other = phone(), phone()
    tell(instance, who, "namaste")
    tell(instance, other, "namaste")
    while guard(instance, who, "partition") == guard(instance, other, "partition"):
        other = phone()
        tell(instance, other, "namaste")
    return who, other


def test_a_start_under_an_old_epoch(instance):
    """A later owner has the partition, and no record has told the sender yet: it begins nothing there."""
    who, other = strangers(instance)
    postpone(instance, who)
    instance.db("update munim.part set epoch = epoch + 1 where topic = %s and partition = %s",
                instance.name + ".outbound.v1", guard(instance, who, "partition")[0])
    wait_due(instance, other)
    assert guard(instance, who) == ["SENT", "PENDING"] and len(instance.sends(who)) == 1
    instance.restart("munim-sender")
    wait_states(instance, who, "SENT", "SENT")


def test_a_start_behind_a_gate_that_has_moved(instance):
    """The index in memory is older than the gate in Postgres, which is asked again."""
    who = phone()
    postpone(instance, who)
    gate = "update munim.gate set settled_through = settled_through %s 1 where conversation_id = '%s'"
    instance.db(gate % ("+", conversation_of(instance, who)))
    wait_due(instance)
    assert guard(instance, who) == ["PENDING"] and instance.sends(who) == []
    instance.db(gate % ("-", conversation_of(instance, who)))
    tell(instance, who, "haan confirm")
    wait_states(instance, who, "SENT", "SENT")


def test_a_start_of_what_is_not_pending_any_more(instance):
    """Another sender has tried it meanwhile, and does not know how it ended."""
    who = phone()
    postpone(instance, who)
    change(instance, who, "state = 'UNCERTAIN', uncertain_since = now()")
    wait_due(instance)
    assert guard(instance, who) == ["UNCERTAIN"] and instance.sends(who) == []
    change(instance, who, "state = 'PENDING'")
    wait_states(instance, who, "SENT")


def test_a_start_of_another_attempt(instance):
    """Another sender has tried it meanwhile, and it was refused again: the next try has a number of its own."""
    who = phone()
    postpone(instance, who)
    change(instance, who, "attempt = attempt + 1")
    wait_until(lambda: guard(instance, who) in (["SENT"], ["UNCERTAIN"]), PATIENCE, "the end")
    assert (guard(instance, who, "settled_by"), guard(instance, who, "attempt")) == (["answer"], [3])


def test_a_start_that_took_too_long(instance):
    """SENDING was committed when little was left of the deadline: no byte goes out, and the next try has its own."""
    who = phone()
    postpone(instance, who)
    with meanwhile(instance, ("select 1 from munim.guard where conversation_id = %s for update",
                              conversation_of(instance, who))) as held:
        held.waited_for("munim-sender")
        end = time.monotonic() + 0.8 * DEADLINE
        wait_until(lambda: time.monotonic() > end, PATIENCE, "most of the deadline")
    wait_states(instance, who, "SENT")
    assert guard(instance, who, "attempt")[0] >= 3


def test_a_start_that_was_not_committed(instance):
    """The row was SENDING in a transaction that failed at its commit: nothing may go out."""
    who = phone()
    tell(instance, who, "namaste")
    before, failures = requests(instance), said(instance, "munim-sender", "to be written again")
    instance.db("create function public.not_now() returns trigger language plpgsql as"
                " $$ begin raise exception 'not now' using errcode = '40001'; end $$")
    instance.db("create constraint trigger not_now after update on munim.guard deferrable initially deferred for each row"
                f" when (new.state = 'SENDING' and new.conversation_id = '{conversation_of(instance, who)}')"
                " execute function public.not_now()")
    try:
        instance.say("1m white cotton", who)
        wait_until(lambda: said(instance, "munim-sender", "to be written again") > failures + 1, PATIENCE, "two tries")
        assert requests(instance) == before and guard(instance, who) == ["SENT"]
    finally:
        instance.db("drop trigger not_now on munim.guard")
        instance.db("drop function public.not_now()")
    wait_states(instance, who, "SENT", "SENT")
    assert requests(instance) == before + 1


@pytest.mark.parametrize("column", ["attempt", "epoch"])
def test_an_answer_to_another_sending(instance, column):
    """The row was taken up anew, by another attempt or another owner, before the answer came: the answer is not its."""
    who = phone()
    instance.behave("late", to=who, times=1, delay_ms=500, statuses="none")
    instance.say("1m white cotton", who)
    instance.wait_sends(1, who)
    change(instance, who, f"{column} = {column} + 1")
    wait_until(lambda: guard(instance, who) != ["SENDING"], PATIENCE, "the end")
    assert guard(instance, who) == ["UNCERTAIN"]
    status(instance, who, "delivered")
    wait_states(instance, who, "SENT")


def test_an_answer_to_what_has_ended(instance):
    """A status was quicker, and said that it failed: the answer that follows changes nothing."""
    who, other = phone(), phone()
    instance.behave("late", to=who, times=1, delay_ms=500, statuses="none")
    instance.say("1m white cotton", who)
    instance.wait_sends(1, who)
    status(instance, who, "failed")
    wait_states(instance, who, "FAILED")
    wait_until(lambda: instance.metric("munim_sender_in_flight", process="munim-sender") == 0, PATIENCE, "the answer")
    tell(instance, other, "1m white cotton")
    wait_states(instance, other, "SENT")  # written after the first one's answer was
    assert (guard(instance, who), guard(instance, who, "settled_by")) == (["FAILED"], ["receipt"])


def test_no_answer_and_whose_word_it_takes(instance):
    """Never sent again on a guess, what is behind it waits, and only a status of the same account settles it."""
    who = phone()
    instance.behave(to=who, **LOST)
    before = requests(instance)
    instance.say("1m white cotton", who)
    instance.say("haan confirm", who)
    wait_until(lambda: guard(instance, who)[:1] not in ([], ["PENDING"], ["SENDING"]), PATIENCE, "an outcome")
    wait_states(instance, who, "UNCERTAIN", "PENDING")
    name = "munim_sender_receipts_total", '{status="delivered"}', "munim-sender"
    receipts = instance.metric(*name)
    status(instance, who, "delivered", account_id="200000000000009")
    wait_until(lambda: instance.metric(*name) > receipts, PATIENCE, "the status")
    invariants.wait_read(instance)
    assert guard(instance, who) == ["UNCERTAIN", "PENDING"] and requests(instance) == before + 1
    # The record again, as after a crash of the worker: still the same message.
    record = next(one for one in instance.topics().records("outbound.v1") if one.key == who)
    instance.topics().put("outbound.v1", record.value, record.key, {"ce_type": record.type})
    invariants.wait_read(instance)
    assert guard(instance, who) == ["UNCERTAIN", "PENDING"] and requests(instance) == before + 1
    status(instance, who, "delivered")
    wait_states(instance, who, "SENT", "SENT")


def test_what_is_uncertain_stays_so_until_its_time(instance):
    """The window is long here; a sender that has been awake for a while looks at every tick what is past it."""
    who = phone()
    instance.behave(to=who, **LOST)
    instance.say("1m white cotton", who)
    wait_states(instance, who, "UNCERTAIN")
    wait_until(lambda: instance.db("select now() - max(claimed_at) > interval '3 seconds' from munim.part where topic = %s",
                                   instance.name + ".outbound.v1")[0][0], PATIENCE, "three seconds since the claim")
    assert guard(instance, who) == ["UNCERTAIN"]
    status(instance, who, "delivered")
    wait_states(instance, who, "SENT")


def test_a_send_under_way(instance):
    """Whatever else of its conversation comes in: it is its process's until the deadline, and not uncertain."""
    who = phone()
    uncertain = instance.metric("munim_sender_uncertain_total", process="munim-sender")
    instance.behave("late", to=who, times=1, delay_ms=500, statuses="none")
    instance.say("1m white cotton", who)
    instance.wait_sends(1, who)
    instance.say("haan confirm", who)
    wait_states(instance, who, "SENT", "SENT")
    assert instance.metric("munim_sender_uncertain_total", process="munim-sender") == uncertain


@pytest.mark.parametrize("how", ["on-this-machine", "settled-meanwhile", "on-another-machine"])
def test_a_sender_that_died(instance, how):
    """What it was sending becomes UNCERTAIN, unless somebody has settled it by then: after its deadline, or at once when
    that was on a clock which is not this one."""
    who = phone()
    instance.behave(to=who, **LOST)
    before = requests(instance)
    instance.say("1m white cotton", who)
    instance.wait_sends(1, who)
    instance.kill("munim-sender")
    if how == "on-another-machine":
        change(instance, who, "boot_id = 'another', deadline_us = deadline_us * 1000")
    with meanwhile(instance, ("select 1 from munim.guard where conversation_id = %s for update",
                              conversation_of(instance, who))) as held:
        instance.start("munim-sender")
        held.waited_for("munim-sender")  # which has found it
        if how == "settled-meanwhile":
            held.do("update munim.guard set state = 'SENT', settled_by = 'receipt', settled_at = now(), provider_id = %s"
                    " where conversation_id = %s", instance.sends(who)[0]["id"], conversation_of(instance, who))
    if how != "settled-meanwhile":
        wait_until(lambda: guard(instance, who) != ["SENDING"], PATIENCE, "the end")
        assert guard(instance, who) == ["UNCERTAIN"]
        status(instance, who, "delivered")
    tell(instance, who, "haan confirm")
    wait_states(instance, who, "SENT", "SENT")
    assert requests(instance) == before + 2


def test_a_status_of_what_has_ended(instance):
    """It is kept with the message's fate, and the row stays as it is."""
    who = phone()
    instance.behave("accept", to=who, statuses="none")
    tell(instance, who, "1m white cotton")
    wait_states(instance, who, "SENT")
    status(instance, who, "failed")
    wait_until(lambda: instance.db("select 1 from munim.delivery where provider_id = %s and failed_at is not null",
                                   instance.sends(who)[0]["id"]), PATIENCE, "the note")
    assert (guard(instance, who), guard(instance, who, "settled_by")) == (["SENT"], ["answer"])


def test_a_ruling_on_what_is_not_held(instance):
    """A person may send again what stayed unknown and is held, nothing else."""
    who = phone()
    tell(instance, who, "1m white cotton")
    wait_states(instance, who, "SENT")
    instance.topics().put("receipt.v1", json.dumps({
        "channel": "whatsapp", "account_id": instance.account_id, "dedupe_key": instance.sends(who)[0]["dedupe_key"],
        "verb": "resend", "by": "nobody"}), who, {"ce_type": "munim.receipt.ruling.v1"})
    invariants.wait_read(instance)
    assert guard(instance, who, "settled_by") != ["owner"]
    tell(instance, who, "haan confirm")
    assert len(instance.sends(who)) == 2


@pytest.mark.parametrize("channel", ["whatsapp", "pigeon"])
def test_a_record_ahead_of_its_turn(instance, channel):
    """The one before it is not there yet: it waits, and so does the gate when it has failed from birth."""
    who = phone()
    tell(instance, who, "1m white cotton")
    with meanwhile(instance, ("update munim.conversation set next_seq = next_seq + 2, version = version + 1"
                              " where address = %s", who)) as held:
        for seq, text, by, wait in ((2, "second", "whatsapp", "1 hour"), (3, "third", channel, "0")):
            held.do("insert into munim.outbox (dedupe_key, tenant_id, conversation_id, seq, key, class, payload,"
                    " publish_after) select p ->> 'dedupe_key', tenant_id, conversation_id, (p ->> 'seq')::int, key, 'reply',"
                    " p::text, now() + %s::interval from (select o.*, o.payload::jsonb || jsonb_build_object('seq', %s,"
                    " 'text', %s, 'channel', %s, 'dedupe_key', encode(sha256((o.dedupe_key || %s)::bytea), 'hex')) as p"
                    " from munim.outbox o join munim.conversation c using (conversation_id) where c.address = %s"
                    " and o.seq = 1) as x", wait, seq, text, by, text, who)
    end = "PENDING" if channel == "whatsapp" else "FAILED"
    wait_states(instance, who, "SENT", end)
    wait_due(instance)
    assert guard(instance, who, "seq") == [1, 3] and len(instance.sends(who)) == 1
    assert instance.metric("munim_sender_gate_holes", process="munim-sender") == 1
    instance.db("update munim.outbox set publish_after = now() where taken_at is null")
    wait_states(instance, who, "SENT", "SENT", end.replace("PENDING", "SENT"))
    assert [send["text"] for send in instance.sends(who)][1:] == ["second", "third"][:1 + (channel == "whatsapp")]


def test_a_record_in_another_one_s_place(instance):
    """A message that nobody planned, as of a commit that a failover has lost, has taken the sequence: the one that was
    planned is not sent out of turn, and does not pass for taken."""
    who = phone()
    tell(instance, who, "1m white cotton")
    topics = instance.topics()
    first = next(one for one in topics.records("outbound.v1") if one.key == who)
    value = {**json.loads(first.value), "seq": 2, "channel": "pigeon", "dedupe_key": "0" * 64}
    topics.put("outbound.v1", json.dumps(value), who, {"ce_type": first.type})
    wait_states(instance, who, "SENT", "FAILED")
    instance.say("haan confirm", who)
    untaken = "select taken_at is null from munim.outbox where conversation_id = %s and seq = 2"
    wait_until(lambda: len([one for one in topics.records("outbound.v1") if one.key == who]) > 2, PATIENCE, "its record")
    invariants.wait_read(instance)
    assert instance.db(untaken, conversation_of(instance, who)) == [(True,)] and len(instance.sends(who)) == 1
    assert "another message has its number" in instance.munim("audit", check=False)[1]
    # Taken away by hand, the planned one goes out by itself.
    instance.db("delete from munim.guard where dedupe_key = %s", "0" * 64)
    instance.db("update munim.gate set settled_through = 1 where conversation_id = %s", conversation_of(instance, who))
    wait_states(instance, who, "SENT", "SENT")
