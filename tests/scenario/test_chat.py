"""munim chat: a person, or a file, plays the customer through the real ingress and sender."""
import os
import pty
import select
import subprocess

import pytest

from instance import BIN, wait_until
from play import phone

SETTINGS = {"pool.simulator": "true"}


def chat(instance, text, *args):
    """(exit status, output, errors) of a conversation whose customer's lines are given."""
    done = subprocess.run([BIN / "munim", "chat", *args], env=instance.env(), input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=120, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def said(out):
    """[(who, text)] of what chat printed."""
    return [(who, text) for who, _, text in (part.partition(": ") for part in out.split("\n\n") if part.strip())]


def test_lines_of_a_pipe_are_a_conversation(shared):
    who = phone()
    code, out, errors = chat(shared, "20m blue cotton\r\n\nhaan confirm".encode(), "--from", "+" + who, "--wait", "2")
    assert (code, errors) == (0, "")
    assert [(name, text) for name, text in said(out) if name == "you"] == [("you", "20m blue cotton"),
                                                                           ("you", "haan confirm")]
    # Each message is answered before the next is said, and nothing is said twice.
    assert [name for name, _ in said(out)] == ["you", "shop", "you", "shop"]
    assert "blue cotton" in said(out)[1][1]
    assert [send["text"] for send in shared.sends(who)] == [text for name, text in said(out) if name == "shop"]
    assert shared.db("select o.state from munim.orders o join munim.conversation c using (conversation_id)"
                   " where c.address = %s", who) == [("WAITING_OWNER_CONFIRMATION",)]


def test_only_ones_own_answers_are_shown(shared):
    other, who = phone(), phone()
    shared.say("20m blue cotton", other)
    shared.wait_sends(1, other)
    code, out, _ = chat(shared, b"10m red cotton\n", "--from", who, "--wait", "2", "--name", "Ravi")
    assert code == 0 and [name for name, _ in said(out)] == ["you", "shop"]
    assert "red cotton" in said(out)[1][1] and "blue cotton" not in out
    assert shared.db("select name from munim.contact join munim.conversation c using (contact_id)"
                   " where c.address = %s", who) == [("Ravi",)]


def test_a_line_that_is_no_text_is_not_sent(shared):
    who = phone()
    code, out, errors = chat(shared, b"10m red\xff\xfe\n10m red cotton\n", "--from", who, "--wait", "2")
    assert code == 0 and "not UTF-8" in errors
    assert [text for name, text in said(out) if name == "you"] == ["10m red cotton"]


def test_on_a_terminal_answers_appear_below(shared):
    who = phone()
    master, slave = pty.openpty()
    process = subprocess.Popen([BIN / "munim", "chat", "--from", who, "--wait", "1"], env=shared.env(), stdin=slave,
                               stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    seen = b""

    def shows(words):
        nonlocal seen
        while select.select([master], [], [], 0)[0]:
            try:
                seen += os.read(master, 65536)
            except OSError:
                break
        return words in seen.decode(errors="replace")

    try:
        wait_until(lambda: shows(f"You are +{who}"), 20, "the greeting")
        os.write(master, b"20m blue cotton\n")
        wait_until(lambda: shows("shop: "), 30, "an answer")
        assert not shows("you: ")
        os.write(master, b"\x04")
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)


def test_without_a_simulator_it_refuses(new_instance):
    code, out, errors = chat(new_instance(), b"20m blue cotton\n")
    assert (code, out) == (3, "") and "no simulator" in errors


def test_a_simulator_that_is_away_is_told(new_instance):
    code, out, errors = chat(new_instance(SETTINGS), b"20m blue cotton\n")
    assert (code, out) == (1, "") and "simulator does not answer" in errors


@pytest.mark.parametrize("args", [["--wait", "0"], ["--wait", "3x"], ["--wait", "-1"], ["--wait", "99999999999999"],
                                  ["--from", "Asha"], ["--from", "12"], ["--colour", "red"], ["hello"]], ids=" ".join)
def test_a_wrong_call_is_told_the_usage(shared, args):
    code, out, errors = chat(shared, b"", *args)
    assert (code, out) == (2, "") and "usage: munim chat" in errors
