// Frames as the server sends them: binary messages (docs/jsonrpc.md, "Binary
// messages") and the notification `frame`.

const MAGIC = 0x4c47; // "LG"
const LAYOUT = 1;
const HEADER_BYTES = 40;
const TILE_BYTES = 20;
const KINDS = { 1: "whole", 2: "tiles" };
const LARGEST_SIDE_PX = 32_767;

const hex = (value) => value.toString(16).padStart(16, "0");

function readVersion(view, offset) {
  const value = view.getBigUint64(offset);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError(`frame: version ${value} is too large`);
  return Number(value);
}

function demand(isSo, text) {
  if (!isSo) throw new RangeError(`frame: ${text}`);
}

// data: ArrayBuffer or a view of one; the frame's PNG files are views of it.
// Throws a RangeError that says what is wrong.
export function parseFrame(data) {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  demand(bytes.length >= HEADER_BYTES, `${bytes.length} bytes, expected ${HEADER_BYTES} or more`);
  demand(view.getUint16(0) === MAGIC, "does not begin with LG");
  demand(view.getUint8(2) === LAYOUT, `layout ${view.getUint8(2)}, expected ${LAYOUT}`);
  const kind = KINDS[view.getUint8(3)];
  demand(kind, `kind ${view.getUint8(3)}, expected 1 or 2`);
  const sceneBytes = view.getUint16(36);
  const tileCount = view.getUint16(38);
  const tilesAt = HEADER_BYTES + sceneBytes;
  const filesAt = tilesAt + TILE_BYTES * tileCount;
  demand(bytes.length >= filesAt, `${bytes.length} bytes, expected ${filesAt} or more`);
  const frame = {
    kind,
    scene: new TextDecoder().decode(bytes.subarray(HEADER_BYTES, tilesAt)),
    epoch: hex(view.getBigUint64(4)),
    version: readVersion(view, 12),
    width: view.getUint32(28),
    height: view.getUint32(32),
  };
  demand(isSide(frame.width) && isSide(frame.height), `${frame.width} x ${frame.height} pixels`);
  if (kind === "whole") {
    demand(tileCount === 0, "a whole frame with tiles");
    return { ...frame, mimeType: "image/png", image: bytes.subarray(filesAt) };
  }
  return { ...frame, baseVersion: readVersion(view, 20), tiles: readTiles(bytes, view, { tilesAt, filesAt, tileCount, frame }) };
}

const isSide = (px) => px > 0 && px <= LARGEST_SIDE_PX;

function readTiles(bytes, view, { tilesAt, filesAt, tileCount, frame }) {
  const tiles = [];
  let fileAt = filesAt;
  for (let i = 0; i < tileCount; i++) {
    const [x, y, width, height, size] = [0, 4, 8, 12, 16].map((offset) => view.getUint32(tilesAt + TILE_BYTES * i + offset));
    demand(isSide(width) && isSide(height) && x + width <= frame.width && y + height <= frame.height,
      `tile ${width} x ${height} at ${x}, ${y} of ${frame.width} x ${frame.height}`);
    demand(fileAt + size <= bytes.length, `tile ${i} of ${size} bytes is longer than the message`);
    tiles.push({ x, y, width, height, image: bytes.subarray(fileAt, fileAt + size) });
    fileAt += size;
  }
  demand(fileAt === bytes.length, `${bytes.length - fileAt} bytes behind the last tile`);
  return tiles;
}

// Params of the notification `frame`.
export function readFrameNotification(params) {
  const { scene = "scene", epoch, version, width, height, mimeType, image } = params ?? {};
  demand(typeof epoch === "string" && Number.isSafeInteger(version), "epoch or version is missing");
  demand(isSide(width) && isSide(height) && typeof image === "string", "width, height or image is missing");
  return { kind: "whole", scene, epoch, version, width, height, mimeType, image: bytesOfBase64(image) };
}

function bytesOfBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
