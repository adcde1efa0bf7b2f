// Which picture is on the screen: the newest of each scene, a few times a second.

const PERIOD_MS = 250;

export class Shown {
  #waiting = new Map(); // scene -> params
  #timer;
  #send;

  constructor(send) {
    this.#send = send;
  }

  tell({ scene = "scene", epoch, version }) {
    this.#waiting.set(scene, { scene, epoch, version });
    if (this.#timer === undefined) this.#sendWaiting();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #sendWaiting() {
    this.#timer = undefined;
    if (this.#waiting.size === 0) return;
    for (const params of this.#waiting.values()) this.#send(params);
    this.#waiting.clear();
    this.#timer = setTimeout(() => this.#sendWaiting(), PERIOD_MS);
  }
}
