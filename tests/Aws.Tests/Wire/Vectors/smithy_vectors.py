#!/usr/bin/env python3
"""Writes the protocol vectors next to this file: what AWS says that a request is on the wire, and what a reply means.

    python3 smithy_vectors.py BOTOCORE

BOTOCORE is a checkout of github.com/boto/botocore (Apache-2.0), whose tests/unit/protocols are Smithy's aws-protocol-tests
(github.com/smithy-lang/smithy, Apache-2.0) in the form of service models. Values only are kept: shapes, parameters, requests, replies.
"""
import json
import os
import subprocess
import sys

PROTOCOLS = {"ec2": ["ec2"], "json": ["json", "json_1_0"], "query": ["query"], "rest-json": ["rest-json"], "rest-xml": ["rest-xml"]}
USE = ["shape", "location", "locationName", "queryName", "flattened", "xmlAttribute", "timestampFormat", "hostLabel"]
SHAPE = ["type", "payload", "flattened", "timestampFormat", "locationName", "document"]


def pick(source, keys):
    return {key: source[key] for key in keys if source.get(key) not in (None, False)}


def use(one):
    kept = pick(one, USE)
    if one.get("xmlNamespace"):
        kept["xmlNamespace"] = one["xmlNamespace"] if isinstance(one["xmlNamespace"], str) else one["xmlNamespace"]["uri"]
    return kept


def shape(one):
    kept = pick(one, SHAPE)
    if "members" in one:
        kept["members"] = {name: use(member) for name, member in one["members"].items()}
    for part in ("member", "key", "value"):
        if part in one:
            kept[part] = use(one[part])
    return kept


def operation(given, shapes, protocol):
    kept = {"http": pick(given["http"], ["method", "requestUri"])}
    for way in ("input", "output"):
        if way in given:
            kept[way] = use(given[way])
    if protocol == "query" and shapes.get(given.get("output", {}).get("shape"), {}).get("members"):
        # Models of services say it of each operation; botocore's tests do as we do here.
        kept["resultWrapper"] = given["name"] + "Result"
    if given.get("endpoint", {}).get("hostPrefix"):
        kept["hostPrefix"] = given["endpoint"]["hostPrefix"]
    if given.get("httpChecksumRequired") or given.get("httpChecksum", {}).get("requestChecksumRequired"):
        kept["checksum"] = True
    return kept


def suite(one, protocol, way):
    metadata = pick(one["metadata"], ["protocol", "apiVersion", "jsonVersion", "targetPrefix"])
    metadata["protocol"] = protocol
    if one["metadata"].get("xmlNamespace"):
        metadata["xmlNamespace"] = one["metadata"]["xmlNamespace"] if isinstance(one["metadata"]["xmlNamespace"], str) else one["metadata"]["xmlNamespace"]["uri"]
    cases = []
    for case in one["cases"]:
        made = {"id": case["id"], "name": case["given"]["name"], "operation": operation(case["given"], one["shapes"], protocol)}
        if way == "input":
            made["parameters"] = case["params"]
            made["request"] = pick(case["serialized"], ["method", "uri", "body", "headers", "forbidHeaders", "requireHeaders", "host"])
            if case["serialized"].get("body") == "":
                made["request"]["body"] = ""
        else:
            made["reply"] = {"status": case["response"]["status_code"], "headers": case["response"].get("headers", {}), "body": case["response"].get("body", "")}
            if "error" in case:
                made["error"] = {"code": case.get("errorCode", ""), "message": case.get("errorMessage", "")}
            else:
                made["read"] = case["result"]
        cases.append(made)
    made = {"metadata": metadata}
    if "clientEndpoint" in one:
        made["endpoint"] = one["clientEndpoint"]
    return made | {"shapes": {name: shape(value) for name, value in one["shapes"].items()}, "cases": cases}


def main():
    folder = sys.argv[1]
    commit = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    for protocol, files in PROTOCOLS.items():
        suites = []
        for name in files:
            for way in ("input", "output"):
                text = subprocess.run(["git", "-C", folder, "show", f"HEAD:tests/unit/protocols/{way}/{name}.json"], check=True, capture_output=True, text=True).stdout
                suites += [suite(one, protocol, way) for one in json.loads(text)]
        source = f"Smithy's aws-protocol-tests as in github.com/boto/botocore at {commit}, tests/unit/protocols (Apache-2.0): values only"
        lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in suites)
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), protocol + ".json"), "w", encoding="utf-8") as out:
            out.write('{"source":' + json.dumps(source) + ',\n"suites":[\n' + lines + "\n]}\n")
        print(protocol, len(suites), sum(len(one["cases"]) for one in suites))


main()
