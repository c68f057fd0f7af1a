#!/usr/bin/env python3
"""Wire vectors: what AWS's own client for Python writes and reads, so that ours is not judged by its own reading of the models.

    python3 botocore_vectors.py MODELS OUT [--seed N] [--each N] [OPERATION...]

MODELS is src/Scanner.Aws/ServiceModels; OPERATION is service:Name (all when none is given). For each operation OUT gets
parameters with the request that botocore's serializer makes of them, and replies with what botocore's parser reads from them.
The replies are written here, by the traits of botocore's model: a stimulus, whose meaning is what botocore's parser says.
botocore is Apache-2.0; nothing of it is copied into OUT but the names in its models.
"""
import argparse
import base64
import calendar
import datetime
import json
import math
import os
import random
import sys
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape, quoteattr

import botocore
import botocore.parsers
import botocore.serialize
import botocore.session

UTC = datetime.timezone.utc
TEXTS = [
    "a", "Z9", "vpc-0123", "arn:aws:iam::111122223333:role/a b", "a/b", "a+b=c&d", "100 % & <x> \"q\" 'p' ]]>", "é界😀", " lead", "trail ",
    "line\nbreak", "tab\there", "{\"json\": [1]}", "%41%2f", "2026-01-31T12:00:00Z", "true", "null", "0", "", "../..", "a;b,c", "?#", "~_-.!*()",
]
PLAIN = ["a", "Z9", "vpc-0123", "a.b_c-d", "0"]


def millis(value):
    return calendar.timegm(value.utctimetuple()) * 1000 + value.microsecond // 1000


class Maker:
    """Values of a shape: Python values for botocore."""

    def __init__(self, rnd, reply):
        self.rnd = rnd
        self.reply = reply

    def structure(self, shape, depth, skip=(), must=()):
        made = {}
        for name, member in shape.members.items():
            if name in skip:
                continue
            needed = name in shape.required_members or name in must
            if depth > 5 and not needed or not needed and self.rnd.random() < (0.25 if depth < 2 else 0.5):
                continue
            value = self.value(member, depth + 1)
            if value is not None:
                made[name] = value
        if getattr(shape, "is_tagged_union", False) and len(made) != 1:
            keep = self.rnd.choice(sorted(shape.members))
            made = {keep: made.get(keep, self.value(shape.members[keep], depth + 1))}
        return made

    def value(self, shape, depth):
        kind = shape.type_name
        if getattr(shape, "is_document_type", False):
            return {"k": [1, "two", None, {"x": True}]}
        if kind == "structure":
            made = self.structure(shape, depth)
            # Nothing tells an empty element from an absent one apart where a shape is all there is.
            return made
        if kind == "list":
            count = 0 if depth > 5 else self.rnd.choice([0, 1, 2, 3])
            return [self.value(shape.member, depth + 1) for _ in range(count)]
        if kind == "map":
            count = 0 if depth > 5 else self.rnd.choice([0, 1, 2])
            return {self.key(shape.key): self.value(shape.value, depth + 1) for _ in range(count)}
        if kind == "string":
            return self.text(shape)
        if kind in ("integer", "long"):
            return self.rnd.choice([0, 1, -7, 2147483647] + ([9007199254740993, -9223372036854775808] if kind == "long" else []))
        if kind in ("float", "double"):
            return self.rnd.choice([0.5, -2.25, 1234.0625])
        if kind == "boolean":
            return self.rnd.choice([True, False])
        if kind == "timestamp":
            return datetime.datetime(2026, self.rnd.randint(1, 12), self.rnd.randint(1, 28), self.rnd.randint(0, 23), self.rnd.randint(0, 59), self.rnd.randint(0, 59), tzinfo=UTC)
        if kind == "blob":
            return self.rnd.choice([b"", b"\x00\x01\xff", "é<&>".encode(), b"plain text"])
        raise NotImplementedError(kind)

    def text(self, shape):
        if shape.enum and self.rnd.random() < 0.8:
            return self.rnd.choice(shape.enum)
        where = shape.serialization.get("location")
        if where in ("uri", "header", "headers") or shape.serialization.get("hostLabel"):
            # A header takes no line break and no letter beyond ASCII, a label is never empty.
            return self.rnd.choice([text for text in TEXTS if text.isascii() and text.isprintable() and text.strip() == text and text not in ("", "../..")])
        return self.rnd.choice(TEXTS)

    def key(self, shape):
        return self.rnd.choice(shape.enum) if shape.enum else self.rnd.choice(PLAIN)


def plain(shape, value):
    """A value as the AWS CLI takes and prints it, with times as milliseconds marked as such."""
    if shape is None or getattr(shape, "is_document_type", False):
        return value
    kind = shape.type_name
    if value is None:
        return None
    if kind == "structure":
        return {name: plain(shape.members[name], one) for name, one in value.items() if name in shape.members}
    if kind == "list":
        return [plain(shape.member, one) for one in value]
    if kind == "map":
        return {name: plain(shape.value, one) for name, one in value.items()}
    if kind == "timestamp":
        return {"$millis": millis(value)}
    if kind == "blob":
        data = value.read() if hasattr(value, "read") else value
        return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()
    if kind == "string" and not isinstance(value, str):
        # A header that holds JSON.
        return {"$json": value}
    return value


def given(shape, value):
    """Parameters for ours: ISO 8601 text for times."""
    kind = shape.type_name
    if getattr(shape, "is_document_type", False):
        return value
    if kind == "structure":
        return {name: given(shape.members[name], one) for name, one in value.items()}
    if kind == "list":
        return [given(shape.member, one) for one in value]
    if kind == "map":
        return {name: given(shape.value, one) for name, one in value.items()}
    if kind == "timestamp":
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if kind == "blob":
        return base64.b64encode(value).decode()
    return value


def body_of(protocol, serialized):
    body = serialized["body"]
    if isinstance(body, dict):
        return {"form": sorted([name, "" if value is None else str(value)] for name, value in body.items())}
    if hasattr(body, "read"):
        body = body.read()
    if isinstance(body, str):
        body = body.encode()
    if not body:
        return {}
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def request_of(protocol, operation, serialized):
    path, _, fixed = serialized["url_path"].partition("?")
    query = parse_qsl(fixed, keep_blank_values=True) if fixed else []
    if fixed and "=" not in fixed and not query:
        query = [(fixed, "")]
    more = serialized.get("query_string") or {}
    for name, value in more.items() if isinstance(more, dict) else more:
        for one in value if isinstance(value, list) else [value]:
            query.append((name, str(one)))
    return {
        "method": serialized["method"],
        "path": [unquote(part) for part in path.split("/")],
        "query": sorted([name, value] for name, value in query),
        "headers": {name.lower(): str(value) for name, value in sorted(serialized.get("headers", {}).items())},
        **body_of(protocol, serialized),
    }


class ReplyWriter:
    """A reply on the wire, by the traits of the model."""

    def __init__(self, protocol, rnd):
        self.protocol = protocol
        self.rnd = rnd

    def write(self, operation, value):
        shape = operation.output_shape
        headers = {"x-amzn-RequestId": "r-1"}
        status = 200
        if shape is None:
            return {"status": status, "headers": headers, "body": "" if self.protocol in ("rest-json", "rest-xml") else self.empty(operation)}
        body = None
        inner = {}
        payload = shape.serialization.get("payload")
        if self.protocol in ("rest-json", "rest-xml"):
            for name, one in value.items():
                member = shape.members[name]
                where = member.serialization.get("location")
                wire = member.serialization.get("name", name)
                if where == "header":
                    headers[wire] = self.header(member, one)
                elif where == "headers":
                    for key, text in one.items():
                        headers[wire + key] = text
                elif where == "statusCode":
                    status = one
                elif name == payload:
                    body = self.payload(member, wire, one)
                else:
                    inner[name] = one
        else:
            inner = value
        if body is None:
            body = b"" if payload else self.whole(operation, shape, inner)
        return {"status": status, "headers": headers, "body": body}

    def empty(self, operation):
        if self.protocol == "json":
            return "{}"
        return f"<{operation.name}Response><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></{operation.name}Response>"

    def header(self, shape, value):
        kind = shape.type_name
        if kind == "boolean":
            return "true" if value else "false"
        if kind == "timestamp":
            style = shape.serialization.get("timestampFormat", "rfc822")
            return self.time(style, value)
        if kind == "list":
            return ",".join(str(one) for one in value)
        if kind == "string" and shape.serialization.get("jsonvalue"):
            return base64.b64encode(json.dumps(value).encode()).decode()
        return str(value)

    def payload(self, shape, wire, value):
        if shape.type_name == "blob":
            return value
        if shape.type_name == "string":
            return value.encode()
        if self.protocol == "rest-json":
            return json.dumps(self.json(shape, value)).encode()
        return self.document(wire, self.members(shape, value), shape)

    def whole(self, operation, shape, value):
        if self.protocol in ("json", "rest-json"):
            made = self.json(shape, value)
            made["somethingNew"] = {"nested": [1, None]}
            names = list(made)
            self.rnd.shuffle(names)
            text = json.dumps({name: made[name] for name in names}, ensure_ascii=self.rnd.random() < 0.5, indent=self.rnd.choice([None, 2]))
            return text.encode()
        inside = self.members(shape, value) + "<SomethingNew><Nested>1</Nested></SomethingNew>"
        if self.protocol == "query":
            wrapper = shape.serialization.get("resultWrapper")
            if wrapper:
                inside = f"<{wrapper}>{inside}</{wrapper}>"
            inside += "<ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>"
            return self.document(operation.name + "Response", inside, None, "http://example.amazonaws.com/doc/")
        if self.protocol == "ec2":
            return self.document(operation.name + "Response", "<requestId>r-1</requestId>" + inside, None, "http://ec2.amazonaws.com/doc/2016-11-15/")
        return self.document(shape.serialization.get("name", shape.name), inside, shape)

    def document(self, name, inside, shape, namespace=None):
        attributes = f" xmlns={quoteattr(namespace)}" if namespace else ""
        start = self.rnd.choice(['<?xml version="1.0" encoding="UTF-8"?>\n', ""])
        return (start + f"<{name}{attributes}>{inside}</{name}>").encode()

    def json(self, shape, value):
        kind = shape.type_name
        if getattr(shape, "is_document_type", False):
            return value
        if kind == "structure":
            made = {shape.members[name].serialization.get("name", name): self.json(shape.members[name], one) for name, one in value.items()}
            for name, member in shape.members.items():
                if name not in value and not getattr(shape, "is_tagged_union", False) and self.rnd.random() < 0.1:
                    made[member.serialization.get("name", name)] = None
            return made
        if kind == "list":
            return [self.json(shape.member, one) for one in value]
        if kind == "map":
            return {name: self.json(shape.value, one) for name, one in value.items()}
        if kind == "timestamp":
            style = shape.serialization.get("timestampFormat", "unixtimestamp")
            return self.time(style, value) if style != "unixtimestamp" else self.rnd.choice([float, int])(millis(value) / 1000)
        if kind == "blob":
            return base64.b64encode(value).decode()
        return value

    def members(self, shape, value):
        made = []
        for name, one in value.items():
            member = shape.members[name]
            if member.serialization.get("xmlAttribute"):
                continue
            made.append(self.element(member, member.serialization.get("name", name), one))
        self.rnd.shuffle(made)
        return self.rnd.choice(["", "\n  "]).join(made)

    def element(self, shape, wire, value):
        kind = shape.type_name
        if kind == "structure":
            attributes = "".join(
                f" {member.serialization['name']}={quoteattr(str(value[name]))}"
                for name, member in shape.members.items() if member.serialization.get("xmlAttribute") and name in value)
            if attributes:
                attributes = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"' + attributes
            return f"<{wire}{attributes}>{self.members(shape, value)}</{wire}>"
        if kind == "list":
            if shape.serialization.get("flattened"):
                inner = shape.member.serialization.get("name") or wire
                return "".join(self.element(shape.member, inner, one) for one in value)
            inner = shape.member.serialization.get("name", "member")
            return f"<{wire}>{''.join(self.element(shape.member, inner, one) for one in value)}</{wire}>"
        if kind == "map":
            key = shape.key.serialization.get("name", "key")
            item = shape.value.serialization.get("name", "value")
            pairs = [self.element(shape.key, key, name) + self.element(shape.value, item, one) for name, one in value.items()]
            if shape.serialization.get("flattened"):
                return "".join(f"<{wire}>{pair}</{wire}>" for pair in pairs)
            return f"<{wire}>{''.join(f'<entry>{pair}</entry>' for pair in pairs)}</{wire}>"
        if kind == "boolean":
            text = "true" if value else "false"
        elif kind == "timestamp":
            text = self.time(shape.serialization.get("timestampFormat", "iso8601"), value)
        elif kind == "blob":
            text = base64.b64encode(value).decode()
        else:
            text = str(value)
        if text and self.rnd.random() < 0.2 and "]]>" not in text and "\r" not in text:
            return f"<{wire}><![CDATA[{text}]]></{wire}>"
        return f"<{wire}>{escape(text)}</{wire}>"

    def time(self, style, value):
        if style == "rfc822":
            return value.strftime("%a, %d %b %Y %H:%M:%S GMT")
        if style == "unixtimestamp":
            return str(millis(value) // 1000)
        return value.strftime(self.rnd.choice(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.000Z"]))


def has_stream(shape, seen=()):
    """Event streams come piecemeal: no operation that we ask has one."""
    if shape is None or shape.name in seen:
        return False
    if getattr(shape, "is_event_stream", False) or shape.serialization.get("eventstream"):
        return True
    seen = (*seen, shape.name)
    kind = shape.type_name
    if kind == "structure":
        return any(has_stream(member, seen) for member in shape.members.values())
    return kind == "list" and has_stream(shape.member, seen)


def vectors_of(models, service, name, ours, model, rnd, each):
    operation = model.operation_model(name)
    protocol = ours["metadata"]["protocol"]
    # What ours does not know yet is not asked of it.
    known = set((ours["shapes"].get((ours["operations"][name].get("input") or {}).get("shape")) or {}).get("members") or {})
    pages = ours["pagination"].get(name) or {}
    tokens = set()
    for fact in ("output_token", "more_results"):
        for text in [pages.get(fact)] if isinstance(pages.get(fact), str) else pages.get(fact) or []:
            tokens.update(part.strip().split(".")[0].split("[")[0] for part in text.split("||"))
    results = pages.get("result_key") or []
    results = {text.split(".")[0].split("[")[0] for text in ([results] if isinstance(results, str) else results)}
    if has_stream(operation.output_shape) or has_stream(operation.input_shape):
        return None
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    parser = botocore.parsers.create_parser(protocol)
    made = []
    for _ in range(each):
        vector = {"service": service, "operation": name}
        parameters = {}
        if operation.input_shape is not None:
            skip = set(operation.input_shape.members) - known
            parameters = Maker(rnd, False).structure(operation.input_shape, 0, skip)
            for label in operation.input_shape.members.values():
                if label.serialization.get("hostLabel"):
                    parameters[next(key for key, one in operation.input_shape.members.items() if one is label)] = "111122223333"
        vector["parameters"] = given(operation.input_shape, parameters) if operation.input_shape is not None else {}
        vector["request"] = request_of(protocol, operation, serializer.serialize_to_request(parameters, operation))

        value = Maker(rnd, True).structure(operation.output_shape, 0, tokens - results, results) if operation.output_shape is not None else {}
        for member in list(value):
            if operation.output_shape.members[member].serialization.get("location") == "statusCode":
                value[member] = 200
            # botocore takes a body that is a blob for text.
            if member == operation.output_shape.serialization.get("payload") and operation.output_shape.members[member].type_name == "blob":
                value[member] = "é<&>".encode()
        reply = ReplyWriter(protocol, rnd).write(operation, value)
        body = reply["body"] if isinstance(reply["body"], bytes) else reply["body"].encode()
        read = parser.parse({"status_code": reply["status"], "headers": botocore.compat.HTTPHeaders.from_dict(reply["headers"]), "body": body, "context": {}}, operation.output_shape)
        read.pop("ResponseMetadata", None)
        try:
            reply["body"] = body.decode()
        except UnicodeDecodeError:
            reply["body"] = None
            reply["base64"] = base64.b64encode(body).decode()
        vector["reply"] = reply
        vector["read"] = plain(operation.output_shape, read) if operation.output_shape is not None else {}
        made.append(vector)
    return made


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("models")
    ask.add_argument("out")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--each", type=int, default=1)
    ask.add_argument("operations", nargs="*")
    asked = ask.parse_args()
    session = botocore.session.get_session()
    made, left = [], []
    wanted = {}
    for one in asked.operations:
        service, name = one.split(":")
        wanted.setdefault(service, []).append(name)
    for file in sorted(os.listdir(asked.models)):
        service = file.removesuffix(".json")
        if not file.endswith(".json") or wanted and service not in wanted:
            continue
        with open(os.path.join(asked.models, file), encoding="utf-8") as stream:
            ours = json.load(stream)
        if "metadata" not in ours:
            # Where services are, not how they speak.
            continue
        try:
            model = session.get_service_model(service, ours["metadata"]["apiVersion"])
        except botocore.exceptions.BotoCoreError as error:
            left.append(f"{service}: {error}")
            continue
        for name in sorted(wanted.get(service) or ours["operations"]):
            if name not in model.operation_names:
                left.append(f"{service}:{name} is not in botocore {botocore.__version__}")
                continue
            asks = model.operation_model(name).input_shape
            if asks is not None and not asks.members and ours["shapes"][ours["operations"][name]["input"]["shape"]].get("members"):
                left.append(f"{service}:{name} with its parameters is not in botocore {botocore.__version__}")
                continue
            # Each operation has a chance of its own: a new one does not change the others'.
            rnd = random.Random(f"{asked.seed} {service}:{name}")
            found = vectors_of(ours, service, name, ours, model, rnd, asked.each)
            if found is None:
                left.append(f"{service}:{name} streams events")
            else:
                for vector in found:
                    try:
                        made.append(json.dumps(vector, ensure_ascii=False))
                    except TypeError:
                        # s3:GetBucketNotification: two members of one name on the wire.
                        left.append(f"{service}:{name}: botocore leaves XML in what it reads")
    with open(asked.out, "w", encoding="utf-8") as stream:
        stream.write('{"source": ' + json.dumps(f"botocore {botocore.__version__}: serializer and parser, tests/Aws.Tests/Wire/Vectors/botocore_vectors.py") + ',\n"left": ' + json.dumps(left) + ',\n"vectors": [\n')
        stream.write(",\n".join(made))
        stream.write("\n]}\n")
    print(f"{len(made)} vectors, {len(left)} operations left out")


main()
