// A score on a canvas: whole frames and tiles, drawn in order, each version at
// once, never an older one after a newer one.

// Frames that a slow device has not drawn yet; beyond it a whole one is asked for.
const MOST_WAITING = 32;

export class Picture {
  #canvas;
  #context;
  #onshown;
  #onmissing;
  #waiting = [];
  #isDrawing = false;
  #epoch = null;
  #version = -1;
  #newest = null; // the last frame that was taken
  #isMissing = false; // until a whole frame comes

  // onshown(frame) after each frame on the canvas; onmissing() when only a whole frame helps.
  constructor(canvas, { onshown, onmissing } = {}) {
    this.#canvas = canvas;
    this.#context = canvas.getContext("2d");
    this.#onshown = onshown;
    this.#onmissing = onmissing;
  }

  // What is on the canvas; -1 and null before the first frame.
  get version() {
    return this.#version;
  }

  get epoch() {
    return this.#epoch;
  }

  // Takes a frame as subscribe's onframe gets it.
  draw(frame) {
    if (frame.kind !== "whole" && frame.kind !== "tiles") return;
    const newest = this.#newest;
    // While a whole one is missing, the last one taken may never have been drawn.
    const isOfNow = newest !== null && newest.epoch === frame.epoch;
    if (isOfNow && frame.version < (this.#isMissing ? this.#version : newest.version)) return;
    if (frame.kind === "tiles") {
      if (this.#isMissing || (isOfNow && frame.version === newest.version)) return;
      const isOnIt = isOfNow && frame.baseVersion === newest.version && isSameSize(frame, newest);
      if (!isOnIt || this.#waiting.length >= MOST_WAITING) {
        this.#miss();
        return;
      }
    } else {
      // It covers whatever waits.
      this.#isMissing = false;
      this.#waiting = [];
    }
    this.#newest = frame;
    this.#waiting.push(frame);
    this.#drawWaiting();
  }

  #miss() {
    if (this.#isMissing) return;
    this.#isMissing = true;
    this.#waiting = [];
    this.#onmissing?.();
  }

  async #drawWaiting() {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    while (this.#waiting.length > 0) {
      const frame = this.#waiting.shift();
      try {
        const parts = frame.kind === "whole" ? [wholeTile(frame)] : frame.tiles;
        const bitmaps = await Promise.all(parts.map(decode));
        this.#put(frame, parts, bitmaps);
      } catch {
        // A whole frame that waits makes up for it.
        if (this.#waiting[0]?.kind !== "whole") this.#miss();
      }
    }
    this.#isDrawing = false;
  }

  // All of a version in one turn of the browser, so that nobody sees half of it.
  #put(frame, parts, bitmaps) {
    const canvas = this.#canvas;
    if (frame.kind === "whole" && (canvas.width !== frame.width || canvas.height !== frame.height)) {
      canvas.width = frame.width;
      canvas.height = frame.height;
    }
    parts.forEach(({ x, y, width, height }, i) => {
      this.#context.clearRect(x, y, width, height);
      this.#context.drawImage(bitmaps[i], x, y);
      bitmaps[i].close();
    });
    this.#epoch = frame.epoch;
    this.#version = frame.version;
    this.#onshown?.(frame);
  }
}

const isSameSize = (one, other) => one.width === other.width && one.height === other.height;
const wholeTile = ({ width, height, image, mimeType }) => ({ x: 0, y: 0, width, height, image, mimeType });

async function decode({ width, height, image, mimeType = "image/png" }) {
  const blob = image instanceof Blob ? image : new Blob([image], { type: mimeType });
  // The pixels as they are in the file.
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: "none", premultiplyAlpha: "none" });
  if (bitmap.width === width && bitmap.height === height) return bitmap;
  bitmap.close();
  throw new RangeError(`picture: ${bitmap.width} x ${bitmap.height} pixels, announced were ${width} x ${height}`);
}

// Follows a scene on a canvas: subscribes (tiles where there are binary messages),
// draws, tells the server what is shown. Resolves with the subscription.
export async function follow(client, canvas, params = {}, onshown) {
  let subscription = null;
  const picture = new Picture(canvas, {
    onshown: (frame) => {
      client.shown(frame);
      onshown?.(frame);
    },
    onmissing: () => subscription?.renew(),
  });
  subscription = await client.subscribe({ frames: "tiles", ...params }, (frame) => picture.draw(frame));
  return subscription;
}
