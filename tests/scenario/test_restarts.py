"""Processes, Postgres and the broker die in the middle of orders: each order ends once, with one invoice, and each
message reaches its customer once."""
import json
import signal
import threading
import time

import psycopg2
import pytest

import invariants
from instance import PROGRAMS, alive, http, wait_until
from play import message, order_of, phone, request_of, tell, told, webhook_of

# Who is silent for 2 s has lost its partitions; a send of which nobody knows the end after 5 s is made once more.
SETTINGS = {"kafka.session_timeout": "2s", "sender.request_timeout": "1s", "sender.send_deadline": "1s",
            "sender.uncertain_window": "5s", "ingress.answer_deadline": "2s"}
MORTALS = ("munim-ingress", "munim-worker", "munim-sender")
PATIENCE = 40


@pytest.fixture
def instance(shared):
    return shared


def send_held(instance):
    """Sends again what is held for a person; returns how much that was."""
    held = [json.loads(line) for line in instance.munim("held", "list", "--json").splitlines()]
    for one in held:
        instance.munim("held", "resend", one["key"])
    return len(held)


def die(instance, names):
    """kill -9 of all of them at once; returns the names."""
    for name in names:
        instance.processes[name].send_signal(signal.SIGKILL)
    for name in names:
        assert instance.processes[name].wait(30) == -signal.SIGKILL
    return names


class Talk(threading.Thread):
    """Customers who write one message after another, each until it is acknowledged, as the channel would."""

    def __init__(self, instance, people=6, text="1m white cotton"):
        super().__init__()
        self.instance, self.text = instance, text
        self.sent = {phone(): 0 for _ in range(people)}
        self.answers = []  # other than 200
        self.ending = threading.Event()
        self.start()

    def post(self, body):
        while True:
            try:
                status = self.instance.webhook(body)[0]
            except OSError:
                status = 0
            if status == 200:
                return
            self.answers.append(status)
            time.sleep(0.05)  # the channel's own pause between its tries

    def run(self):
        while not self.ending.is_set():
            for who in self.sent:
                one = message(who, self.text)
                self.post(webhook_of(self.instance.account_id, one))
                self.instance.said.append(one["id"])
                self.sent[who] += 1
                self.ending.wait(0.02)  # people write at a pace

    def wait_more(self, n=3):
        """Until each customer has written so many more messages."""
        before = dict(self.sent)
        wait_until(lambda: all(self.sent[who] >= before[who] + n for who in before), PATIENCE, "more messages")

    def end(self):
        self.ending.set()
        self.join(PATIENCE)
        assert not self.is_alive()

    def check(self):
        """Every message was answered, once."""
        self.end()
        wait_until(lambda: all(len(self.instance.sends(who)) >= n for who, n in self.sent.items()), PATIENCE,
                   f"an answer to each of {sum(self.sent.values())} messages")
        invariants.settle(self.instance, PATIENCE)
        assert {who: len(self.instance.sends(who)) for who in self.sent} == self.sent


def plain(texts):
    """Without the copies that are marked as sent again, of what stayed unknown for the whole window."""
    return [text for text in texts if "sent again" not in text]


@pytest.mark.parametrize("victims", [[name] for name in MORTALS] + [list(MORTALS)],
                         ids=[*MORTALS, "all-at-once"])
def test_kill_at_each_step_of_an_order(instance, victims):
    """After the message, the answer, the confirmation, while the owner's decision waits, and after it."""
    who = phone()
    instance.say("20m black polyester", who)
    instance.start(*die(instance, victims))
    instance.wait_sends(1, who, PATIENCE)
    instance.start(*die(instance, victims))
    instance.say("haan confirm", who)
    instance.start(*die(instance, victims))
    order = request_of(instance, who, PATIENCE)
    die(instance, victims)
    outcomes = []
    owner = threading.Thread(target=lambda: outcomes.append(instance.approve(order["order_id"], "--timeout", "60")))
    owner.start()
    decided = sum(instance.topics().ends("decision.v1").values())
    wait_until(lambda: sum(instance.topics().ends("decision.v1").values()) > decided or outcomes, PATIENCE,
               "the decision's record")
    instance.start(*victims)
    owner.join()
    assert [(code, one["outcome"]) for code, one in outcomes] == [(0, "completed")]
    instance.start(*die(instance, victims))
    number = outcomes[0][1]["invoice_number"]
    # A bill of which nobody can know whether it left is for a person to decide, and the person says: again.
    wait_until(lambda: [text for text in told(instance, who) if number in text] or send_held(instance), PATIENCE,
               "the bill")
    wait_until(lambda: [text for text in told(instance, who) if number in text], PATIENCE, "the bill")

    invariants.settle(instance, PATIENCE)
    assert order_of(instance, who) == (order["order_id"], "ORDER_COMPLETED")
    assert instance.db("select count(*) from munim.invoice where order_id = %s", order["order_id"]) == [(1,)]
    texts = told(instance, who)
    assert len(set(texts)) == len(texts), "the same text twice"
    summary, asked, bill = plain(texts) if len(plain(texts)) == 3 else [text.split("\n", 1)[-1] for text in texts]
    assert "black polyester" in summary and number in bill and number not in asked


def test_kill_while_many_write(instance):
    """Each process at some instant of a burst, without waiting for what it was doing."""
    talk = Talk(instance)
    for name in MORTALS:
        talk.wait_more(2)
        instance.start(*die(instance, [name]))
    talk.wait_more(2)
    talk.check()


def test_drain_while_many_write(instance):
    """TERM ends each with 0, after what it has in hand; nobody waits for a session to expire."""
    talk = Talk(instance)
    for name in MORTALS:
        talk.wait_more(2)
        assert instance.kill(name, signal.SIGTERM) == 0
        instance.start(name)
    talk.wait_more(2)
    talk.check()


def test_postgres_restarts_in_the_middle(instance):
    """At once, as at a power cut: ingress goes on, turns wait, and no process ends."""
    if not instance.services.owns_postgres:
        pytest.skip("DATABASE_URL names a server that is not ours to crash")
    pids = {name: instance.processes[name].pid for name in MORTALS}
    who = phone()
    assert tell(instance, who, "3m red cotton")
    talk = Talk(instance)
    try:
        for _ in range(2):
            talk.wait_more(2)
            instance.services.postgres_crash()
            talk.wait_more(2)  # acknowledged without Postgres
            instance.say("haan confirm", who)
            admin = instance.address("munim-worker")["admin"]
            wait_until(lambda: http(f"http://{admin}/readyz")[0] == 503, 10, "an honest /readyz")
            instance.services.postgres_start()
    finally:
        instance.services.postgres_start()
        talk.end()
    order = request_of(instance, who, PATIENCE)
    assert instance.approve(order["order_id"])[0] == 0
    talk.check()
    assert talk.answers == []
    assert {name: instance.processes[name].pid for name in MORTALS if alive(pids[name])} == pids


def test_the_broker_dies_and_comes_back(instance):
    """Ingress answers 503, which the channel takes for "again"; then all is as before, by itself."""
    if not instance.services.owns_kafka:
        pytest.skip("KAFKA_BOOTSTRAP names a broker that is not ours to kill")
    pids = {name: instance.processes[name].pid for name in MORTALS}
    who = phone()
    assert tell(instance, who, "3m red cotton")
    talk = Talk(instance, people=3)
    try:
        talk.wait_more(2)
        instance.services.kafka_kill()
        began = time.monotonic()
        assert instance.webhook(webhook_of(instance.account_id, message(phone(), "1m white cotton")))[0] == 503
        assert time.monotonic() - began < 10
        wait_until(lambda: 503 in talk.answers, 20, "the channel's 503")
        instance.say("haan confirm", who)  # the channel goes on trying
        admin = instance.address("munim-ingress")["admin"]
        wait_until(lambda: http(f"http://{admin}/readyz")[0] == 503, 20, "an honest /readyz")
        assert http(f"http://{admin}/livez")[0] == 200
    finally:
        instance.services.kafka_start()
    talk.wait_more(2)
    order = request_of(instance, who, 60)
    assert instance.approve(order["order_id"], "--timeout", "60")[0] == 0
    talk.check()
    assert set(talk.answers) <= {503}
    assert {name: instance.processes[name].pid for name in MORTALS if alive(pids[name])} == pids


def owner_of(instance, who):
    """(process name, partition, epoch) of the worker that has the customer's partition; None when it is another."""
    record = next(one for one in instance.topics().records("inbound.v1") if one.key == who)
    owner, epoch = instance.db("select owner, epoch from munim.part where topic = %s and partition = %s",
                               instance.name + ".inbound.v1", record.partition)[0]
    pid = int(owner.rsplit("/", 1)[1])
    return next(((name, record.partition, epoch) for name, process in instance.processes.items()
                 if process.pid == pid and process.poll() is None), None)


@pytest.fixture
def two_workers(instance):
    instance.start("munim-worker.2")
    yield instance
    for name in ("munim-worker", "munim-worker.2"):
        instance.processes[name].send_signal(signal.SIGCONT)
    if "munim-worker.2" in instance.processes:
        assert instance.kill("munim-worker.2", signal.SIGTERM) == 0
        del instance.processes["munim-worker.2"]


def test_two_workers_share_and_hand_over(two_workers):
    """A second worker comes and goes while customers write: partitions change hands, nothing else does."""
    talk = Talk(two_workers)
    talk.wait_more(2)
    two_workers.restart("munim-worker.2", signal.SIGKILL)
    talk.wait_more(2)
    two_workers.restart("munim-worker")
    talk.wait_more(2)
    talk.check()


def test_a_zombie_is_fenced(two_workers):
    """Stopped for longer than its session, in the middle of a burst; what it wakes up with is no longer its own."""
    who = phone()
    tell(two_workers, who, "2m white cotton")
    talk = Talk(two_workers)
    talk.wait_more(2)
    zombie, partition, epoch = wait_until(lambda: owner_of(two_workers, who), PATIENCE, "the owner")
    two_workers.processes[zombie].send_signal(signal.SIGSTOP)
    two_workers.say("haan confirm", who)
    # The other one takes over and answers.
    two_workers.wait_sends(2, who, PATIENCE)
    assert two_workers.db("select epoch > %s from munim.part where topic = %s and partition = %s", epoch,
                          two_workers.name + ".inbound.v1", partition) == [(True,)]
    two_workers.processes[zombie].send_signal(signal.SIGCONT)
    talk.wait_more(3)
    talk.check()
    assert two_workers.processes[zombie].poll() is None
    assert order_of(two_workers, who)[1] == "WAITING_OWNER_CONFIRMATION"
    tell(two_workers, who, "cancel", PATIENCE)


@pytest.mark.parametrize("program", ["munim-worker", "munim-sender"])
def test_a_connection_that_ends_at_the_start_is_no_other_schema(instance, program):
    """Postgres goes away while a starting process asks it what it is: that passes by itself (75, not 78)."""
    other = psycopg2.connect(instance.url)
    try:
        other.cursor().execute("lock munim.installation in access exclusive mode")
        instance.launch(program + ".9")
        pid, = wait_until(lambda: instance.db("select pid from pg_stat_activity where datname = current_database()"
                                              " and wait_event_type = 'Lock' and application_name like 'munim%%'"),
                          PATIENCE, "the waiting question")[0]
        instance.db("select pg_terminate_backend(%s)", pid)
        assert instance.processes.pop(program + ".9").wait(PATIENCE) == 75, instance.tail(program + ".9")
    finally:
        other.rollback()
        other.close()
    assert "Postgres could not tell of its" in instance.tail(program + ".9")


def test_a_zombie_in_the_middle_of_its_transaction(two_workers):
    """Stopped while its transaction is open and holds the partition's row: the next owner ends that connection."""
    who = phone()
    tell(two_workers, who, "2m white cotton")
    zombie, partition, epoch = wait_until(lambda: owner_of(two_workers, who), PATIENCE, "the owner")
    other = psycopg2.connect(two_workers.url)
    try:
        # Somebody else has the conversation's row, so that the turn's transaction waits for it, fence and all.
        other.cursor().execute("select 1 from munim.conversation where address = %s for update", (who,))
        two_workers.say("haan confirm", who)
        wait_until(lambda: two_workers.db("select 1 from pg_stat_activity where datname = current_database()"
                                          " and wait_event_type = 'Lock' and application_name = 'munim-worker'"),
                   PATIENCE, "the waiting transaction")
        two_workers.processes[zombie].send_signal(signal.SIGSTOP)
        wait_until(lambda: two_workers.db("select 1 from munim.part where topic = %s and partition = %s and epoch > %s",
                                          two_workers.name + ".inbound.v1", partition, epoch), PATIENCE, "a new owner")
    finally:
        other.rollback()
        other.close()
    two_workers.wait_sends(2, who, PATIENCE)
    two_workers.processes[zombie].send_signal(signal.SIGCONT)
    assert tell(two_workers, who, "cancel", PATIENCE)
    invariants.settle(two_workers, PATIENCE)
    assert len(two_workers.sends(who)) == 3 and two_workers.processes[zombie].poll() is None


def test_nothing_is_written_under_an_old_epoch(instance):
    """As if others had claimed every partition meanwhile: worker and sender commit nothing before they claim anew."""
    parts = "select topic || partition, next_offset, epoch from munim.part"
    who = phone()
    tell(instance, who, "1m white cotton")
    invariants.settle(instance)
    instance.db("update munim.part set epoch = epoch + 1, owner = 'another'")
    before = {row[0]: row[1:] for row in instance.db(parts)}
    tell(instance, who, "haan confirm", PATIENCE)
    invariants.settle(instance, PATIENCE)
    moved = [(place, epoch - before[place][1]) for place, offset, epoch in instance.db(parts)
             if offset > before[place][0]]
    assert len(moved) >= 3, "inbound, outbound and receipt"
    assert all(claims >= 1 for _, claims in moved), moved
    tell(instance, who, "cancel", PATIENCE)


def test_a_sender_that_was_stopped(instance):
    """Stopped in the middle of sending; another takes over; nothing is sent twice when it wakes."""
    instance.start("munim-sender.2")
    talk = Talk(instance)
    talk.wait_more(2)
    for name in ("munim-sender", "munim-sender.2"):
        instance.processes[name].send_signal(signal.SIGSTOP)
        talk.wait_more(1)
        others = {who: len(instance.sends(who)) for who in talk.sent}
        wait_until(lambda: all(len(instance.sends(who)) > n for who, n in others.items()), PATIENCE,
                   "answers from the other sender")
        instance.processes[name].send_signal(signal.SIGCONT)
    talk.check()
    assert instance.kill("munim-sender.2", signal.SIGTERM) == 0
    del instance.processes["munim-sender.2"]


def test_everything_is_still_there(instance):
    assert all(instance.processes[name].poll() is None for name in PROGRAMS)
