// The picture on the stage, on a canvas: always the newest version, in the width
// that the screen shows (device pixels), so that lines stay crisp on high-density
// screens. Frames come from the session, or are fetched while there is none.
import { Picture as Canvas } from "./leggio-client/leggio-client.js";
import { ask } from "./server.js";

// Widths are asked for in steps, so that many screens share few pictures.
const WIDTH_STEP_PX = 160;
// The scene's own picture, of which only changes have to be sent, may be shown so
// much smaller than it is.
const MOST_SHRUNK = 2;
const RETRY_MS = 1000;
// Where width and height stand in a PNG.
const PNG_SIZE_AT = [16, 24];

export class Picture extends EventTarget {
  #element;
  #stage;
  #canvas;
  #source = "";
  #wanted = -1;
  #isLoading = false;
  #isAskedAgain = false;
  // Size of the scene in its own pixels: what /click counts in.
  #sceneSize = null;
  #width = 0; // asked for last

  // Events: "shown" (a frame on the canvas), "missing" (a whole frame is needed),
  // "answer" (what an HTTP answer said of freshness), "width" (of the stage changed).
  constructor(element, stage) {
    super();
    this.#element = element;
    this.#stage = stage;
    this.#canvas = new Canvas(element, {
      onshown: (frame) => this.#onShown(frame),
      onmissing: () => this.dispatchEvent(new Event("missing")),
    });
    new ResizeObserver(() => this.#fit()).observe(stage);
  }

  get sceneSize() {
    return this.#sceneSize;
  }

  set sceneSize({ width, height }) {
    if (this.#sceneSize?.width === width && this.#sceneSize.height === height) return;
    this.#sceneSize = { width, height };
    this.#fit();
  }

  // "session": frames come by draw(). "http": versions are told by want(). "": not known yet.
  set source(source) {
    if (source === this.#source) return;
    this.#source = source;
    if (source === "http") this.want(0);
  }

  draw(frame) {
    this.#canvas.draw(frame);
  }

  // A version is there (0: whatever is newest).
  want(version) {
    if (this.#source === "session" || (version && version === this.#canvas.version)) return;
    this.#wanted = version;
    this.#load();
  }

  // Pixels across to ask for, those of the device that the stage can show of this
  // picture; 0: the scene's own picture will do (or its size is not known yet).
  get width() {
    if (!this.#sceneSize) return 0;
    const { width, height } = this.#sceneSize;
    const { clientWidth, clientHeight } = this.#stage;
    const exact = width * Math.min(clientWidth / width, clientHeight / height) * devicePixelRatio;
    if (exact <= width && width <= exact * MOST_SHRUNK) return 0;
    return Math.max(WIDTH_STEP_PX, Math.ceil(exact / WIDTH_STEP_PX) * WIDTH_STEP_PX);
  }

  async #load() {
    if (this.#isLoading) {
      this.#isAskedAgain = true;
      return;
    }
    this.#isLoading = true;
    do {
      this.#isAskedAgain = false;
      try {
        await this.#loadOnce();
      } catch {
        // The link tells when the server is back; a lone failure is tried again.
        setTimeout(() => this.want(0), RETRY_MS);
      }
    } while (this.#isAskedAgain);
    this.#isLoading = false;
  }

  async #loadOnce() {
    const query = {};
    if (this.#wanted > 0) query.version = this.#wanted;
    if (this.width) query.width = this.width;
    const answer = await ask("image", { query });
    const staleSince = answer.headers.get("X-Leggio-Stale-Since");
    this.dispatchEvent(new CustomEvent("answer", { detail: { isFresh: !staleSince, staleSince } }));
    if (!answer.ok) throw new Error(`image: ${answer.status}`);
    const image = await answer.blob();
    const size = new DataView(await image.slice(...PNG_SIZE_AT).arrayBuffer());
    const [, epoch] = /^W\/"([0-9a-f]{16})-/.exec(answer.headers.get("ETag") ?? "") ?? [];
    const version = Number(answer.headers.get("X-Inscore-Version"));
    const sceneSize = readSize(answer.headers.get("X-Leggio-Scene-Size"));
    // The session may have come in the meantime, with sharper frames.
    if (this.#source === "session") return;
    if (sceneSize) this.sceneSize = sceneSize;
    this.draw({ kind: "whole", epoch, version, width: size.getUint32(0), height: size.getUint32(4), image });
  }

  #onShown(frame) {
    this.#element.hidden = false;
    this.#element.dataset.version = frame.version;
    this.#sceneSize ??= { width: frame.width, height: frame.height };
    this.#fit();
    this.dispatchEvent(new CustomEvent("shown", { detail: frame }));
  }

  // Whole picture in the stage, as large as it goes.
  #fit() {
    if (!this.#sceneSize) return;
    const { clientWidth, clientHeight } = this.#stage;
    const { width, height } = this.#sceneSize;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    this.#element.style.width = `${Math.round(width * scale)}px`;
    this.#element.style.height = `${Math.round(height * scale)}px`;
    this.#askForWidth();
  }

  // Once for each step of the stage's size; a server that has no such width
  // answers with what it has.
  #askForWidth() {
    if (this.width === this.#width) return;
    this.#width = this.width;
    this.dispatchEvent(new Event("width"));
    if (this.#source === "http") this.want(0);
  }
}

// "WIDTHxHEIGHT"
function readSize(text) {
  const match = /^(\d+)x(\d+)$/.exec(text ?? "");
  return match ? { width: Number(match[1]), height: Number(match[2]) } : null;
}
