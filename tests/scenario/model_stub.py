"""A chat-completions endpoint for tests, which reads the simplest orders and can misbehave.

Rules decide how a request is treated: the first whose text stands in the message and which has turns left. Every request
is kept, and held against what any such endpoint takes: the smallest common subset of strict schemas.
"""
import http.server
import json
import re
import threading
import time

COLORS = ("blue", "red", "white")
MATERIALS = ("cotton", "polyester", "silk")
ITEM = ("action", "line", "option", "product", "material", "color", "any_color", "from_color", "category", "strength",
        "form", "size", "outlet", "quantity", "quantity_min", "quantity_max", "unit", "relative", "per_package",
        "per_unit", "same_lot")
FIELDS = ("amount", "mode", "reference", "bill", "bill_to", "prescription", "also", "site", "level", "task", "percent",
          "masons", "labour", "quantity", "unit", "stock", "blocked", "reasons", "service", "property", "location",
          "budget_min", "budget_max", "timeline", "contact_preference")
EMPTY = {"any_color": False, "same_lot": False, "stock": [], "blocked": False, "reasons": []}


def item(**told):
    return {key: told.get(key, EMPTY.get(key)) for key in ITEM}


def document(intent, items=(), fields=None, clarify=()):
    return {"intent": intent, "items": list(items),
            "fields": {key: (fields or {}).get(key, EMPTY.get(key)) for key in FIELDS}, "clarify": list(clarify)}


def brain(text, context):
    """The document of a sensible model for the texts that the tests use."""
    goods = re.search(rf"(\d+)\s*(?:m|meter) ({'|'.join(COLORS)}) ({'|'.join(MATERIALS)})", text)
    if goods:
        found = item(action="add", quantity=goods[1], unit="m", color=goods[2], material=goods[3])
        return document("add_item" if context["cart"] else "place_order", [found])
    paid = re.search(r"paid (\d+).*?(<reference_\d+>)", text)
    if paid:
        return document("report_payment", fields={"amount": paid[1], "mode": "upi", "reference": paid[2]})
    if "confirm" in text or "pakka" in text:
        return document("confirm_order")
    return document("unknown", clarify=["intent"])


def parts(body):
    """(text, context) of a request, as the prompt lays them out."""
    lines = body["messages"][-1]["content"].split("\n")
    assert [lines[0], lines[2], lines[4]] == ["CONTEXT", "MESSAGE", "END"] and len(lines) == 5
    return json.loads(lines[3]), json.loads(lines[1])


def subset_faults(schema, path="$"):
    """Where a schema leaves the subset that every strict endpoint takes."""
    known = {"type", "properties", "required", "additionalProperties", "items", "enum"}
    faults = [f"{path}: {key}" for key in schema if key not in known]
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if len(kinds) > 2 or (len(kinds) == 2 and "null" not in kinds):
        faults.append(f"{path}: union of {kinds}")
    if "object" in kinds:
        if schema.get("additionalProperties") is not False or set(schema["required"]) != set(schema["properties"]):
            faults.append(f"{path}: not closed, or not all required")
        for key, value in schema["properties"].items():
            faults += subset_faults(value, f"{path}.{key}")
    if "array" in kinds:
        faults += subset_faults(schema["items"], f"{path}[]")
    return faults


class ModelStub:
    def __init__(self):
        self.requests = []  # (text, context, headers, body), in order of arrival
        self.rules = []
        self.faults = []
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0
        self.let_go = threading.Event()  # ends every hang
        stub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def do_POST(self):
                try:
                    stub.answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                """A client that goes away is what these tests are about."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()

    def behave(self, mode, text="", times=10**9, **more):
        self.rules.append({"mode": mode, "text": text, "left": times, **more})

    def sane(self):
        """Forgets the rules and lets hanging requests go."""
        self.rules.clear()
        self.let_go.set()
        self.let_go = threading.Event()

    def texts(self):
        return [text for text, _, _, _ in self.requests]

    def rule_for(self, text):
        with self.lock:
            for rule in self.rules:
                if rule["text"] in text and rule["left"] > 0:
                    rule["left"] -= 1
                    return rule
        return {"mode": "good"}

    def answer(self, to):
        raw = to.rfile.read(int(to.headers["Content-Length"]))
        body = json.loads(raw)
        text, context = parts(body)
        with self.lock:
            self.requests.append((text, context, dict(to.headers), body))
            if to.path != "/v1/chat/completions":
                self.faults.append(to.path)
            form = body["response_format"]
            self.faults += subset_faults(form["json_schema"]["schema"])
            if form["type"] != "json_schema" or form["json_schema"]["strict"] is not True:
                self.faults.append("response_format")
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        rule = self.rule_for(text)
        try:
            getattr(self, "do_" + rule["mode"])(to, rule, brain(text, context))
        finally:
            with self.lock:
                self.at_once -= 1

    # -- ways to answer

    @staticmethod
    def send(to, status, body, headers=None):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        to.send_response(status)
        to.send_header("Content-Type", "application/json")
        to.send_header("Content-Length", str(len(data)))
        for key, value in (headers or {}).items():
            to.send_header(key, value)
        to.end_headers()
        to.wfile.write(data)

    @staticmethod
    def envelope(content, refusal=None, reason="stop"):
        return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1780000000, "model": "stub",
                "choices": [{"index": 0, "finish_reason": reason, "logprobs": None,
                             "message": {"role": "assistant", "content": content, "refusal": refusal}}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}

    def do_good(self, to, _, doc):
        self.send(to, 200, self.envelope(json.dumps(doc)))

    def do_slow(self, to, rule, doc):
        time.sleep(rule["seconds"])
        self.do_good(to, rule, doc)

    def do_hang(self, to, *_):
        self.let_go.wait(120)
        to.close_connection = True

    def do_status(self, to, rule, _):
        self.send(to, rule["status"], {"error": {"message": "no"}}, rule.get("headers"))

    def do_fenced(self, to, _, doc):
        self.send(to, 200, self.envelope("```json\n" + json.dumps(doc, indent=1) + "\n```\n"))

    def do_truncated(self, to, _, doc):
        self.send(to, 200, self.envelope(json.dumps(doc)[:-40]))

    def do_cut(self, to, _, doc):
        self.send(to, 200, self.envelope(json.dumps(doc)[:60], reason="length"))

    def do_refusal(self, to, *_):
        self.send(to, 200, self.envelope(None, refusal="I cannot help with that."))

    def do_wrong_schema(self, to, _, doc):
        self.send(to, 200, self.envelope(json.dumps({**doc, "price": 5, "status": "approved"})))

    def do_words(self, to, _, doc):
        for one in doc["items"]:
            one["quantity"] = "twenty"
        self.send(to, 200, self.envelope(json.dumps(doc)))

    def do_invented(self, to, _, doc):
        for one in doc["items"]:
            one["quantity"] = "777"
        self.send(to, 200, self.envelope(json.dumps(doc)))

    def do_huge(self, to, *_):
        self.send(to, 200, self.envelope("x" * 1_000_000))

    def do_drip(self, to, *_):
        to.send_response(200)
        to.send_header("Content-Length", "100000")
        to.end_headers()
        while not self.let_go.wait(0.05):
            to.wfile.write(b" ")
            to.wfile.flush()

    def do_garbage(self, to, *_):
        self.send(to, 200, b"\xff\xfe no completion")

    def do_close(self, to, *_):
        to.close_connection = True


def running():
    """A fixture's body: a stub while the test runs, and nothing wrong with what it was asked."""
    stub = ModelStub()
    yield stub
    stub.close()
    assert stub.faults == []
