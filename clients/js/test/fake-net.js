// Sockets that a test plays the server of, and time that a test moves.
import { setImmediate as immediate } from "node:timers/promises";
import { JsonRpcClient } from "../leggio-client.js";
import { fakeClock } from "./fake-clock.js";

// All that was begun by what happened so far has run.
export async function settle() {
  for (let i = 0; i < 5; i++) await immediate();
}

class FakeSocket {
  readyState = 0;
  bufferedAmount = 0;
  binaryType = "blob";
  received = []; // by the server

  constructor(uri, net) {
    this.uri = uri;
    net.sockets.push(this);
  }

  send(text) {
    if (this.readyState !== 1) throw new Error("send on a socket that is not open");
    this.received.push(text);
  }

  close() {
    this.readyState = 2;
    this.wasClosed = true;
  }

  // -- the server's side --

  async accept() {
    this.readyState = 1;
    this.onopen?.({});
    await settle();
  }

  async end(code = 1006, reason = "") {
    this.readyState = 3;
    if (code === 1006) this.onerror?.({});
    this.onclose?.({ code, reason });
    await settle();
  }

  async say(message) {
    this.onmessage?.({ data: typeof message === "string" || message instanceof ArrayBuffer ? message : JSON.stringify(message) });
    await settle();
  }

  // The next message that the client sent.
  next() {
    if (this.received.length === 0) throw new Error("the client has sent nothing more");
    return JSON.parse(this.received.shift());
  }

  async answer({ id }, result) {
    await this.say({ jsonrpc: "2.0", id, result });
  }

  async fail({ id }, code, message = "no", data = undefined) {
    await this.say({ jsonrpc: "2.0", id, error: { code, message, data } });
  }

  // Accepts and answers the first message, which must be `connect`.
  async welcome(sessionId = "s1", more = {}) {
    await this.accept();
    const connect = this.next();
    if (connect.method !== "connect") throw new Error(`expected connect, got ${JSON.stringify(connect)}`);
    const value = connect.params?.sessionId === sessionId ? "reconnection successful" : "OK";
    await this.answer(connect, { value, sessionId, role: "view", current: true, subscriptions: [], ...more });
    return connect;
  }
}

// { client, sockets, events, at(i) }: a client on fake sockets; events lists its callbacks.
export function start(t, { ws = {}, rpc = {}, ...fields } = {}) {
  const clock = fakeClock(t);
  const net = { sockets: [], events: [] };
  const note = (name) => (...facts) => net.events.push([name, ...facts.map((fact) => (fact instanceof Error ? fact.reason : fact))]);
  const names = ["onconnected", "ondisconnect", "onreconnecting", "onreconnected", "onerror"];
  const callbacks = Object.fromEntries(names.map((name) => [name, note(name.slice(2))]));
  const Socket = function (uri) {
    return new FakeSocket(uri, net);
  };
  const configuration = {
    heartbeat: 0,
    ...fields,
    ws: { uri: "ws://fake/rpc", WebSocket: Socket, SockJS: Socket, ...callbacks, ...ws },
    rpc,
  };
  net.client = new JsonRpcClient(configuration);
  t.after(() => net.client.stop());
  net.last = () => net.sockets.at(-1);
  net.pass = async (ms) => {
    clock.tick(ms);
    await settle();
  };
  return net;
}

// A promise that may be asked whether it was kept.
export function watch(promise) {
  const watched = { state: "waiting" };
  promise.then(
    (value) => Object.assign(watched, { state: "kept", value }),
    (error) => Object.assign(watched, { state: "broken", error }),
  );
  return watched;
}
