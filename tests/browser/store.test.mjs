// The web page and a gateway that is killed, with sessions in Redis: the page comes back in its session.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { freePort, System } from "./system.mjs";

const SCORE = "/ITL/scene/* del; /ITL/scene/r set rect 1. 1.; /ITL/scene/r color 1 1 1;";

let redis;
let system;
let browser;

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false)).on("close", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });

before(async () => {
  const port = await freePort();
  redis = spawn("redis-server", ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--appendonly", "no"], { stdio: "ignore" });
  while (!(await accepts(port))) assert.equal(redis.exitCode, null, "redis-server has stopped");
  system = await System.start(SCORE, { wsOptions: ["--session-store", `redis://127.0.0.1:${port}`] });
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await system?.stop();
  if (redis?.exitCode === null) {
    redis.kill();
    await once(redis, "exit");
  }
});

test("a gateway that is killed: the page comes back in its session", async (t) => {
  const context = await browser.newContext({ viewport: { width: 540, height: 540 } });
  t.after(() => context.close());
  const page = await context.newPage();
  const sessions = [];
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => {
    const value = typeof payload === "string" ? JSON.parse(payload).result : null;
    if (value?.value === "OK" || value?.value === "reconnection successful") sessions.push(value);
  }));
  const linkIs = (state) =>
    page.waitForFunction((wanted) => document.getElementById("link").dataset.state === wanted, state, { timeout: 20000 });
  await page.goto(`${system.url}view/`);
  await page.locator("#picture").waitFor({ state: "visible", timeout: 15000 });
  await linkIs("websocket");

  for (let i = 1; i <= 2; i++) {
    await system.stopWs("SIGKILL");
    await page.waitForFunction(() => document.getElementById("link").dataset.state !== "websocket", undefined, { timeout: 20000 });
    const version = await system.post(`/ITL/scene/r color ${i} 7 7;`);
    await system.startWs();
    await linkIs("websocket");
    await page.waitForFunction((wanted) => Number(document.getElementById("picture").dataset.version) >= wanted, version, { timeout: 20000 });
  }
  assert.deepEqual(sessions.map(({ value }) => value), ["OK", "reconnection successful", "reconnection successful"]);
  assert.equal(new Set(sessions.map(({ sessionId }) => sessionId)).size, 1);
});
