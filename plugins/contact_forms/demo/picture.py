"""Draws the photographs of the demo: a bowl on a table, as PNG."""

import struct
import zlib

WIDTH, HEIGHT = 480, 360
_TABLE, _WALL = (196, 178, 150), (233, 228, 218)


def draw_bowl(glaze: tuple[int, int, int]) -> bytes:
    """Return the picture of a bowl with a crack of gold."""
    rows = (b"\0" + b"".join(bytes(_colour(x, y, glaze)) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b"".join(rows), 6))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _colour(x: int, y: int, glaze: tuple[int, int, int]) -> tuple[int, int, int]:
    across, down = (x - 240) / 140, (y - 150) / 140
    if across**2 + (down / 0.22) ** 2 <= 1:
        inside = 0.55 + 0.2 * (across + 1) / 2
        return _shade(glaze, inside)
    if down >= 0 and across**2 + down**2 <= 1:
        crack = abs(across - 0.25 + 0.3 * down + 0.05 * ((y // 12) % 2)) < 0.012
        return (206, 164, 74) if crack and down < 0.7 else _shade(glaze, 1.1 - 0.4 * abs(across + 0.3))
    return _TABLE if y > 235 else _WALL


def _shade(colour: tuple[int, int, int], light: float) -> tuple[int, int, int]:
    red, green, blue = (max(0, min(255, round(part * light))) for part in colour)
    return red, green, blue
