// Binary messages made by hand from the table in docs/jsonrpc.md.

const u16 = (value) => [value >> 8, value & 255];
const u32 = (value) => [...u16(Math.floor(value / 65536)), ...u16(value % 65536)];
const u64 = (value) => [...u32(Number(BigInt(value) >> 32n)), ...u32(Number(BigInt(value) & 0xffffffffn))];

export function frameBytes({ kind = 1, epoch = "00000000000000aa", version = 1, base = 0, width = 4, height = 4, scene = "scene",
  tiles = [], files = [[1, 2, 3]] } = {}) {
  const name = new TextEncoder().encode(scene);
  return new Uint8Array([
    0x4c, 0x47, 1, kind, ...u64(BigInt(`0x${epoch}`)), ...u64(version), ...u64(base), ...u32(width), ...u32(height),
    ...u16(name.length), ...u16(tiles.length), ...name,
    ...tiles.flatMap((tile, i) => [...tile.flatMap(u32), ...u32(files[i].length)]),
    ...files.flat(),
  ]).buffer;
}
