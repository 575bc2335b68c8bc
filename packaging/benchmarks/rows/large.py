"""One large file: wall time and CPU beside curl and openssl, which do the same two things one after the other."""

import hashlib
import json
import os

from measure import RowFailure, Running
from row import Row, at_most, figures


def in_the_clear(run, mib, rounds=None):
    return large_file(run, mib, False, rounds)


def under_tls(run, mib, rounds=None):
    return large_file(run, mib, True, rounds)


def large_file(run, mib, tls, rounds):
    folder, file, size = video(run, mib)
    digest = sha256(file)
    contenders = {
        name: lambda each=each: uploaded(run, each, size, digest)
        for name, each in run.outtrays(folder=folder, tls=tls).items()
    }
    contenders["curl, then openssl"] = lambda: curled(run, file, size, digest, tls)
    found = run.compare(contenders, rounds)
    peer = "curl, then openssl"
    return found.result(
        [
            at_most(f"wall ÷ {peer}", found.ratio("wall s", "outtray", peer), 0.75 if tls else 0.8),
            at_most(f"CPU ÷ {peer}", found.ratio("CPU s", "outtray", peer), 1.1),
        ]
    )


def parts(run, mib, rounds=None):
    """In parts of 4 MiB, four at a time, beside one PUT of the same file, both under TLS."""
    folder, file, size = video(run, mib)
    digest = sha256(file)
    whole = run.outtrays(folder=folder, tls=True, concurrency=4)
    split = run.outtrays(folder=folder, tls=True, concurrency=4, provider="connectsafely")
    contenders = {}
    for name in whole:
        contenders[name] = lambda each=split[name]: uploaded(run, each, size, digest, parts=-(-mib // 4))
        contenders[f"{name}, one PUT"] = lambda each=whole[name]: uploaded(run, each, size, digest)
    found = run.compare(contenders, rounds)
    return found.result([at_most("wall ÷ one PUT", found.ratio("wall s", "outtray", "outtray, one PUT"), 1.15)])


def video(run, mib):
    folder = run.place.path(f"video-{mib}")
    file = os.path.join(folder, "video.mp4")
    if not os.path.exists(file):
        run.place.fresh(f"video-{mib}")
        run.place.write_video(file, mib << 20)
        run.place.settle_disk()
    return folder, file, mib << 20


def uploaded(run, outtray, size, digest, parts=None):
    outtray.forget()
    run.sink.reset()
    cost = outtray.sync(uploaded=1)
    proof = {"inits": 1, "completions": 1, "puts": parts} if parts else {"presigns": 1, "puts": 1}
    sink = run.sink.expect(complete=1, bytes=size, **proof)
    with open(os.path.join(outtray.state, "manifest.json")) as manifest:
        recorded = [entry["sha256"] for entry in json.load(manifest)["entries"].values()]
    if recorded != [digest]:
        raise RowFailure(f"the manifest has the digest {recorded} instead of {digest}")
    return {**figures(cost, 0, sink), "MiB/s": (size >> 20) / cost.wall}


def curled(run, file, size, digest, tls):
    run.peers.need("curl", "openssl")
    run.sink.reset()
    url = f"{run.sink.base(tls)}/inbox/video.mp4"
    script = 'curl --silent --show-error --fail --output /dev/null --cacert "$1" --upload-file "$2" "$3" && ' \
        'openssl dgst -sha256 "$2"'
    cost = Running(run.place, ["sh", "-c", script, "sh", run.sink.certificate, file, url]).end()
    if cost.status or digest not in cost.output:
        raise RowFailure(f"curl, then openssl ended with {cost.status}: {cost.output[-300:]}")
    sink = run.sink.expect(paths=1, puts=1, bytes=size)
    return {**figures(cost, 0, sink), "MiB/s": (size >> 20) / cost.wall}


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


rows = [
    Row("large-file", "one file, clear text, SHA-256", in_the_clear, {"mib": 1024}, {"mib": 256}),
    Row("large-file-tls", "the same under TLS", under_tls, {"mib": 1024}, {"mib": 256}),
    Row("large-file-parts", "the same in parts of 4 MiB, under TLS", parts, {"mib": 1024}, {"mib": 256}),
]
