// Requests that wait for their answers, by id. Ids count up and are never used
// twice while the client lives.
import { RpcError, errorOfAnswer } from "./errors.js";

export const MOST_WAITING = 10_000;

export class Calls {
  #waiting = new Map();
  #nextId;

  constructor(firstId) {
    this.#nextId = firstId;
  }

  get size() {
    return this.#waiting.size;
  }

  // Those that wait, oldest first.
  list() {
    return Array.from(this.#waiting.values(), ({ id, method, params }) => ({ id, method, params }));
  }

  // A call with its text and id, not yet waiting.
  make(method, params) {
    const id = this.#nextId++;
    return { id, method, params, text: packMessage(method, params, id) };
  }

  // Waits for the answer; done(error, result) is called once.
  wait(call, timeoutMs, done) {
    call.startedMs = Date.now();
    call.done = done;
    call.timer = setTimeout(() => {
      this.#settle(call, new RpcError("timeout", `${call.method}: no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    this.#waiting.set(call.id, call);
  }

  // An answer has come; false when nobody waits for it.
  answer(message) {
    const call = this.#waiting.get(message.id);
    if (!call) return false;
    const isError = message.error !== undefined && message.error !== null;
    if (isError) this.#settle(call, errorOfAnswer(message.error));
    else this.#settle(call, null, message.result ?? null);
    return true;
  }

  fail(call, error) {
    if (this.#waiting.get(call.id) === call) this.#settle(call, error);
  }

  // Those for which isMeant(call) holds.
  failAll(makeError, isMeant = () => true) {
    for (const call of [...this.#waiting.values()].filter(isMeant)) this.fail(call, makeError(call));
  }

  #settle(call, error, result) {
    clearTimeout(call.timer);
    this.#waiting.delete(call.id);
    if (error) error.requestTime = Date.now() - call.startedMs;
    call.done(error, result);
  }
}

export function packMessage(method, params, id) {
  if (typeof method !== "string" || method === "") throw new TypeError("method: expected a non-empty string");
  if (params !== undefined && params !== null && typeof params !== "object") {
    throw new TypeError(`${method}: params: expected an object or an array, not ${typeof params}`);
  }
  return JSON.stringify({ jsonrpc: "2.0", id, method, params: params ?? undefined });
}
