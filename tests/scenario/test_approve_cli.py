"""munim approve as its user meets it: calls, answers, exit statuses. Orders are put on the topic where that is enough."""
import json
import os
import pty
import select
import signal
import socket
import subprocess

import pytest

from instance import BIN, wait_until
from play import ask, phone, state_of, told
from topics import Topics

ROUTE = {"channel": "whatsapp", "account_id": "106540352242922", "key": "919812345678"}
SHAPE = ["order_id", "conversation", "customer", "lines", "total_paise", "asked_at", "expires_at", "version"]
ORDERS = [f"0192e4a0-7c1e-7d3a-9f00-0000000000{n:02d}" for n in range(100)]


def order(n, state="WAITING_OWNER_CONFIRMATION", **more):
    """A record of the approval topic; a greater n was asked later."""
    return {
        "order_id": ORDERS[n], "tenant_id": "0192e4a0-7c1e-7d3a-9f00-1b2c3d4e5f63", "state": state, "version": 3,
        "conversation": "0192e4a0-7c1e-7d3a-9f00-1b2c3d4e5f61", "customer": f"Customer {n}", "route": ROUTE,
        "lines": [{"line_no": 1, "product": "blue cotton", "quantity": "20", "unit": "m", "batch": "L-17",
                   "amount_paise": 240000}],
        "taxable_paise": 240000, "tax_paise": 12000, "total_paise": 252000,
        "asked_at": f"2026-11-21T10:{n:02d}:00.123Z", "expires_at": f"2026-11-22T10:{n:02d}:00.123Z",
        "invoice_number": None, "closure_reason": None, "answers": {}, **more}


def answer(verb, outcome, at, reason="", invoice=None):
    return {"verb": verb, "outcome": outcome, "reason": reason, "invoice_number": invoice, "by": "ravi", "at": at}


class Board:
    """The approval topic of an instance without processes, and the decisions that were made on it."""

    def __init__(self, instance):
        self.instance, self.topics = instance, Topics(instance)

    def put(self, *orders):
        for one in orders:
            self.topics.put("approval.v1", json.dumps(one), one["order_id"])

    def decisions(self):
        return [(record.key, record.type, json.loads(record.value)) for record in self.topics.records("decision.v1")]

    def approve(self, *args):
        """(exit status, output, errors) of munim approve."""
        return self.instance.munim("approve", *args, check=False)


@pytest.fixture
def board(new_instance):
    one = Board(new_instance())
    yield one
    one.topics.close()


class Terminal:
    """munim approve with a terminal for input and output."""

    def __init__(self, instance, *args):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen([BIN / "munim", "approve", *args], env=instance.env(), stdin=slave,
                                        stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self.seen = ""

    def read(self):
        while select.select([self.master], [], [], 0)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:  # the other side is closed
                break
            self.seen += data.decode()
        return self.seen

    def wait(self, words, timeout=30):
        wait_until(lambda: words in self.read(), timeout, f"{words!r} on the terminal; it shows {self.seen!r}")

    def type(self, line):
        os.write(self.master, line.encode() + b"\n")

    def end(self, timeout=10):
        status = self.process.wait(timeout)
        self.read()
        return status

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


@pytest.fixture
def terminal():
    opened = []

    def make(*args):
        opened.append(Terminal(*args))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


# -- calls

WRONG = [
    [], ["dance"], ["list", ORDERS[1]], ["watch", ORDERS[1]], ["log", "--all"], ["show"], ["approve"], ["reject"],
    ["reject", ORDERS[1]], ["reject", ORDERS[1], "--reason", ""], ["reject", ORDERS[1], "--reason", "  "],
    ["reject", ORDERS[1], "--reason", "x" * 512], ["reject", ORDERS[1], "--reason", "a\nb"],
    ["approve", ORDERS[1], ORDERS[2]], ["approve", ORDERS[1], "--reason", "x"], ["show", ORDERS[1], "--version", "1"],
    ["approve", ORDERS[1], "--version", "-1"], ["approve", ORDERS[1], "--version", "x"],
    ["approve", ORDERS[1], "--version", ""], ["approve", ORDERS[1], "--version", "99999999999999999999"],
    ["approve", ORDERS[1], "--timeout", "0"], ["approve", ORDERS[1], "--timeout", "-5"],
    ["approve", ORDERS[1], "--timeout", "5x"], ["approve", ORDERS[1], "--timeout", ""],
    ["approve", ORDERS[1], "--timeout", "4294967297"], ["approve", ORDERS[1], "--by", ""],
    ["approve", ORDERS[1], "--by", "a\033[2J"], ["approve", ORDERS[1], "--colour"], ["list", "--kafka.colour=red"],
    ["approve", ORDERS[1], "--version"],
]


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def call(listener, *args):
    env = {**{k: v for k, v in os.environ.items() if not k.startswith("MUNIM_")}, "MUNIM_VAR": "/nonexistent",
           "KAFKA_BOOTSTRAP": "127.0.0.1:%d" % listener.getsockname()[1]}
    return subprocess.Popen([BIN / "munim", "approve", *args], env=env, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("args", WRONG, ids=lambda args: " ".join(args)[:60].replace("\n", "|") or "nothing")
def test_a_wrong_call_opens_nothing(listener, args):
    process = call(listener, *args)
    out, errors = process.communicate(timeout=10)
    assert (process.returncode, out) == (2, "")
    assert "munim approve" in errors
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_a_right_call_asks_kafka(listener):
    listener.settimeout(10)
    process = call(listener, "list")
    listener.accept()[0].close()
    process.kill()
    process.communicate()


def test_help_is_no_error(listener):
    process = call(listener, "--help")
    out, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert all(f"  {verb} " in out for verb in ("list", "show", "approve", "reject", "watch", "log"))


def test_without_kafka_it_says_so(board):
    board.instance.settings["kafka.bootstrap"] = "127.0.0.1:9"
    code, out, errors = board.approve("list", "--json")
    assert (code, out) == (1, "") and "Kafka does not answer" in errors


def test_without_its_topic_it_says_how_to_make_it(board):
    board.instance.settings["kafka.prefix"] = board.instance.name + "-other"
    code, out, errors = board.approve("list")
    assert (code, out) == (1, "") and "munim topics create" in errors


# -- what it shows

def test_orders_that_wait_oldest_first(board):
    assert board.approve("list") == (0, "No order waits for you.\n", "")
    assert board.approve("list", "--json") == (0, "", "")
    board.put(order(7), order(3), order(5, "ORDER_COMPLETED", invoice_number="INV/26-27/000001"))
    code, out, _ = board.approve("list", "--json")
    listed = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [one["order_id"] for one in listed] == [ORDERS[3], ORDERS[7]]
    assert [list(one) for one in listed] == [SHAPE, SHAPE]
    assert listed[0] == {key: order(3)[key] for key in SHAPE} | {
        "lines": [{"product": "blue cotton", "quantity": "20", "unit": "m", "batch": "L-17", "amount_paise": 240000}]}
    code, out, _ = board.approve("list")
    assert code == 0 and [line.split()[0] for line in out.splitlines()] == [ORDERS[3], ORDERS[7]]
    assert "Customer 3" in out and "₹2,520.00" in out and "20 m blue cotton" in out
    code, out, _ = board.approve("list", "--all", "--json")
    assert [(json.loads(line)["order_id"], json.loads(line)["state"]) for line in out.splitlines()] == [
        (ORDERS[3], "WAITING_OWNER_CONFIRMATION"), (ORDERS[5], "ORDER_COMPLETED"),
        (ORDERS[7], "WAITING_OWNER_CONFIRMATION")]
    assert "[ORDER_COMPLETED]" in board.approve("list", "--all")[1]


def test_the_newest_state_counts_and_a_tombstone_ends_it(board):
    board.put(order(1, version=4, customer="new"), order(1, version=3, customer="old"), order(2))
    code, out, _ = board.approve("list", "--json")
    assert code == 0 and [json.loads(line)["customer"] for line in out.splitlines()] == ["new", "Customer 2"]
    board.topics.put("approval.v1", None, ORDERS[1])
    board.topics.put("approval.v1", "this is no order", ORDERS[9])
    code, out, _ = board.approve("list", "--json")
    assert code == 0 and [json.loads(line)["order_id"] for line in out.splitlines()] == [ORDERS[2]]


def test_one_order_and_the_log_of_all(board):
    board.put(order(1, answers={"d3": answer("approve", "changed", "2026-11-21T12:00:03Z", "look again")}),
              order(2, "ORDER_COMPLETED", invoice_number="INV/26-27/000001", answers={
                  "d1": answer("approve", "completed", "2026-11-21T12:00:01Z", "", "INV/26-27/000001"),
                  "d4": answer("reject", "already_decided", "2026-11-21T12:00:04Z", "this order was approved before")}),
              order(3, "ORDER_REJECTED", answers={"d2": answer("reject", "rejected", "2026-11-21T12:00:02Z", "sold")}))
    code, out, _ = board.approve("show", ORDERS[2], "--json")
    shown = json.loads(out)
    assert code == 0 and list(shown)[:len(SHAPE)] == SHAPE
    assert (shown["state"], shown["invoice_number"], list(shown["answers"])) == (
        "ORDER_COMPLETED", "INV/26-27/000001", ["d1", "d4"])
    code, out, _ = board.approve("show", ORDERS[2])
    assert code == 0 and "Invoice   INV/26-27/000001" in out and "approve -> completed (ravi)" in out
    code, out, _ = board.approve("log", "--json")
    entries = [json.loads(line) for line in out.splitlines()]
    assert code == 0 and [(one["decision_id"], one["order_id"]) for one in entries] == [
        ("d1", ORDERS[2]), ("d2", ORDERS[3]), ("d3", ORDERS[1]), ("d4", ORDERS[2])]
    assert all(set(one) == {"verb", "outcome", "reason", "invoice_number", "by", "at", "order_id", "decision_id"}
               for one in entries)
    code, out, _ = board.approve("log")
    assert code == 0 and [line.split()[3] for line in out.splitlines()] == [
        "completed", "rejected", "changed", "already_decided"]
    assert out.splitlines()[0].endswith("INV/26-27/000001") and out.splitlines()[1].endswith("sold")


def test_an_order_that_nobody_knows(board):
    board.put(order(1), order(2))
    for verb, *rest in (("approve",), ("reject", "--reason", "sold")):
        code, out, _ = board.approve(verb, ORDERS[5], *rest)
        assert code == 1 and "There is no such order" in out
        code, out, _ = board.approve(verb, ORDERS[5], "--json", *rest)
        assert code == 1 and json.loads(out)["outcome"] == "unknown_order"
        code, out, errors = board.approve(verb, ORDERS[1][:13], "--json", *rest)
        assert (code, out) == (1, "") and "more than one order" in errors
    assert board.approve("show", ORDERS[5])[0] == 1
    assert "more than one order" in board.approve("show", ORDERS[1][:13])[2]
    code, out, _ = board.approve("show", ORDERS[2][-4:].upper(), "--json")
    assert code == 0 and json.loads(out)["order_id"] == ORDERS[2]
    assert board.approve("show", ORDERS[2][-3:])[0] == 1
    assert board.decisions() == []


def test_a_name_does_not_command_the_terminal(board):
    evil = "\033[2J\033]0;owned\007‮Meera\u009b31m\n" + ORDERS[9]
    board.put(order(1, customer=evil, answers={"d": answer("approve", "changed", "2026-11-21T12:00:00Z", evil)}))
    for args in (["list"], ["show", ORDERS[1]], ["log"]):
        code, out, _ = board.approve(*args)
        assert code == 0 and "Meera" in out
        assert not [c for c in out if (c < " " and c != "\n") or "\x7f" <= c < "\xa0" or c == "‮"]
        assert args[0] == "show" or out.count("\n") == 1
    assert json.loads(board.approve("list", "--json")[1])["customer"] == evil


# -- deciding

def test_without_a_worker_there_is_no_answer(board):
    board.put(order(1), order(2, version=8))
    code, out, _ = board.approve("approve", ORDERS[2], "--timeout", "1", "--by", "Ravi", "--json")
    outcome = json.loads(out)
    assert code == 1 and outcome["reason"]
    assert {k: v for k, v in outcome.items() if k != "reason"} == {
        "order_id": ORDERS[2], "decision": "approve", "outcome": "no_answer", "invoice_number": None}
    code, out, _ = board.approve("reject", ORDERS[1][-6:], "--reason", "नीला बिक गया", "--version", "2", "--timeout", "1")
    assert code == 1 and "no worker has answered" in out
    found = {record["verb"]: (key, kind, record) for key, kind, record in board.decisions()}
    assert len(found) == len(board.decisions()) == 2
    for verb, version, reason, n in (("approve", 8, "", 2), ("reject", 2, "नीला बिक गया", 1)):
        key, kind, record = found[verb]
        assert (key, kind) == (ROUTE["key"], "munim.decision.order.v1")
        assert (record["order_id"], record["version"], record["reason"], record["route"]) == (
            ORDERS[n], version, reason, ROUTE)
    assert found["approve"][2]["by"] == "Ravi"
    assert found["approve"][2]["decision_id"] != found["reject"][2]["decision_id"]


def test_each_outcome_has_its_exit_status(instance):
    who = phone()
    waiting = ask(instance, who)
    code, outcome = instance.approve(waiting["order_id"], "--version", str(waiting["version"] + 7))
    assert (code, outcome["outcome"], outcome["invoice_number"]) == (6, "changed", None)
    assert state_of(instance, waiting["order_id"]) == "WAITING_OWNER_CONFIRMATION"
    code, outcome = instance.reject(waiting["order_id"], "blue is sold", "--version", str(waiting["version"]))
    assert (code, outcome["outcome"], outcome["reason"]) == (0, "rejected", "blue is sold")
    wait_until(lambda: "blue is sold" in told(instance, who)[-1], 20, "the customer's news")
    code, outcome = instance.approve(waiting["order_id"])
    assert (code, outcome["outcome"], outcome["invoice_number"]) == (3, "already_decided", None)
    code, out, _ = instance.munim("approve", "reject", waiting["order_id"], "--reason", "again", check=False)
    assert code == 3 and "Nothing changed" in out
    log = [json.loads(line) for line in instance.munim("approve", "log", "--json").splitlines()]
    assert [(one["verb"], one["outcome"]) for one in log] == [
        ("approve", "changed"), ("reject", "rejected"), ("approve", "already_decided"), ("reject", "already_decided")]
    assert {one["order_id"] for one in log} == {waiting["order_id"]}


# -- watching

def test_watch_shows_requests_and_decides_on_them(instance, terminal):
    screen = terminal(instance, "watch", "--by", "Meera")
    screen.wait("No order waits for you")
    who = phone()
    waiting = ask(instance, who, "2m white cotton")
    screen.wait(f"  1  {waiting['order_id']}")
    assert "2 m white cotton" in screen.seen
    screen.type("b 1")
    screen.wait("not understood")
    for line in ("a 2", "a 0", "a 1 now", "a1", "r 1", "r 1 \t", "a -1", "a 99999999999999999999"):
        before = screen.read().count("not understood")
        screen.type(line)
        wait_until(lambda: screen.read().count("not understood") == before + 1, 10, f"the refusal of {line!r}")
    assert state_of(instance, waiting["order_id"]) == "WAITING_OWNER_CONFIRMATION"
    screen.type("a 1")
    screen.wait("Approved. Invoice INV/")
    screen.wait("[ORDER_COMPLETED]")
    other = ask(instance, who, "1m white cotton")
    screen.wait(f"  2  {other['order_id']}")
    screen.type("r 2 white is sold")
    screen.wait("Rejected.")
    assert state_of(instance, waiting["order_id"]) == "ORDER_COMPLETED"
    assert state_of(instance, other["order_id"]) == "ORDER_REJECTED"
    assert instance.db("select by_whom, reason from munim.decision order by n") == [
        ("Meera", ""), ("Meera", "white is sold")]
    screen.type("q")
    assert screen.end() == 0


def test_watch_decides_on_what_it_has_shown(board, terminal):
    board.put(order(1, version=5))
    screen = terminal(board.instance, "watch", "--timeout", "2")
    screen.wait(ORDERS[1])
    screen.type("a 1")
    # What comes while an answer is waited for is shown afterwards.
    wait_until(board.decisions, 10, "the decision")
    board.put(order(2), order(1, "ORDER_CANCELLED", version=6))
    screen.wait("no worker has answered")
    screen.wait(f"  2  {ORDERS[2]}")
    screen.wait("[ORDER_CANCELLED]")
    assert [record["version"] for _, _, record in board.decisions()] == [5]
    os.write(screen.master, b"\x04")
    assert screen.end() == 0


def test_watch_without_a_terminal_only_watches(board):
    board.put(order(1))
    process = subprocess.Popen([BIN / "munim", "approve", "watch", "--json"], env=board.instance.env(),
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        process.stdin.write("a 1\nq\n")
        process.stdin.close()
        assert json.loads(process.stdout.readline())["order_id"] == ORDERS[1]
        board.put(order(2), order(1), order(1, "ORDER_REJECTED", version=4))
        seen = [json.loads(process.stdout.readline()) for _ in range(2)]
        assert {(one["order_id"], one["state"]) for one in seen} == {
            (ORDERS[2], "WAITING_OWNER_CONFIRMATION"), (ORDERS[1], "ORDER_REJECTED")}
        assert board.decisions() == [] and process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == -signal.SIGTERM
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
