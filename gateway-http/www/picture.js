// The picture on the stage: always the newest version, one request at a time,
// asked for in the width that the screen shows (device pixels), so that lines
// stay crisp on high-density screens.

// Widths are asked for in steps, so that many screens share few pictures.
const WIDTH_STEP_PX = 160;
const RETRY_MS = 1000;

export class Picture extends EventTarget {
  #image;
  #stage;
  #target;
  #wanted = -1;
  #shown = -1;
  #isLoading = false;
  #isAskedAgain = false;
  #objectUrl = null;
  // Size of the scene in its own pixels: what /click counts in.
  #sceneSize = null;
  #shownWidthPx = 0;

  constructor(image, stage, target) {
    super();
    this.#image = image;
    this.#stage = stage;
    this.#target = target;
    new ResizeObserver(() => this.#fit()).observe(stage);
  }

  get sceneSize() {
    return this.#sceneSize;
  }

  // A version is there (0: whatever is newest).
  want(version) {
    if (version && version === this.#shown) return;
    this.#wanted = version;
    this.#load();
  }

  // Device pixels across that the stage can show of this picture.
  #widthPx() {
    if (!this.#sceneSize) return 0;
    const { clientWidth, clientHeight } = this.#stage;
    const scale = Math.min(clientWidth / this.#sceneSize.width, clientHeight / this.#sceneSize.height);
    const exact = this.#sceneSize.width * scale * devicePixelRatio;
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
    const width = this.#widthPx();
    if (width) query.width = width;
    const answer = await fetch(this.#target("image", query), { cache: "no-store" });
    const staleSince = answer.headers.get("X-Leggio-Stale-Since");
    this.dispatchEvent(new CustomEvent("answer", { detail: { isFresh: !staleSince, staleSince } }));
    if (!answer.ok) throw new Error(`image: ${answer.status}`);
    const version = Number(answer.headers.get("X-Inscore-Version"));
    const sceneSize = readSize(answer.headers.get("X-Leggio-Scene-Size"));
    const url = URL.createObjectURL(await answer.blob());
    const next = new Image();
    next.src = url;
    await next.decode();
    this.#image.src = url;
    this.#image.hidden = false;
    if (this.#objectUrl) URL.revokeObjectURL(this.#objectUrl);
    this.#objectUrl = url;
    this.#shown = version;
    this.#shownWidthPx = next.naturalWidth;
    this.#sceneSize = sceneSize ?? { width: next.naturalWidth, height: next.naturalHeight };
    this.#image.dataset.version = version;
    this.#fit();
    this.dispatchEvent(new CustomEvent("shown", { detail: version }));
  }

  // Whole picture in the stage, as large as it goes.
  #fit() {
    if (!this.#sceneSize) return;
    const { clientWidth, clientHeight } = this.#stage;
    const { width, height } = this.#sceneSize;
    const scale = Math.min(clientWidth / width, clientHeight / height);
    this.#image.style.width = `${Math.round(width * scale)}px`;
    this.#image.style.height = `${Math.round(height * scale)}px`;
    if (this.#shownWidthPx < Math.min(this.#widthPx(), width * 8)) this.#askForWidth();
  }

  // Asked once for each step of the stage's size; a server that has no such
  // width answers with what it has.
  #askedWidthPx = 0;
  #askForWidth() {
    const width = this.#widthPx();
    if (width === this.#askedWidthPx) return;
    this.#askedWidthPx = width;
    this.want(0);
  }
}

// "WIDTHxHEIGHT"
function readSize(text) {
  const match = /^(\d+)x(\d+)$/.exec(text ?? "");
  return match ? { width: Number(match[1]), height: Number(match[2]) } : null;
}
