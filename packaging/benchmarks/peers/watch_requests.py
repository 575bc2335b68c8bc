"""A watcher as one writes it in an afternoon: watchdog, requests and eight threads.

    watch_requests.py DIRECTORY BASE COUNT [CERTIFICATE]

It makes the same two requests a file as Outtray, and keeps no record. It ends after COUNT files.
"""

import os
import queue
import sys
import threading

import requests
import watchdog.events
import watchdog.observers

directory, base, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
certificate = sys.argv[4] if len(sys.argv) > 4 else True
paths, left, done = queue.Queue(), [count], threading.Event()
lock = threading.Lock()


class Handler(watchdog.events.FileSystemEventHandler):
    def on_closed(self, event):
        paths.put(event.src_path)

    def on_moved(self, event):
        paths.put(event.dest_path)

    def on_created(self, event):
        # A file that is moved in from outside is "created", and is never closed.
        if not event.is_directory and arrives_by_rename:
            paths.put(event.src_path)


def upload(session, path):
    size = os.path.getsize(path)
    asked = session.post(
        f"{base}/api/v1/media/presign",
        json={"filename": os.path.basename(path), "contentType": "application/pdf", "bytes": size},
        headers={"Authorization": "Bearer key"},
        timeout=30,
    )
    asked.raise_for_status()
    ticket = asked.json()
    with open(path, "rb") as file:
        session.put(ticket["uploadUrl"], data=file, headers=ticket["headers"], timeout=30).raise_for_status()


def work():
    session = requests.Session()
    session.trust_env = False
    session.verify = certificate
    while True:
        upload(session, paths.get())
        with lock:
            left[0] -= 1
            if left[0] == 0:
                done.set()


arrives_by_rename = os.environ.get("ARRIVES") == "renamed"
for _ in range(8):
    threading.Thread(target=work, daemon=True).start()
observer = watchdog.observers.Observer()
observer.schedule(Handler(), directory, recursive=True)
observer.start()
print("ready", flush=True)
done.wait()
