// Sessions over connections that come and go.
import assert from "node:assert/strict";
import { test } from "node:test";
import { start, watch } from "./fake-net.js";

test("connects, says connect, and tells once", async (t) => {
  const net = start(t, { session: { token: "secret", registerInfo: { name: "stand 3" } } });
  const connect = await net.last().welcome("s1", { role: "play" });
  assert.deepEqual(connect, { jsonrpc: "2.0", id: 0, method: "connect", params: { token: "secret", registerInfo: { name: "stand 3" } } });
  assert.deepEqual(net.events, [["connected"]]);
  assert.equal(net.client.sessionId, "s1");
  assert.equal(net.client.role, "play");
  assert.equal(net.client.state, "connected");
});

test("a lost connection is taken up with the session's id", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  await net.last().end();
  assert.deepEqual(net.events.slice(1), [["reconnecting", "connection"]]);
  await net.pass(500);
  const connect = await net.last().welcome("s1");
  assert.equal(net.sockets.length, 2);
  assert.equal(connect.params.sessionId, "s1");
  assert.equal(connect.id, 1);
  assert.deepEqual(net.events.slice(2), [["reconnected", true]]);
});

test("a session that is gone is replaced, and said to be another", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  const asked = watch(net.client.request("slow"));
  await net.last().end();
  await net.pass(500);
  await net.last().accept();
  await net.last().fail(net.last().next(), 40007, "reconnection error");
  const second = net.last().next();
  assert.deepEqual([second.method, second.params], ["connect", {}]);
  await net.last().answer(second, { value: "OK", sessionId: "s2" });
  assert.deepEqual(net.events.at(-1), ["reconnected", false]);
  assert.equal(net.client.sessionId, "s2");
  assert.equal(asked.error?.reason, "session-lost");
});

test("a request that waits is answered over the next connection of the session", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  const asked = watch(net.client.request("slow"));
  const { id } = net.last().next();
  await net.last().end();
  await net.pass(500);
  await net.last().welcome("s1");
  await net.last().answer({ id }, { done: 1 });
  assert.deepEqual(asked.value, { done: 1 });
});

test("an id from outside is taken up; ids of requests do not begin at 0 then", async (t) => {
  const net = start(t, { session: { id: "old" } });
  const connect = await net.last().welcome("old");
  assert.equal(connect.params.sessionId, "old");
  assert.ok(connect.id > 0);
  assert.deepEqual(net.events, [["connected"]]);
});

test("a server without connect is spoken to without sessions", async (t) => {
  const net = start(t);
  await net.last().accept();
  await net.last().fail(net.last().next(), -32601);
  assert.deepEqual(net.events, [["connected"]]);
  const asked = watch(net.client.request("x"));
  await net.last().end();
  await net.pass(500);
  await net.last().accept();
  assert.deepEqual(net.last().received, []);
  assert.deepEqual(net.events.at(-1), ["reconnected", false]);
  assert.equal(asked.error?.reason, "session-lost");
});

test("session: false sends no connect", async (t) => {
  const net = start(t, { session: false });
  await net.last().accept();
  assert.deepEqual(net.last().received, []);
  assert.deepEqual(net.events, [["connected"]]);
});

test("the first connection is tried until it stands; then it is connected, not reconnected", async (t) => {
  const net = start(t);
  await net.last().end();
  assert.deepEqual(net.events, [["error", "connection"]]);
  await net.pass(1000);
  await net.last().end();
  await net.pass(2000);
  await net.last().welcome("s1");
  assert.deepEqual(net.events, [["error", "connection"], ["error", "connection"], ["connected"]]);
});

test("delays double from half a second to 30, with jitter", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  await net.pass(5000);
  let startedAt = Date.now();
  const delays = [];
  await net.last().end();
  for (let i = 0; i < 9; i++) {
    const n = net.sockets.length;
    while (net.sockets.length === n) await net.pass(10);
    delays.push(Date.now() - startedAt);
    startedAt = Date.now();
    await net.last().end();
  }
  [0.5, 1, 2, 4, 8, 16, 30, 30, 30].forEach((most, i) => {
    assert.ok(delays[i] >= most * 500 - 1 && delays[i] <= most * 1000 + 10, `delay ${i}: ${delays[i]} ms`);
  });
});

test("a server that takes connections and drops them at once is not hammered", async (t) => {
  const net = start(t);
  const startedAt = Date.now();
  for (let i = 0; i < 8; i++) {
    await net.last().welcome("s1");
    const n = net.sockets.length;
    await net.last().end();
    while (net.sockets.length === n) await net.pass(50);
  }
  assert.ok(Date.now() - startedAt > 30_000);
});

test("maxAttempts gives up, with the cause, and disconnects once", async (t) => {
  const net = start(t, { ws: { maxAttempts: 2 } });
  await net.last().end();
  await net.pass(1000);
  await net.last().end();
  assert.deepEqual(net.events, [["error", "connection"], ["error", "connection"], ["disconnect", "connection"]]);
  await net.pass(100_000);
  assert.equal(net.sockets.length, 2);
});

test("a socket that never opens, and a connect that is never answered, are given up", async (t) => {
  const net = start(t, { ws: { connectTimeout: 1000 }, rpc: { requestTimeout: 2000 } });
  await net.pass(1000);
  assert.deepEqual(net.events, [["error", "connection"]]);
  assert.ok(net.last().wasClosed);
  await net.pass(1000);
  await net.last().accept();
  await net.pass(2000);
  assert.equal(net.events.length, 2);
  assert.ok(net.last().wasClosed);
});

test("a socket that closes before it is open leads to the next attempt", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  await net.last().end();
  await net.pass(500);
  await net.last().end(1000);
  await net.pass(1000);
  assert.equal(net.sockets.length, 3);
});

test("whoever is told that another has taken the session up does not take it back", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  await net.last().end(4001);
  await net.pass(100_000);
  assert.equal(net.sockets.length, 1);
  assert.deepEqual(net.events.at(-1), ["disconnect", "taken-over"]);
  assert.equal(net.client.state, "closed");
});

test("a token that is refused ends it", async (t) => {
  const net = start(t, { session: { token: "bad" } });
  await net.last().accept();
  await net.last().fail(net.last().next(), 40003, "forbidden");
  assert.deepEqual(net.events, [["error", "answer"], ["disconnect", "answer"]]);
});

test("reconnect() replaces the connection now, reconnecting is told once", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  net.client.reconnect();
  assert.equal(net.sockets.length, 2);
  assert.ok(net.sockets[0].wasClosed);
  await net.last().end();
  net.client.reconnect();
  await net.last().welcome("s1");
  assert.deepEqual(net.events, [["connected"], ["reconnecting", "connection"], ["error", "connection"], ["reconnected", true]]);
  await net.pass(100_000);
  assert.equal(net.sockets.length, 3);
});

test("forceClose(ms) keeps away so long", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  net.client.forceClose(10_000);
  await net.pass(9000);
  assert.equal(net.sockets.length, 1);
  await net.pass(1000);
  await net.last().welcome("s1");
  assert.deepEqual(net.events.slice(1), [["reconnecting", "connection"], ["reconnected", true]]);
});

test("newWsUriOnReconnection gives the next address; its failure is a failed attempt", async (t) => {
  const answers = [(got) => got(new Error("no host")), (got) => got(null, "ws://other/rpc"), () => Promise.resolve("ws://third/rpc")];
  const net = start(t, { ws: { newWsUriOnReconnection: (got) => answers.shift()(got) } });
  await net.last().welcome("s1");
  await net.last().end();
  await net.pass(500);
  assert.deepEqual(net.events.at(-1), ["error", "connection"]);
  assert.equal(net.sockets.length, 1);
  await net.pass(1000);
  assert.equal(net.last().uri, "ws://other/rpc");
  await net.last().end();
  await net.pass(2000);
  assert.equal(net.last().uri, "ws://third/rpc");
});
