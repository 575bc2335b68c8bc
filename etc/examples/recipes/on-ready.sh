#!/bin/sh
# A hook: posts each asset that can be used, once. Belongs beside post.sh, with its settings in the hook's place:
#
#   on_ready:
#     - name: post
#       run: [/usr/local/lib/outtray/on-ready.sh]
#       timeout: 2m
#
# The text of the post is that of photo.jpg.txt beside photo.jpg, up to 64 KiB, else the file's name. It is a draft at
# Postbreeze.
#
# A hook may be called twice for one event, and it may be killed at any line. So each asset has a record: a directory
# that says which post was made of it, or that a call began and its end is not known. Such an asset is not posted again
# by itself: look at the provider. Then remove its record, to post it, or put the post's id into its `post`.
#
# Exit codes: 0 posted. 1 the end of an earlier call is not known. Others are those of post.sh.
set -eu

: "${POSTED:=/var/lib/outtray/posted}"
: "${SETTINGS:=/etc/outtray/post.env}" # POSTBREEZE_ACCOUNT=soc_… and the like: a hook gets few variables

# shellcheck source=/dev/null
if [ -r "$SETTINGS" ]; then
    set -a
    . "$SETTINGS"
    set +a
fi

fail() { # exit code, words
    printf 'on-ready.sh: %s\n' "$2" >&2
    exit "$1"
}

# Prints what is in the file beside the asset's. No link is followed: whoever may write to the folder may put one to the
# key there, or a pipe that never ends. After `cd`, nobody can put another directory in the place of this one. Against
# hard links to the key there is the kernel's fs.protected_hardlinks, which systemd sets.
caption() {
    place=${OUTTRAY_PATH%/*}
    cd -P -- "${place:=/}" || fail 65 "$place cannot be opened"
    [ "$(pwd -P)" = "$place" ] || fail 65 "$place lies behind a link: name the folder by its path without links"
    [ -f "./$name.txt" ] || fail 65 "$OUTTRAY_PATH.txt is no file"
    dd if="./$name.txt" iflag=nofollow,nonblock,fullblock bs=65537 count=1 status=none ||
        fail 65 "$OUTTRAY_PATH.txt cannot be read"
}

post_script=$(dirname -- "$0")/post.sh
[ -x "$post_script" ] || fail 64 "$post_script cannot be run"

record=$POSTED/$(printf '%s' "$OUTTRAY_ACCOUNT $OUTTRAY_ASSET" | sha256sum | cut -d' ' -f1)
if [ -s "$record/post" ]; then exit 0; fi
[ ! -e "$record" ] || fail 1 "an earlier call for $OUTTRAY_ASSET has no known end; see $record"

name=${OUTTRAY_PATH##*/}
text=$name
if [ -e "$OUTTRAY_PATH.txt" ] || [ -L "$OUTTRAY_PATH.txt" ]; then
    text=$(caption) || exit $?
    [ "$(printf '%s' "$text" | wc -c)" -le 65536 ] || fail 65 "$OUTTRAY_PATH.txt is too long"
fi

{ mkdir -p -- "$POSTED" && mkdir -- "$record"; } || fail 75 "$record cannot be made"
if ! { printf '%s\n' "$OUTTRAY_ASSET" >"$record/asset" && sync -- "$record/asset" "$record" "$POSTED"; }; then
    rm -rf -- "$record"
    fail 75 "$record cannot be written; no post was asked for"
fi

code=0
post=$("$post_script" - "$text") || code=$?
case $code in
0)
    { printf '%s\n' "$post" >"$record/post" && sync -- "$record/post" "$record"; } ||
        fail 1 "the post $post of $OUTTRAY_ASSET cannot be recorded in $record"
    ;;
64 | 65 | 75) rm -rf -- "$record" ;; # No post was made. The hook is called again.
*) ;; # Not known, or post.sh was killed: the record stays as it is.
esac
exit "$code"
