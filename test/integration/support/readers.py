"""Readers that are not ours. One start a format: a JSON array of documents comes in, what each holds goes out."""

import csv
import io
import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree


def read_junit(text):
    def plain(node):
        return {"tag": node.tag, "attributes": node.attrib, "text": node.text or "", "children": [plain(each) for each in node]}

    return plain(ElementTree.fromstring(text.encode()))


def read_csv(text):
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def read_json(text):
    return json.loads(text)


def read_prometheus(text):
    from prometheus_client.parser import text_string_to_metric_families

    return [
        {
            "name": family.name,
            "type": family.type,
            "help": family.documentation,
            "samples": [{"name": each.name, "labels": each.labels, "value": each.value} for each in family.samples],
        }
        for family in text_string_to_metric_families(text)
    ]


def read_sarif(document):
    """Takes {schema, text}; gives what the schema has against it, and the log."""
    from jsonschema import Draft7Validator

    schema = json.loads(document["schema"])
    Draft7Validator.check_schema(schema)
    log = json.loads(document["text"])
    faults = [f"{'/'.join(map(str, each.absolute_path))}: {each.message[:200]}" for each in Draft7Validator(schema).iter_errors(log)]
    return {"faults": faults, "log": log}


NAMESPACE = "{http://commonmark.org/xml/1.0}"
EXTENSIONS = ["table", "strikethrough", "autolink", "tagfilter"]


def read_markdown(text):
    """GitHub's own dialect, as a tree: raw HTML stays what it is there, a node of its own."""
    command = ["cmark-gfm", "--to", "xml", *[word for each in EXTENSIONS for word in ("--extension", each)]]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    root = ElementTree.fromstring(done.stdout)

    def kind(node):
        return node.tag.removeprefix(NAMESPACE)

    def words(node):
        return "".join(each.text or "" for each in node.iter() if kind(each) in ("text", "code"))

    def found(*kinds):
        return [each for each in root.iter() if kind(each) in kinds]

    return {
        "kinds": sorted({kind(each) for each in root.iter()}),
        "headings": [words(each) for each in found("heading")],
        "html": [each.text for each in found("html_block", "html_inline")],
        "code": [each.text or "" for each in found("code")],
        "texts": [each.text or "" for each in found("text")],
        "items": [words(each[0]) if len(each) > 0 else "" for each in found("item")],
        "tables": [
            [[words(cell) for cell in row] for row in table if kind(row) in ("table_header", "table_row")]
            for table in found("table")
        ],
    }


# A cell may be longer than the reader's cautious default.
csv.field_size_limit(1 << 24)
READERS = {
    "junit": read_junit,
    "csv": read_csv,
    "json": read_json,
    "prometheus": read_prometheus,
    "sarif": read_sarif,
    "markdown": read_markdown,
}

if __name__ == "__main__":
    read = READERS[sys.argv[1]]
    json.dump([read(each) for each in json.load(sys.stdin)], sys.stdout)
