"""Checks the contracts: each file is JSON, each JSON Schema is one, and each of its examples fits it."""
import json
import sys

import jsonschema


def faults(path):
    """What is wrong with one file, in words."""
    with open(path, encoding="utf-8") as file:
        try:
            document = json.load(file)
        except ValueError as why:
            return [f"is not JSON: {why}"]
    if not isinstance(document, dict) or "$schema" not in document:
        return []
    kind = jsonschema.validators.validator_for(document)
    try:
        kind.check_schema(document)
    except jsonschema.SchemaError as why:
        return [f"is no JSON Schema: {why.message}"]
    return [f"example {n}: {why.message}" for n, example in enumerate(document.get("examples", []))
            for why in kind(document).iter_errors(example)]


def main(paths):
    found = [f"{path} {fault}" for path in paths for fault in faults(path)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
