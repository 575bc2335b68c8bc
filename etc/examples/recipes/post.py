#!/usr/bin/python3
"""Posts a file of a watched folder as soon as the provider can use it. Needs nothing but Python 3.9.

    post.py FILE TEXT [WHEN]

WHEN is a time such as 2026-12-24T09:00:00Z. Without it Postbreeze keeps a draft. ConnectSafely has no WHEN: it
publishes at once.

Exit codes: 0 posted, and the post's id is printed. 65 refused, and there is no post. 75 not now, and there is no post.
64 a wrong setting, and there is no post. 70 the answer is not known: there may be a post. 69, 77 and 78 are those of
`outtray wait`. With any other the script was ended: there may be a post.
"""

import http.client
import json
import os
import re
import subprocess
import sys
from urllib.parse import urlsplit


def setting(name, default=None):
    return os.environ.get(name) or default


class NoPost(Exception):
    """The provider made no post. `code` is the exit code: 65 refused, 75 not now, 64 a wrong setting."""

    def __init__(self, code, reason):
        super().__init__(reason)
        self.code = code


class NotKnown(Exception):
    """The answer is not known: there may be a post."""


def ready(file):
    """What the manifest says of a file, once its asset can be used."""
    try:
        subprocess.run(["outtray", "wait", "--for", "ready", "--timeout", "10m", "--", file], check=True)
    except OSError as error:
        raise NoPost(69, f"outtray: {error}") from error
    # `why` tells the id, and whether the file has changed since.
    said = subprocess.run(["outtray", "why", "--json", "--", file], check=True, stdout=subprocess.PIPE).stdout
    known = json.loads(said)
    if known["state"] != "uploaded":
        raise NoPost(75, f"{file} has changed again")
    return known["asset"]


def post(entry, text, when=None):
    """Makes a post of a manifest's entry. Returns the post's id."""
    if entry["provider"] == "postbreeze":
        url = setting("POSTBREEZE_URL", "https://api.postbreeze.ai/api/v1") + "/posts"
        key_file = setting("POSTBREEZE_KEY_FILE", "/etc/outtray/main.key")
        account = setting("POSTBREEZE_ACCOUNT")  # which connected account posts, soc_…
        if not account:
            raise NoPost(64, "POSTBREEZE_ACCOUNT is not set")
        if not entry["mediaId"]:
            raise NoPost(65, "the entry has no mediaId")
        body = {"content": text, "platforms": [{"accountId": account}], "mediaIds": [entry["mediaId"]]}
        if when:
            body["scheduledFor"] = when
    elif entry["provider"] == "connectsafely":
        url = setting("CONNECTSAFELY_URL", "https://api.connectsafely.ai/linkedin") + "/posts/create"
        key_file = setting("CONNECTSAFELY_KEY_FILE", "/etc/outtray/linkedin.key")
        if when:
            raise NoPost(64, "ConnectSafely publishes at once: run this when the time has come")
        kind = {"IMAGE": "image", "GIF": "image", "VIDEO": "video", "DOCUMENT": "document"}[entry["kind"]]
        body = {"text": text, "mediaType": kind, "assetUrn": entry["assetUrn"]}
        if kind != "image":
            body["recipes"] = entry["recipes"]
        if kind == "document":
            body["title"] = text
        # account_id and company_urn of the configuration, if it has them.
        for field, name in (("accountId", "CONNECTSAFELY_ACCOUNT"), ("companyUrn", "CONNECTSAFELY_COMPANY")):
            if setting(name):
                body[field] = setting(name)
    else:
        raise NoPost(65, "the entry has no provider that this script knows")
    status, answer = send(url, key_of(key_file), body)
    try:
        fields = json.loads(answer)
    except ValueError:
        fields = None
    said = answer[:2000].decode("utf-8", "replace")
    if 200 <= status < 300 and isinstance(fields, dict):
        made = fields.get("id") or fields.get("shareUrn") or fields.get("postUrn")
        if made:
            return made
        # Success under a 200 is not enough: LinkedIn may take a post, and make none.
        if "success" in fields:
            raise NoPost(65, f"no post was made: {said}")
    if status in (401, 402, 403):
        raise NoPost(75, f"{status}, the key or the account is refused; no post was made: {said}")
    if status == 429:
        raise NoPost(75, f"too many calls; no post was made: {said}")
    if 400 <= status < 500 and status != 408:
        raise NoPost(65, f"{status}, no post was made: {said}")
    raise NotKnown(f"{status}: look whether there is a post before you try again: {said}")


def key_of(file):
    """The key in a file. What is wrong with a key is not told by showing it."""
    try:
        with open(file, encoding="latin-1") as open_file:
            key = open_file.read().strip()
    except OSError as error:
        raise NoPost(64, f"the key cannot be read: {error}") from error
    if not re.fullmatch("[!-~]+", key):
        raise NoPost(64, f"{file} is no key of one line")
    return key


def send(url, key, body):
    """Sends one POST, and follows no redirect: the key is for this host alone."""
    place = urlsplit(url)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.hostname, place.port, timeout=60)
    try:
        connection.connect()
    except OSError as error:
        raise NoPost(75, f"{url} cannot be reached; no post was made: {error}") from error
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", place.path, json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise NotKnown(f"the answer was lost: look whether there is a post before you try again: {error!r}") from error
    finally:
        connection.close()


def main(file, text, when=None):
    try:
        print(post(ready(file), text, when))
        return 0
    except subprocess.CalledProcessError as error:
        return error.returncode if error.returncode > 0 else 75
    except NoPost as error:
        print(f"post.py: {error}", file=sys.stderr)
        return error.code
    except NotKnown as error:
        print(f"post.py: {error}", file=sys.stderr)
        return 70


if __name__ == "__main__":
    if not 3 <= len(sys.argv) <= 4:
        print("usage: post.py FILE TEXT [WHEN]", file=sys.stderr)
        sys.exit(64)
    sys.exit(main(*sys.argv[1:]))
