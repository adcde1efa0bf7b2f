// Clients of npm that post JSON-RPC 2.0 to /rpc, without sessions.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { JSONRPCClient } from "json-rpc-2.0";
import { System } from "../browser/system.mjs";

const jayson = createRequire(import.meta.url)("jayson");

let system;
let http; // http://…/rpc

before(async () => {
  system = await System.start("/ITL/scene/* del;");
  http = new URL("rpc", system.url);
});
after(() => system?.stop());

test("json-rpc-2.0 over POST /rpc", async () => {
  const client = new JSONRPCClient(async (message) => {
    const answer = await fetch(http, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(message) });
    const text = await answer.text();
    if (text) client.receive(JSON.parse(text));
  });
  const { epoch, version } = await client.request("version", {});
  assert.match(epoch, /^[0-9a-f]{16}$/);
  assert.equal(typeof version, "number");
  client.notify("version", {});
  await assert.rejects(client.request("noSuchMethod"), (error) => error.code === -32601);
});

const call = (client, method, params, ...id) =>
  new Promise((resolve, reject) => {
    client.request(method, params, ...id, (fault, error, result) => (fault ? reject(fault) : resolve({ error, result })));
  });

test("jayson over HTTP: a call, an error, a batch", async () => {
  const client = jayson.Client.http({ host: http.hostname, port: http.port, path: http.pathname });
  assert.equal(typeof (await call(client, "version", {})).result.version, "number");
  assert.equal((await call(client, "noSuchMethod", [])).error.code, -32601);
  const batch = [client.request("version", {}, undefined, false), client.request("noSuchMethod", {}, undefined, false)];
  const [errors, results] = await new Promise((resolve, reject) => {
    client.request(batch, (fault, failed, done) => (fault ? reject(fault) : resolve([failed, done])));
  });
  assert.deepEqual([errors.length, results.length, errors[0].error.code], [1, 1, -32601]);
});
