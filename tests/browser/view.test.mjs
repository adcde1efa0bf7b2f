// The web page in a real browser, against real processes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser } from "./browser.mjs";
import { System } from "./system.mjs";

const SCORE = `
/ITL/scene/* del;
/ITL/scene/left set rect 0.6 0.6;
/ITL/scene/left x -0.5;
/ITL/scene/left color 200 0 0;
/ITL/scene/left watch mouseDown ( /ITL/scene/right color 0 0 200 );
/ITL/scene/left watch mouseEnter ( /ITL/scene/left color 0 160 0 );
/ITL/scene/left watch mouseLeave ( /ITL/scene/left color 200 0 0 );
/ITL/scene/right set rect 0.6 0.6;
/ITL/scene/right x 0.5;
/ITL/scene/right color 120 120 120;
`;

const LEFT = { x: 0.25, y: 0.5 };
const RIGHT = { x: 0.75, y: 0.5 };

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

// A page that shows the score, in a context of its own.
// Prepare: async (page) => …, before the page is loaded.
async function openPage(t, { options = {}, query = "", prepare } = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  t.after(() => assert.deepEqual(faults, []));
  const seen = [];
  page.on("response", (answer) => seen.push(`${answer.status()} ${answer.url()}`));
  page.on("requestfailed", (request) => seen.push(`${request.failure().errorText} ${request.url()}`));
  await prepare?.(page);
  await page.goto(`${system.url}view/${query}`);
  await page.locator("#picture").waitFor({ state: "visible", timeout: 15000 }).catch((error) => {
    throw new Error(`${error.message}\n${seen.join("\n")}`);
  });
  return page;
}

// Colour of the shown picture at a place given as shares of its size.
function colorAt(page, place) {
  return page.evaluate(({ x, y }) => {
    const canvas = document.getElementById("picture");
    const context = canvas.getContext("2d");
    const [r, g, b] = context.getImageData(Math.floor(x * canvas.width), Math.floor(y * canvas.height), 1, 1).data;
    return `${r} ${g} ${b}`;
  }, place);
}

// Until the page shows another version, or a while has passed.
function nextPicture(page) {
  return page.evaluate(() => new Promise((resolve) => {
    const observer = new MutationObserver(resolve);
    observer.observe(document.getElementById("picture"), { attributeFilter: ["data-version"] });
    setTimeout(resolve, 100);
  }));
}

async function waitForColor(page, place, color) {
  let seen;
  for (const end = Date.now() + 10000; Date.now() < end; ) {
    seen = await colorAt(page, place);
    if (seen === color) return;
    await nextPicture(page);
  }
  assert.equal(seen, color);
}

// Stands between the page and the gateway: messages of the gateway, connections, and cut().
async function tap(page) {
  const seen = { messages: [], n: 0, cut: null };
  await page.routeWebSocket(/\/rpc$/, (route) => {
    seen.n++;
    const server = route.connectToServer();
    server.onMessage((message) => {
      seen.messages.push(message);
      route.send(message);
    });
    seen.cut = async () => {
      await route.close({ code: 4999 });
      await server.close({ code: 4999 });
    };
  });
  seen.results = () => seen.messages.filter((one) => typeof one === "string").map((one) => JSON.parse(one).result).filter(Boolean);
  // Kinds of the binary frames: 1 whole, 2 tiles.
  seen.kinds = () => seen.messages.filter((one) => typeof one !== "string").map((bytes) => bytes[3]);
  return seen;
}

function waitForVersion(page, version) {
  return page.waitForFunction((wanted) => Number(document.getElementById("picture").dataset.version) >= wanted, version, { timeout: 15000 });
}

// How many bytes of the canvas differ from the server's whole picture of the same version and width.
function differences(page) {
  return page.evaluate(async () => {
    const canvas = document.getElementById("picture");
    const { width, height } = canvas;
    const answer = await fetch(`../image?width=${width}`, { cache: "no-store" });
    const versions = [canvas.dataset.version, answer.headers.get("X-Inscore-Version")];
    const bitmap = await createImageBitmap(await answer.blob(), { colorSpaceConversion: "none" });
    const whole = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    whole.drawImage(bitmap, 0, 0);
    const [one, other] = [canvas.getContext("2d"), whole].map((context) => context.getImageData(0, 0, width, height).data);
    return { versions, widths: [width, bitmap.width], n: one.reduce((sum, byte, i) => sum + (byte === other[i] ? 0 : 1), 0) };
  });
}

async function reset() {
  await system.post(SCORE);
}

function waitForLink(page, state) {
  return page.waitForFunction((wanted) => document.getElementById("link").dataset.state === wanted, state, { timeout: 15000 });
}

// Where a place of the score is in the window.
async function windowPlace(page, { x, y }) {
  const box = await page.locator("#picture").boundingBox();
  return [box.x + x * box.width, box.y + y * box.height];
}

test("a change posted by another client is seen", async (t) => {
  await reset();
  const page = await openPage(t);
  await waitForLink(page, "websocket");
  await waitForColor(page, RIGHT, "120 120 120");
  const version = await system.post("/ITL/scene/right color 10 20 30;");
  await waitForColor(page, RIGHT, "10 20 30");
  assert.ok(Number(await page.locator("#picture").getAttribute("data-version")) >= version);
});

test("a click on an object makes its watch act", async (t) => {
  await reset();
  const page = await openPage(t);
  await waitForColor(page, RIGHT, "120 120 120");
  await page.mouse.click(...(await windowPlace(page, LEFT)));
  await waitForColor(page, RIGHT, "0 0 200");
});

test("hover enters and leaves at the right place", async (t) => {
  await reset();
  const page = await openPage(t);
  await page.mouse.move(...(await windowPlace(page, LEFT)));
  await waitForColor(page, LEFT, "0 160 0");
  await page.mouse.move(...(await windowPlace(page, { x: 0.75, y: 0.9 })));
  await waitForColor(page, LEFT, "200 0 0");
});

for (const [how, prepare] of [
  ["its session", undefined],
  ["requests", (page) => page.addInitScript(() => (window.WebSocket = class { constructor() { throw new Error("none"); } }))],
]) {
  test(`what a page hovers by ${how} is left when it goes away`, async (t) => {
    await reset();
    const watcher = await openPage(t);
    const page = await openPage(t, { prepare });
    await page.mouse.move(...(await windowPlace(page, LEFT)));
    await waitForColor(watcher, LEFT, "0 160 0");
    await page.goto("about:blank");
    await waitForColor(watcher, LEFT, "200 0 0");
  });
}

test("a tap works on a phone, and the picture fits it", async (t) => {
  await reset();
  const page = await openPage(t, {
    options: { viewport: { width: 390, height: 780 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true },
  });
  const box = await page.locator("#picture").boundingBox();
  assert.ok(box.width <= 390 && box.width > 380, JSON.stringify(box));
  await page.touchscreen.tap(...(await windowPlace(page, LEFT)));
  await waitForColor(page, RIGHT, "0 0 200");
});

test("the picture has a pixel for each pixel of a high-density screen", async (t) => {
  await reset();
  const page = await openPage(t, { options: { viewport: { width: 800, height: 800 }, deviceScaleFactor: 2 } });
  await page.waitForFunction(() => document.getElementById("picture").width >= 1600, undefined, { timeout: 10000 });
  await waitForColor(page, LEFT, "200 0 0");
});

for (const [name, options] of [
  ["", { viewport: { width: 540, height: 540 } }],
  [" at another width", { viewport: { width: 700, height: 700 }, deviceScaleFactor: 2 }],
  [" on a phone", { viewport: { width: 170, height: 340 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true }],
]) test(`tiles make exactly the whole picture${name}`, async (t) => {
  await reset();
  let seen;
  // The scene's own picture is 540 pixels wide: once enough, once too small, once shrunk.
  const page = await openPage(t, { options, prepare: async (blank) => (seen = await tap(blank)) });
  await waitForLink(page, "websocket");
  let version;
  for (let i = 1; i <= 6; i++) {
    version = await system.post(`/ITL/scene/left y ${i / 20}; /ITL/scene/left angle ${7 * i}; /ITL/scene/t set txt "step ${i}";`);
    await waitForVersion(page, version);
  }
  const { versions, widths, n } = await differences(page);
  assert.deepEqual(versions, [String(version), String(version)]);
  assert.equal(widths[0], widths[1]);
  assert.equal(n, 0);
  assert.ok(seen.kinds().includes(2), `kinds of frames: ${seen.kinds()}`);
});

test("a lost connection is taken up in the same session, with what changed meanwhile", async (t) => {
  await reset();
  let seen;
  const page = await openPage(t, { prepare: async (blank) => (seen = await tap(blank)) });
  await waitForLink(page, "websocket");
  await waitForColor(page, RIGHT, "120 120 120");
  await seen.cut();
  await system.post("/ITL/scene/right color 5 6 7;");
  await waitForColor(page, RIGHT, "5 6 7");
  await waitForLink(page, "websocket");
  const sessions = seen.results().filter(({ value }) => /^(OK|reconnection)/.test(value));
  assert.deepEqual(sessions.map(({ value }) => value), ["OK", "reconnection successful"]);
  assert.equal(sessions[0].sessionId, sessions[1].sessionId);
  assert.equal((await differences(page)).n, 0);
});

test("a gateway that is killed: other ways meanwhile, and back when it is", async (t) => {
  await reset();
  const page = await openPage(t, { options: { viewport: { width: 390, height: 780 }, deviceScaleFactor: 3, hasTouch: true, isMobile: true } });
  await waitForLink(page, "websocket");
  await system.stopWs("SIGKILL");
  try {
    await waitForLink(page, "events");
    await system.post("/ITL/scene/right color 50 60 70;");
    await waitForColor(page, RIGHT, "50 60 70");
  } finally {
    await system.startWs();
  }
  await waitForLink(page, "websocket");
  await page.touchscreen.tap(...(await windowPlace(page, LEFT)));
  await waitForColor(page, RIGHT, "0 0 200");
  assert.equal((await differences(page)).n, 0);
});

test("without WebSocket the page follows by events", async (t) => {
  await reset();
  await system.stopWs();
  try {
    const page = await openPage(t);
    await waitForLink(page, "events");
    await system.post("/ITL/scene/right color 1 2 3;");
    await waitForColor(page, RIGHT, "1 2 3");
  } finally {
    await system.startWs();
  }
});

test("without WebSocket and events the page follows by asking", async (t) => {
  await reset();
  await system.stopWs();
  try {
    const page = await openPage(t);
    await page.route("**/events*", (route) => route.abort());
    await page.reload();
    await waitForLink(page, "polling");
    await system.post("/ITL/scene/right color 3 2 1;");
    await waitForColor(page, RIGHT, "3 2 1");
  } finally {
    await system.startWs();
  }
});

test("a frozen picture is marked with its age until the renderer is back", async (t) => {
  await reset();
  const page = await openPage(t);
  await system.stopRenderer();
  await page.locator("#stale").waitFor({ state: "visible", timeout: 20000 });
  assert.match(await page.locator("#stale").textContent(), /frozen for \d+ s/);
  await system.startRenderer();
  await page.locator("#stale").waitFor({ state: "hidden", timeout: 20000 });
  await system.httpIsCurrent(); // the page hears of it by the other gateway
  await system.post("/ITL/scene/right color 9 9 9;");
  await waitForColor(page, RIGHT, "9 9 9");
});

test("the script panel posts and shows the error at its line", async (t) => {
  await reset();
  const page = await openPage(t);
  await page.locator("#open-editor").click();
  await page.locator("#script").fill("/ITL/scene/right color 40 50 60;\n/ITL/scene/right color ) 1;\n");
  await page.locator("#run").click();
  await page.locator("#answer[data-kind=error]").waitFor();
  assert.match(await page.locator("#answer").textContent(), /line 2/);
  const selected = await page.locator("#script").evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
  assert.equal(selected, "/ITL/scene/right color ) 1;");
  await waitForColor(page, RIGHT, "40 50 60");
  await page.locator("#script").fill("/ITL/scene/right color 60 50 40;");
  await page.locator("#script").press("Control+Enter");
  await page.locator("#answer[data-kind=done]").waitFor();
  await waitForColor(page, RIGHT, "60 50 40");
});

test("a dropped file is run", async (t) => {
  await reset();
  const page = await openPage(t);
  await page.locator("#open-editor").waitFor();
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(["/ITL/scene/right color 70 80 90;"], "drop.inscore", { type: "text/plain" }));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
  });
  await waitForColor(page, RIGHT, "70 80 90");
});

test("a client that may not conduct has no script panel", async (t) => {
  await reset();
  const page = await openPage(t, { options: { extraHTTPHeaders: { "X-Forwarded-For": "203.0.113.9" } } });
  await waitForLink(page, "websocket");
  assert.ok(await page.locator("#open-editor").isHidden());
});

test("another scene is shown with ?scene=", async (t) => {
  await reset();
  await system.post("/ITL/other new; /ITL/other/r set rect 1. 1.; /ITL/other/r color 11 22 33;");
  const page = await openPage(t, { query: "?scene=other" });
  await waitForColor(page, { x: 0.5, y: 0.5 }, "11 22 33");
  await system.post("/ITL/other/r color 33 22 11;");
  await waitForColor(page, { x: 0.5, y: 0.5 }, "33 22 11");
  await system.post("/ITL/other del;");
});
