// What the canvas shows, and in which order; decoding is played by the test.
// Real pixels: tests/browser.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { follow, Picture } from "../leggio-client.js";
import { settle, start } from "./fake-net.js";

let decodings; // those under way: { size, resolve, reject }

beforeEach(() => {
  decodings = [];
  globalThis.createImageBitmap = (blob) => new Promise((resolve, reject) => {
    const done = (width, height) => resolve({ width, height, close() {} });
    decodings.push({ done, fail: () => reject(new Error("no picture")) });
  });
});

function stage() {
  const made = { drawn: [], shown: [], missing: 0 };
  const context = { clearRect() {}, drawImage: (bitmap, x, y) => made.drawn.push(`${bitmap.width}x${bitmap.height}@${x},${y}`) };
  made.canvas = { width: 300, height: 150, getContext: () => context };
  made.picture = new Picture(made.canvas, { onshown: ({ version }) => made.shown.push(version), onmissing: () => made.missing++ });
  return made;
}

const image = new Uint8Array([1]);
const whole = (version, epoch = "a") => ({ kind: "whole", epoch, version, width: 8, height: 6, image });
const tiles = (version, baseVersion, more = {}) => ({ kind: "tiles", epoch: "a", version, baseVersion, width: 8, height: 6,
  tiles: [{ x: 1, y: 2, width: 3, height: 2, image }], ...more });

async function decoded(...sizes) {
  for (const [width, height] of sizes) decodings.shift().done(width, height);
  await settle();
}

test("a whole frame sets the size, tiles go where they belong", async () => {
  const made = stage();
  made.picture.draw(whole(1));
  made.picture.draw(tiles(2, 1));
  await decoded([8, 6]);
  await decoded([3, 2]);
  assert.deepEqual([made.canvas.width, made.canvas.height], [8, 6]);
  assert.deepEqual(made.drawn, ["8x6@0,0", "3x2@1,2"]);
  assert.deepEqual([made.shown, made.picture.version, made.missing], [[1, 2], 2, 0]);
});

test("all tiles of a version at once, however they are decoded", async () => {
  const made = stage();
  made.picture.draw(whole(1));
  await decoded([8, 6]);
  made.picture.draw(tiles(2, 1, { tiles: [{ x: 0, y: 0, width: 1, height: 1, image }, { x: 2, y: 2, width: 2, height: 2, image }] }));
  const [first, second] = decodings.splice(0);
  second.done(2, 2);
  await settle();
  assert.equal(made.drawn.length, 1);
  first.done(1, 1);
  await settle();
  assert.deepEqual(made.drawn.slice(1), ["1x1@0,0", "2x2@2,2"]);
});

test("older frames are never drawn, another epoch is", async () => {
  const made = stage();
  made.picture.draw(whole(5));
  made.picture.draw(whole(4));
  await decoded([8, 6]);
  made.picture.draw(tiles(5, 4));
  made.picture.draw(whole(2, "b"));
  await decoded([8, 6]);
  assert.deepEqual([made.shown, made.picture.epoch], [[5, 2], "b"]);
});

test("a whole frame covers what waits", async () => {
  const made = stage();
  made.picture.draw(whole(1));
  made.picture.draw(tiles(2, 1));
  made.picture.draw(whole(3));
  await decoded([8, 6]);
  await decoded([8, 6]);
  assert.deepEqual([made.shown, made.missing], [[1, 3], 0]);
});

test("tiles on something else are not drawn: a whole frame is missing, asked for once", async () => {
  for (const frame of [tiles(9, 8), tiles(2, 1, { epoch: "b" }), tiles(2, 1, { width: 9 })]) {
    const made = stage();
    made.picture.draw(whole(1));
    await decoded([8, 6]);
    made.picture.draw(frame);
    made.picture.draw(tiles(10, 9));
    assert.deepEqual([made.shown, made.missing], [[1], 1]);
    made.picture.draw(whole(10));
    await decoded([8, 6]);
    assert.deepEqual(made.shown, [1, 10]);
  }
});

test("a picture that cannot be decoded, or has another size, is missing", async () => {
  for (const spoil of [(one) => one.fail(), (one) => one.done(3, 3)]) {
    const made = stage();
    made.picture.draw(whole(1));
    await decoded([8, 6]);
    made.picture.draw(tiles(2, 1));
    made.picture.draw(tiles(3, 2));
    spoil(decodings.shift());
    await settle();
    assert.deepEqual([made.shown, made.missing, decodings.length], [[1], 1, 0]);
    made.picture.draw(whole(3));
    await decoded([8, 6]);
    assert.deepEqual(made.shown, [1, 3]);
  }
});

test("what a slow device does not draw in time has an end", async () => {
  const made = stage();
  made.picture.draw(whole(1));
  for (let version = 2; version < 50; version++) made.picture.draw(tiles(version, version - 1));
  assert.equal(made.missing, 1);
  await decoded([8, 6]);
  assert.deepEqual(made.shown, [1]);
  assert.equal(decodings.length, 0);
});

test("follow subscribes, draws, tells what is shown and asks again when something is missing", async (t) => {
  const made = stage();
  const net = start(t);
  await net.last().welcome("s1");
  const following = follow(net.client, made.canvas, { width: 8 });
  const asked = net.last().next();
  assert.deepEqual(asked.params, { frames: "tiles", width: 8 });
  await net.last().answer(asked, { scene: "scene" });
  const { frameBytes } = await import("./frame-bytes.js");
  await net.last().say(frameBytes({ version: 3 }));
  await decoded([4, 4]);
  assert.deepEqual(net.last().next().params, { scene: "scene", epoch: "00000000000000aa", version: 3 });
  await net.last().say(frameBytes({ kind: 2, version: 6, base: 5, tiles: [[0, 0, 1, 1]] }));
  assert.equal(net.last().next().method, "subscribe");
  assert.equal(typeof (await following).unsubscribe, "function");
});
