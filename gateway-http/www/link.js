// News of versions: by WebSocket, else by server-sent events, else by asking.
// Reconnects by itself; tells of every new version and of its own state:
// "websocket", "events", "polling" or "lost".

const POLL_MS = 1000;
const FIRST_RETRY_MS = 300;
const LONGEST_RETRY_MS = 10000;
// So often is a better way tried again while a worse one works.
const UPGRADE_MS = 30000;
const OPEN_TIMEOUT_MS = 4000;

export class Link extends EventTarget {
  #target;
  #scene;
  #state = "";
  #retryMs = FIRST_RETRY_MS;
  #websocketUrl = null;

  constructor(target, scene) {
    super();
    this.#target = target;
    this.#scene = scene;
  }

  // websocketUrl: from the server's configuration; a missing host or port means the page's own.
  start(websocketUrl) {
    if (websocketUrl) {
      const url = new URL(websocketUrl, this.#target(""));
      if (this.#scene) url.searchParams.set("scene", this.#scene);
      this.#websocketUrl = url;
    }
    this.#run();
  }

  async #run() {
    for (;;) {
      const wayWorked = (await this.#byWebSocket()) || (await this.#byEvents()) || (await this.#byPolling());
      this.#retryMs = wayWorked ? FIRST_RETRY_MS : Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
      if (!wayWorked) this.#setState("lost");
      // Spread over half the time, so that a thousand stands do not come back at once.
      await pause(this.#retryMs * (0.5 + Math.random() / 2));
    }
  }

  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }

  #tell(version) {
    this.dispatchEvent(new CustomEvent("version", { detail: version }));
  }

  // Each way returns a promise: false when it never worked, true when it worked and ended.
  #byWebSocket() {
    if (!this.#websocketUrl) return Promise.resolve(false);
    return new Promise((resolve) => {
      let wasOpen = false;
      let socket;
      try {
        socket = new WebSocket(this.#websocketUrl);
      } catch {
        resolve(false);
        return;
      }
      const opening = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
      socket.onopen = () => {
        wasOpen = true;
        clearTimeout(opening);
        this.#setState("websocket");
        socket.send(JSON.stringify({ id: "first", method: "version" }));
      };
      socket.onmessage = (event) => {
        const message = JSON.parse(event.data);
        if (typeof message.version === "number") this.#tell(message.version);
      };
      socket.onclose = () => {
        clearTimeout(opening);
        resolve(wasOpen);
      };
    });
  }

  #byEvents() {
    return new Promise((resolve) => {
      let wasOpen = false;
      const source = new EventSource(this.#target("events"));
      const end = () => {
        clearTimeout(opening);
        clearTimeout(upgrade);
        source.close();
        resolve(wasOpen);
      };
      const opening = setTimeout(end, OPEN_TIMEOUT_MS);
      const upgrade = this.#websocketUrl ? setTimeout(end, UPGRADE_MS) : undefined;
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

  async #byPolling() {
    const endsAt = performance.now() + UPGRADE_MS;
    let wasOpen = false;
    while (performance.now() < endsAt) {
      try {
        const answer = await fetch(this.#target("version"), { cache: "no-store" });
        if (!answer.ok) return wasOpen;
        const { version } = await answer.json();
        wasOpen = true;
        this.#setState("polling");
        this.#tell(version);
      } catch {
        return wasOpen;
      }
      await pause(POLL_MS);
    }
    return wasOpen;
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
