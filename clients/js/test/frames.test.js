// The binary messages of docs/jsonrpc.md.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFrame } from "../leggio-client.js";
import { readFrameNotification } from "../src/frames.js";
import { frameBytes } from "./frame-bytes.js";

test("a whole frame", () => {
  const frame = parseFrame(frameBytes({ epoch: "f123456789abcdef", version: 2 ** 40 + 7, width: 1920, height: 1080, scene: "violín", files: [[9, 8, 7]] }));
  assert.deepEqual(frame, {
    kind: "whole", scene: "violín", epoch: "f123456789abcdef", version: 2 ** 40 + 7, width: 1920, height: 1080,
    mimeType: "image/png", image: new Uint8Array([9, 8, 7]),
  });
});

test("tiles", () => {
  const frame = parseFrame(frameBytes({ kind: 2, version: 8, base: 7, width: 100, height: 90, tiles: [[1, 2, 3, 4], [97, 80, 3, 10]], files: [[1], [2, 3]] }));
  assert.equal(frame.baseVersion, 7);
  assert.deepEqual(frame.tiles, [
    { x: 1, y: 2, width: 3, height: 4, image: new Uint8Array([1]) },
    { x: 97, y: 80, width: 3, height: 10, image: new Uint8Array([2, 3]) },
  ]);
});

test("a view into a larger buffer is read where it lies", () => {
  const bytes = new Uint8Array(frameBytes());
  const larger = new Uint8Array(bytes.length + 10);
  larger.set(bytes, 5);
  assert.equal(parseFrame(larger.subarray(5, 5 + bytes.length)).version, 1);
});

test("every message cut short, and every wrong byte of the header, is refused or read, never worse", () => {
  const whole = new Uint8Array(frameBytes({ kind: 2, version: 8, base: 7, width: 100, height: 90, tiles: [[1, 2, 3, 4]], files: [[1, 2]] }));
  for (let size = 0; size < whole.length; size++) assert.throws(() => parseFrame(whole.slice(0, size).buffer), RangeError);
  let n = 0;
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 1, 127, 128, 255]) {
      const changed = whole.slice();
      changed[at] = value;
      try {
        parseFrame(changed.buffer);
      } catch (error) {
        n++;
        assert.ok(error instanceof RangeError, `${at}: ${error}`);
      }
    }
  }
  assert.ok(n > 100);
});

test("tiles outside of the picture and bytes left over are named", () => {
  const tiles = (tile, files = [[1]]) => frameBytes({ kind: 2, width: 10, height: 10, tiles: [tile], files });
  assert.throws(() => parseFrame(tiles([8, 0, 3, 3])), /tile 3 x 3 at 8, 0 of 10 x 10/);
  assert.throws(() => parseFrame(tiles([0, 0, 0, 3])), /tile 0 x 3/);
  assert.throws(() => parseFrame(tiles([0, 0, 3, 3], [[1], [2]])), /1 bytes behind the last tile/);
  assert.throws(() => parseFrame(frameBytes({ version: 2 ** 60 })), /version 1152921504606846976 is too large/);
});

test("the notification frame", () => {
  const params = { epoch: "00000000000000aa", version: 3, width: 4, height: 5, mimeType: "image/png", image: "AQID" };
  assert.deepEqual(readFrameNotification(params), { kind: "whole", scene: "scene", ...params, image: new Uint8Array([1, 2, 3]) });
  assert.throws(() => readFrameNotification({ ...params, image: "*" }));
  assert.throws(() => readFrameNotification({ ...params, width: 0 }), RangeError);
  assert.throws(() => readFrameNotification(null), RangeError);
});
