import { chromium } from "playwright-core";
const [url, out, w, h, dpr, act] = process.argv.slice(2);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--headless","--no-sandbox","--disable-gpu","--disable-quic","--no-first-run","--disable-background-networking","--disable-component-update","--disable-sync"] });
const c = await b.newContext({ viewport: { width: +w, height: +h }, deviceScaleFactor: +dpr });
const p = await c.newPage();
p.on("console", m => console.log("console", m.text())); p.on("pageerror", e => console.log("error", e.message));
await p.goto(url); await p.locator("#picture").waitFor({ state: "visible" });
await new Promise(r => setTimeout(r, 1500));
if (act === "editor") { await p.locator("#open-editor").click(); await p.locator("#script").fill('/ITL/scene/title set txt "Ciao";\n/ITL/scene/title colour red;\n'); await p.locator("#run").click(); await new Promise(r => setTimeout(r, 800)); }
console.log(await p.evaluate(() => [document.getElementById("picture").naturalWidth, document.getElementById("link").dataset.state]));
await p.screenshot({ path: out }); await b.close();
