"""Makes a picture of the page: files that are up, one on its way, two that were rejected."""

import math
import os
import struct
import subprocess
import sys
import time
import zlib

from devtools import Browser
from service import Service

WIDTH, HEIGHT = 1200, 800


def png(seed):
    """A small landscape: sky, a sun, hills. Each seed has colours of its own."""
    size = 96
    hue = seed * 2.399

    def tone(phase, low, high):
        return int(low + (high - low) * (0.5 + 0.5 * math.sin(hue + phase)))

    sky, sun, hill = [[tone(phase + shift, low, high) for phase in (0, 2.1, 4.2)] for shift, low, high in
                      [(0, 120, 235), (1.2, 200, 255), (2.8, 30, 120)]]
    rows = b""
    for y in range(size):
        row = b"\0"
        for x in range(size):
            ridge = size * (0.62 + 0.13 * math.sin(x / 14 + seed) + 0.06 * math.sin(x / 5 + 2 * seed))
            if y > ridge:
                colour = [int(part * (1.1 - 0.5 * (y - ridge) / size)) for part in hill]
            elif (x - 66) ** 2 + (y - 26) ** 2 < 140:
                colour = sun
            else:
                colour = [int(part * (0.75 + 0.35 * y / size)) for part in sky]
            row += bytes(min(255, part) for part in colour)
        rows += row

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def main():
    target = os.path.abspath(sys.argv[1])
    names = ["harbour", "market-day", "team-retreat", "sunset-ridge", "workshop-01", "workshop-02", "autumn-hills"]
    with Service(os.environ["OUTTRAY"]) as service, Browser() as browser:
        for number, name in enumerate(names):
            service.drop(f"{name}.png", png(number))
        service.drop("price-list.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
        service.drop("recording.mkv", bytes.fromhex("1a45dfa3a3") + b"\x42\x82\x88matroska" + b"\0" * 64)
        service.drop("notes.txt", b"nothing that could go up\n")
        tab = browser.tab()
        tab.view(WIDTH, HEIGHT)
        tab.open(service.link())
        tab.wait("document.querySelector('#tab-uploaded .count')?.textContent === '8'", within=60)
        tab.wait("document.querySelector('#tab-rejected .count').textContent === '2'")
        service.drop_long_video("teaser.mp4", 4_000_000_000)
        tab.wait("document.querySelector('#now progress')?.value > 1e9", within=60)
        tab.wait("[...document.images].every(image => image.complete)")
        time.sleep(0.5)
        tab.screenshot(target)
    subprocess.run(["pngquant", "--force", "--output", target, "128", target], check=True)
    print(f"{target}: {os.path.getsize(target) // 1024} KiB")


main()
