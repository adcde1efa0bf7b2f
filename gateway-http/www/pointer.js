// Clicks, taps and hover, sent in pixels of the scene: by the session, else by HTTP.
import { ask, scene } from "./server.js";

// Names this page's pointer to the server, whatever connection a request takes.
const CLIENT = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// At most one hover is under way; the newest place wins.
export class Pointer {
  #picture;
  #element;
  #link;
  #hoverAt = null;
  #isHovering = false;
  #isInsideByHttp = false; // the server knows two pointers: the session's and the one of requests

  constructor(element, picture, link) {
    this.#element = element;
    this.#picture = picture;
    this.#link = link;
    element.addEventListener("click", (event) => this.#send("click", this.#place(event)));
    element.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") this.#hover(this.#place(event));
    });
    element.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") this.#hover({ x: -1, y: -1 });
    });
    // Of a session the server knows when it ends; of requests nobody does.
    addEventListener("pagehide", () => void this.#leaveByHttp());
  }

  #place(event) {
    const box = this.#element.getBoundingClientRect();
    const size = this.#picture.sceneSize;
    if (!size || !box.width || !box.height) return null;
    return {
      x: Math.floor(((event.clientX - box.left) * size.width) / box.width),
      y: Math.floor(((event.clientY - box.top) * size.height) / box.height),
    };
  }

  async #hover(place) {
    this.#hoverAt = place;
    if (this.#isHovering) return;
    this.#isHovering = true;
    while (this.#hoverAt) {
      const next = this.#hoverAt;
      this.#hoverAt = null;
      await this.#send("hover", next);
    }
    this.#isHovering = false;
  }

  async #send(name, place) {
    if (!place) return;
    try {
      if (this.#link.hasSession) {
        await this.#leaveByHttp();
        await this.#link.client.request(name, { ...place, scene: scene ?? undefined });
      } else {
        this.#isInsideByHttp = this.#isInsideByHttp || name === "hover";
        await ask(name, { method: "POST", body: new URLSearchParams({ ...place, client: CLIENT }) });
      }
    } catch {
      // The link shows that the server is away; a lost click is not repeated later.
    }
  }

  // A session has come since the last hover, or the page goes: what that one entered is left.
  async #leaveByHttp() {
    if (!this.#isInsideByHttp) return;
    this.#isInsideByHttp = false;
    try {
      const body = new URLSearchParams({ x: -1, y: -1, client: CLIENT });
      await ask("hover", { method: "POST", keepalive: true, body });
    } catch {
      // nothing was under it
    }
  }
}
