// Starts a renderer, one HTTP and one WebSocket gateway on free ports, for tests
// in JavaScript.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

export const BIN = process.env.LEGGIO_BIN ?? new URL("../../build/release/bin", import.meta.url).pathname;

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// Resolves with the first line of standard output that matches.
export function start(program, options, ready) {
  const child = spawn(join(BIN, program), options, { stdio: ["ignore", "pipe", "inherit"] });
  const line = new Promise((resolve, reject) => {
    createInterface(child.stdout).on("line", (text) => ready.test(text) && resolve(ready.exec(text)));
    child.once("exit", (code) => reject(new Error(`${program} stopped with ${code}`)));
    child.once("error", reject);
  });
  return { child, line };
}

export async function stop(child, signal = "SIGTERM") {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  const killer = setTimeout(() => child.kill("SIGKILL"), 10000);
  await once(child, "exit");
  clearTimeout(killer);
}

export class System {
  // As from the command line: gatewayOptions for both gateways, wsOptions for one.
  static async start(script, { gatewayOptions = [], wsOptions = [] } = {}) {
    const system = new System();
    system.wsOptions = [...gatewayOptions, ...wsOptions];
    system.folder = mkdtempSync(join(tmpdir(), "leggio-browser-"));
    system.score = join(system.folder, "score.inscore");
    writeFileSync(system.score, script);
    system.feed = `tcp://127.0.0.1:${await freePort()}`;
    system.calls = `tcp://127.0.0.1:${await freePort()}`;
    system.wsPort = await freePort();
    await system.startRenderer();
    const broker = ["--feed", system.feed, "--calls", system.calls];
    await system.startWs();
    const http = start("leggio-http", ["--listen", "127.0.0.1:0", "--ws-port", String(system.wsPort), ...broker, ...gatewayOptions],
      /^listening http .*:(\d+)$/);
    system.http = http.child;
    const [, port] = await http.line;
    system.url = `http://127.0.0.1:${port}/`;
    return system;
  }

  async startRenderer() {
    const renderer = start("leggio-renderer", ["--score", this.score, "--state", join(this.folder, "state"),
      "--feed", this.feed, "--calls", this.calls, "--osc-port", "0"], /^ready /);
    this.renderer = renderer.child;
    await renderer.line;
  }

  async startWs() {
    const ws = start("leggio-ws", ["--listen", `127.0.0.1:${this.wsPort}`, "--feed", this.feed, "--calls", this.calls,
      ...this.wsOptions], /^listening ws /);
    this.ws = ws.child;
    await ws.line;
  }

  stopRenderer() {
    return stop(this.renderer);
  }

  stopWs(signal) {
    return stop(this.ws, signal);
  }

  // Until leggio-http hears the renderer: what it shows is marked as old while it does not.
  async httpIsCurrent() {
    const limit = Date.now() + 20_000;
    while ((await fetch(this.url, { method: "HEAD" })).headers.has("X-Leggio-Stale-Since")) {
      if (Date.now() > limit) throw new Error("leggio-http does not hear the renderer");
      await sleep(20);
    }
  }

  // token: where the gateways want one.
  async post(script, token) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const answer = await fetch(this.url, { method: "POST", headers, body: new URLSearchParams({ data: script }) });
    if (!answer.ok) throw new Error(`post: ${answer.status} ${await answer.text()}`);
    return Number(answer.headers.get("X-Inscore-Version"));
  }

  async stop() {
    await Promise.all([this.http, this.ws, this.renderer].filter(Boolean).map((child) => stop(child)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
