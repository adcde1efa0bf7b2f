// Marks a frozen picture with its age: the renderer is away (the server says
// since when), or the server itself does not answer.

import { ask } from "./server.js";

const CHECK_MS = 4000;
const TICK_MS = 1000;

export class FreshnessMark {
  #element;
  #staleSinceMs = 0; // 0 = fresh
  #lastGoodMs = Date.now();
  #linkState = "";

  constructor(element) {
    this.#element = element;
    setInterval(() => this.#show(), TICK_MS);
    this.#checkForEver();
  }

  // What an answer of the server said: { isFresh, staleSince } (an HTTP date).
  note({ isFresh, staleSince }) {
    if (isFresh) {
      this.#lastGoodMs = Date.now();
      this.#staleSinceMs = 0;
    } else {
      this.#staleSinceMs = Date.parse(staleSince ?? "") || this.#lastGoodMs;
    }
    this.#show();
  }

  linkIs(state) {
    this.#linkState = state;
    if (state === "lost") this.#staleSinceMs ||= this.#lastGoodMs;
    this.#show();
  }

  async #checkForEver() {
    for (;;) {
      // Spread, so that an audience does not ask at once.
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS * (0.75 + Math.random() / 2)));
      if (document.hidden) continue;
      try {
        const answer = await ask("version");
        const staleSince = answer.headers.get("X-Leggio-Stale-Since");
        this.note({ isFresh: answer.ok && !staleSince, staleSince });
      } catch {
        this.note({ isFresh: false });
      }
    }
  }

  #show() {
    const isStale = this.#staleSinceMs > 0;
    document.body.classList.toggle("is-stale", isStale);
    this.#element.hidden = !isStale;
    if (!isStale) return;
    const age = Math.max(0, Math.round((Date.now() - this.#staleSinceMs) / 1000));
    const reason = this.#linkState === "lost" ? "No connection" : "The score is away";
    this.#element.textContent = `${reason}: picture frozen for ${formatAge(age)}`;
  }
}

function formatAge(seconds) {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
