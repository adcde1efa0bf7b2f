// npm kurento-jsonrpc, as its users have it, against a real gateway: scenarios 15 and 16 of the reference.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { System } from "../browser/system.mjs";
import { Events, Tap, endWithTests } from "./tap.mjs";

// It tells its whole life on the console.
for (const name of ["log", "info", "debug", "warn", "error"]) console[name] = () => {};
const { JsonRpcClient } = createRequire(import.meta.url)("kurento-jsonrpc").clients;

let system;

before(async () => {
  system = await System.start("/ITL/scene/* del;");
});
after(() => system?.stop());
endWithTests();

async function start(t, { heartbeat, sendCloseMessage = false, onreconnected } = {}) {
  const tap = await Tap.start(system.wsPort);
  const events = new Events();
  const reconnected = events.on("reconnected");
  const client = new JsonRpcClient({
    heartbeat,
    sendCloseMessage,
    ws: {
      uri: tap.uri,
      onconnected: events.on("connected"),
      ondisconnect: events.on("disconnect"),
      onreconnecting: events.on("reconnecting"),
      onreconnected: onreconnected ? () => onreconnected(client, reconnected) : reconnected,
      onerror: events.on("error"),
    },
    rpc: { requestTimeout: 15000, scoreChanged: events.on("scoreChanged") },
  });
  t.after(async () => {
    if (!sendCloseMessage) client.close();
    await tap.stop();
  });
  await events.next("connected");
  return { tap, events, client };
}

const ask = (client, method, params) =>
  new Promise((resolve) => client.send(method, params, (error, result) => resolve({ error, result })));

test("requests, the session in their results, and an unknown method", async (t) => {
  const { client } = await start(t);
  const { result } = await ask(client, "version", {});
  assert.equal(typeof result.version, "number");
  assert.match(result.sessionId, /^[\w-]{20,}$/);
  const { error } = await ask(client, "noSuchMethod", {});
  assert.equal(error.code, -32601);
  const second = await ask(client, "connect", {});
  assert.deepEqual([second.result.value, second.result.sessionId], ["OK", result.sessionId]);
});

test("a heartbeat of 200 ms for two seconds, without a reconnection", async (t) => {
  const { tap, events } = await start(t, { heartbeat: 200 });
  const pongs = () => tap.answers.filter(({ result }) => result?.value === "pong").length;
  await tap.until(() => pongs() >= 10, "ten pongs");
  assert.deepEqual(tap.sent[0].params, { interval: 200 });
  assert.equal(tap.n, 1);
  assert.deepEqual(events.list, [["connected"]]);
});

test("a forced close reconnects; connect with the id takes the session up", async (t) => {
  const { tap, events, client } = await start(t, {
    onreconnected: (own, told) => own.send("connect", { sessionId }, (error, result) => told(error ?? result.value)),
  });
  const { sessionId } = (await ask(client, "connect", {})).result;
  client.forceClose();
  await events.next("reconnecting");
  assert.deepEqual(await events.next("reconnected"), ["reconnection successful"]);
  assert.equal((await ask(client, "version", {})).result.sessionId, sessionId);
  assert.equal(tap.n, 2);
});

test("an invented id is refused with 40007, and the socket stays", async (t) => {
  const { client } = await start(t);
  const { error } = await ask(client, "connect", { sessionId: "invented" });
  assert.deepEqual([error.code, error.message], [40007, "reconnection error"]);
  assert.equal((await ask(client, "connect", {})).result.value, "OK");
});

test("closing with sendCloseMessage ends without a reconnection", async (t) => {
  const { tap, events, client } = await start(t, { sendCloseMessage: true });
  await ask(client, "version", {});
  client.close();
  await tap.until(() => tap.answers.some(({ result }) => result === "bye"), "bye");
  await tap.until(() => tap.sent.at(-1).method === "closeSession", "closeSession");
  assert.equal(events.count("reconnecting"), 0);
});

test("a gateway that was away: reconnected within 3 s of its return, and pings tell the interval anew", async (t) => {
  const { tap, events } = await start(t, { heartbeat: 2000 }); // a ping while it connects would throw inside of it
  await tap.until(() => tap.answers.length > 0, "a pong");
  await tap.stopListening();
  await events.next("reconnecting");
  const n = tap.sent.length;
  await tap.listen();
  const backMs = Date.now();
  await events.next("reconnected");
  assert.ok(Date.now() - backMs < 3500, `${Date.now() - backMs} ms`);
  const first = await tap.until(() => tap.sent[n], "a ping");
  assert.deepEqual([first.method, first.params], ["ping", { interval: 2000 }]);
});

test("notifications of a subscription reach its handler", async (t) => {
  const { events, client } = await start(t);
  const { result } = await ask(client, "subscribe", { scene: "scene", frames: "none" });
  await system.post("/ITL/scene/r set rect 0.5 0.5;");
  const [params] = await events.next("scoreChanged");
  assert.equal(params.scene, "scene");
  assert.ok(params.version > result.version);
});
