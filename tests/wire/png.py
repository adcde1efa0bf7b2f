"""A PNG reader for tests: 8 bits, grey, RGB, RGBA, grey-alpha or palette, no interlace. It reads by the standard
(W3C PNG, second edition), not by what our encoder does: every chunk's CRC and the stream's Adler sum are checked."""
import struct
import zlib


class Picture:
    def __init__(self, width, height, rows):
        self.width, self.height, self.rows = width, height, rows  # rows of RGBA bytes

    def pixel(self, x, y):
        """(r, g, b, a)"""
        return tuple(self.rows[y][4 * x:4 * x + 4])

    def rgb(self, x, y):
        return self.pixel(x, y)[:3]

    def bytes(self):
        return b"".join(self.rows)


def chunks(data):
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG signature")
    at = 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        crc, = struct.unpack(">I", data[at + 8 + size:at + 12 + size])
        if zlib.crc32(kind + body) != crc:
            raise ValueError(f"wrong CRC in {kind}")
        yield kind, body
        at += 12 + size
        if kind == b"IEND":
            if at != len(data):
                raise ValueError("bytes after IEND")
            return
    raise ValueError("no IEND")


def unfilter(kind, line, before, step):
    line = bytearray(line)
    for i in range(len(line)):
        left = line[i - step] if i >= step else 0
        up = before[i]
        if kind == 1:
            add = left
        elif kind == 2:
            add = up
        elif kind == 3:
            add = (left + up) // 2
        else:
            corner = before[i - step] if i >= step else 0
            guess = left + up - corner
            distances = (abs(guess - left), abs(guess - up), abs(guess - corner))
            add = (left, up, corner)[distances.index(min(distances))]
        line[i] = (line[i] + add) & 255
    return bytes(line)


def interleave(red, green, blue, alpha):
    out = bytearray(4 * len(red))
    out[0::4], out[1::4], out[2::4], out[3::4] = red, green, blue, alpha
    return bytes(out)


def to_rgba(line, kind, palette, alphas):
    if kind == 6:
        return line
    if kind == 2:
        return interleave(line[0::3], line[1::3], line[2::3], b"\xff" * (len(line) // 3))
    if kind == 0:
        return interleave(line, line, line, b"\xff" * len(line))
    if kind == 4:
        return interleave(line[0::2], line[0::2], line[0::2], line[1::2])
    tables = [palette[i::3].ljust(256, b"\0") for i in range(3)] + [alphas.ljust(256, b"\xff")]
    return interleave(*(line.translate(table) for table in tables))


def unpack(line, depth, width):
    """Samples of 1, 2 or 4 bits as bytes."""
    per_byte = 8 // depth
    out = bytearray()
    for byte in line:
        for i in range(per_byte):
            out.append((byte >> (8 - depth * (i + 1))) & ((1 << depth) - 1))
    return bytes(out[:width])


def read(data):
    stream, palette, alphas = b"", b"", b""
    width = height = depth = kind = None
    for name, body in chunks(data):
        if name == b"IHDR":
            width, height, depth, kind, method, filters, interlace = struct.unpack(">IIBBBBB", body)
            if method or filters or interlace:
                raise ValueError("unknown method")
        elif name == b"PLTE":
            palette = body
        elif name == b"tRNS":
            alphas = body
        elif name == b"IDAT":
            stream += body
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    raw = zlib.decompress(stream)  # checks the Adler sum
    row_bytes = (width * samples * depth + 7) // 8
    if len(raw) != height * (row_bytes + 1):
        raise ValueError(f"{len(raw)} raw bytes, {height * (row_bytes + 1)} expected")
    step = max(1, samples * depth // 8)
    before, rows = bytes(row_bytes), []
    for y in range(height):
        start = y * (row_bytes + 1)
        line = raw[start + 1:start + 1 + row_bytes]
        if raw[start]:
            line = unfilter(raw[start], line, before, step)
        before = line
        if depth < 8:
            line = unpack(line, depth, width)
            if kind == 0:
                line = bytes(value * 255 // ((1 << depth) - 1) for value in line)
        rows.append(to_rgba(line, kind, palette, alphas))
    return Picture(width, height, rows)
