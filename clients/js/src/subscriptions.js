// Which scenes this client follows, and what it got of them last: asked for again
// when the session was lost, and told to the server when it is taken up.
import { BUSY, RpcError, TOO_MANY } from "./errors.js";
import { parseFrame, readFrameNotification } from "./frames.js";

export const MOST_SUBSCRIPTIONS = 64;
const RETRY_MS = 2000;
const FIELDS = ["scene", "width", "frames", "period"];
const FRAMES = ["none", "base64", "binary", "tiles"];

export class Subscriptions {
  #wanted = new Map(); // scene -> entry
  #unwanted = new Set(); // scenes that the server may still send
  #request;
  #report;
  #isSockJS;

  // request(method, params) -> promise; report(error).
  constructor({ request, report, isSockJS }) {
    this.#request = request;
    this.#report = report;
    this.#isSockJS = isSockJS;
  }

  // Follows a scene; another subscription to it is replaced.
  add(given, onframe) {
    if (typeof onframe !== "function") throw new TypeError("subscribe: onframe: expected a function");
    const params = this.#check(given);
    const scene = params.scene ?? "scene";
    if (!this.#wanted.has(scene) && this.#wanted.size >= MOST_SUBSCRIPTIONS) {
      return Promise.reject(new RpcError("queue-full", `subscribe: at most ${MOST_SUBSCRIPTIONS} scenes at a time`));
    }
    const entry = { scene, params, onframe, last: null, timer: undefined, isAnswered: false, first: withResolvers() };
    this.#drop(this.#wanted.get(scene), new RpcError("closed", `subscribe: ${scene} was subscribed to again`));
    this.#wanted.set(scene, entry);
    this.#unwanted.delete(scene);
    this.#ask(entry);
    return entry.first.promise;
  }

  #check(given) {
    if (typeof given !== "object" || given === null) throw new TypeError("subscribe: expected an object");
    for (const name of Object.keys(given)) {
      if (!FIELDS.includes(name)) throw new TypeError(`subscribe: ${name}: unknown field; known are ${FIELDS.join(", ")}`);
    }
    const params = Object.fromEntries(FIELDS.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]));
    params.frames ??= "tiles";
    if (!FRAMES.includes(params.frames)) throw new TypeError(`subscribe: frames: expected one of ${FRAMES.join(", ")}`);
    // There are no binary messages over SockJS.
    if (this.#isSockJS && params.frames !== "none") params.frames = "base64";
    return params;
  }

  // For `connect`: what was got last of every scene.
  seen() {
    const lasts = Array.from(this.#wanted.values(), ({ scene, last }) => last && { scene, ...last });
    return lasts.filter(Boolean);
  }

  // A connection stands; kept: what the server still knows, [] in a new session.
  restore(kept) {
    for (const entry of this.#wanted.values()) {
      // Without anything seen the server sends nothing by itself.
      const isKept = entry.isAnswered && entry.last && kept.some((one) => isSame(one, entry));
      if (!isKept) this.#ask(entry);
    }
    for (const scene of this.#unwanted) this.#unsubscribe(scene);
    this.#unwanted.clear();
  }

  #drop(entry, error) {
    if (!entry) return;
    clearTimeout(entry.timer);
    if (this.#wanted.get(entry.scene) === entry) this.#wanted.delete(entry.scene);
    entry.first.promise.catch(() => {});
    entry.first.reject(error);
  }

  end(error) {
    for (const entry of [...this.#wanted.values()]) this.#drop(entry, error);
  }

  #settle(entry, result) {
    entry.isAnswered = true;
    entry.first.resolve({
      ...result,
      renew: () => this.#renew(entry),
      unsubscribe: () => this.#remove(entry),
    });
  }

  // The newest whole frame again.
  #renew(entry) {
    if (this.#wanted.get(entry.scene) !== entry) return;
    entry.last = null;
    this.#ask(entry);
  }

  async #remove(entry) {
    if (this.#wanted.get(entry.scene) !== entry) return;
    this.#drop(entry, new RpcError("closed", `subscribe: ${entry.scene} was unsubscribed`));
    await this.#unsubscribe(entry.scene);
  }

  async #unsubscribe(scene) {
    try {
      await this.#request("unsubscribe", { scene });
    } catch (error) {
      if (error.reason === "connection") this.#unwanted.add(scene);
      else this.#report(error);
    }
  }

  async #ask(entry) {
    clearTimeout(entry.timer);
    try {
      this.#settle(entry, await this.#request("subscribe", entry.params));
    } catch (error) {
      if (this.#wanted.get(entry.scene) !== entry) return;
      if (error.reason !== "answer" && error.reason !== "timeout") return; // restore() asks again
      if (error.code === BUSY || error.code === TOO_MANY || error.reason === "timeout") {
        entry.timer = setTimeout(() => this.#ask(entry), RETRY_MS * (0.75 + Math.random() / 2));
        return;
      }
      this.#drop(entry, error);
      this.#report(error);
    }
  }

  // Connection gone: what waits for a second try waits for restore() now.
  pause() {
    for (const entry of this.#wanted.values()) clearTimeout(entry.timer);
  }

  takeBinary(data) {
    this.#take(() => parseFrame(data));
  }

  // Notifications that mean frames.
  takeNotification(method, params) {
    if (method === "frame") this.#take(() => readFrameNotification(params));
    if (method === "scoreChanged") this.#takeNotice(params);
  }

  #takeNotice(params) {
    const entry = this.#wanted.get(params?.scene ?? "scene");
    if (entry?.params.frames !== "none") return;
    this.#deliver(entry, { kind: "notice", scene: entry.scene, epoch: params.epoch, version: params.version });
  }

  #take(read) {
    let frame;
    try {
      frame = read();
    } catch (error) {
      this.#report(new RpcError("protocol", error.message));
      return;
    }
    const entry = this.#wanted.get(frame.scene);
    if (entry) this.#deliver(entry, frame);
  }

  // Never an older version; the same one only whole (after a second subscribe).
  #deliver(entry, frame) {
    const { last } = entry;
    if (last && last.epoch === frame.epoch) {
      if (frame.version < last.version || (frame.version === last.version && frame.kind !== "whole")) return;
    }
    entry.last = { epoch: frame.epoch, version: frame.version };
    try {
      entry.onframe(frame);
    } catch (error) {
      this.#report(Object.assign(new RpcError("protocol", `onframe: ${error?.message ?? error}`), { cause: error }));
    }
  }
}

function isSame(kept, entry) {
  if ((kept?.scene ?? "scene") !== entry.scene) return false;
  return ["width", "frames", "period"].every((name) => entry.params[name] === undefined || kept[name] === entry.params[name]);
}

function withResolvers() {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}
