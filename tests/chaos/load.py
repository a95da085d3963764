"""Says what the plan says, through the simulated channel, and keeps a log of it: the generator's own witness."""
import hashlib
import hmac
import http.client
import json
import random
import threading
import time
import uuid

from plan import TALK

STRANGE_ACCOUNT = "199999999999999"  # no shop has it


def webhook(account_id, messages):
    """The body of one POST of the channel with several messages."""
    value = {"messaging_product": "whatsapp",
             "metadata": {"display_phone_number": "15550783881", "phone_number_id": account_id},
             "contacts": [{"profile": {"name": "Customer"}, "wa_id": who} for who in sorted({m[0] for m in messages})],
             "messages": [{"from": who, "id": one, "timestamp": str(int(time.time())), "type": "text",
                           "text": {"body": text}} for who, one, text in messages]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [
        {"id": "100000000000001", "changes": [{"value": value, "field": "messages"}]}]}).encode()


class Load:
    """said: {message id: (who, text)} of what must have an effect once. offered: how often each was posted."""

    def __init__(self, plan, instance):
        self.plan, self.instance = plan, instance
        self.said, self.offered = {}, {}
        self.strangers, self.forged = {}, []
        self.lock = threading.Lock()
        self.through = threading.Event()
        self.enough = threading.Event()
        self.threads = []
        self.answers = {}  # HTTP status of a forged POST -> count; 0: no answer

    def start(self, began):
        for target in (self.play, self.trickle):
            thread = threading.Thread(target=target, args=(began,), name=target.__name__, daemon=True)
            thread.start()
            self.threads.append(thread)

    def join(self):
        """After the last fault: nobody writes any more."""
        self.enough.set()
        for thread in self.threads:
            thread.join(120)
            assert not thread.is_alive(), f"{thread.name} hangs"

    def play(self, began):
        for saying in self.plan.sayings:
            time.sleep(max(0.0, began + saying.at - time.monotonic()))
            self.say(saying)
        self.through.set()

    def trickle(self, _):
        """Customers who talk on, so that a late fault still meets traffic."""
        rng = random.Random(f"{self.plan.seed}/trickle")
        n = 0
        while not self.enough.wait(0.4):
            n += 1
            try:
                self.tell(rng.choice(self.plan.people), f"wamid.CHAOS{self.plan.seed}t{n}", rng.choice(TALK))
            except OSError:
                return  # the run has been ended from outside

    def tell(self, who, message_id, text, copies=1):
        with self.lock:
            self.said[message_id] = (who, text)
            self.offered[message_id] = self.offered.get(message_id, 0) + copies
        self.instance.control("say", {"from": who, "message_id": message_id, "text": text, "repeat": copies,
                                      "account_id": self.instance.account_id})

    def say(self, saying):
        who, message_id, text = saying.messages[0]
        if saying.what in ("say", "again"):
            self.tell(who, message_id, text, saying.copies)
        elif saying.what == "batch":
            with self.lock:
                for one, name, words in saying.messages:
                    self.said[name] = (one, words)
                    self.offered[name] = self.offered.get(name, 0) + 1
            self.instance.control("webhook", webhook(self.instance.account_id, saying.messages))
        elif saying.what == "stranger":
            self.strangers[message_id] = who
            self.instance.control("say", {"from": who, "message_id": message_id, "text": text,
                                          "account_id": STRANGE_ACCOUNT})
        else:
            self.forge(message_id, saying)

    def forge(self, message_id, saying):
        """A body that the channel did not sign, and one that it signed and cut short."""
        self.forged.append(message_id)
        body = webhook(self.instance.account_id, saying.messages)
        signed = hmac.new(self.instance.app_secret.encode(), body[:-7], hashlib.sha256).hexdigest()
        for part, signature in ((body, "0" * 64), (body[:-7], signed)):
            status = self.post(part, signature)
            self.answers[status] = self.answers.get(status, 0) + 1

    def post(self, body, signature):
        host, port = self.instance.kept["ingress"].split(":")
        link = http.client.HTTPConnection(host, int(port), timeout=5)
        try:
            link.request("POST", "/webhooks/whatsapp", body, {"X-Hub-Signature-256": f"sha256={signature}",
                                                              "Content-Type": "application/json"})
            return link.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            link.close()

    def close_orders(self, people, last):
        """When all is quiet, customers with an open order say what they planned to, at last that they cancel."""
        for who in people:
            self.tell(who, f"wamid.CHAOS{uuid.uuid4().hex}", "cancel" if last else self.plan.ending(who))

    def log(self):
        return [{"id": one, "from": who, "text": text, "offered": self.offered[one]}
                for one, (who, text) in self.said.items()]
