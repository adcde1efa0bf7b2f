// Following scenes, through losses of the connection and of the session.
import assert from "node:assert/strict";
import { test } from "node:test";
import { start, watch } from "./fake-net.js";
import { frameBytes } from "./frame-bytes.js";

const EPOCH = "00000000000000aa";
const RESULT = { scene: "scene", epoch: EPOCH, version: 3, width: 4, height: 4, frames: "tiles", period: 50 };
const tile = (version, base) => frameBytes({ kind: 2, version, base, tiles: [[0, 0, 1, 1]] });

async function following(t, { params = { scene: "scene", width: 800 }, ...fields } = {}) {
  const net = start(t, fields);
  await net.last().welcome("s1");
  net.frames = [];
  net.subscribed = watch(net.client.subscribe(params, (frame) => net.frames.push(frame)));
  net.asked = net.last().next();
  await net.last().answer(net.asked, RESULT);
  return net;
}

const seen = (net) => net.frames.map(({ kind, version }) => `${kind} ${version}`);

test("asks for tiles, and gets each frame", async (t) => {
  const net = await following(t);
  assert.deepEqual([net.asked.method, net.asked.params], ["subscribe", { scene: "scene", width: 800, frames: "tiles" }]);
  assert.equal(net.subscribed.value.version, 3);
  await net.last().say({ jsonrpc: "2.0", method: "scoreChanged", params: { scene: "scene", epoch: EPOCH, version: 3 } });
  await net.last().say(frameBytes({ version: 3 }));
  await net.last().say(tile(4, 3));
  await net.last().say(frameBytes({ version: 9, scene: "other" }));
  assert.deepEqual(seen(net), ["whole 3", "tiles 4"]);
});

test("never an older version, whatever the server sends; a new epoch may begin anywhere", async (t) => {
  const net = await following(t);
  for (const bytes of [frameBytes({ version: 5 }), frameBytes({ version: 4 }), tile(5, 4), frameBytes({ version: 5 }), tile(6, 5),
    frameBytes({ version: 2, epoch: "00000000000000bb" })]) await net.last().say(bytes);
  assert.deepEqual(seen(net), ["whole 5", "whole 5", "tiles 6", "whole 2"]);
});

test("connect tells what was seen; a server that kept the subscription is not asked again", async (t) => {
  const net = await following(t);
  await net.last().say(frameBytes({ version: 3 }));
  await net.last().end();
  await net.pass(500);
  const connect = await net.last().welcome("s1", { subscriptions: [{ ...RESULT, width: 800 }] });
  assert.deepEqual(connect.params.seen, [{ scene: "scene", epoch: EPOCH, version: 3 }]);
  assert.deepEqual(net.last().received, []);
  await net.last().say(frameBytes({ version: 4 }));
  assert.deepEqual(seen(net), ["whole 3", "whole 4"]);
});

test("one that the server did not keep, or keeps in another form, is asked for again", async (t) => {
  const net = await following(t);
  await net.last().say(frameBytes({ version: 3 }));
  for (const subscriptions of [[], [{ scene: "scene", width: 320, frames: "tiles" }]]) {
    await net.last().end();
    await net.pass(1000);
    await net.last().welcome("s1", { subscriptions });
    assert.equal(net.last().next().method, "subscribe");
  }
});

test("in a new session everything is asked for again", async (t) => {
  const net = await following(t);
  await net.last().say(frameBytes({ version: 3 }));
  await net.last().end();
  await net.pass(500);
  await net.last().accept();
  await net.last().fail(net.last().next(), 40007);
  await net.last().answer(net.last().next(), { sessionId: "s2" });
  assert.equal(net.last().next().method, "subscribe");
});

test("a subscription made while away begins with the connection, once", async (t) => {
  const net = start(t);
  const subscribed = watch(net.client.subscribe({ frames: "none" }, () => {}));
  await net.last().welcome("s1");
  const asked = net.last().next();
  assert.deepEqual([asked.method, asked.params, net.last().received], ["subscribe", { frames: "none" }, []]);
  await net.last().answer(asked, RESULT);
  assert.equal(subscribed.state, "kept");
});

test("lost before its answer it is asked for again, and the promise is kept", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  const subscribed = watch(net.client.subscribe({}, () => {}));
  await net.last().end();
  await net.pass(500);
  await net.last().welcome("s1", { subscriptions: [{ scene: "scene", frames: "tiles" }] });
  await net.last().answer(net.last().next(), RESULT);
  assert.equal(subscribed.value.version, 3);
});

test("a busy server is asked again, a refusal is final", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  const subscribed = watch(net.client.subscribe({ scene: "violin" }, () => {}));
  await net.last().fail(net.last().next(), 50003, "busy");
  await net.pass(3000);
  await net.last().fail(net.last().next(), 40004, "not_found");
  assert.equal(subscribed.error.code, 40004);
  await net.last().end();
  await net.pass(500);
  await net.last().welcome("s1");
  assert.deepEqual(net.last().received, []);
});

test("renew asks for the whole frame; unsubscribe ends it, also while away", async (t) => {
  const net = await following(t);
  net.subscribed.value.renew();
  assert.equal(net.last().next().method, "subscribe");
  await net.last().end();
  await net.subscribed.value.unsubscribe();
  await net.pass(500);
  await net.last().welcome("s1", { subscriptions: [{ scene: "scene" }] });
  const asked = net.last().next();
  assert.deepEqual([asked.method, asked.params], ["unsubscribe", { scene: "scene" }]);
});

test("frames none gives notices", async (t) => {
  const net = await following(t, { params: { frames: "none" } });
  await net.last().say({ jsonrpc: "2.0", method: "scoreChanged", params: { scene: "scene", epoch: EPOCH, version: 4 } });
  assert.deepEqual(net.frames, [{ kind: "notice", scene: "scene", epoch: EPOCH, version: 4 }]);
});

test("over SockJS frames come as base64", async (t) => {
  const net = start(t, { ws: { uri: "http://fake/sockjs", useSockJS: true } });
  await net.last().welcome("s1");
  const frames = [];
  net.client.subscribe({ frames: "tiles" }, (frame) => frames.push(frame));
  const asked = net.last().next();
  assert.deepEqual(asked.params, { frames: "base64" });
  await net.last().answer(asked, { ...RESULT, frames: "base64" });
  const params = { scene: "scene", epoch: EPOCH, version: 3, width: 4, height: 4, mimeType: "image/png", image: "AQID" };
  await net.last().say({ jsonrpc: "2.0", method: "frame", params });
  assert.deepEqual(frames, [{ kind: "whole", ...params, image: new Uint8Array([1, 2, 3]) }]);
});

test("a frame that cannot be read is told, and the next one is taken", async (t) => {
  const net = await following(t);
  await net.last().say(new ArrayBuffer(3));
  await net.last().say({ jsonrpc: "2.0", method: "frame", params: { scene: "scene" } });
  await net.last().say(frameBytes({ version: 3 }));
  assert.deepEqual(net.events.slice(1), [["error", "protocol"], ["error", "protocol"]]);
  assert.deepEqual(seen(net), ["whole 3"]);
});

test("params are checked", async (t) => {
  const net = start(t);
  assert.throws(() => net.client.subscribe({ with: 3 }, () => {}), /subscribe: with: unknown field; known are scene/);
  assert.throws(() => net.client.subscribe({ frames: "all" }, () => {}), /subscribe: frames: expected one of none/);
  assert.throws(() => net.client.subscribe({}), /onframe: expected a function/);
});

test("shown is told at once, then the newest a few times a second", async (t) => {
  const net = start(t);
  await net.last().welcome("s1");
  for (let version = 1; version <= 5; version++) net.client.shown({ epoch: EPOCH, version });
  assert.deepEqual(net.last().next(), { jsonrpc: "2.0", method: "shown", params: { scene: "scene", epoch: EPOCH, version: 1 } });
  assert.deepEqual(net.last().received, []);
  await net.pass(250);
  assert.equal(net.last().next().params.version, 5);
  await net.pass(1000);
  assert.deepEqual(net.last().received, []);
});
