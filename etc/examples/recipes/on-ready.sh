#!/bin/sh
# A hook: posts each asset that can be used, once. Belongs beside post.sh, with its settings in the hook's place:
#
#   on_ready:
#     - name: post
#       run: [/usr/local/lib/outtray/on-ready.sh]
#       timeout: 2m
#
# The text of the post is that of photo.jpg.txt beside photo.jpg, else the file's name. It is a draft at Postbreeze.
#
# A hook may be called twice for one event, and it may be killed at any line. So each asset has a record: a directory
# that says which post was made of it, or that a call began and its end is not known. Such an asset is not posted again
# by itself: look at the provider. Then remove its record, to post it, or put the post's id into its `post`.
set -eu

: "${POSTED:=/var/lib/outtray/posted}"
: "${SETTINGS:=/etc/outtray/post.env}" # POSTBREEZE_ACCOUNT=soc_… and the like: a hook gets few variables

# shellcheck source=/dev/null
if [ -r "$SETTINGS" ]; then
    set -a
    . "$SETTINGS"
    set +a
fi

record=$POSTED/$(printf '%s' "$OUTTRAY_ACCOUNT $OUTTRAY_ASSET" | sha256sum | cut -d' ' -f1)
mkdir -p -- "$POSTED"
if ! mkdir -- "$record" 2>/dev/null; then
    if [ -s "$record/post" ]; then exit 0; fi
    echo "on-ready.sh: an earlier call for $OUTTRAY_ASSET has no known end; see $record" >&2
    exit 1
fi
printf '%s\n' "$OUTTRAY_ASSET" >"$record/asset"
sync -- "$record/asset" "$record" "$POSTED"

text=$(basename -- "$OUTTRAY_PATH")
if [ -f "$OUTTRAY_PATH.txt" ]; then text=$(cat -- "$OUTTRAY_PATH.txt"); fi
code=0
post=$("$(dirname -- "$0")/post.sh" - "$text") || code=$?
case $code in
0)
    printf '%s\n' "$post" >"$record/post"
    sync -- "$record/post" "$record"
    ;;
70) ;; # Not known: the record stays as it is.
*) rm -rf -- "$record" ;; # No post was made. The hook is called again.
esac
exit "$code"
