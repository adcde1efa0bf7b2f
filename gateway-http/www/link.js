// The link to the score: a JSON-RPC session by WebSocket, which comes back by
// itself; while it is away news of versions by server-sent events, else by asking.
// Tells of its state: "websocket", "waiting" (just lost), "events", "polling" or "lost".
import { JsonRpcClient } from "./leggio-client/leggio-client.js";
import { address, ask, token } from "./server.js";

const POLL_MS = 1000;
const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 10000;
// So long a lost session is waited for before another way is taken.
const GRACE_MS = 1500;
// So often a better way of the others is tried again.
const UPGRADE_MS = 30000;
const OPEN_TIMEOUT_MS = 4000;

export class Link extends EventTarget {
  #client = null;
  #state = "";
  #grace;
  #otherWays = null; // AbortController of the loop that uses them

  // websocketUrl: from the server's configuration; null when there is none.
  start(websocketUrl) {
    if (!websocketUrl) {
      this.#useOtherWays();
      return;
    }
    this.#wait();
    const uri = new URL("rpc", new URL(websocketUrl, address("")));
    const isThere = () => this.#onSession();
    this.#client = new JsonRpcClient({
      sendCloseMessage: true,
      ws: {
        uri,
        onconnected: isThere,
        onreconnected: isThere,
        onreconnecting: () => this.#wait(),
        onerror: (error) => error.reason === "connection" && this.#useOtherWays(),
        ondisconnect: () => this.#useOtherWays(),
      },
      session: { token: token ?? undefined, registerInfo: { page: "view" } },
    });
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
    addEventListener("pagehide", (event) => event.persisted || this.#client.close());
  }

  // The session's client; null where there is no WebSocket gateway.
  get client() {
    return this.#client;
  }

  get hasSession() {
    return this.#client?.state === "connected";
  }

  // A stand that was asleep does not wait for the next attempt.
  #hurry() {
    if (this.#client.state === "reconnecting" || this.#client.state === "connecting") this.#client.reconnect();
  }

  #onSession() {
    clearTimeout(this.#grace);
    this.#otherWays?.abort();
    this.#otherWays = null;
    this.#setState("websocket");
    this.dispatchEvent(new Event("session"));
  }

  #wait() {
    if (this.#state) this.#setState("waiting");
    clearTimeout(this.#grace);
    this.#grace = setTimeout(() => this.#useOtherWays(), GRACE_MS);
  }

  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }

  #tell(version) {
    this.dispatchEvent(new CustomEvent("version", { detail: version }));
  }

  async #useOtherWays() {
    clearTimeout(this.#grace);
    if (this.#otherWays) return;
    this.#otherWays = new AbortController();
    const { signal } = this.#otherWays;
    let retryMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const hasWorked = (await this.#byEvents(signal)) || (await this.#byPolling(signal));
      if (signal.aborted) return;
      retryMs = hasWorked ? FIRST_RETRY_MS : Math.min(retryMs * 2, LONGEST_RETRY_MS);
      if (!hasWorked) this.#setState("lost");
      // Spread over half the time, so that a thousand stands do not come back at once.
      await pause(retryMs * (0.5 + Math.random() / 2), signal);
    }
  }

  // Each way returns a promise: false when it never worked, true when it worked and ended.
  #byEvents(signal) {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve(false);
        return;
      }
      let wasOpen = false;
      const source = new EventSource(address("events", {}, { withToken: true }));
      const end = () => {
        clearTimeout(opening);
        source.close();
        resolve(wasOpen);
      };
      signal.addEventListener("abort", end, { once: true });
      const opening = setTimeout(end, OPEN_TIMEOUT_MS);
      source.onopen = () => {
        wasOpen = true;
        clearTimeout(opening);
        this.#setState("events");
      };
      const onVersion = (event) => {
        const version = JSON.parse(event.data).version;
        if (typeof version === "number") this.#tell(version);
      };
      source.onmessage = onVersion;
      source.addEventListener("version", onVersion);
      source.onerror = end;
    });
  }

  async #byPolling(signal) {
    const endsAt = performance.now() + UPGRADE_MS;
    let hasWorked = false;
    while (performance.now() < endsAt && !signal.aborted) {
      try {
        const answer = await ask("version", { signal });
        if (!answer.ok) return hasWorked;
        const { version } = await answer.json();
        hasWorked = true;
        this.#setState("polling");
        this.#tell(version);
      } catch {
        return hasWorked;
      }
      await pause(POLL_MS, signal);
    }
    return hasWorked;
  }
}

function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
