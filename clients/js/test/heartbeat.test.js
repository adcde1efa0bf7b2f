// Pings: while a connection stands, and only then.
import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "./fake-net.js";

async function connected(t, fields) {
  const net = start(t, { heartbeat: 1000, ...fields });
  await net.last().welcome("s1");
  return net;
}

test("the first ping tells the interval, the next ones do not", async (t) => {
  const net = await connected(t);
  const first = net.last().next();
  assert.deepEqual([first.method, first.params], ["ping", { interval: 1000 }]);
  await net.last().answer(first, { value: "pong" });
  await net.pass(999);
  assert.deepEqual(net.last().received, []);
  await net.pass(1);
  const second = net.last().next();
  assert.deepEqual([second.method, second.params], ["ping", undefined]);
});

test("no pings while it reconnects; afterwards they go on, with the interval", async (t) => {
  const net = await connected(t);
  await net.last().answer(net.last().next(), { value: "pong" });
  const lost = net.last();
  lost.received.length = 0;
  await lost.end();
  await net.pass(500);
  await net.last().accept();
  assert.equal(net.last().next().method, "connect");
  await net.pass(4000);
  assert.deepEqual([lost.received, net.last().received], [[], []]);
  await net.last().answer({ id: 2 }, { sessionId: "s1" });
  assert.deepEqual(net.last().next().params, { interval: 1000 });
});

test("a server that does not answer is left after heartbeatRequestTimeout", async (t) => {
  const net = await connected(t, { rpc: { heartbeatRequestTimeout: 300 } });
  await net.pass(299);
  assert.equal(net.events.length, 1);
  await net.pass(1);
  assert.deepEqual(net.events[1], ["reconnecting", "connection"]);
  assert.ok(net.sockets[0].wasClosed);
});

test("an error is an answer; a server that knows no ping is not asked again", async (t) => {
  const net = await connected(t);
  await net.last().fail(net.last().next(), 50003, "busy");
  await net.pass(1000);
  await net.last().fail(net.last().next(), -32601);
  await net.pass(100_000);
  assert.deepEqual(net.last().received, []);
  assert.deepEqual(net.events, [["connected"]]);
});

test("heartbeat 0 pings never", async (t) => {
  const net = await connected(t, { heartbeat: 0 });
  await net.pass(100_000);
  assert.deepEqual(net.last().received, []);
});
