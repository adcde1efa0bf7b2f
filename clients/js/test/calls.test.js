// Requests, notifications, and what waits while the connection is away.
import assert from "node:assert/strict";
import { test } from "node:test";
import { settle, start, watch } from "./fake-net.js";

async function connected(t, fields) {
  const net = start(t, fields);
  await net.last().welcome("s1");
  return net;
}

test("send calls back with the result, or with the server's error", async (t) => {
  const net = await connected(t);
  const calls = [];
  net.client.send("add", { a: 1 }, (error, result) => calls.push([error, result]));
  const asked = net.last().next();
  assert.deepEqual(asked, { jsonrpc: "2.0", id: 1, method: "add", params: { a: 1 } });
  await net.last().answer(asked, 3);
  net.client.send("fail", (error, result) => calls.push([error, result]));
  await net.pass(7);
  await net.last().fail(net.last().next(), 4711, "no such score", { hint: 1 });
  assert.deepEqual(calls[0], [null, 3]);
  const [error, result] = calls[1];
  assert.equal(result, undefined);
  assert.deepEqual([error.code, error.message, error.data, error.requestTime], [4711, "no such score", { hint: 1 }, 7]);
});

test("a request has a promise; notify has no id", async (t) => {
  const net = await connected(t);
  const asked = watch(net.client.request("version"));
  await net.last().answer(net.last().next(), { version: 7 });
  assert.deepEqual(asked.value, { version: 7 });
  assert.equal(net.client.notify("moved", [1]), true);
  assert.deepEqual(net.last().next(), { jsonrpc: "2.0", method: "moved", params: [1] });
});

test("results may be null, and error may be null beside a result", async (t) => {
  const net = await connected(t);
  const [one, two] = [watch(net.client.request("a")), watch(net.client.request("b"))];
  await net.last().say({ jsonrpc: "2.0", id: 1, result: null });
  await net.last().say({ jsonrpc: "2.0", id: 2, result: 5, error: null });
  assert.deepEqual([one.value, two.value], [null, 5]);
});

test("params that are no structure, and methods that are no names, are refused", async (t) => {
  const net = await connected(t);
  assert.throws(() => net.client.send("x", 5), /x: params: expected an object or an array, not number/);
  assert.throws(() => net.client.send("", {}), /method: expected a non-empty string/);
  await assert.rejects(net.client.request("x", "y"), TypeError);
  assert.throws(() => net.client.send("x", {}, "callback"), /callback: expected a function/);
});

test("no answer in time: an error that can try again with the same id", async (t) => {
  const net = await connected(t, { rpc: { requestTimeout: 100 } });
  const asked = watch(net.client.request("slow", { a: 1 }));
  const first = net.last().next();
  await net.pass(100);
  assert.equal(asked.error.reason, "timeout");
  assert.equal(asked.error.request, JSON.stringify(first));
  await net.last().answer(first, "too late");
  const again = watch(asked.error.retry());
  assert.deepEqual(net.last().next(), first);
  await net.last().answer(first, "here");
  assert.equal(again.value, "here");
});

test("a busy server leaves it open: the same id again tells", async (t) => {
  const net = await connected(t);
  const asked = watch(net.client.request("post", { data: "x" }));
  const first = net.last().next();
  await net.last().fail(first, 50003, "busy");
  assert.deepEqual([asked.error.code, asked.error.request], [50003, JSON.stringify(first)]);
  const again = watch(asked.error.retry());
  assert.deepEqual(net.last().next(), first);
  await net.last().answer(first, "done");
  assert.equal(again.value, "done");
  const refused = watch(net.client.request("post", {}));
  await net.last().fail(net.last().next(), -32602);
  assert.equal(refused.error.retry, undefined);
});

test("send's error has retry() too, for the same callback", async (t) => {
  const net = await connected(t, { rpc: { requestTimeout: 100 } });
  const calls = [];
  net.client.send("slow", {}, (error, result) => calls.push([error, result]));
  await net.pass(100);
  calls[0][0].retry();
  await net.last().answer({ id: 1 }, 9);
  assert.deepEqual(calls[1], [null, 9]);
});

test("a signal and a timeout of its own", async (t) => {
  const net = await connected(t);
  const control = new AbortController();
  const aborted = watch(net.client.request("x", {}, { signal: control.signal }));
  const late = watch(net.client.request("y", {}, { timeout: 20 }));
  control.abort();
  await net.pass(20);
  assert.deepEqual([aborted.error.reason, late.error.reason], ["aborted", "timeout"]);
});

test("while away requests and notifications wait, in order, and go after onreconnected", async (t) => {
  const net = await connected(t);
  await net.last().end();
  const asked = watch(net.client.request("one"));
  assert.equal(net.client.notify("two"), true);
  await net.pass(500);
  await net.last().welcome("s1");
  assert.deepEqual([net.last().next().method, net.last().next().method], ["one", "two"]);
  await net.last().answer({ id: 1 }, 1);
  assert.equal(asked.value, 1);
});

test("a socket that closes but has not told so yet is as good as away", async (t) => {
  const net = await connected(t);
  net.last().readyState = 2;
  const asked = watch(net.client.request("one"));
  await net.last().end();
  await net.pass(500);
  await net.last().welcome("s1");
  assert.equal(net.last().next().method, "one");
  assert.equal(asked.state, "waiting");
});

test("before the first connection they wait too", async (t) => {
  const net = start(t);
  net.client.send("early", {});
  await net.last().welcome("s1");
  assert.equal(net.last().next().method, "early");
});

test("what timed out while it waited is not sent any more", async (t) => {
  const net = await connected(t, { rpc: { requestTimeout: 100 } });
  await net.last().end();
  const asked = watch(net.client.request("one"));
  await net.pass(100);
  assert.equal(asked.error.reason, "timeout");
  await net.pass(400);
  await net.last().welcome("s1");
  assert.deepEqual(net.last().received, []);
});

test("the queue has an end", async (t) => {
  const net = await connected(t, { queueLimit: 2 });
  await net.last().end();
  const asked = [1, 2, 3].map((n) => watch(net.client.request("x", [n])));
  await settle();
  assert.deepEqual(asked.map(({ state }) => state), ["waiting", "waiting", "broken"]);
  assert.equal(asked[2].error.reason, "queue-full");
  assert.equal(net.client.notify("y"), false);
});

test("queueLimit 0 refuses while away", async (t) => {
  const net = await connected(t, { queueLimit: 0 });
  await net.last().end();
  await assert.rejects(net.client.request("x"), { reason: "queue-full" });
});

test("a peer that does not read does not fill our memory", async (t) => {
  const net = await connected(t);
  net.last().bufferedAmount = 9e6;
  await assert.rejects(net.client.request("x"), { reason: "queue-full" });
});

test("nonsense from the server is told and harms nothing", async (t) => {
  const net = await connected(t);
  const asked = watch(net.client.request("x"));
  for (const message of ["{", "[]", "7", "null", '{"id":1,"result":2}', '{"jsonrpc":"2.0","id":1}', '{"jsonrpc":"2.0","method":7}',
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"not JSON"}}', '{"jsonrpc":"2.0","id":99,"result":0}',
    '{"jsonrpc":"2.0","id":"1","result":0}']) {
    await net.last().say(message);
  }
  assert.equal(asked.state, "waiting");
  assert.deepEqual(net.events.slice(1).map(String), Array(7).fill("error,protocol"));
  await net.last().say([{ jsonrpc: "2.0", id: 1, result: "in a batch" }]);
  assert.equal(asked.value, "in a batch");
});

test("a callback that throws harms nobody and is told", async (t) => {
  const net = await connected(t);
  net.client.send("x", {}, () => { throw new Error("oops"); });
  await net.last().answer({ id: 1 }, 1);
  assert.deepEqual(net.events.at(-1), ["error", "protocol"]);
  assert.equal(net.client.state, "connected");
});
