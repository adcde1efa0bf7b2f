#!/usr/bin/env python3
"""The echo server of docs/jsonrpc.md does what it says."""
import json
import subprocess
import sys

SAYS = [
    ('{"jsonrpc":"2.0","id":0,"method":"echo","params":{"a":[1,2.5]}}', {"id": 0, "a": [1, 2.5]}),
    ('{"jsonrpc":"2.0","method":"echo","params":[1]}', None),
    ('{"jsonrpc":"2.0","id":"x","method":"echo","params":["again"]}', {"id": "x", "result": ["again"]}),
    ('{"jsonrpc":"2.0","id":1,"method":"other"}', {"id": 1, "code": -32601}),
    ('{', {"id": None, "code": -32700}),
    ('{"jsonrpc":"2.0","id":2,"method":"closeSession"}', {"id": 2, "result": "bye"}),
]

done = subprocess.run([sys.argv[1]], input="".join(text + "\n" for text, _ in SAYS), capture_output=True, text=True, check=True,
                      timeout=30)
answers = [json.loads(line) for line in done.stdout.splitlines()]
expected = [answer for _, answer in SAYS if answer]
assert len(answers) == len(expected), done.stdout
for answer, wanted in zip(answers, expected):
    assert answer["id"] == wanted["id"], answer
    if "code" in wanted:
        assert answer["error"]["code"] == wanted["code"], answer
    elif "result" in wanted:
        assert answer["result"] == wanted["result"], answer
    else:
        assert answer["result"]["a"] == wanted["a"] and len(answer["result"]["sessionId"]) == 24, answer
