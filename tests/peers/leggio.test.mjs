// Our own client in Node, over real sockets, against a real gateway.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { JsonRpcClient } from "../../clients/js/leggio-client.js";
import { System } from "../browser/system.mjs";
import { Events, Tap } from "./tap.mjs";

const SCORE = "/ITL/scene/* del; /ITL/scene/r set rect 0.5 0.5;";

let system;

before(async () => {
  system = await System.start(SCORE);
});
after(() => system?.stop());

async function start(t, { heartbeat = 200, ws = {}, ...fields } = {}) {
  const tap = await Tap.start(system.wsPort);
  const events = new Events();
  const names = ["connected", "disconnect", "reconnecting", "reconnected", "error"];
  const client = new JsonRpcClient({
    heartbeat,
    ...fields,
    ws: { uri: tap.uri, WebSocket, ...Object.fromEntries(names.map((name) => [`on${name}`, events.on(name)])), ...ws },
  });
  t.after(async () => {
    await client.stop();
    await tap.stop();
  });
  return { tap, events, client };
}

test("a session, requests, errors, and a heartbeat that does not disturb", async (t) => {
  const { tap, events, client } = await start(t, { session: { registerInfo: { name: "stand" } } });
  const { version } = await client.request("version");
  assert.equal(typeof version, "number");
  await assert.rejects(client.request("noSuchMethod"), { reason: "answer", code: -32601 });
  await assert.rejects(client.request("click", { x: "left" }), { reason: "answer", code: -32602 });
  await tap.until(() => tap.answers.filter(({ result }) => result?.value === "pong").length >= 3, "three pongs");
  assert.deepEqual(events.list, [["connected"]]);
  const { clients } = await client.request("presence");
  assert.ok(clients.some(({ registerInfo }) => registerInfo?.name === "stand"), JSON.stringify(clients));
});

test("a cut connection is taken up: the same session, nothing goes back, nothing is missed", async (t) => {
  const { tap, events, client } = await start(t);
  const frames = [];
  const { version } = await client.subscribe({ frames: "tiles" }, (frame) => frames.push(frame));
  await tap.until(() => frames.length > 0, "the first frame");
  assert.equal(frames[0].kind, "whole");
  for (let i = 0; i < 3; i++) {
    const before = client.sessionId;
    tap.cut();
    await events.next("reconnecting", i + 1);
    const posted = await system.post(`/ITL/scene/r x 0.${i + 1};`);
    assert.deepEqual(await events.next("reconnected", i + 1), [true]);
    assert.equal(client.sessionId, before);
    await tap.until(() => frames.at(-1).version >= posted, `version ${posted}`);
  }
  const versions = frames.map((frame) => frame.version);
  assert.deepEqual(versions, [...new Set(versions)].sort((a, b) => a - b));
  assert.ok(versions[0] >= version);
});

test("who has seen the newest version is current and gets nothing again", async (t) => {
  const { tap, events, client } = await start(t);
  const frames = [];
  await client.subscribe({ frames: "binary" }, (frame) => frames.push(frame));
  await tap.until(() => frames.length > 0, "the first frame");
  tap.cut();
  await events.next("reconnected");
  const welcome = tap.answers.findLast(({ result }) => result?.value === "reconnection successful");
  assert.equal(welcome.result.current, true);
  await client.request("version");
  assert.equal(frames.length, 1);
});

test("changes come as tiles on the version before", async (t) => {
  const { tap, client } = await start(t);
  const frames = [];
  await client.subscribe({}, (frame) => frames.push(frame));
  await tap.until(() => frames.length > 0, "the first frame");
  const posted = await system.post("/ITL/scene/r scale 0.9;");
  await tap.until(() => frames.at(-1).version >= posted, "the change");
  const last = frames.at(-1);
  assert.equal(last.kind, "tiles");
  assert.equal(last.baseVersion, frames.at(-2).version);
  assert.ok(last.tiles.length > 0);
  assert.equal(Buffer.from(last.tiles[0].image.subarray(1, 4)).toString(), "PNG");
});

test("a gateway that is killed: back in a new session, subscribed again", async (t) => {
  const { tap, events, client } = await start(t);
  const frames = [];
  await client.subscribe({}, (frame) => frames.push(frame));
  await tap.until(() => frames.length > 0, "the first frame");
  await system.stopWs("SIGKILL");
  await events.next("reconnecting");
  const posted = await system.post("/ITL/scene/r scale 0.8;");
  await system.startWs();
  assert.deepEqual(await events.next("reconnected"), [false]);
  await tap.until(() => frames.at(-1).version >= posted, "the newest frame");
});

test("closeSession ends it on the server too: the id is gone", async (t) => {
  const { client, events } = await start(t, { sendCloseMessage: true });
  await events.next("connected");
  const { sessionId } = client;
  await client.close();
  assert.deepEqual(events.list.map(([name]) => name), ["connected", "disconnect"]);
  const again = await start(t, { session: { id: sessionId } });
  await again.events.next("connected");
  assert.notEqual(again.client.sessionId, sessionId);
});

test("stop() leaves it there for another client", async (t) => {
  const { client, events } = await start(t);
  await events.next("connected");
  await client.stop();
  const again = await start(t, { session: { id: client.sessionId } });
  await again.events.next("connected");
  assert.equal(again.client.sessionId, client.sessionId);
});

test("a second client with the id takes the session over, and keeps it", async (t) => {
  const first = await start(t);
  await first.events.next("connected");
  const second = await start(t, { session: { id: first.client.sessionId } });
  await second.events.next("connected");
  const [reason] = await first.events.next("disconnect");
  assert.equal(reason.reason, "taken-over");
  await second.client.request("version");
  assert.equal(second.client.sessionId, first.client.sessionId);
});
