"""Plays one order on a running instance as customer and owner, and looks at every step from outside.

demo.py MUNIM: the customer's messages go through the simulator's phone and the real ingress, the owner's approval through
`munim approve`; each effect is looked up in the database, each answer at the simulator, which is the channel's witness.
Exits 0 when all was seen, 1 with the missing step in words.
"""
import json
import os
import random
import subprocess
import sys
import time
import urllib.request

import psycopg2

PATIENCE = 30
TOLD_EVERY = 5
METRES = 20
UM = 1_000_000  # micrometres in a metre

AVAILABLE = """
    SELECT v.variant_id::text, v.tenant_id::text,
           coalesce((SELECT sum((b.rolls - b.rolls_held - b.rolls_sold) * b.roll_um) FROM munim.batch b
                     WHERE b.variant_id = v.variant_id), 0)
         + coalesce((SELECT sum(p.length_um - p.held_um - p.sold_um) FROM munim.piece p JOIN munim.batch b USING (batch_id)
                     WHERE b.variant_id = v.variant_id), 0)
      FROM munim.variant v JOIN munim.product p USING (product_id) JOIN munim.account a ON a.tenant_id = v.tenant_id
     WHERE a.channel = 'whatsapp' AND a.account_id = %s AND v.color = 'blue' AND p.name = 'cotton'"""
DELIVERY = """
    INSERT INTO munim.batch (batch_id, tenant_id, variant_id, dye_lot, roll_um, rolls)
    VALUES (gen_random_uuid(), %s, %s, %s, 10 * 1000000::bigint, 2)"""
ORDER = """
    SELECT o.order_id::text, o.state, o.total_paise FROM munim.orders o
      JOIN munim.conversation c USING (conversation_id) WHERE c.channel = 'whatsapp' AND c.address = %s"""


class Missing(Exception):
    """A step that was not seen."""


class Demo:
    """One run: the instance's addresses, a new customer, a clock for the printed lines."""

    def __init__(self, munim):
        self.munim = munim
        status = json.loads(self.run("status", "--json"))
        self.sim = status["simulator"]["url"]
        self.account = next(c["phone_number_id"] for c in status["channels"] if c["channel"] == "whatsapp")
        # The status shows no password; who gave the database gave it with the password.
        self.database = psycopg2.connect(os.environ.get("DATABASE_URL") or status["postgres"]["url"])
        self.database.autocommit = True
        self.customer = f"919{random.randrange(10**9):09d}"
        self.began = time.monotonic()

    def run(self, *args):
        done = subprocess.run([self.munim, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise Missing(f"munim {' '.join(args)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def tell(self, who, text):
        first, *rest = text.strip().splitlines() or [""]
        print(f"{time.monotonic() - self.began:6.1f} s  {who:<9} {first}", flush=True)
        for line in rest:
            print(f"{'':19}{line}", flush=True)

    def rows(self, sql, *args):
        with self.database.cursor() as cursor:
            cursor.execute(sql, args)
            return cursor.fetchall() if cursor.description else []

    def wait(self, what, look):
        """The first true value of look(); tells every few seconds what it still waits for."""
        end, told = time.monotonic() + PATIENCE, time.monotonic()
        while time.monotonic() < end:
            found = look()
            if found:
                return found
            if time.monotonic() > told + TOLD_EVERY:
                told = time.monotonic()
                self.tell("...", f"still waiting for {what}")
            time.sleep(0.02)
        raise Missing(f"{what} was not seen within {PATIENCE} s")

    # The channel: what the customer types, and what has arrived on his phone.
    def say(self, text):
        self.tell("customer", text)
        body = json.dumps({"from": self.customer, "text": text, "account_id": self.account}).encode()
        request = urllib.request.Request(self.sim + "/control/say", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=PATIENCE).close()

    def phone(self):
        with urllib.request.urlopen(self.sim + "/control/sends", timeout=PATIENCE) as answer:
            return [send["text"] for send in json.load(answer) if send["to"] == self.customer]

    def answer(self, number):
        text = self.wait(f"answer {number} on the customer's phone",
                         lambda: len(self.phone()) >= number and self.phone()[number - 1])
        self.tell("shop", text)
        return text

    def order_in(self, state):
        return self.wait(f"the order in state {state}",
                         lambda: [row for row in self.rows(ORDER, self.customer) if row[1] == state])[0]


def fill_the_shelf(demo):
    """What is on the shelf before; a shelf that earlier demos have emptied gets a delivery first."""
    (variant, tenant, free), = demo.rows(AVAILABLE, demo.account)
    if free < METRES * UM:
        demo.rows(DELIVERY, tenant, variant, f"L-{int(time.time())}")
        demo.tell("shop", f"[a delivery of blue cotton: 2 rolls of 10 m, {free // UM} m were left]")
    return demo.rows(AVAILABLE, demo.account)[0][2]


def the_customer_orders(demo):
    demo.say(f"{METRES}m blue cotton")
    summary = demo.answer(1)
    if str(METRES) not in summary or "cotton" not in summary.lower():
        raise Missing("the answer does not name what was ordered")
    demo.order_in("FINAL_CUSTOMER_CONFIRMATION")
    demo.say("haan confirm")
    order, _, total = demo.order_in("WAITING_OWNER_CONFIRMATION")
    demo.answer(2)
    return order, total


def the_owner_approves(demo, order):
    def asked():
        lines = [json.loads(line) for line in demo.run("approve", "list", "--json").splitlines()]
        return next((line for line in lines if line["order_id"] == order), None)

    request = demo.wait("the request in the approval tool", asked)
    lines = ", ".join(f"{line['quantity']} {line['unit']} {line['product']}" for line in request["lines"])
    demo.tell("owner", f"sees: {lines} = Rs {request['total_paise'] / 100:.2f}")
    outcome = json.loads(demo.run("approve", "approve", order, "--json"))
    demo.tell("owner", f"approves: {outcome['outcome']}, invoice {outcome['invoice_number']}")
    if outcome["outcome"] != "completed":
        raise Missing(f"the approval ended as {outcome['outcome']}: {outcome.get('reason')}")
    return outcome["invoice_number"]


def the_books_are_right(demo, order, total, number, shelf):
    demo.order_in("ORDER_COMPLETED")
    now = demo.rows(AVAILABLE, demo.account)[0][2]
    sold, = demo.rows("SELECT coalesce(sum(length_um), 0) FROM munim.hold WHERE order_id = %s AND state = 'sold'", order)[0]
    if sold != METRES * UM or shelf - now != METRES * UM:
        raise Missing(f"the stock went from {shelf} to {now} um with {sold} um sold, wanted {METRES} m")
    demo.tell("stock", f"blue cotton {shelf // UM} m -> {now // UM} m")
    invoice = demo.rows("""SELECT number, taxable_paise, cgst_paise + sgst_paise + igst_paise, total_paise, invoice_id::text
                             FROM munim.invoice WHERE order_id = %s""", order)
    if [(row[0], row[3]) for row in invoice] != [(number, total)]:
        raise Missing(f"the order should have the one invoice {number} over {total} paise; found {invoice}")
    _, taxable, tax, _, invoice_id = invoice[0]
    demo.tell("invoice", f"{number}: {taxable / 100:.2f} + tax {tax / 100:.2f}, to pay Rs {total / 100:.2f}")
    entries = demo.rows("""SELECT e.account, e.amount_paise FROM munim.ledger_entry e JOIN munim.ledger_txn t USING (txn_id)
                            WHERE t.ref_id::text IN (%s, %s) ORDER BY e.n""", invoice_id, order)
    if len(entries) < 2 or sum(amount for _, amount in entries) != 0 or total not in [a for _, a in entries]:
        raise Missing(f"the ledger does not balance over {total} paise: {entries}")
    for account, amount in entries:
        demo.tell("ledger", f"{account:<24} {'debit ' if amount > 0 else 'credit'} {abs(amount) / 100:10.2f}")


def the_customer_is_told(demo, number):
    text = demo.wait("the customer's last message",
                     lambda: next((text for text in demo.phone() if number in text), None))
    demo.tell("shop", text)
    demo.wait("every message settled as sent", lambda: demo.rows("""
        SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM munim.outbox o JOIN munim.conversation c USING (conversation_id)
                                     LEFT JOIN munim.guard g USING (dedupe_key)
                                    WHERE c.address = %s AND g.state IS DISTINCT FROM 'SENT')""", demo.customer))
    if len(demo.phone()) != 3:
        raise Missing(f"the phone should have three messages, each once; it has {len(demo.phone())}")


def main(munim):
    try:
        demo = Demo(munim)
        shelf = fill_the_shelf(demo)
        order, total = the_customer_orders(demo)
        number = the_owner_approves(demo, order)
        the_books_are_right(demo, order, total, number, shelf)
        the_customer_is_told(demo, number)
    except Missing as what:
        print(f"demo: {what}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
