// What the server asks of the client.
import assert from "node:assert/strict";
import { test } from "node:test";
import { RpcError } from "../leggio-client.js";
import { start } from "./fake-net.js";

async function asked(t, methods, ...messages) {
  const net = start(t, { rpc: methods });
  await net.last().welcome("s1");
  for (const message of messages) await net.last().say({ jsonrpc: "2.0", ...message });
  return net;
}

test("a handler's value is the answer, at once or later", async (t) => {
  const net = await asked(t, { now: ({ lang }) => ({ name: lang }), later: async () => [1], nothing: () => {} },
    { id: 1, method: "now", params: { lang: "fr" } }, { id: "", method: "later" }, { id: null, method: "nothing" });
  assert.deepEqual(net.last().next(), { jsonrpc: "2.0", id: 1, result: { name: "fr" } });
  assert.deepEqual(net.last().next(), { jsonrpc: "2.0", id: "", result: [1] });
  assert.deepEqual(net.last().next(), { jsonrpc: "2.0", id: null, result: null });
});

test("request.reply(error, result) answers, once", async (t) => {
  let request;
  const net = await asked(t, { ask: (params, given) => void (request = given) }, { id: 4, method: "ask" });
  assert.deepEqual(net.last().received, []);
  request.reply(null, "yes");
  request.reply(null, "twice");
  assert.deepEqual(net.last().next(), { jsonrpc: "2.0", id: 4, result: "yes" });
  assert.deepEqual(net.last().received, []);
});

test("a handler that never replies is answered for", async (t) => {
  const net = await asked(t, { ask: (params, request) => void request }, { id: 4, method: "ask" });
  await net.pass(10_000);
  assert.equal(net.last().next().error.code, -32603);
});

test("unknown methods are refused, unknown notifications pass in silence", async (t) => {
  const net = await asked(t, {}, { id: 5, method: "who" }, { method: "who" });
  assert.deepEqual(net.last().next(), { jsonrpc: "2.0", id: 5, error: { code: -32601, message: 'Unknown method "who"' } });
  assert.deepEqual(net.last().received, []);
});

test("pull is answered with push", async (t) => {
  const net = await asked(t, {}, { id: 5, method: "pull", params: {} });
  assert.deepEqual(net.last().next(), { jsonrpc: "2.0", id: 5, result: "push" });
});

test("a handler that throws is told here and hides its inside from the server", async (t) => {
  const net = await asked(t, { bad: () => { throw new Error("/etc/passwd: denied"); }, own: async () => { throw new RpcError("answer", "no score", { code: 4711, data: 1 }); },
    odd: () => ({ big: 1n }), note: () => { throw new Error("x"); } },
  { id: 1, method: "bad" }, { id: 2, method: "own" }, { id: 3, method: "odd" }, { method: "note" });
  assert.deepEqual(net.last().next().error, { code: -32603, message: "Internal error" });
  assert.deepEqual(net.last().next().error, { code: 4711, message: "no score", data: 1 });
  assert.deepEqual(net.last().next().error, { code: -32603, message: "Internal error" });
  assert.deepEqual(net.events.slice(1), Array(3).fill(["error", "protocol"]));
});

test("a request sent twice is done once and answered twice", async (t) => {
  let n = 0;
  const request = { id: 9, method: "count", params: [1] };
  const net = await asked(t, { count: () => ++n }, request, request, { ...request, params: [2] });
  assert.deepEqual([net.last().next().result, net.last().next().result, net.last().next().result], [1, 1, 2]);
});

test("after a reconnection into a new session old ids mean new requests", async (t) => {
  let n = 0;
  const net = await asked(t, { count: () => ++n }, { id: 1, method: "count" });
  await net.last().end();
  await net.pass(500);
  await net.last().accept();
  await net.last().fail(net.last().next(), 40007);
  await net.last().answer(net.last().next(), { sessionId: "s2" });
  await net.last().say({ jsonrpc: "2.0", id: 1, method: "count" });
  assert.equal(net.last().next().result, 2);
});

test("an answer made while away goes over the next connection of the session", async (t) => {
  let request;
  const net = await asked(t, { ask: (params, given) => void (request = given) }, { id: 4, method: "ask" });
  await net.last().end();
  request.reply(null, "late");
  await net.pass(500);
  await net.last().welcome("s1");
  assert.deepEqual(net.last().next(), { jsonrpc: "2.0", id: 4, result: "late" });
});
