// Scenario 17 of the reference: a server that asks its clients (tests/fake/rpc_asker.c), here npm kurento-jsonrpc as
// its users have it, and our own client.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { WebSocket } from "ws";
import { JsonRpcClient as Ours } from "../../clients/js/leggio-client.js";
import { start, stop } from "../browser/system.mjs";
import { Events, Tap, endWithTests } from "./tap.mjs";

// It tells its whole life on the console.
for (const name of ["log", "info", "debug", "warn", "error"]) console[name] = () => {};
endWithTests();
const { JsonRpcClient: Kurento } = createRequire(import.meta.url)("kurento-jsonrpc").clients;

// The program on this port, 0 = a free one.
async function startAsker(t, port = 0) {
  const { child, line } = start("../tests/rpc-asker", [String(port), "10000", "10000"], /^listening ws .*:(\d+)$/);
  t.after(() => stop(child));
  return { child, port: Number((await line)[1]) };
}

const add = ({ a, b }) => a + b;

// Both: ask(method, params) by a request that has the server ask us; session(): its id, taken up at reconnections.
const clients = {
  kurento(t, tap, events, handlers) {
    let sessionId = null;
    const connect = (told) =>
      client.send("connect", sessionId ? { sessionId } : {}, (error, result) => {
        sessionId = result?.sessionId ?? null;
        if (error) connect(told);
        else told();
      });
    const reconnected = events.on("reconnected");
    const client = new Kurento({
      ws: {
        uri: tap.uri,
        onconnected: () => connect(events.on("connected")),
        onreconnecting: events.on("reconnecting"),
        onreconnected: () => connect(reconnected),
        onerror: events.on("error"),
        ondisconnect: events.on("disconnect"),
      },
      rpc: { requestTimeout: 15000, ...handlers },
    });
    t.after(() => client.close());
    const send = (method, params) =>
      new Promise((resolve, reject) => client.send(method, params, (error, result) => (error ? reject(error) : resolve(result))));
    return { ask: (method, params) => send("ask", { method, params }) };
  },
  ours(t, tap, events, handlers) {
    const names = ["connected", "disconnect", "reconnecting", "reconnected", "error"];
    const client = new Ours({
      ws: { uri: tap.uri, WebSocket, ...Object.fromEntries(names.map((name) => [`on${name}`, events.on(name)])) },
      rpc: { requestTimeout: 15000, ...handlers },
    });
    t.after(() => client.stop());
    return { ask: (method, params) => client.request("ask", { method, params }) };
  },
};

async function begin(t, make, handlers) {
  const asker = await startAsker(t);
  const tap = await Tap.start(asker.port, "/");
  t.after(() => tap.stop());
  const events = new Events();
  const client = make(t, tap, events, handlers);
  await events.next("connected");
  return { asker, tap, events, client };
}

// Ids of what the server has asked.
const asked = (tap) => tap.answers.filter(({ method }) => method !== undefined).map(({ id }) => id);

for (const [name, make] of Object.entries(clients)) {
  const handlers = { add: (params, request) => request.reply(null, add(params)) };

  test(`${name}: two requests with different ids, both handled`, async (t) => {
    const { tap, client } = await begin(t, make, handlers);
    const answers = await Promise.all([client.ask("add", { a: 1, b: 1 }), client.ask("add", { a: 1, b: 2 })]);
    assert.deepEqual(answers.map(({ code, result }) => [code, result]), [[0, 2], [0, 3]]);
    assert.equal(new Set(asked(tap)).size, 2);
  });

  test(`${name}: also across a reconnection`, async (t) => {
    const { tap, events, client } = await begin(t, make, handlers);
    assert.equal((await client.ask("add", { a: 2, b: 2 })).result, 4);
    tap.cut();
    await events.next("reconnected");
    assert.equal((await client.ask("add", { a: 2, b: 3 })).result, 5);
    assert.equal(new Set(asked(tap)).size, 2);
  });

  test(`${name}: what was asked before a reconnection may be answered after it`, async (t) => {
    const waiting = new Events();
    const { tap, events, client } = await begin(t, make, { add: (params, request) => void waiting.on("request")(params, request) });
    const answer = client.ask("add", { a: 3, b: 3 }).catch((error) => error); // of the connection that is lost
    const [params, request] = await waiting.next("request");
    tap.cut();
    await events.next("reconnected");
    request.reply(null, add(params));
    const reply = await tap.until(() => tap.sent.find(({ result }) => result === 6), "the reply");
    assert.equal(reply.id, asked(tap)[0]);
    const told = await tap.until(() => tap.answers.find(({ result }) => result?.result === 6), "the server has it");
    assert.equal(told.result.code, 0);
    await answer;
  });

  test(`${name}: another process asks at once, and is not answered from memory`, async (t) => {
    const { asker, tap, events, client } = await begin(t, make, handlers);
    assert.equal((await client.ask("add", { a: 4, b: 4 })).result, 8);
    await stop(asker.child, "SIGKILL");
    await startAsker(t, asker.port);
    await events.next("reconnected");
    assert.equal((await client.ask("add", { a: 4, b: 5 })).result, 9);
    assert.equal(new Set(asked(tap)).size, 2);
  });
}
