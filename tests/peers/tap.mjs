// Stands between a WebSocket client and a gateway: passes messages on, keeps those
// of both directions, and loses connections when it is told to.
import { once } from "node:events";
import { after } from "node:test";
import { WebSocket, WebSocketServer } from "ws";

const LIMIT_MS = 20_000;

export class Tap {
  sent = []; // by clients: parsed messages
  answers = []; // by the gateway: parsed messages
  n = 0; // connections so far
  #server;
  #pairs = new Set();
  #waiting = new Set();

  // A tap on a free port before ws://127.0.0.1:<port><path>.
  static async start(port, path = "/rpc") {
    const tap = new Tap();
    tap.target = `ws://127.0.0.1:${port}${path}`;
    await tap.listen(0);
    return tap;
  }

  async listen(port = this.port) {
    this.#server = new WebSocketServer({ port, host: "127.0.0.1" });
    this.#server.on("connection", (client) => this.#join(client));
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
    this.uri = `ws://127.0.0.1:${this.port}/rpc`;
  }

  #join(client) {
    this.n++;
    const gateway = new WebSocket(this.target);
    const pair = [client, gateway];
    const early = [];
    this.#pairs.add(pair);
    gateway.on("open", () => early.splice(0).forEach(([data, isBinary]) => gateway.send(data, { binary: isBinary })));
    client.on("message", (data, isBinary) => {
      this.#note(this.sent, data, isBinary);
      if (gateway.readyState === WebSocket.OPEN) gateway.send(data, { binary: isBinary });
      else early.push([data, isBinary]);
    });
    gateway.on("message", (data, isBinary) => {
      this.#note(this.answers, data, isBinary);
      client.send(data, { binary: isBinary });
    });
    const end = (code) => {
      this.#pairs.delete(pair);
      const isTold = code >= 1000 && ![1004, 1005, 1006, 1015].includes(code);
      for (const socket of pair) {
        if (isTold && socket.readyState === WebSocket.OPEN) socket.close(code);
        else socket.terminate();
      }
      this.#wake();
    };
    for (const socket of pair) {
      socket.on("error", () => {});
      socket.on("close", end);
    }
    this.#wake();
  }

  #note(list, data, isBinary) {
    list.push(isBinary ? { binary: data } : JSON.parse(data.toString()));
    this.#wake();
  }

  #wake() {
    for (const look of this.#waiting) look();
  }

  // The first true value of condition(), looked at whenever something has happened.
  until(condition, what) {
    return new Promise((resolve, reject) => {
      const end = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle(value);
      };
      const timer = setTimeout(() => end(reject, new Error(`${what}: not within ${LIMIT_MS} ms`)), LIMIT_MS);
      const look = () => {
        const value = condition();
        if (value) end(resolve, value);
      };
      this.#waiting.add(look);
      look();
    });
  }

  // Both ends see a connection that is gone without a word.
  cut() {
    for (const pair of this.#pairs) for (const socket of pair) socket.terminate();
  }

  async stopListening() {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  async stop() {
    this.cut();
    this.#server.close();
  }
}

// A list of callbacks as they were called, which can be waited for.
export class Events {
  list = [];
  #waiting = [];

  on(name) {
    return (...facts) => {
      this.list.push([name, ...facts]);
      this.#waiting = this.#waiting.filter((look) => !look());
    };
  }

  count(name) {
    return this.list.filter(([one]) => one === name).length;
  }

  // The nth call of that name.
  next(name, n = 1) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${name} within ${LIMIT_MS} ms; ${JSON.stringify(this.list)}`)), LIMIT_MS);
      const look = () => {
        const found = this.list.filter(([one]) => one === name)[n - 1];
        if (!found) return false;
        clearTimeout(timer);
        resolve(found.slice(1));
        return true;
      };
      if (!look()) this.#waiting.push(look);
    });
  }
}

// npm kurento-jsonrpc leaves timers running after its close (reference 13.7), which would hold the process.
export const endWithTests = () => after(() => void setTimeout(() => process.exit(), 500).unref());
