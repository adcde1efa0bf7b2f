// The web page where the gateways ask for tokens.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { BIN, System } from "./system.mjs";

const SCORE = `
/ITL/scene/* del;
/ITL/scene/r set rect 1. 1.;
/ITL/scene/r color 1 1 1;
/ITL/scene/r watch mouseDown ( /ITL/scene/r color 2 2 2 );
`;

let folder;
let system;
let browser;
const tokens = {};

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "leggio-token-"));
  const file = join(folder, "auth");
  let lines = "";
  for (const role of ["view", "play", "conduct"]) {
    // The line for the file on standard output, the token on standard error.
    const made = spawnSync(join(BIN, "leggio-keys"), ["token", "--role", role, "--label", role], { encoding: "utf8" });
    lines += made.stdout;
    [tokens[role]] = /lgt_[\w-]+/.exec(made.stderr);
  }
  writeFileSync(file, lines, { mode: 0o600 });
  system = await System.start(SCORE, { gatewayOptions: ["--auth", file] });
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await system?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function open(t, role, prepare) {
  const context = await browser.newContext({ viewport: { width: 700, height: 600 } });
  t.after(() => context.close());
  const page = await context.newPage();
  await prepare?.(page);
  await page.goto(`${system.url}view/${role ? `?token=${tokens[role]}` : ""}`);
  await page.locator("#picture").waitFor({ state: "visible", timeout: 15000 });
  return page;
}

const linkIs = (page, state) =>
  page.waitForFunction((wanted) => document.getElementById("link").dataset.state === wanted, state, { timeout: 15000 });

const versionIs = (page, version) =>
  page.waitForFunction((wanted) => Number(document.getElementById("picture").dataset.version) >= wanted, version, { timeout: 15000 });

test("a conductor's token lets the page run scripts and follow", async (t) => {
  const page = await open(t, "conduct");
  await linkIs(page, "websocket");
  await page.locator("#open-editor").click();
  await page.locator("#script").fill("/ITL/scene/r color 3 3 3;");
  await page.locator("#run").click();
  await page.locator("#answer[data-kind=done]").waitFor();
  await versionIs(page, Number(/version (\d+)/.exec(await page.locator("#answer").textContent())[1]));
});

test("a player's token lets the page click, by the session and without it", async (t) => {
  for (const prepare of [undefined, (page) => page.routeWebSocket(/rpc/, (route) => route.close())]) {
    await system.post(SCORE, tokens.conduct);
    const page = await open(t, "play", prepare);
    await linkIs(page, prepare ? "events" : "websocket");
    assert.ok(await page.locator("#open-editor").isHidden());
    const before = Number(await page.locator("#picture").getAttribute("data-version"));
    await page.locator("#picture").click();
    await versionIs(page, before + 1);
  }
});

test("without a token the page shows the score and no more", async (t) => {
  const page = await open(t, null);
  await linkIs(page, "websocket");
  assert.ok(await page.locator("#open-editor").isHidden());
  const version = await system.post("/ITL/scene/r color 5 5 5;", tokens.conduct);
  await versionIs(page, version);
});
