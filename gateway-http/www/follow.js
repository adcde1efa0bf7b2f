// Ties the session to the picture: subscribes with tiles in the width of the
// stage, and keeps the size of the scene, in which clicks count.
import { scene } from "./server.js";

const NAME = scene ?? "scene";
// A dragged window asks for its last width only.
const RESIZE_MS = 200;

export class Follower {
  #link;
  #picture;
  #subscription = null;
  #width = -1; // subscribed to
  #frameSize = ""; // of the last frame, WIDTHxHEIGHT
  #resizing;

  constructor(link, picture) {
    this.#link = link;
    this.#picture = picture;
    link.addEventListener("session", () => this.#onSession());
    picture.addEventListener("missing", () => this.#subscription?.renew());
    picture.addEventListener("shown", ({ detail }) => this.#onShown(detail));
    picture.addEventListener("width", () => {
      clearTimeout(this.#resizing);
      this.#resizing = setTimeout(() => this.#subscribe(), RESIZE_MS);
    });
  }

  async #onSession() {
    this.#picture.source = "session";
    await this.#readSize();
    await this.#subscribe();
  }

  async #readSize() {
    try {
      const { scenes } = await this.#link.client.request("scenes");
      const own = scenes.find(({ name }) => name === NAME);
      if (own) this.#picture.sceneSize = own;
    } catch {
      // The frame's own size will do until the next one.
    }
  }

  async #subscribe() {
    const width = this.#picture.width;
    if (!this.#link.hasSession || width === this.#width) return;
    this.#width = width;
    const params = { scene: NAME, frames: "tiles", ...(width ? { width } : {}) };
    try {
      this.#subscription = await this.#link.client.subscribe(params, (frame) => this.#picture.draw(frame));
    } catch {
      this.#width = -1;
      this.#picture.source = "http";
    }
  }

  #onShown(frame) {
    if (!this.#link.hasSession) return;
    this.#link.client.shown(frame);
    const size = `${frame.width}x${frame.height}`;
    if (size === this.#frameSize) return;
    const isOther = this.#frameSize !== "";
    this.#frameSize = size;
    if (isOther) this.#readSize();
  }
}
