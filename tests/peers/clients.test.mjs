// Clients of npm that know JSON-RPC 2.0 but nothing of us, each a session against a real system.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { JSONRPCClient } from "json-rpc-2.0";
import { Client as RpcWebSocketsClient } from "rpc-websockets";
import { WebSocket } from "ws";
import { System } from "../browser/system.mjs";
import { Events, Tap } from "./tap.mjs";

const JaysonWebSocket = createRequire(import.meta.url)("jayson/lib/client/websocket.js");

let system;
let ws; // ws://…/rpc

before(async () => {
  system = await System.start("/ITL/scene/* del;");
  ws = `ws://127.0.0.1:${system.wsPort}/rpc`;
});
after(() => system?.stop());

test("json-rpc-2.0 over a WebSocket: calls, notifications, a batch, errors", async () => {
  const socket = new WebSocket(ws);
  const client = new JSONRPCClient((message) => socket.send(JSON.stringify(message)));
  socket.on("message", (text) => client.receive(JSON.parse(text)));
  await new Promise((resolve) => socket.on("open", resolve));
  const { sessionId } = await client.request("connect", {});
  const answers = await client.requestAdvanced([
    { jsonrpc: "2.0", id: 7, method: "version", params: { sessionId } },
    { jsonrpc: "2.0", id: "seven", method: "scenes" },
    { jsonrpc: "2.0", id: 8, method: "version", params: [] },
  ]);
  assert.deepEqual(answers.map(({ id }) => id).sort(), [7, 8, "seven"]);
  assert.equal(typeof answers.find(({ id }) => id === 7).result.version, "number");
  client.notify("noSuchMethod", {});
  await assert.rejects(client.request("noSuchMethod"), (error) => error.code === -32601);
  await assert.rejects(client.request("version", { scene: 7 }), (error) => error.code === -32602);
  assert.equal(await client.request("closeSession"), "bye");
  assert.equal(await new Promise((resolve) => socket.on("close", resolve)), 1000);
});

const call = (client, method, params, ...id) =>
  new Promise((resolve, reject) => {
    client.request(method, params, ...id, (fault, error, result) => (fault ? reject(fault) : resolve({ error, result })));
  });

test("jayson over a WebSocket", async () => {
  const socket = new WebSocket(ws);
  const client = new JaysonWebSocket({ ws: socket });
  await new Promise((resolve) => socket.on("open", resolve));
  const { result } = await call(client, "connect", {});
  assert.equal(result.value, "OK");
  assert.equal((await call(client, "version", {})).result.sessionId, result.sessionId);
  assert.equal((await call(client, "noSuchMethod", [])).error.code, -32601);
  socket.close();
});

test("rpc-websockets: calls, errors, and a session taken up after its own reconnection", async (t) => {
  const tap = await Tap.start(system.wsPort);
  t.after(() => tap.stop());
  const events = new Events();
  const client = new RpcWebSocketsClient(tap.uri, { reconnect: true, reconnect_interval: 100, max_reconnects: 50 });
  t.after(() => client.close());
  client.on("open", events.on("open"));
  await events.next("open");
  const { sessionId } = await client.call("connect", {});
  assert.equal(typeof (await client.call("version", {})).version, "number");
  await assert.rejects(client.call("noSuchMethod", {}), (error) => error.code === -32601);
  await client.notify("noSuchMethod", {});
  tap.cut();
  await events.next("open", 2);
  assert.equal((await client.call("connect", { sessionId })).value, "reconnection successful");
  assert.equal((await client.call("version", {})).sessionId, sessionId);
});
