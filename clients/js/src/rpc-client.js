// The client: one session over as many connections as it takes.
//
//   connecting ─▶ connected ◀─▶ reconnecting      close(), stop(), given up: ─▶ closed
//
// A connection counts when the server has answered `connect`. Whatever ends it
// (socket closed, pings unanswered, reconnect()) leads to the same place, #lost.
import { Answers } from "./answers.js";
import { Calls, MOST_WAITING, packMessage } from "./calls.js";
import { Connection } from "./connection.js";
import { FORBIDDEN, METHOD_NOT_FOUND, RpcError, SESSION_UNKNOWN, isOpen } from "./errors.js";
import { Heartbeat } from "./heartbeat.js";
import { askForUri } from "./next-uri.js";
import { readConfiguration } from "./options.js";
import { Shown } from "./shown.js";
import { Subscriptions } from "./subscriptions.js";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
// A connection that lasted so long was a good one: delays begin anew.
const GOOD_AFTER_MS = 5000;
const LONGEST_BYE_MS = 2000;
const CLOSE_TAKEN_OVER = 4001;
// Ids of a session that is taken over from an earlier life of the page begin
// somewhere else, so that answers kept for that life meet nobody.
const firstId = (hasOldSession) => (hasOldSession ? 1 + Math.floor(Math.random() * 2 ** 29) : 0);

export class JsonRpcClient {
  #options;
  #uri;
  #state = "connecting";
  #wasConnected = false;
  #connection = null;
  #turn = 0; // of the attempt that counts
  #isFirstAttempt = true;
  #nFailed = 0; // attempts in a row
  #delayStep = 0; // grows with attempts that fail and connections that do not last
  #timer;
  #goodTimer;
  #session; // { id }, or null where there are none
  #role = null;
  #calls;
  #answers;
  #heartbeat;
  #subscriptions;
  #queue = []; // { text, call or null, isAnswer }
  #ended = null; // promise and its resolve, from the first close()
  #shown = new Shown((params) => this.#state === "connected" && this.notify("shown", params));

  constructor(configuration) {
    const options = (this.#options = readConfiguration(configuration));
    this.#uri = options.uri;
    this.#session = options.hasSession ? { id: options.session.id ?? null } : null;
    this.#calls = new Calls(firstId(options.session.id !== undefined));
    const report = (error) => this.#tell("error", error);
    this.#answers = new Answers(options.rpc.methods, (text) => this.#sendOrQueue(text, { isAnswer: true }), report);
    this.#heartbeat = new Heartbeat(
      options.heartbeatMs,
      (params) => this.#direct("ping", params, options.rpc.pingTimeoutMs),
      () => this.#cut("the server does not answer pings"),
    );
    this.#subscriptions = new Subscriptions({
      request: (method, params) =>
        this.#state === "connected"
          ? this.#direct(method, params)
          : Promise.reject(new RpcError("connection", `${method}: no connection`)),
      report,
      isSockJS: options.isSockJS,
    });
    this.#attempt();
  }

  // "connecting", "connected", "reconnecting", "closing" or "closed".
  get state() {
    return this.#state;
  }

  // Of the session; null before there is one. Give it to another client as session.id to take the session up.
  get sessionId() {
    return this.#session?.id ?? null;
  }

  // What the server lets us do: "view", "play", "conduct"; null when it does not say.
  get role() {
    return this.#role;
  }

  // Requests whose answers are outstanding: [{ id, method, params }].
  get pending() {
    return this.#calls.list();
  }

  // -- calls ------------------------------------------------------------------

  // The answer goes to callback(error, result).
  send(method, params, callback) {
    if (typeof params === "function" && callback === undefined) [params, callback] = [undefined, params];
    if (callback !== undefined && callback !== null && typeof callback !== "function") {
      throw new TypeError(`${method}: callback: expected a function`);
    }
    const call = this.#calls.make(method, params);
    const go = () =>
      this.#start(call, this.#options.rpc.requestTimeoutMs, (error, result) => {
        if (error && isOpen(error)) Object.assign(error, { request: call.text, retry: go });
        queueMicrotask(() => this.#call(`callback of ${method}`, callback, error, result));
      });
    go();
  }

  async request(method, params, { timeout = this.#options.rpc.requestTimeoutMs, signal } = {}) {
    return this.#wait(this.#calls.make(method, params), timeout, signal);
  }

  #wait(call, timeoutMs, signal) {
    const aborted = () => new RpcError("aborted", `${call.method}: aborted`);
    if (signal?.aborted) return Promise.reject(aborted());
    return new Promise((resolve, reject) => {
      const onabort = () => this.#calls.fail(call, aborted());
      signal?.addEventListener("abort", onabort, { once: true });
      this.#start(call, timeoutMs, (error, result) => {
        signal?.removeEventListener("abort", onabort);
        const retry = () => this.#wait(call, timeoutMs, signal);
        if (error && isOpen(error)) Object.assign(error, { request: call.text, retry });
        if (error) reject(error);
        else resolve(result);
      });
    });
  }

  // Whether it was sent, or will be when the connection is back.
  notify(method, params) {
    return this.#sendOrQueue(packMessage(method, params, undefined));
  }

  #start(call, timeoutMs, done) {
    const refuse = (reason, text) => done(new RpcError(reason, `${call.method}: ${text}`), undefined);
    if (this.#ended) {
      refuse("closed", "the client is closed");
      return;
    }
    if (this.#calls.size >= MOST_WAITING) {
      refuse("queue-full", `${MOST_WAITING} requests wait for answers`);
      return;
    }
    this.#calls.wait(call, timeoutMs, (error, result) => {
      if (error) this.#queue = this.#queue.filter((message) => message.call !== call);
      done(error, result);
    });
    if (!this.#sendOrQueue(call.text, { call })) {
      this.#calls.fail(call, new RpcError("queue-full", `${call.method}: too much waits to be sent`));
    }
  }

  #sendOrQueue(text, { call = null, isAnswer = false } = {}) {
    if (this.#state === "connected" && this.#connection.isOpen) return this.#connection.send(text);
    if (this.#ended || this.#queue.length >= this.#options.queueLimit) return false;
    this.#queue.push({ text, call, isAnswer });
    return true;
  }

  // Past the queue, on the connection that is there now.
  #direct(method, params, timeoutMs = this.#options.rpc.requestTimeoutMs) {
    const connection = this.#connection;
    return new Promise((resolve, reject) => {
      const call = this.#calls.make(method, params);
      call.connection = connection;
      this.#calls.wait(call, timeoutMs, (error, result) => (error ? reject(error) : resolve(result)));
      if (!connection?.send(call.text)) this.#calls.fail(call, new RpcError("connection", `${method}: no connection`));
    });
  }

  // -- connecting -------------------------------------------------------------

  async #attempt() {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const isFirst = this.#isFirstAttempt;
    this.#isFirstAttempt = false;
    let uri = this.#uri;
    try {
      if (this.#options.newUri && !isFirst) {
        uri = this.#uri = this.#options.checkUri(await askForUri(this.#options.newUri));
      }
    } catch (error) {
      if (turn === this.#turn) this.#lost(`newWsUriOnReconnection: ${error?.message ?? error}`);
      return;
    }
    if (turn !== this.#turn) return;
    const connection = new Connection(uri, {
      open: this.#options.open,
      openTimeoutMs: this.#options.connectTimeoutMs,
      onopen: () => this.#greet(connection),
      onmessage: (data) => this.#receive(data),
      onend: (cause, code) => connection === this.#connection && this.#lost(cause, code),
    });
    this.#connection = connection;
  }

  // The socket is open: begins the session or takes it up.
  async #greet(connection) {
    const isCurrent = () => connection === this.#connection;
    if (!this.#session) {
      this.#connected(false, []);
      return;
    }
    const { token, registerInfo } = this.#options.session;
    const fresh = { token, registerInfo };
    const kept = this.#session.id;
    const seen = this.#subscriptions.seen();
    try {
      let result;
      try {
        const known = kept === null ? {} : { sessionId: kept, seen: seen.length ? seen : undefined };
        result = await this.#direct("connect", { ...known, ...fresh });
      } catch (error) {
        if (!isCurrent() || kept === null || error.code !== SESSION_UNKNOWN) throw error;
        this.#loseSession();
        result = await this.#direct("connect", fresh);
      }
      if (isCurrent()) this.#welcome(kept, result);
    } catch (error) {
      if (!isCurrent()) return;
      if (error.reason === "answer" && error.code === METHOD_NOT_FOUND) {
        // A server without sessions.
        this.#session = null;
        this.#connected(false, []);
      } else if (error.reason === "answer" && error.code === FORBIDDEN) {
        this.#tell("error", error);
        this.#end(error);
      } else {
        this.#cut(`connect: ${error.message}`);
      }
    }
  }

  #welcome(kept, result) {
    const id = typeof result?.sessionId === "string" ? result.sessionId : null;
    const isSame = kept !== null && id === kept;
    if (!isSame) this.#loseSession();
    this.#session.id = id;
    this.#role = typeof result?.role === "string" ? result.role : null;
    this.#connected(isSame, isSame && Array.isArray(result.subscriptions) ? result.subscriptions : []);
  }

  // What was asked in the old session gets no answer any more.
  #loseSession() {
    if (this.#session) this.#session.id = null;
    this.#answers.forget();
    this.#queue = this.#queue.filter(({ isAnswer }) => !isAnswer);
    const queued = new Set(this.#queue.map(({ call }) => call));
    const lost = (call) =>
      new RpcError("session-lost", `${call.method}: the session was lost; whether it was done is not known`);
    this.#calls.failAll(lost, (call) => !queued.has(call));
  }

  #connected(isSame, kept) {
    const wasConnected = this.#wasConnected;
    if (!isSame && !this.#session) this.#loseSession();
    this.#state = "connected";
    this.#wasConnected = true;
    const connection = this.#connection;
    const isCurrent = () => connection === this.#connection && this.#state === "connected";
    this.#nFailed = 0;
    this.#goodTimer = setTimeout(() => (this.#delayStep = 0), GOOD_AFTER_MS);
    this.#heartbeat.start();
    if (wasConnected) this.#tell("reconnected", isSame);
    else this.#tell("connected");
    if (isCurrent()) this.#flush();
    if (isCurrent()) this.#subscriptions.restore(kept);
  }

  #flush() {
    const queue = this.#queue;
    this.#queue = [];
    for (const { text, call } of queue) {
      if (!this.#connection.send(text) && call) {
        this.#calls.fail(call, new RpcError("queue-full", `${call.method}: too much waits to be sent`));
      }
    }
  }

  // -- losing -----------------------------------------------------------------

  #cut(cause) {
    this.#connection?.close(cause);
  }

  #lost(cause, code = 0) {
    const wasConnected = this.#state === "connected";
    this.#detach();
    const error = new RpcError("connection", cause);
    if (this.#state === "closing") {
      this.#end();
      return;
    }
    if (code === CLOSE_TAKEN_OVER) {
      this.#end(new RpcError("taken-over", "another connection has taken the session up"));
      return;
    }
    if (wasConnected) {
      this.#state = "reconnecting";
      this.#later();
      this.#tell("reconnecting", error);
      return;
    }
    this.#nFailed++;
    if (this.#nFailed >= this.#options.maxAttempts) {
      this.#tell("error", error);
      this.#end(error);
      return;
    }
    this.#later();
    this.#tell("error", error);
  }

  // The next attempt, later each time, and spread so that many clients do not come at once.
  #later(leastMs = 0) {
    const ms = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#delayStep);
    this.#delayStep = Math.min(this.#delayStep + 1, 10);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#attempt(), Math.max(leastMs, ms * (0.5 + Math.random() / 2)));
  }

  // Nothing of the present connection or attempt counts any more.
  #detach() {
    this.#turn++;
    clearTimeout(this.#timer);
    clearTimeout(this.#goodTimer);
    this.#heartbeat.stop();
    this.#subscriptions.pause();
    const connection = this.#connection;
    this.#connection = null;
    connection?.close("");
    const lost = (call) => new RpcError("connection", `${call.method}: connection lost`);
    if (connection) this.#calls.failAll(lost, (call) => call.connection === connection);
  }

  // Puts another connection in the place of this one, now.
  reconnect() {
    if (this.#ended) throw new RpcError("closed", "reconnect: the client is closed");
    this.#replace("reconnect() was called", 0);
    clearTimeout(this.#timer);
    if (!this.#ended) this.#attempt();
  }

  // For tests: loses the connection; with ms, no attempt is made for so long.
  forceClose(ms = 0) {
    if (!this.#ended) this.#replace("forceClose() was called", ms);
  }

  #replace(cause, leastMs) {
    const wasConnected = this.#state === "connected";
    this.#detach();
    if (wasConnected) this.#state = "reconnecting";
    this.#later(leastMs);
    if (wasConnected) this.#tell("reconnecting", new RpcError("connection", cause));
  }

  // -- ending -----------------------------------------------------------------

  // Ends the session (with sendCloseMessage: told to the server first) and the
  // connection. The promise is kept when all is over.
  close() {
    if (this.#ended) return this.#ended.promise;
    this.#prepareEnd();
    if (this.#state !== "connected" || !this.#options.sendCloseMessage) {
      this.#end();
      return this.#ended.promise;
    }
    this.#state = "closing";
    this.#heartbeat.stop();
    this.#failWaiting();
    const end = () => this.#end();
    this.#direct("closeSession", undefined, Math.min(LONGEST_BYE_MS, this.#options.rpc.requestTimeoutMs)).then(end, end);
    return this.#ended.promise;
  }

  // Leaves at once and lets the session wait on the server, for session.id of another client.
  stop() {
    if (this.#state !== "closed") this.#end();
    return this.#ended.promise;
  }

  #prepareEnd() {
    if (this.#ended) return;
    let resolve;
    const promise = new Promise((yes) => (resolve = yes));
    this.#ended = { promise, resolve };
  }

  #failWaiting() {
    this.#queue = [];
    this.#calls.failAll((call) => new RpcError("closed", `${call.method}: the client was closed`));
    this.#subscriptions.end(new RpcError("closed", "subscribe: the client was closed"));
  }

  #end(reason) {
    if (this.#state === "closed") return;
    this.#prepareEnd();
    this.#state = "closed";
    this.#detach();
    this.#shown.stop();
    this.#answers.forget();
    this.#failWaiting();
    this.#tell("disconnect", reason);
    this.#ended.resolve();
  }

  // -- messages ---------------------------------------------------------------

  #receive(data) {
    if (typeof data !== "string") {
      this.#subscriptions.takeBinary(data);
      return;
    }
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      this.#complain("no JSON", data);
      return;
    }
    for (const one of Array.isArray(message) ? message : [message]) this.#receiveOne(one, data);
  }

  #receiveOne(message, data) {
    if (message?.jsonrpc !== "2.0") {
      this.#complain('no JSON-RPC 2.0 ("jsonrpc" is not "2.0")', data);
    } else if (typeof message.method === "string") {
      if (this.#state === "closing") return;
      if (!("id" in message)) this.#subscriptions.takeNotification(message.method, message.params);
      this.#answers.handle(message);
    } else if (message.id === null && message.error) {
      this.#complain(`error without id: ${message.error.message}`, data);
    } else if ("id" in message && ("result" in message || "error" in message)) {
      this.#calls.answer(message);
    } else {
      this.#complain("neither request nor answer", data);
    }
  }

  #complain(what, data) {
    this.#tell("error", new RpcError("protocol", `the server sent ${what}: ${data.slice(0, 200)}`));
  }

  // -- the score --------------------------------------------------------------

  // Follows a scene; onframe(frame) gets each newest frame. See README.md.
  subscribe(params, onframe) {
    if (this.#ended) return Promise.reject(new RpcError("closed", "subscribe: the client is closed"));
    return this.#subscriptions.add(params, onframe);
  }

  // Tells the server which picture is on the screen: the newest, a few times a second.
  shown(frame) {
    if (!this.#ended) this.#shown.tell(frame);
  }

  // -- callbacks --------------------------------------------------------------

  #tell(event, ...facts) {
    this.#call(`on${event}`, this.#options.on[event], ...facts);
  }

  // What a callback throws harms nobody but is told.
  #call(name, callback, ...facts) {
    try {
      callback?.(...facts);
    } catch (error) {
      if (name === "onerror" || !this.#options.on.error) {
        console.error(`leggio-client: ${name} failed:`, error);
      } else {
        this.#tell("error", Object.assign(new RpcError("protocol", `${name} failed: ${error?.message ?? error}`), { cause: error }));
      }
    }
  }
}
