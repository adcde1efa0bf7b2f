// Pings while a connection stands; tells when the server no longer answers.
import { METHOD_NOT_FOUND } from "./errors.js";

export class Heartbeat {
  #intervalMs; // 0: none
  #ping;
  #onsilent;
  #timer;
  #turn = 0;

  // ping(params) resolves with the answer; onsilent(error) when none came.
  constructor(intervalMs, ping, onsilent) {
    this.#intervalMs = intervalMs;
    this.#ping = ping;
    this.#onsilent = onsilent;
  }

  start() {
    this.stop();
    if (this.#intervalMs > 0) this.#beat(this.#turn, { interval: this.#intervalMs });
  }

  stop() {
    this.#turn++;
    clearTimeout(this.#timer);
  }

  async #beat(turn, params) {
    const startedMs = Date.now();
    try {
      await this.#ping(params);
    } catch (error) {
      if (turn !== this.#turn) return;
      // Any answer shows that it lives; a server without ping is not asked again.
      if (error.reason !== "answer") {
        this.#onsilent(error);
        return;
      }
      if (error.code === METHOD_NOT_FOUND) return;
    }
    if (turn !== this.#turn) return;
    const restMs = Math.max(0, startedMs + this.#intervalMs - Date.now());
    this.#timer = setTimeout(() => this.#beat(turn, undefined), restMs);
  }
}
