"""The documents of a model that reads every text of the evaluation set as people do: what the validator refuses of them
is refused wrongly."""
import json

from model_stub import document, item


def text_of(value):
    return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def quantities(told, names):
    return {key: text_of(value) if key in names and value is not None else value for key, value in told.items()}


def perfect(expect):
    """The expected frame in the words of the prompt's schema; lengths are never the model's."""
    items = []
    for one in expect.get("items", []):
        told = {key: value for key, value in one.items() if key != "meters"}
        if "per_unit" in told:  # the length of one piece, in metres
            told["per_package"], told["per_unit"] = told["per_unit"], "m"
        elif told.get("per_package") is not None:
            told["per_unit"] = "m"
        items.append(item(**quantities(told, ("quantity", "quantity_min", "quantity_max", "per_package"))))
    fields = dict(expect.get("fields", {}))
    if "stock" in fields:
        fields["stock"] = [{"name": name, "quantity": text_of(value)} for name, value in fields["stock"].items()]
    figures = ("amount", "percent", "masons", "labour", "quantity", "budget_min", "budget_max")
    return document(expect["intent"], items, quantities(fields, figures), expect.get("clarify", []))


def cases(folder):
    """Every line of the evaluation set."""
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) if path.name != "catalogue.jsonl"
            for line in path.read_text().splitlines()]
