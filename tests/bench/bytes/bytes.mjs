#!/usr/bin/env node
// Bytes per step of a running cursor over an engraved page of 1080 lines: tiles beside whole frames, each
// as leggio-client gets them over its own WebSocket at the same time.
//
//     tests/bench/bytes/bytes.mjs [STEPS]
// At another width, where tiles are bands across the picture, it is told too, not judged.
//
// Goal: tiles <= 1/20. Needs `npm ci` in tests/peers (Node 20 has no WebSocket of its own).
import { createRequire } from "node:module";
import { JsonRpcClient } from "../../../clients/js/leggio-client.js";
import { System } from "../../browser/system.mjs";

const { WebSocket } = createRequire(new URL("../../peers/", import.meta.url))("ws");

const STEPS = Number(process.argv[2] ?? 300);
const GOAL = 20;
const NOTES = Array.from({ length: 500 }, (_, i) => "cdefgab"[i % 7] + (i % 5 ? "/8" : "/4")).join(" ");
const SCORE = `
/ITL/scene/* del;
/ITL/scene width 3.5556;
/ITL/scene height 2.;
/ITL/scene/page set gmn '[\\meter<"4/4"> ${NOTES}]';
/ITL/scene/page height 1.9;
/ITL/scene/page duration 100 1;
/ITL/scene/c set rect 0.01 0.1;
/ITL/scene/c color 220 0 0 150;
/ITL/scene/sync c page;
`;

// Sizes of the binary messages of one subscription, as they come off the socket.
class Reader {
  sizes = { whole: [], tiles: [] };

  constructor(port, params) {
    const { sizes } = this;
    let size;
    class Measured extends WebSocket {
      set onmessage(listener) {
        super.onmessage = listener && ((event) => {
          size = event.data.byteLength;
          listener(event);
        });
      }
    }
    this.client = new JsonRpcClient({ ws: { uri: `ws://127.0.0.1:${port}/rpc`, WebSocket: Measured } });
    this.done = new Promise((resolve) => {
      this.subscribed = this.client.subscribe(params, (frame) => {
        sizes[frame.kind].push(size);
        this.frame = frame;
        if (sizes.whole.length + sizes.tiles.length > STEPS) resolve();
      });
    });
  }
}

const mean = (sizes) => sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
const median = (sizes) => [...sizes].sort((a, b) => a - b)[Math.floor(sizes.length / 2)];

// One run of the cursor at a width (undefined: the scene's own); returns whole bytes by tile bytes.
async function measure(system, width) {
  const readers = ["binary", "tiles"].map((frames) => new Reader(system.wsPort, { frames, width }));
  const [whole, tiles] = readers;
  await Promise.all(readers.map(({ subscribed }) => subscribed));
  await system.post("/ITL/scene/c tempo 120;");
  await Promise.all(readers.map(({ done }) => done));
  await system.post("/ITL/scene/c tempo 0;");
  for (const { client } of readers) await client.close();
  // The first frame of a connection is whole; it is no step.
  const steps = { whole: whole.sizes.whole.slice(1), tiles: [...tiles.sizes.whole.slice(1), ...tiles.sizes.tiles] };
  for (const [name, sizes] of Object.entries(steps)) {
    console.log(`${name}: ${sizes.length} steps, ${mean(sizes).toFixed(0)} bytes a step, median ${median(sizes)}, most ${Math.max(...sizes)}`);
  }
  const ratio = mean(steps.whole) / mean(steps.tiles);
  console.log(`${whole.frame.width} x ${whole.frame.height}, 500 notes: tiles are 1/${ratio.toFixed(0)} of whole frames ` +
    `(${width ? "not judged" : `goal 1/${GOAL}`}); ${tiles.sizes.whole.length - 1} whole frames among the tiles`);
  return ratio;
}

const system = await System.start(SCORE);
let ratio = 0;
try {
  ratio = await measure(system, undefined);
  await measure(system, 2400);
} finally {
  await system.stop();
}
process.exit(ratio >= GOAL ? 0 : 1);
