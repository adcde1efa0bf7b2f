// The end: at once in every phase, told exactly once, nothing left behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { start, watch } from "./fake-net.js";

const ends = (net) => net.events.filter(([name]) => name === "disconnect").length;

async function isOver(net, closed) {
  assert.equal(closed.state, "kept");
  assert.equal(ends(net), 1);
  assert.equal(net.client.state, "closed");
  const n = net.sockets.length;
  const told = net.events.length;
  for (const socket of net.sockets) {
    await socket.accept();
    await socket.end();
  }
  await net.pass(200_000);
  assert.equal(net.sockets.length, n);
  assert.equal(net.events.length, told);
  assert.ok(net.sockets.every(({ wasClosed }) => wasClosed));
}

test("while it connects", async (t) => {
  const net = start(t, { sendCloseMessage: true });
  const asked = watch(net.client.request("early"));
  const closed = watch(net.client.close());
  await net.pass(0);
  assert.equal(asked.error.reason, "closed");
  await isOver(net, closed);
});

test("while connect waits for its answer", async (t) => {
  const net = start(t);
  await net.last().accept();
  const closed = watch(net.client.close());
  await net.pass(0);
  await isOver(net, closed);
});

test("while it waits for the next attempt", async (t) => {
  const net = start(t, { sendCloseMessage: true });
  await net.last().welcome("s1");
  await net.last().end();
  const closed = watch(net.client.close());
  await net.pass(0);
  await isOver(net, closed);
});

test("while it asks for the next address", async (t) => {
  let got;
  const net = start(t, { ws: { newWsUriOnReconnection: (callback) => void (got = callback) } });
  await net.last().welcome("s1");
  await net.last().end();
  await net.pass(500);
  const closed = watch(net.client.close());
  got(null, "ws://late/");
  await net.pass(0);
  await isOver(net, closed);
});

test("while it reconnects", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  await net.last().end();
  await net.pass(500);
  const closed = watch(net.client.close());
  await net.pass(0);
  await isOver(net, closed);
});

test("while a request waits, which is refused", async (t) => {
  const net = start(t, { heartbeat: 1000 });
  await net.last().welcome("s1");
  const asked = watch(net.client.request("slow"));
  const closed = watch(net.client.close());
  await net.pass(0);
  assert.equal(asked.error.reason, "closed");
  await isOver(net, closed);
});

test("in its own callbacks", async (t) => {
  const net = start(t, { ws: { onreconnecting: () => net.client.close() } });
  await net.last().welcome("s1");
  await net.last().end();
  const closed = watch(net.client.close());
  await net.pass(0);
  await isOver(net, closed);
});

test("sendCloseMessage says closeSession and waits for bye", async (t) => {
  const net = start(t, { sendCloseMessage: true, heartbeat: 1000 });
  await net.last().welcome("s1");
  net.last().next(); // ping
  const closed = watch(net.client.close());
  assert.equal(net.client.close(), net.client.close());
  const bye = net.last().next();
  assert.equal(bye.method, "closeSession");
  assert.equal(bye.params, undefined);
  assert.equal(net.client.state, "closing");
  await net.last().answer(bye, "bye");
  await isOver(net, closed);
});

test("a server that closes instead of saying bye ends it too, without a reconnection", async (t) => {
  const net = start(t, { sendCloseMessage: true });
  await net.last().welcome("s1");
  const closed = watch(net.client.close());
  await net.last().end(1000);
  await isOver(net, closed);
});

test("a server that says nothing is waited for two seconds", async (t) => {
  const net = start(t, { sendCloseMessage: true });
  await net.last().welcome("s1");
  const closed = watch(net.client.close());
  await net.pass(1999);
  assert.equal(ends(net), 0);
  await net.pass(1);
  await isOver(net, closed);
});

test("stop() leaves the session on the server", async (t) => {
  const net = start(t, { sendCloseMessage: true });
  await net.last().welcome("s1");
  const closed = watch(net.client.stop());
  await net.pass(0);
  assert.deepEqual(net.last().received, []);
  assert.equal(net.client.sessionId, "s1");
  await isOver(net, closed);
});

test("after the end calls are refused clearly", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  await net.client.close();
  await assert.rejects(net.client.request("x"), { reason: "closed", message: "x: the client is closed" });
  await assert.rejects(net.client.subscribe({}, () => {}), { reason: "closed" });
  assert.equal(net.client.notify("x"), false);
  assert.throws(() => net.client.reconnect(), /reconnect: the client is closed/);
  net.client.forceClose();
  await net.client.stop();
  assert.equal(ends(net), 1);
});
