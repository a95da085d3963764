"""The turn engine alone, fed from Kafka: each event has its effect once and in order, whoever owns its partition, and a
stopped conversation is taken up again without loss."""
import collections
import json
import random
import signal
import uuid

import pytest
from confluent_kafka import Producer

from instance import wait_until
from invariants import check_books, check_orders, check_stock

CUSTOMERS = 36
MESSAGES = 10
TALK = ("hello", "20m blue cotton", "5 metre", "haan confirm", "kya rate hai", "nahi", "kab milega", "cancel")
PATIENCE = 90


class Feed:
    """Writes records as ingress and the owner's tool would, and remembers what has to come of them."""

    def __init__(self, instance):
        self.instance = instance
        self.topics = instance.topics()
        self.producer = Producer({"bootstrap.servers": instance.services.bootstrap, "partitioner": "murmur2_random",
                                  "enable.idempotence": True, "log_level": 2})
        self.failed = []
        self.ids = []
        self.home = {}  # partition of each message's first record

    def record(self, topic, kind, key, value, partition=None, done=None):
        def delivered(error, m):
            if error is not None:
                self.failed.append(error)
            elif done is not None:
                done(m.partition())

        where = {} if partition is None else {"partition": partition}
        headers = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_type": kind, "ce_source": "munim/test",
                   "ce_time": "2026-01-01T00:00:00Z", "content-type": "application/json"}
        self.producer.produce(self.topics.prefix + topic, json.dumps(value), key, headers=headers,
                              on_delivery=delivered, **where)
        self.producer.poll(0)

    def message(self, who, text, message_id=None, partition=None):
        """One message of a customer; with an id and a partition, the same one once more in another place."""
        repeat = message_id is not None
        message_id = message_id or f"wamid.{uuid.uuid4().hex}"
        value = {"channel": "whatsapp", "account_id": self.instance.account_id, "message_id": message_id, "key": who,
                 "identities": [f"p:{who}"], "address": who, "address_kind": "phone", "name": "Asha", "kind": "text",
                 "text": text}
        if not repeat:
            self.ids.append(message_id)
        self.record("inbound.v1", "munim.inbound.message.v1", who, value, partition,
                    None if repeat else lambda at: self.home.__setitem__(message_id, at))
        return message_id

    def redrive(self, conversation_id, who, command_id=None):
        command_id = command_id or str(uuid.uuid4())
        self.record("inbound.v1", "munim.inbound.redrive.v1", who,
                    {"command_id": command_id, "channel": "whatsapp", "account_id": self.instance.account_id,
                     "key": who, "conversation_id": conversation_id})
        return command_id

    def decision(self, order_id, who, version, tenant_id, account_id=None, decision_id=None, partition=None):
        decision_id = decision_id or str(uuid.uuid4())
        self.record("decision.v1", "munim.decision.order.v1", who,
                    {"decision_id": decision_id, "order_id": order_id, "tenant_id": tenant_id, "verb": "approve",
                     "reason": "", "version": version, "by": "Ravi", "route": {
                         "channel": "whatsapp", "account_id": account_id or self.instance.account_id, "key": who}},
                    partition)
        return decision_id

    def flush(self):
        assert self.producer.flush(30) == 0 and not self.failed, self.failed

    def wait_read(self, timeout=PATIENCE):
        """Until the workers stand at the end of both logs."""
        self.flush()
        ends = {(topic, n): end for topic in ("inbound.v1", "decision.v1")
                for n, end in self.topics.ends(topic).items() if end > 0}
        last = [None]

        def read():
            at = {(topic, n): next_offset for topic, n, next_offset in self.instance.db(
                "select substr(topic, %s), partition, next_offset from munim.part", len(self.topics.prefix) + 1)}
            last[0] = {place: (at.get(place), end) for place, end in ends.items() if at.get(place) != end}
            return not last[0]

        try:
            wait_until(read, timeout, "the end of the logs")
        except AssertionError:
            raise AssertionError(f"not read to the end within {timeout} s: {last[0]}") from None


def worker(new_instance, settings=None):
    """One worker without senders: what it publishes stays where it is."""
    return new_instance({"worker.republish": "60s", "log.format": "logfmt", **(settings or {})}).start("munim-worker")


def wait_owner(instance, name):
    """Until the worker owns partitions: it is ready without any, too."""
    owner = f"munim-worker/{instance.processes[name].pid}"
    wait_until(lambda: instance.db("select 1 from munim.part where owner = %s", owner), 30, f"a claim of {name}")


def start_second(instance):
    instance.start("munim-worker.2")
    wait_owner(instance, "munim-worker.2")


def bodies(instance, who):
    return [body for (body,) in instance.db(
        "select m.body from munim.message m join munim.conversation c using (conversation_id) where c.key = %s"
        " and m.direction = 'in' order by m.n", who)]


def conversation_of(instance, who):
    return instance.db("select conversation_id::text from munim.conversation where key = %s", who)[0][0]


def park(instance, who):
    """As if an event of the conversation had failed before; only between turns."""
    instance.db("update munim.conversation set parked = true, version = version + 1 where key = %s", who)


def check_once(instance, feed):
    assert instance.db("select 1 from munim.parked where state = 'parked'") == []
    assert instance.db("select reason from munim.refused") == []
    inbox = [message_id for (message_id,) in instance.db(
        "select message_id from munim.inbox where channel = 'whatsapp'")]
    assert sorted(inbox) == sorted(feed.ids)
    effects = [message_id for (message_id,) in instance.db(
        "select message_id from munim.message where direction = 'in'")]
    assert sorted(effects) == sorted(feed.ids)


def check_order(instance, feed):
    """Within a partition a conversation's effects stand in the order of the log. A repeat in another partition may have
    been the first that was read: it counts there."""
    seen = collections.defaultdict(list)
    for conversation, message_id, partition, offset in instance.db(
            'select m.conversation_id::text, m.message_id, i.partition, i."offset" from munim.message m'
            " join munim.inbox i on i.message_id = m.message_id where m.direction = 'in' order by m.n"):
        if partition == feed.home[message_id]:
            seen[conversation].append(offset)
    assert len(seen) == CUSTOMERS
    for conversation, offsets in seen.items():
        assert offsets == sorted(offsets), f"{conversation} out of order: {offsets}"


def check_sequences(instance):
    for key, next_seq, seqs in instance.db(
            "select c.key, c.next_seq, coalesce(array_agg(o.seq order by o.seq) filter (where o.seq is not null), '{}')"
            " from munim.conversation c left join munim.outbox o using (conversation_id) group by 1, 2"):
        assert seqs == list(range(1, next_seq)), f"holes of {key}: {seqs}, next {next_seq}"


def say_all(feed, customers, rounds, luck):
    """Interleaved messages of all customers; about one in eight comes twice, half of those in another partition."""
    partitions = feed.topics.all("inbound.v1")
    for who in (who for _ in range(rounds) for who in luck.sample(customers, len(customers))):
        text = luck.choice(TALK)
        message_id = feed.message(who, text)
        if luck.random() < 0.125:
            feed.message(who, text, message_id, luck.choice([None, luck.choice(partitions)]))


def approve_all(instance, feed, luck):
    """The owner says yes to every waiting order, each decision twice and in two partitions."""
    waiting = instance.db("select o.order_id::text, c.key, o.version, o.tenant_id::text from munim.orders o"
                          " join munim.conversation c using (conversation_id)"
                          " where o.state = 'WAITING_OWNER_CONFIRMATION'")
    for order_id, who, version, tenant_id in waiting:
        decision_id = feed.decision(order_id, who, version, tenant_id)
        feed.decision(order_id, who, version, tenant_id, decision_id=decision_id,
                      partition=luck.choice(feed.topics.all("decision.v1")))
    return len(waiting)


def test_each_event_once_and_in_order_through_rebalances(new_instance):
    instance = worker(new_instance)
    feed = Feed(instance)
    luck = random.Random(11)
    customers = [str(919860000000 + n) for n in range(CUSTOMERS)]
    for turn in range(MESSAGES // 2):
        say_all(feed, customers, 1, luck)
        start_second(instance)
        say_all(feed, customers, 1, luck)
        feed.flush()
        instance.kill("munim-worker.2", signal.SIGKILL if turn == MESSAGES // 2 - 1 else signal.SIGTERM)
    feed.wait_read()
    assert approve_all(instance, feed, luck) > 0
    start_second(instance)
    feed.wait_read()

    check_once(instance, feed)
    check_order(instance, feed)
    check_sequences(instance)
    check_stock(instance)
    check_orders(instance)
    check_books(instance)
    assert instance.db("select 1 from munim.invoice limit 1") == [(1,)]
    assert instance.db("select decision_id from munim.decision group by 1 having count(*) > 1") == []


def test_a_stopped_worker_that_wakes_up_changes_nothing(new_instance):
    instance = worker(new_instance)
    feed = Feed(instance)
    luck = random.Random(12)
    customers = [str(919860000000 + n) for n in range(CUSTOMERS)]
    start_second(instance)
    say_all(feed, customers, 2, luck)
    feed.flush()
    instance.processes["munim-worker.2"].send_signal(signal.SIGSTOP)
    try:
        say_all(feed, customers, 2, luck)
        feed.wait_read()  # the first worker has everything by now
    finally:
        instance.processes["munim-worker.2"].send_signal(signal.SIGCONT)
    say_all(feed, customers, 2, luck)
    instance.wait_ready("munim-worker.2")
    feed.wait_read()
    check_once(instance, feed)
    check_order(instance, feed)
    check_sequences(instance)


@pytest.fixture
def stopped(new_instance):
    """A worker, its feed, and a customer whose conversation is parked."""
    instance = worker(new_instance)
    feed = Feed(instance)
    who = "919860000000"
    feed.message(who, "hello")
    feed.wait_read()
    park(instance, who)
    return instance, feed, who


def parked_left(instance):
    return instance.db("select count(*) from munim.parked where state = 'parked'")[0][0]


def test_a_redrive_takes_the_parked_events_in_order(stopped):
    instance, feed, who = stopped
    said = ["hello"] + [f"{n} metre blue cotton" for n in range(5, 9)]
    for text in said[1:]:
        feed.message(who, text)
    feed.wait_read()
    assert (parked_left(instance), bodies(instance, who)) == (4, ["hello"])
    feed.redrive(conversation_of(instance, who), who)
    feed.message(who, "kya rate hai")
    feed.wait_read()
    assert bodies(instance, who) == said + ["kya rate hai"]
    assert instance.db("select parked from munim.conversation") == [(False,)]
    check_once(instance, feed)
    check_sequences(instance)


def test_a_repeated_redrive_takes_nothing(stopped):
    """The operator's command comes twice, and events were parked in between: they wait for a command of their own."""
    instance, feed, who = stopped
    conversation = conversation_of(instance, who)
    feed.message(who, "5 metre blue cotton")
    command = feed.redrive(conversation, who)
    feed.wait_read()
    assert parked_left(instance) == 0
    park(instance, who)
    feed.message(who, "kya rate hai")
    feed.message(who, "nahi")
    feed.redrive(conversation, who, command)
    feed.wait_read()
    assert parked_left(instance) == 2
    feed.redrive(conversation, who)
    feed.wait_read()
    assert bodies(instance, who) == ["hello", "5 metre blue cotton", "kya rate hai", "nahi"]
    check_once(instance, feed)


def test_a_redrive_in_a_careful_partition_loses_nothing(stopped):
    """Two claims without progress make the partition careful; planning the next parked event is no attempt at poison."""
    instance, feed, who = stopped
    said = [f"{n} metre blue cotton" for n in range(5, 10)]
    for text in said:
        feed.message(who, text)
    feed.wait_read()
    for _ in range(2):
        instance.restart("munim-worker", signal.SIGKILL)
        wait_owner(instance, "munim-worker")
    assert instance.db("select min(claims) >= 2 from munim.part") == [(True,)]
    feed.redrive(conversation_of(instance, who), who)
    feed.wait_read()
    assert bodies(instance, who) == ["hello"] + said
    check_once(instance, feed)


def test_what_is_parked_during_a_redrive_is_not_left_behind(stopped):
    """Decisions for the same conversation arrive in partitions of the other worker while the first one redrives."""
    instance, feed, who = stopped
    conversation = conversation_of(instance, who)
    said = [f"{n} metre blue cotton" for n in range(1, 16)]
    for text in said:
        feed.message(who, text)
    feed.wait_read()
    start_second(instance)
    tenant_id = instance.db("select tenant_id::text from munim.conversation")[0][0]
    instance.db("insert into munim.orders (order_id, tenant_id, conversation_id, contact_id, flow_version, state, version)"
                " select gen_random_uuid(), tenant_id, conversation_id, contact_id, 1, 'ORDER_REJECTED', 1"
                " from munim.conversation")
    order_id = instance.db("select order_id::text from munim.orders")[0][0]
    decisions = []
    feed.redrive(conversation, who)
    for n in range(60):
        decisions.append(feed.decision(order_id, who, 1, tenant_id, partition=n % 3))
        if n % 10 == 9:
            feed.flush()
    feed.wait_read()
    flag = instance.db("select parked from munim.conversation")[0][0]
    assert flag == (parked_left(instance) > 0)
    feed.redrive(conversation, who)
    feed.wait_read()
    assert bodies(instance, who) == ["hello"] + said
    assert sorted(row[0] for row in instance.db("select decision_id from munim.decision")) == sorted(decisions)
    check_once(instance, feed)


def test_a_record_that_is_parked_already_does_not_stop_its_partition(stopped):
    """The operator has put the position back, as after a truncated log: what is parked takes its place once more."""
    instance, feed, who = stopped
    feed.message(who, "5 metre blue cotton")
    feed.message(who, "nahi")
    feed.wait_read()
    instance.kill("munim-worker", signal.SIGTERM)
    instance.db("update munim.part set next_offset = next_offset - 2, last_offset = -1, last_digest = ''"
                " where topic = %s and next_offset > 2", feed.topics.prefix + "inbound.v1")
    instance.start("munim-worker")
    feed.wait_read()
    assert parked_left(instance) == 2
    feed.redrive(conversation_of(instance, who), who)
    feed.wait_read()
    assert bodies(instance, who) == ["hello", "5 metre blue cotton", "nahi"]
    check_once(instance, feed)


def test_a_decision_reaches_only_the_order_of_its_own_account(new_instance):
    """Neither another shop nor another number of the same shop may decide, and nobody hears of the attempt."""
    instance = worker(new_instance)
    feed = Feed(instance)
    who = "919860000000"
    feed.message(who, "20m blue cotton")
    feed.message(who, "haan confirm")
    feed.wait_read()
    order_id, version, tenant_id = instance.db("select order_id::text, version, tenant_id::text from munim.orders")[0]
    other = str(uuid.uuid4())
    instance.db("insert into munim.tenant (tenant_id, code, name, state_code) values (%s, 'other', 'Other', '24')", other)
    instance.db("insert into munim.account (channel, account_id, tenant_id) values ('whatsapp', '2', %s),"
                " ('whatsapp', '3', %s)", other, tenant_id)
    feed.decision(order_id, who, version, other, account_id="2")
    feed.decision(order_id, who, version, tenant_id, account_id="3")
    feed.decision(order_id, who, version, other)  # the route's shop is not the one it names
    feed.wait_read()
    assert instance.db("select state from munim.orders") == [("WAITING_OWNER_CONFIRMATION",)]
    assert instance.db("select outcome from munim.decision") == [("unknown_order",)] * 2
    assert len(instance.db("select reason from munim.refused")) == 1
    decision_id = feed.decision(order_id, who, version, tenant_id)
    feed.wait_read()
    assert instance.db("select state from munim.orders") == [("ORDER_COMPLETED",)]
    wait_until(lambda: instance.db("select 1 from munim.approval where dirty") == [], 20, "the published state")
    told = [json.loads(record.value) for record in instance.topics().records("approval.v1")][-1]
    assert told["state"] == "ORDER_COMPLETED"
    mine = [row[0] for row in instance.db("select decision_id from munim.decision where tenant_id = %s", tenant_id)]
    assert decision_id in mine and set(told["answers"]) == set(mine)


def test_every_answer_to_a_decision_is_published(new_instance):
    """Many decisions on one order that change nothing: the last record has the last eight answers."""
    instance = worker(new_instance)
    feed = Feed(instance)
    who = "919860000000"
    feed.message(who, "20m blue cotton")
    feed.message(who, "haan confirm")
    feed.wait_read()
    start_second(instance)
    order_id, version, tenant_id = instance.db("select order_id::text, version, tenant_id::text from munim.orders")[0]
    for _ in range(30):
        feed.decision(order_id, who, version - 1, tenant_id)
    feed.wait_read()
    wait_until(lambda: instance.db("select 1 from munim.approval where dirty") == [], 60, "the published state")
    last = [record for record in instance.topics().records("approval.v1")][-1]
    wanted = [row[0] for row in instance.db("select decision_id from munim.decision order by n desc limit 8")]
    assert set(json.loads(last.value)["answers"]) == set(wanted)
