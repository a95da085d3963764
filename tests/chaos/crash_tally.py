"""What a run of crashes has lost and what it has doubled, counted from three witnesses that do not know of each other: the
channel (what it accepted), Kafka (what came in), Postgres (what came of it). Shares no code with munim.
"""
import collections
import json

from crash_load import MARK

CHANNEL_EVENT = "whatsapp"


class Tally:
    """lost and doubled are lists of words; uncertain and resent are numbers."""

    def __init__(self, instance, load):
        self.lost, self.doubled = [], []
        self.instance = instance
        db = instance.db
        self.inbound()
        self.decisions(load)
        self.guard = {row[0]: row[1:] for row in db(
            "select dedupe_key, state, resend_of, uncertain_since is not null, provider_id from munim.guard")}
        self.classes = dict(db("select dedupe_key, class from munim.guard"))
        self.sends = instance.sends()
        self.accepted = collections.Counter(send["dedupe_key"] for send in self.sends)
        self.outbound()
        self.twice_told()
        self.orders(load)
        self.uncertain = sum(1 for _, _, was, _ in self.guard.values() if was)
        self.resent = sum(1 for _, resend_of, _, _ in self.guard.values() if resend_of)

    def inbound(self):
        """Each acknowledged event has exactly one row: inbox, refused or parked."""
        db = self.instance.db
        rows = collections.Counter(row[0] for row in db("select message_id from munim.inbox"))
        kept = collections.Counter()
        for table in ("refused", "parked where state = 'parked'"):
            for (raw,) in db(f"select raw from munim.{table}"):
                event = json.loads(bytes(raw))
                kept[event.get("message_id") or event.get("decision_id")] += 1
        events = {json.loads(record.value).get("message_id") for record in self.instance.topics().records("inbound.v1")
                  if record.type == "munim.inbound.message.v1"}
        for one in events | set(self.instance.said):
            if rows[one] + kept[one] == 0:
                self.lost.append(f"event {one}")
        effects = collections.Counter(row[0] for row in db(
            "select message_id from munim.message where direction = 'in'"))
        for one in events:
            if effects[one] > 1 or rows[one] > 1:
                self.doubled.append(f"event {one}: {effects[one]} effects")
            if rows[one] == 1 and effects[one] == 0:
                self.lost.append(f"event {one}: taken, without effect")

    def decisions(self, load):
        outcomes = collections.Counter(row[0] for row in self.instance.db("select decision_id from munim.decision"))
        for decision in filter(None, load.decided.values()):
            if outcomes[decision] == 0:
                self.lost.append(f"decision {decision}")
        completed = self.instance.db(
            "select order_id::text, count(*) from munim.decision where outcome = 'completed' group by 1 having count(*) > 1")
        self.doubled += [f"order {order} was completed {n} times" for order, n in completed]

    def outbound(self):
        """Each planned answer reached the channel once; a second time only where a marked resend was allowed."""
        resends = {resend_of: key for key, (_, resend_of, _, _) in self.guard.items() if resend_of}
        for key, in self.instance.db("select dedupe_key from munim.outbox"):
            if key not in self.guard:
                self.lost.append(f"answer {key[:12]} was never taken")
        for key, (state, resend_of, _, _) in self.guard.items():
            if self.accepted[key] > 1:
                self.doubled.append(f"answer {key[:12]} was accepted {self.accepted[key]} times")
            if resend_of and self.guard[resend_of][0] != "UNKNOWN":
                self.doubled.append(f"answer {key[:12]} was sent again although it was {self.guard[resend_of][0]}")
            reached, one = self.accepted[key], key
            while one in resends:
                one = resends[one]
                reached += self.accepted[one]
            greeting = self.classes[key] == "greeting"
            if state not in ("SENT", "UNKNOWN") or (reached == 0 and not greeting):
                self.lost.append(f"answer {key[:12]} is {state}, the channel has it {reached} times")
        for send in self.sends:
            row = self.guard.get(send["dedupe_key"])
            if row is None:
                self.doubled.append(f"sent without a guard row: {send['dedupe_key'][:12]}")
            elif bool(row[1]) != send["text"].startswith(MARK):
                self.doubled.append(f"answer {send['dedupe_key'][:12]} is wrongly marked")

    def twice_told(self):
        """Whatever its key was: no customer was told of one bill in two messages without the second being marked."""
        for number, in self.instance.db("select number from munim.invoice"):
            told = [send for send in self.sends if number in send["text"] and not send["text"].startswith(MARK)]
            if len(told) > 1:
                self.doubled.append(f"bill {number} was told {len(told)} times")
            if not told and not [send for send in self.sends if number in send["text"]]:
                self.lost.append(f"bill {number} was never told")

    def orders(self, load):
        made = dict(self.instance.db(
            "select c.address, count(*) from munim.orders o join munim.conversation c using (conversation_id) group by 1"))
        for who, customer in load.everybody.items():
            if made.get(who, 0) > customer.orders:
                self.doubled.append(f"a customer began {customer.orders} orders and has {made[who]}")
            if made.get(who, 0) < customer.orders:
                self.lost.append(f"a customer began {customer.orders} orders and has {made.get(who, 0)}")
