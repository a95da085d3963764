"""The rows of the crash table that come from outside our code, struck as faults while customers order.

A fault is a function of the lab that counts its strikes in row.hits. Each waits until its strike was felt, and until orders
end again afterwards; what nobody noticed is no hit.
"""
import random
import signal
import time

from confluent_kafka.admin import AdminClient

from clocks import Clock
from crash_broker import cut_last_batch, partition_directory, suspended
from crash_lab import HIT_PATIENCE, Lab, Row, try_row
from crash_postgres import Standby, full_disk
from disks import cannot_mount
from services import wait_until


class Skip(Exception):
    """Cannot be tried here; the words say why."""


class Fault:
    """most: strikes at most, for what takes long. shared: strikes the broker or the database of everybody."""

    def __init__(self, row, point, strikes, shared=False, most=1000, settings=None, whole=True):
        self.row, self.point, self.strikes, self.shared = row, point, strikes, shared
        self.most, self.settings, self.whole = most, settings, whole

    def strike(self, services, times, seed):
        row = Row(self.row, self.point)

        def strikes(lab, _):
            try:
                self.strikes(lab, row, min(times, self.most))
            except Skip as why:
                row.skipped = f"skipped: {why}"

        return try_row(row, lambda: Lab(services, seed, self.settings), strikes, self.whole)


# -- the broker


def answers(lab, outcome):
    return lab.instance.metric("munim_ingress_webhooks_total", f'{{channel="whatsapp",outcome="{outcome}"}}')


def broker_silent(lab, row, times):
    """4: nothing is acknowledged in time, so that ingress says 503 and the channel comes again."""
    for _ in range(times):
        before = answers(lab, "unavailable")
        with suspended(lab.instance.services):
            wait_until(lambda: answers(lab, "unavailable") > before, HIT_PATIENCE, "a 503")
        row.hits += 1
        lab.progress()


def restart_broker(services, meanwhile=lambda: None):
    at = services.bootstrap
    services.kafka_kill()
    meanwhile()
    try:
        services.kafka_start()
    except AssertionError:
        services.kafka_start()  # a busy machine: it waits as long once more for the one that was begun
    assert services.bootstrap == at, f"somebody else has taken the broker's port: {at} is {services.bootstrap} now"


def broker_killed(lab, row, times):
    """5: with requests in flight."""
    services = lab.instance.services
    if not services.owns_kafka:
        raise Skip("KAFKA_BOOTSTRAP is given, and its broker is not ours to kill")
    for _ in range(times):
        restart_broker(services)
        row.hits += 1
        lab.progress()


def stops(lab, program, words):
    """The program ends by itself with 78, and its log says why."""
    code = lab.instance.processes[program].wait(HIT_PATIENCE)
    log = lab.instance.tail(program, 60)
    assert code == 78 and words in log, f"{program} ended with {code}:\n{log}"


def begin_log_anew(lab, topic):
    """What docs/guarantees.md tells an operator to do when he knows what became of the log."""
    lab.instance.db("update munim.part set next_offset = -1, last_offset = -1, last_digest = '', cluster_id = ''"
                    " where topic = %s", lab.instance.topics().prefix + topic)


def power_lost(lab, row, times):
    """6: the log's last record is gone after a power cut. The worker stops and says so; nothing is skipped or guessed."""
    instance, services = lab.instance, lab.instance.services
    if not services.owns_kafka:
        raise Skip("KAFKA_BOOTSTRAP is given, and its log is not ours to cut")
    for _ in range(times):
        lab.load.rest()
        ends = instance.topics().ends("inbound.v1")
        number = max(ends, key=ends.get)
        log = partition_directory(services, f"{instance.name}.inbound.v1", number)
        restart_broker(services, lambda log=log: cut_last_batch(log))
        stops(lab, "munim-worker", "the log ends before the position")
        row.hits += 1
        begin_log_anew(lab, "inbound.v1")
        lab.load.go()
        instance.start("munim-worker")
        lab.progress()


def topic_recreated(lab, row, times):
    """24: another log under the same name. Workers stop; the sender reads outbound anew, and the guard drops repeats."""
    instance = lab.instance
    admin = AdminClient({"bootstrap.servers": instance.services.bootstrap})
    for n in range(times):
        topic = ("inbound.v1", "outbound.v1")[n % 2]
        lab.load.rest()
        name = f"{instance.name}.{topic}"
        for done in admin.delete_topics([name], operation_timeout=10).values():
            done.result()
        wait_until(lambda: name not in admin.list_topics(timeout=10).topics, 20, f"the end of {name}")
        instance.munim("topics", "create")
        program = "munim-worker" if topic == "inbound.v1" else "munim-sender"
        if instance.processes[program].poll() is None:
            instance.kill(program)
        if program == "munim-worker":
            instance.launch(program)
            stops(lab, program, "the log ends before the position")
            begin_log_anew(lab, topic)
        lab.load.go()
        instance.start(program)
        row.hits += 1
        lab.progress()


# -- Postgres


def postgres_crashed(lab, row, times):
    """14: an immediate stop, as by kill -9 of every server process."""
    services = lab.instance.services
    if not services.owns_postgres:
        raise Skip("DATABASE_URL is given, and its server is not ours to stop")
    for _ in range(times):
        services.postgres_crash()
        services.postgres_start()
        row.hits += 1
        lab.progress()


def failed_over(lab, row, times):
    """15: the server is lost, and its synchronous standby takes its place."""
    services = lab.instance.services
    if not services.owns_postgres:
        raise Skip("DATABASE_URL is given, and its server is not ours to replace")
    for _ in range(times):
        standby = Standby(services)
        standby.follow()
        lab.progress()
        standby.take_over()
        row.hits += 1
        lab.progress()


def disk_full(lab, row, times):
    """25: Postgres can write nothing more. No acknowledgement without durability, and on it goes when there is room."""
    instance = lab.instance
    if cannot_mount():
        raise Skip(cannot_mount())
    lab.load.rest()
    for program in ("munim-worker", "munim-sender"):
        instance.kill(program)
    with full_disk(instance) as disk:
        lab.load.go()
        instance.start("munim-worker", "munim-sender")
        for _ in range(times):
            lab.progress()
            log = instance.path / "munim-worker.log"
            before = log.read_text(errors="replace").count("53100")
            disk.fill()
            wait_until(lambda: log.read_text(errors="replace").count("53100") > before, HIT_PATIENCE, "a full disk")
            row.hits += 1
            disk.empty()
        lab.settle(row)
        for program in ("munim-worker", "munim-sender"):
            instance.kill(program)
        disk.leave()
    instance.start("munim-worker", "munim-sender")


# -- processes


def owners(lab, topic):
    return {owner for owner, in lab.instance.db(
        "select owner from munim.part where topic = %s", lab.instance.topics().prefix + topic)}


def is_owner(lab, name, topic):
    pid = str(lab.instance.processes[name].pid)
    return all(owner.rsplit("/", 1)[-1] == pid for owner in owners(lab, topic))


def frozen(lab, program, topic, on_taken, on_woken, times):
    """One of two processes stands still until the other has all partitions, wakes, and finds itself a zombie."""
    names = [program, program + ".2"]
    lab.instance.start(names[1])
    for n in range(times):
        still, other = (names[n % 2], names[1 - n % 2])
        lab.instance.processes[still].send_signal(signal.SIGSTOP)
        try:
            wait_until(lambda: is_owner(lab, other, topic), HIT_PATIENCE, f"{other} with all partitions")
            on_taken()
            lab.progress(1)
        finally:
            lab.instance.processes[still].send_signal(signal.SIGCONT)
        lab.progress(1)
        on_woken()
        assert lab.instance.processes[still].poll() is None or lab.instance.processes[still].returncode in (0, 75)
        if lab.instance.processes[still].poll() is not None:
            lab.instance.start(still)


def count(row):
    def one_more():
        row.hits += 1
    return one_more


def nothing():
    pass


def worker_frozen(lab, row, times):
    """11: stopped longer than its session; another takes its partitions."""
    frozen(lab, "munim-worker", "inbound.v1", count(row), nothing, times)


def worker_wakes(lab, row, times):
    """12: it wakes and goes on where it stood: its transaction finds a later epoch."""
    frozen(lab, "munim-worker", "inbound.v1", nothing, count(row), times)


def two_senders(lab, row, times):
    """22: a sender that was given up still has requests in flight."""
    frozen(lab, "munim-sender", "outbound.v1", nothing, count(row), times)


def rebalances(lab, row, times):
    """13: workers and senders come and go faster than a group comes to rest."""
    dice = random.Random(lab.random.random())
    names = ["munim-worker.2", "munim-worker.3", "munim-sender.2"]
    for _ in range(times):
        name = dice.choice(names)
        process = lab.instance.processes.get(name)
        if process is not None and process.poll() is None:
            lab.instance.kill(name, dice.choice([signal.SIGTERM, signal.SIGKILL]))
        else:
            lab.instance.launch(name)
        row.hits += 1
        time.sleep(dice.random() * 0.5)
    lab.progress()


def clock_jumps(lab, row, times):
    """26: the wall clock of every process of ours leaps forwards and back; the database's stays."""
    clock = Clock(lab.directory / "clock")
    for program in ("munim-ingress", "munim-worker", "munim-sender"):
        lab.instance.extra[program] = clock.environment
        lab.instance.restart(program)
    for n in range(times):
        clock.leap((7200, -86400, 31536000, -31536000, 0)[n % 5])
        row.hits += 1
        lab.progress()


# -- the channel


def status_first(lab, row, times):
    """21: the delivery status is there before the answer to the send."""
    def settled():
        return lab.instance.db("select count(*) from munim.guard where settled_by = 'receipt'")[0][0]

    lab.instance.behave("late", times=times * 3, delay_ms=400, status_ms=5)
    wait_until(lambda: settled() >= times, HIT_PATIENCE, "rows settled by a status")
    lab.instance.control("reset")
    row.hits = settled()


def burst(lab, row, times):
    """23: the channel refuses, fails, closes and hangs; some of what it answers badly it has accepted."""
    def refused():
        return lab.counts()["refused"]

    for _ in range(times):
        before = refused()
        lab.instance.behave("refuse", times=6, http=429, code=130429)
        lab.instance.behave("refuse", times=2, http=500, code=0)
        lab.instance.behave("refuse", times=2, http=503, code=131000, accepted=True)
        lab.instance.behave("close", times=1)
        lab.instance.behave("hang", times=1)
        wait_until(lambda: refused() >= before + 10, HIT_PATIENCE, "the burst's end")
        row.hits += 12
        lab.progress()


FAULTS = (
    Fault(4, "broker silent", broker_silent, shared=True, most=5, settings={"ingress.answer_deadline": "1s"}),
    Fault(5, "broker kill -9", broker_killed, shared=True, most=10),
    Fault(6, "log's tail lost", power_lost, shared=True, most=3, whole=False),
    Fault(11, "worker SIGSTOP", worker_frozen),
    Fault(12, "zombie worker", worker_wakes),
    Fault(13, "rebalance storm", rebalances),
    Fault(14, "Postgres immediate stop", postgres_crashed, shared=True, most=20),
    Fault(15, "failover to standby", failed_over, shared=True, most=3),
    Fault(21, "status before answer", status_first, settings={"sender.request_timeout": "900ms"}),
    Fault(22, "two senders", two_senders),
    Fault(23, "429/5xx burst", burst),
    Fault(24, "topic recreated", topic_recreated, most=4, whole=False),
    Fault(25, "disk full", disk_full, most=5),
    Fault(26, "clock jump", clock_jumps),
)
