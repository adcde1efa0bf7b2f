// One socket from its opening to its end, which is told exactly once. Nothing is
// heard of it afterwards, however long the closing handshake takes.

// A peer that does not read: what is sent beyond this is refused.
const MOST_UNSENT_BYTES = 8 * 1024 * 1024;

const LONGEST_GOODBYE_MS = 1000;
const OPEN = 1;

export class Connection {
  #socket = null;
  #isOpen = false;
  #hasEnded = false;
  #timer;
  #onend;

  // open(uri) makes the socket; onopen(), onmessage(data), onend(text of the cause, close code or 0).
  constructor(uri, { open, openTimeoutMs, onopen, onmessage, onend }) {
    this.#onend = onend;
    this.#timer = setTimeout(() => this.close(`${uri} does not answer for ${openTimeoutMs} ms`), openTimeoutMs);
    let socket;
    try {
      socket = open(uri);
    } catch (error) {
      queueMicrotask(() => this.#end(`cannot connect to ${uri}: ${error.message}`, 0));
      return;
    }
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    let cause = "";
    socket.onopen = () => {
      clearTimeout(this.#timer);
      this.#isOpen = true;
      onopen();
    };
    socket.onmessage = (event) => onmessage(event.data);
    // Browsers tell no reason; others do.
    socket.onerror = (event) => (cause = event?.message || event?.error?.message || "");
    socket.onclose = (event) => {
      const facts = [cause, event?.code && `code ${event.code}`, event?.reason].filter(Boolean).join(", ");
      const what = this.#isOpen ? `${uri} closed the connection` : `cannot connect to ${uri}`;
      this.#end(facts ? `${what}: ${facts}` : what, event?.code ?? 0);
    };
  }

  // false also while the socket closes and has not told so yet.
  get isOpen() {
    return this.#isOpen && !this.#hasEnded && this.#socket.readyState === OPEN;
  }

  // Whether the text was taken.
  send(text) {
    const socket = this.#socket;
    if (!this.isOpen || (socket.bufferedAmount ?? 0) > MOST_UNSENT_BYTES) return false;
    try {
      socket.send(text);
      return true;
    } catch {
      return false;
    }
  }

  // Ends now; the closing handshake goes on by itself.
  close(cause) {
    this.#end(cause, 0);
  }

  #end(cause, code) {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      // Some sockets throw an error that nobody hears.
      socket.onerror = () => {};
      try {
        socket.close();
        // Where it can be, a peer that does not say goodbye is not waited for.
        if (socket.terminate) setTimeout(() => socket.terminate(), LONGEST_GOODBYE_MS).unref?.();
      } catch {
        // It was closed already.
      }
    }
    this.#onend(cause, code);
  }
}
