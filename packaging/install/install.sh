#!/bin/sh
# Installs Outtray from this directory, or removes it again. Starts nothing; a service that runs is restarted.
#
#   ./install.sh [--prefix /usr/local]      install, or bring an earlier one up to this version
#   ./install.sh --uninstall [--prefix …]   remove what was installed; configuration, keys and state stay
#
# usr/… goes to the prefix, etc/… to /etc. DESTDIR=DIRECTORY puts all beneath that directory, and makes no user.
set -eu
umask 022

prefix=/usr/local
action=install
while [ $# -gt 0 ]; do
    case $1 in
        --prefix) prefix=${2:?} && shift ;;
        --uninstall) action=uninstall ;;
        *) sed -n '2,7s/^# \{0,1\}//p' "$0" >&2 && exit 64 ;;
    esac
    shift
done
case $prefix in
    /*) ;;
    *) echo "install.sh: $prefix is no absolute path" >&2 && exit 64 ;;
esac
root=${DESTDIR:-}
if [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; then
    echo "install.sh: this needs root: sudo $0" >&2
    exit 77
fi
cd "$(dirname "$0")"
list=$root$prefix/share/outtray/installed

# Where a file of this directory goes.
place() {
    case $1 in
        usr/*) echo "$prefix/${1#usr/}" ;;
        *) echo "/$1" ;;
    esac
}

# Removes a file that was installed, and the directories that it leaves empty and that are named after Outtray.
remove() {
    rm -f "$root$1"
    directory=${1%/*}
    while case $directory in */outtray | */outtray/*) true ;; *) false ;; esac; do
        rmdir "$root$directory" 2>/dev/null || break
        directory=${directory%/*}
    done
}

has_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

if [ "$action" = uninstall ]; then
    if [ ! -f "$list" ]; then
        echo "install.sh: nothing is installed at $prefix: there is no $list" >&2
        exit 66
    fi
    if has_systemd; then systemctl disable --now outtray.service || true; fi
    while IFS= read -r path; do remove "$path"; done <"$list"
    remove "$prefix/share/outtray/installed"
    if has_systemd; then systemctl daemon-reload; fi
    for left in /etc/outtray /var/lib/outtray; do
        if [ -e "$root$left" ]; then echo "$root$left stays; remove it if you no longer need it"; fi
    done
    exit
fi

# A unit in /etc, from an installation by hand, would hide the one that comes now.
if [ -e "$root/etc/systemd/system/outtray.service" ]; then
    echo "install.sh: /etc/systemd/system/outtray.service hides the unit of this version: move changes to a drop-in" >&2
    echo "(systemctl edit outtray), and remove it" >&2
    exit 75
fi

new=$(mktemp)
trap 'rm -f "$new"' EXIT
find usr \( -type f -o -type l \) | LC_ALL=C sort | while IFS= read -r source; do
    target=$(place "$source")
    install -d "$root${target%/*}"
    # Beside its place, then renamed: a program that runs is not written to.
    cp -P --preserve=mode,timestamps "$source" "$root$target.new"
    mv -T "$root$target.new" "$root$target"
    echo "$target"
done >"$new"
# What an earlier version had, and this one has not.
if [ -f "$list" ]; then
    while IFS= read -r path; do
        grep -Fqx "$path" "$new" || remove "$path"
    done <"$list"
fi
install -m 644 "$new" "$list"

find etc -type f | while IFS= read -r source; do
    target=$root/$source
    install -d "${target%/*}"
    if [ ! -e "$target" ]; then
        cp --preserve=mode,timestamps "$source" "$target"
    elif ! cmp -s "$source" "$target"; then
        echo "/$source stays as it is; the new one is $(place usr/share/outtray)/${source##*/}"
    fi
done

if [ -z "$root" ]; then
    if command -v systemd-sysusers >/dev/null; then
        systemd-sysusers "$prefix/lib/sysusers.d/outtray.conf"
    elif ! id outtray >/dev/null 2>&1; then
        useradd --system --user-group --home-dir /var/lib/outtray --shell /usr/sbin/nologin outtray
    fi
    install -d -m 755 -o outtray -g outtray /var/lib/outtray
    if missing=$(ldd "$prefix/bin/outtray" | grep 'not found'); then
        echo "install.sh: libraries are missing; on Debian: apt-get install libsqlite3-0 libstdc++6 zlib1g" >&2
        echo "$missing" >&2
        exit 69
    fi
fi
if has_systemd; then
    systemctl daemon-reload
    systemctl try-restart outtray.service
fi
echo "installed; name accounts and folders in /etc/outtray/outtray.yaml, then: systemctl enable --now outtray"
