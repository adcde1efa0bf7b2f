// leggio-client in a page that is not ours: as its README has it, and over SockJS where WebSocket does
// not get through (npm sockjs-client of tests/peers).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { System } from "./system.mjs";

const SOCKJS = new URL("../peers/node_modules/sockjs-client/dist/sockjs.js", import.meta.url).pathname;
const SCORE = "/ITL/scene/* del; /ITL/scene/r set rect 0.5 0.5; /ITL/scene/t set txt 'SockJS';";

let system;
let browser;

before(async () => {
  system = await System.start(SCORE);
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await system?.stop();
});

// A page of the gateway's origin with a canvas, a client and its events.
async function open(t, transport) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  // Some document of the gateway, in place of an application's own.
  await page.goto(`${system.url}version`);
  await page.evaluate(() => (document.body.innerHTML = "<canvas></canvas>"));
  if (transport) await page.addScriptTag({ path: SOCKJS });
  await page.evaluate(async ({ port, transport }) => {
    const { JsonRpcClient, follow } = await import("/view/leggio-client/leggio-client.js");
    window.events = [];
    const note = (name) => (...facts) => window.events.push([name, ...facts.map(String)]);
    const ws = { onconnected: note("connected"), onreconnecting: note("reconnecting"), onreconnected: note("reconnected"),
      ondisconnect: note("disconnect"), onerror: note("error") };
    if (transport) {
      Object.assign(ws, { uri: `http://127.0.0.1:${port}/sockjs`, useSockJS: true });
      ws.SockJS = function (uri) {
        return new window.SockJS(uri, null, { transports: [transport] });
      };
    } else {
      ws.uri = `ws://127.0.0.1:${port}/rpc`;
    }
    window.client = new JsonRpcClient({ ws });
    window.shown = [];
    follow(window.client, document.querySelector("canvas"), {}, (frame) => window.shown.push([frame.kind, frame.version]));
  }, { port: system.wsPort, transport });
  return page;
}

const shows = (page, version) => page.waitForFunction((wanted) => window.shown.at(-1)?.[1] >= wanted, version, { timeout: 15000 });
const tells = (page, name) => page.waitForFunction((wanted) => window.events.some(([one]) => one === wanted), name, { timeout: 15000 });

// How many bytes of the canvas differ from the server's picture.
const differences = (page) => page.evaluate(async () => {
  const canvas = document.querySelector("canvas");
  const { width, height } = canvas;
  const bitmap = await createImageBitmap(await (await fetch("/image")).blob(), { colorSpaceConversion: "none" });
  const whole = new OffscreenCanvas(width, height).getContext("2d");
  whole.drawImage(bitmap, 0, 0);
  const [one, other] = [canvas.getContext("2d"), whole].map((context) => context.getImageData(0, 0, width, height).data);
  return one.reduce((sum, byte, i) => sum + (byte === other[i] ? 0 : 1), 0);
});

for (const transport of [undefined, "websocket", "xhr-streaming", "xhr-polling"]) {
  test(`a page follows the score over ${transport ? `SockJS ${transport}` : "WebSocket"}`, async (t) => {
    const page = await open(t, transport);
    for (let i = 1; i <= 3; i++) await shows(page, await system.post(`/ITL/scene/r angle ${i * 10 + Math.random()};`));
    assert.equal(await differences(page), 0);
    const kinds = await page.evaluate(() => window.shown.map(([kind]) => kind));
    assert.equal(kinds.at(-1), transport ? "whole" : "tiles");

    await page.evaluate(() => window.client.forceClose());
    const version = await system.post("/ITL/scene/r color 1 2 3;");
    await tells(page, "reconnected");
    await shows(page, version);
    assert.equal(await differences(page), 0);
    await page.evaluate(() => window.client.close());
    const events = await page.evaluate(() => window.events);
    assert.deepEqual(events.map(([name]) => name), ["connected", "reconnecting", "reconnected", "disconnect"]);
    assert.equal(events[2][1], "true");
    await system.post(SCORE);
  });
}
