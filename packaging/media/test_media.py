"""What Outtray measures of files, held against ffprobe. `packaging/media-test` runs it."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time

OUTTRAY = os.environ["OUTTRAY"]
TOLERANCE = 50

# Two inputs: a picture that moves and a tone, each of 2.4 seconds.
PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=2.4"]
TONE = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2.4"]
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
AAC = ["-c:a", "aac", "-shortest"]

# The name, the options of ffmpeg, and the type that it goes up as; None: it is rejected.
MP4, MOV, WEBM, AVI = "video/mp4", "video/quicktime", "video/webm", "video/x-msvideo"
CASES = [
    ("plain.mp4", PICTURE + TONE + X264 + AAC, MP4),
    ("faststart.mp4", PICTURE + TONE + X264 + AAC + ["-movflags", "+faststart"], MP4),
    ("silent.mp4", PICTURE + X264, MP4),
    ("b-frames.mp4", PICTURE + ["-c:v", "libx264", "-bf", "3", "-pix_fmt", "yuv420p"], MP4),
    ("odd-rate.mp4", ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30000/1001:duration=3.3"] + X264, MP4),
    ("odd-size.mp4", ["-f", "lavfi", "-i", "testsrc2=size=322x182:rate=25:duration=1"] + X264, MP4),
    ("fragmented.mp4", PICTURE + X264 + ["-g", "10", "-movflags", "frag_keyframe+empty_moov"], MP4),
    ("fragmented-late.mp4", PICTURE + X264 + ["-g", "10", "-movflags", "frag_keyframe"], MP4),
    ("dash.mp4", PICTURE + X264 + ["-g", "10", "-movflags", "dash+frag_keyframe+empty_moov+default_base_moof"], MP4),
    ("hybrid.mp4", PICTURE + X264 + ["-g", "10", "-movflags", "frag_keyframe+delay_moov"], MP4),
    ("brand.mp4", PICTURE + X264 + ["-brand", "XAVC"], MP4),
    ("hevc.mp4", PICTURE + ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"], MP4),
    ("hevc-apple.mov", PICTURE + ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1",
                                  "-x265-params", "log-level=none"], MOV),
    ("vp9.mp4", PICTURE + ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"], MP4),
    ("av1.mp4", PICTURE + ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime"], MP4),
    ("mpeg4.mp4", PICTURE + ["-c:v", "mpeg4"], MP4),
    ("titled.mp4", PICTURE + TONE + X264 + AAC + ["-metadata", "title=t"], MP4),
    ("plain.m4v", PICTURE + X264 + ["-f", "ipod"], MP4),
    ("phone.3gp", PICTURE + X264 + ["-f", "3gp"], MP4),
    ("plain.mov", PICTURE + TONE + X264 + ["-c:a", "pcm_s16le", "-shortest"], MOV),
    ("prores.mov", PICTURE + ["-c:v", "prores_ks"], MOV),
    ("mjpeg.mov", PICTURE + ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], MOV),
    ("timecode.mov", PICTURE + X264 + ["-timecode", "01:00:00:00"], MOV),
    ("anamorphic.mp4", PICTURE + X264 + ["-vf", "setsar=4/3"], MP4),
    ("vp8.webm", PICTURE + TONE + ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-shortest"], WEBM),
    ("vp9.webm", PICTURE + ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"], WEBM),
    ("av1.webm", PICTURE + ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime"], WEBM),
    ("live.webm", PICTURE + ["-c:v", "libvpx", "-deadline", "realtime", "-f", "webm", "-live", "1"], WEBM),
    ("cues-first.webm", PICTURE + ["-c:v", "libvpx", "-deadline", "realtime", "-cues_to_front", "1"], WEBM),
    ("mpeg4.avi", PICTURE + TONE + ["-c:v", "mpeg4", "-c:a", "mp3", "-shortest"], AVI),
    ("mjpeg.avi", PICTURE + ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"], AVI),
    ("odd-rate.avi", ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30000/1001:duration=3.3", "-c:v", "mpeg4"], AVI),
    ("sound.m4a", TONE + ["-c:a", "aac"], None),
    ("sound.mp4", TONE + ["-c:a", "aac", "-f", "mp4"], None),
    ("sound.webm", TONE + ["-c:a", "libopus"], None),
    ("matroska.mkv", PICTURE + X264, None),
    ("stream.ts", PICTURE + X264, None),
    ("picture.jpg", PICTURE + ["-frames:v", "1", "-pix_fmt", "yuvj420p"], "image/jpeg"),
    ("picture.png", PICTURE + ["-frames:v", "1"], "image/png"),
    ("picture.webp", PICTURE + ["-frames:v", "1", "-c:v", "libwebp"], "image/webp"),
    ("lossless.webp", PICTURE + ["-frames:v", "1", "-c:v", "libwebp", "-lossless", "1"], "image/webp"),
    ("moving.webp", PICTURE + ["-c:v", "libwebp_anim", "-r", "5"], "image/webp"),
    ("moving.gif", PICTURE + ["-r", "5"], "image/gif"),
]
# Made of another one, without coding it again: the name, its source, and the options.
COPIES = [
    ("turned.mp4", "plain.mp4", ["-display_rotation", "90"], MP4),
    ("turned.mov", "plain.mov", ["-display_rotation", "270"], MOV),
    ("upside-down.mp4", "plain.mp4", ["-display_rotation", "180"], MP4),
]
# What ffprobe 5 cannot read.
KNOWN = {"moving.webp": (320, 180)}
# Whose duration no header tells: fragments that nobody has summed up, and a stream.
UNTOLD = {"fragmented.mp4", "fragmented-late.mp4", "dash.mp4", "hybrid.mp4", "live.webm"}


def ffmpeg(*arguments):
    run = subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], capture_output=True, text=True)
    return run.returncode == 0, run.stderr.strip().splitlines()[-1:] or [""]


def rotated(source, target, angle):
    """Older versions of ffmpeg know the turn of a track as metadata of the input's track alone."""
    done, _ = ffmpeg("-display_rotation", angle, "-i", source, "-c", "copy", target)
    return done or ffmpeg("-i", source, "-c", "copy", "-metadata:s:v:0", f"rotate={angle}", target)[0]


def make(directory):
    made = {}
    for name, options, kind in CASES:
        done, words = ffmpeg(*options, os.path.join(directory, name))
        if done:
            made[name] = kind
        else:
            print(f"skipped  {name}: ffmpeg cannot make it here ({words[0]})")
    for name, source, (_, angle), kind in COPIES:
        if source in made and rotated(*(os.path.join(directory, file) for file in [source, name]), angle):
            made[name] = kind
    return made


def probed(path):
    """Width, height and milliseconds as ffprobe has them: of a video as it is shown."""
    run = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", path],
        capture_output=True, text=True, check=True,
    )
    told = json.loads(run.stdout)
    stream = next((one for one in told["streams"] if one["codec_type"] == "video"), {})
    width, height = stream.get("width"), stream.get("height")
    if path.endswith((".mp4", ".mov", ".m4v")) and ":" in (shape := stream.get("sample_aspect_ratio", "1:1")):
        across, down = map(int, shape.split(":"))
        width = width and down and round(width * across / down)
    turn = next((side["rotation"] for side in stream.get("side_data_list", []) if "rotation" in side), 0)
    if abs(turn) % 180 == 90:
        width, height = height, width
    seconds = told["format"].get("duration")
    return width, height, seconds and round(float(seconds) * 1000)


class Outtray:
    """`outtray sync` of a directory, with the sandbox as the provider."""

    def __init__(self, root, folder):
        self.sandbox = subprocess.Popen(
            [OUTTRAY, "sandbox", "--postbreeze-port", "0", "--connectsafely-port", "0", "--storage-port", "0",
             "--no-rate-limits", "--directory", f"{root}/sandbox"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        line = next(line for line in self.sandbox.stdout if line.startswith("postbreeze"))
        address, key = re.search(r"(http://\S+)\s+key (\S+)", line).groups()
        with open(os.open(f"{root}/outtray.yaml", os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"""
                state_dir: {root}/state
                accounts:
                  main: {{provider: postbreeze, base_url: "{address}", api_key: {key}, rate: [100000/60s]}}
                folders:
                  media: {{path: {folder}, account: main, settle: 200ms}}
                """)
        self.root = root

    def manifest(self):
        subprocess.run([OUTTRAY, "sync", "--config", f"{self.root}/outtray.yaml"], capture_output=True, timeout=300)
        with open(f"{self.root}/state/manifest.json") as file:
            return json.load(file)

    def close(self):
        self.sandbox.terminate()
        self.sandbox.wait()
        self.sandbox.stdout.close()


def trouble(name, kind, path, manifest):
    """What is wrong with a file's place in the manifest; None if nothing is."""
    rejection = manifest["rejected"].get(path)
    if kind is None:
        return None if rejection and rejection["code"] == "unsupported-type" else f"it is not rejected: {rejection}"
    entry = manifest["entries"].get(path)
    if entry is None:
        return f"it did not go up: {rejection}"
    if entry["mimeType"] != kind:
        return f"it is {entry['mimeType']}"
    width, height, duration = probed(path)
    width, height = KNOWN.get(name, (width, height))
    if (entry.get("width"), entry.get("height")) != (width, height):
        return f"it has {entry.get('width')} × {entry.get('height')}, by ffprobe {width} × {height}"
    told = entry.get("durationMs")
    if not kind.startswith("video/") or name in UNTOLD and told is None:
        return None if told is None else f"it lasts {told} ms"
    if told is None or duration is None or abs(told - duration) > TOLERANCE:
        return f"it lasts {told} ms, by ffprobe {duration}"
    return None


def main():
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="outtray-media-") as root:
        folder = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.join(root, "media")
        os.makedirs(folder, exist_ok=True)
        made = make(folder)
        outtray = Outtray(root, folder)
        try:
            manifest = outtray.manifest()
        finally:
            outtray.close()
        wrong = 0
        for name, kind in made.items():
            path = os.path.join(folder, name)
            words = trouble(name, kind, path, manifest)
            wrong += words is not None
            entry = manifest["entries"].get(path, {})
            figures = f"{entry.get('width')} × {entry.get('height')}, {entry.get('durationMs')} ms" if entry else "rejected"
            print(f"{'ok' if words is None else 'WRONG':8} {name}: {words or figures}")
        print(f"{len(made)} files, {wrong} wrong, {time.monotonic() - began:.0f} s")
        sys.exit(wrong > 0 or len(made) < 30)


main()
