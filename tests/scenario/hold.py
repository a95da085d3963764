"""What the tests about guards do by hand: a transaction that another one is waiting for, a process or the broker that
stands still, a look at what a program has said."""
import contextlib
import os
import pathlib
import signal

import psycopg2

from instance import wait_until

PATIENCE = 10
FENCED = "fenced: a later owner has this partition"
LOST = {"mode": "hang", "times": 1, "accepted": True, "statuses": "none"}  # taken, and the answer lost


class Held:
    """A transaction that is still open; what it has changed, nobody sees, and whoever wants the same rows waits."""

    def __init__(self, instance):
        self.instance = instance
        self.connection = psycopg2.connect(instance.url)

    def do(self, sql, *args):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, args or None)

    def waited_for(self, program):
        """Until the program's transaction waits for a row of this one: it has planned on what was before."""
        wait_until(lambda: self.instance.db("select 1 from pg_stat_activity where datname = current_database()"
                                            " and wait_event_type = 'Lock' and application_name = %s", program),
                   PATIENCE, f"{program} to wait")


@contextlib.contextmanager
def meanwhile(instance, *steps):
    """Does the steps, (SQL, arguments...) each, and commits them when the block ends."""
    held = Held(instance)
    try:
        for step in steps:
            held.do(*step)
        yield held
        held.connection.commit()
    finally:
        held.connection.close()


@contextlib.contextmanager
def stopped_broker(services):
    """The broker stands still within the block: what is handed over is not acknowledged."""
    pid = int((pathlib.Path(services.env["MUNIM_VAR"]) / "kafka/pid").read_text())
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def said(instance, program, words):
    """How often the words stand in the program's log."""
    return (instance.path / f"{program}.log").read_text(errors="replace").count(words)


def conversation_of(instance, who):
    return instance.db("select conversation_id::text from munim.conversation where address = %s", who)[0][0]


def conflicts(instance, code):
    return instance.metric("munim_worker_conflicts_total", f'{{code="{code}"}}', "munim-worker")


def parts(instance, topic):
    return instance.db("select partition, epoch, next_offset, attempts from munim.part where topic = %s order by 1",
                       f"{instance.name}.{topic}")


def partition_of(instance, who):
    return next(one.partition for one in instance.topics().records("inbound.v1") if one.key == who)


def taken(instance, message_id):
    return instance.db("select 1 from munim.inbox where message_id = %s", message_id) != []


def guard(instance, who, column="state"):
    """The column of everything that was planned for the customer, in order."""
    return [row[0] for row in instance.db(
        f"select g.{column} from munim.guard g join munim.conversation c using (conversation_id) where c.address = %s"
        " order by g.seq", who)]


def wait_states(instance, who, *wanted):
    wait_until(lambda: guard(instance, who) == list(wanted), PATIENCE, f"{wanted}, not {guard(instance, who)}")


def status(instance, who, what, n=-1, **other):
    """The channel tells of the n-th message that it has accepted for the customer."""
    send = instance.sends(who)[n]
    instance.control("status", {**{key: send[key] for key in ("account_id", "id", "dedupe_key")}, "to": who,
                                "status": what, **other})


@contextlib.contextmanager
def stopped_when_done(instance):
    """For an instance that several tests look at: ended with them."""
    try:
        yield instance
    finally:
        instance.end()
