// What the server asks of us: finds the handler, answers exactly once, also when
// the handler fails, is missing or never comes back.
import { INTERNAL_ERROR, METHOD_NOT_FOUND, RpcError, TOO_MANY } from "./errors.js";

const LATEST_REPLY_MS = 10_000;
// A request that is sent again within this time gets the same answer.
const KEEP_ANSWER_MS = 5000;
const MOST_RUNNING = 1000;
const MOST_KEPT = 64;

export class Answers {
  #methods;
  #send;
  #report;
  #running = new Map(); // key -> timer of the latest reply
  #kept = new Map(); // key of the request -> { text, untilMs }

  // methods: name -> function; send(text); report(error) tells of a handler that failed.
  constructor(methods, send, report) {
    this.#methods = methods;
    this.#send = send;
    this.#report = report;
  }

  // Another session: its requests may use the same ids.
  forget() {
    for (const timer of this.#running.values()) clearTimeout(timer);
    this.#running = new Map();
    this.#kept.clear();
  }

  handle(message) {
    if ("id" in message) this.#handleRequest(message);
    else this.#handleNotification(message);
  }

  #handleNotification({ method, params = {} }) {
    const handler = this.#methods.get(method);
    if (!handler) return;
    this.#guard(method, () => handler(params, { method, params }));
  }

  async #guard(method, run) {
    try {
      await run();
    } catch (error) {
      this.#report(handlerError(method, error));
    }
  }

  #handleRequest(message) {
    const { id, method, params = {} } = message;
    const key = JSON.stringify([id, method, message.params]);
    if (this.#running.has(key)) return;
    const kept = this.#kept.get(key);
    if (kept && kept.untilMs > Date.now()) {
      this.#send(kept.text);
      return;
    }
    const running = this.#running;
    const answer = (outcome) => {
      // Once; and not into another session.
      if (running !== this.#running || !running.has(key)) return;
      clearTimeout(running.get(key));
      running.delete(key);
      const text = pack(id, outcome, (error) => this.#report(handlerError(method, error)));
      this.#keep(key, text);
      this.#send(text);
    };
    if (running.size >= MOST_RUNNING) {
      this.#send(pack(id, { error: { code: TOO_MANY, message: "too many requests at a time" } }));
      return;
    }
    const late = () => answer({ error: { code: INTERNAL_ERROR, message: `${method}: no answer was made` } });
    running.set(key, setTimeout(late, LATEST_REPLY_MS));
    const handler = this.#methods.get(method) ?? (method === "pull" ? () => "push" : null);
    if (!handler) {
      answer({ error: { code: METHOD_NOT_FOUND, message: `Unknown method ${JSON.stringify(method)}` } });
      return;
    }
    this.#run(handler, { id, method, params }, answer);
  }

  async #run(handler, request, answer) {
    const { method, params } = request;
    request.reply = (error, result) => answer(error ? { error: errorMember(error) } : { result });
    try {
      const returned = handler(params, request);
      // It takes the request, so it may reply later.
      if (returned === undefined && handler.length > 1) return;
      answer({ result: await returned });
    } catch (error) {
      answer({ error: errorMember(error) });
      if (!(error instanceof RpcError)) this.#report(handlerError(method, error));
    }
  }

  #keep(key, text) {
    const nowMs = Date.now();
    for (const [old, { untilMs }] of this.#kept) {
      if (untilMs > nowMs && this.#kept.size < MOST_KEPT) break;
      this.#kept.delete(old);
    }
    this.#kept.set(key, { text, untilMs: nowMs + KEEP_ANSWER_MS });
  }
}

// Only errors made for the peer are told to it; others may name what is none of its business.
function errorMember(error) {
  if (!Number.isInteger(error?.code) || typeof error.message !== "string") {
    return { code: INTERNAL_ERROR, message: "Internal error" };
  }
  return { code: error.code, message: error.message, data: error.data };
}

function pack(id, { error, result }, report) {
  try {
    return JSON.stringify(error ? { jsonrpc: "2.0", id, error } : { jsonrpc: "2.0", id, result: result ?? null });
  } catch (fault) {
    report?.(fault);
    return JSON.stringify({ jsonrpc: "2.0", id, error: { code: INTERNAL_ERROR, message: "Internal error" } });
  }
}

function handlerError(method, error) {
  const made = new RpcError("protocol", `handler of ${method}: ${error?.message ?? error}`);
  made.cause = error;
  return made;
}
