#!/bin/sh
# Installs Hivelet @VERSION@ for this user alone, or puts it in the place of another version. The new version is
# unpacked beside the old one and takes its place by a rename; until then, and after any trouble, the old one stays.
#   --no-start    do not open Hivelet afterwards
umask 022
data=${XDG_DATA_HOME:-$HOME/.local/share}
app=$data/hivelet-app # `hivelet` beside it is the folder of the user's own data
new=$app.new
old=$app.old
bin=$HOME/.local/bin
start=yes
created= # folders that were not there, one a line
[ "$1" = --no-start ] && start=no

say() { echo "$1"; }

remove_created() { # the deepest first; what holds anything stays
    printf '%s\n' "$created" | sort -r | while read -r folder; do
        if [ -n "$folder" ]; then rmdir "$folder" 2>/dev/null || :; fi
    done
}

fail() {
    rm -rf "$new"
    remove_created
    say "$1" >&2
    if [ ! -t 2 ]; then # started by a double click: nobody sees a terminal
        zenity --error --title=Hivelet --text="$1" 2>/dev/null ||
            kdialog --title Hivelet --error "$1" 2>/dev/null ||
            xmessage -center "$1" 2>/dev/null || :
    fi
    exit 1
}

make_folder() { # like mkdir -p, and remembers what was not there
    if [ -d "$1" ]; then return 0; fi
    make_folder "$(dirname "$1")" || return 1
    mkdir "$1" || return 1
    created="$created
$1"
}

put() { # $1: a file, $2: where it goes, whole or not at all
    make_folder "$(dirname "$2")" && cp "$1" "$2.new" && mv -f "$2.new" "$2" && return 0
    rm -f "$2.new"
    return 1
}

integrate() { # menu, icons, links of the scheme hivelet:, and the command
    escaped=$(printf '%s' "$app" | sed 's/[&|]/\\&/g')
    sed "s|@APP@|$escaped|g" "$app/share/hivelet.desktop" >"$app/share/entry" || return 1
    put "$app/share/entry" "$data/applications/hivelet.desktop" || return 1
    (cd "$app/share/icons" && find . -type f) >"$app/share/list" || return 1
    while read -r icon; do
        put "$app/share/icons/$icon" "$data/icons/hicolor/${icon#./}" || return 1
    done <"$app/share/list"
    make_folder "$bin" && ln -sfn "$app/hivelet" "$bin/hivelet" || return 1
    printf '%s\n' "$created" >>"$app/created" || return 1
    update-desktop-database "$data/applications" >/dev/null 2>&1 || :
}

restore() {
    rm -rf "$app"
    if [ -d "$old" ]; then mv "$old" "$app"; fi
}

[ -n "$HOME" ] && [ -d "$HOME" ] || fail "You have no home folder that Hivelet could be installed in."
case "$app" in
    *[\"\`\$\\%]* | *"
"*) fail "Hivelet cannot be installed in $app: the desktop cannot start programs in a folder of that name." ;;
esac
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || fail "This is Hivelet for Linux on x86_64 processors; this is another."
have=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/.* //')
if [ "$(printf '%s\n' "@GLIBC@" "${have:-0}" | sort -V | head -n 1)" != "@GLIBC@" ]; then
    fail "Hivelet needs glibc @GLIBC@ or newer (Debian 12, Ubuntu 23.04, Fedora 37 or newer); here is ${have:-another library}."
fi
command -v xz >/dev/null || fail "Unpacking needs the program xz: install xz-utils (Debian, Ubuntu) or xz."

# An installation that was interrupted between its two renames left the old version aside.
if [ ! -d "$app" ] && [ -d "$old" ]; then mv "$old" "$app" || fail "$old cannot be moved back to $app."; fi
rm -rf "$new" "$old"

say "Unpacking Hivelet @VERSION@ …"
make_folder "$data" || fail "$data cannot be made."
free=$(df -Pk "$data" | awk 'NR == 2 { print $4 }')
if [ "${free:-0}" -lt @KIB@ ]; then
    fail "Hivelet needs $((@KIB@ / 1024)) MB in $data, and $((free / 1024)) MB are free. Nothing was changed."
fi
mkdir "$new" || fail "$new cannot be made."
trap 'rm -rf "$new"; remove_created; exit 130' HUP INT TERM
# tar notices when its input is cut; that it was not altered, the sum in the .run file has shown.
xz -dc program.tar.xz | tar -C "$new" -xf - || fail "Hivelet could not be unpacked (is the disk full?). Nothing was changed."
"$new/hivelet" --version >/dev/null 2>&1 || fail "The unpacked program does not run here. Nothing was changed."

window=
if [ -d "$app" ]; then
    window=$(sh "$app/processes" running window)
    sh "$app/processes" end
    cp "$app/created" "$new/created" 2>/dev/null || :
fi
trap '' HUP INT TERM
upgrade=no
if [ -d "$app" ]; then
    upgrade=yes
    mv "$app" "$old" || fail "$app cannot be replaced. Nothing was changed."
fi
mv "$new" "$app" || { restore; fail "$app cannot be replaced. Nothing was changed."; }
integrate || { restore; fail "The menu entry cannot be written (is the disk full?). The version from before is back."; }
rm -rf "$old"

say "Hivelet @VERSION@ is installed. It is in the menu, and the command is $bin/hivelet."
if [ "$start" = yes ] && [ -n "$DISPLAY$WAYLAND_DISPLAY" ] && { [ "$upgrade" = no ] || [ -n "$window" ]; }; then
    (cd "$HOME" && setsid "$app/hivelet" >/dev/null 2>&1 </dev/null &)
fi
exit 0
