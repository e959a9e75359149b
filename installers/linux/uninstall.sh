#!/bin/sh
# Removes Hivelet, as its `.run` file installed it for this user.
#   --keep-data      identity, ledger and experts stay for another time
#   --remove-data    nothing stays
# Without either it asks.
app=$(readlink -f "$(dirname "$0")")
data=$(dirname "$app")
question="Hivelet will be removed. Delete its data, too? Your identity and the record of what you gave cannot be made again."

ask() { # sets $choice
    if [ -t 0 ]; then
        printf '%s [y/N/cancel] ' "$question"
        read -r answer || answer=cancel
        case "$answer" in
            [yY]*) choice=--remove-data ;;
            [cC]*) choice=cancel ;;
            *) choice=--keep-data ;;
        esac
        return
    fi
    if command -v zenity >/dev/null; then
        said=$(zenity --question --title=Hivelet --text="$question" --ok-label="Keep my data" \
            --cancel-label="Cancel" --extra-button="Delete my data" 2>/dev/null)
        status=$?
        if [ "$status" -eq 0 ]; then choice=--keep-data; fi
        if [ "$said" = "Delete my data" ]; then choice=--remove-data; fi
    elif command -v kdialog >/dev/null; then
        kdialog --title Hivelet --yesnocancel "$question" 2>/dev/null
        case $? in
            0) choice=--remove-data ;;
            1) choice=--keep-data ;;
        esac
    elif command -v xmessage >/dev/null; then
        xmessage -center -buttons "Keep my data:10,Delete my data:11,Cancel:12" "$question" 2>/dev/null
        case $? in
            10) choice=--keep-data ;;
            11) choice=--remove-data ;;
        esac
    fi
}

main() {
    choice=${1:-cancel}
    case "$choice" in
        --keep-data | --remove-data) ;;
        *) if [ $# -eq 0 ]; then ask; else echo "uninstall [--keep-data|--remove-data]" >&2; exit 2; fi ;;
    esac
    if [ "$choice" = cancel ]; then
        echo "Nothing was removed. Say --keep-data or --remove-data."
        exit 1
    fi
    [ -x "$app/hivelet" ] && [ -f "$app/share/hivelet.desktop" ] || { echo "$app is no installation of Hivelet." >&2; exit 1; }
    sh "$app/processes" end
    if [ "$choice" = --remove-data ]; then
        "$app/hivelet" remove-data --yes || { echo "The data could not be removed; nothing else was." >&2; exit 1; }
    fi
    for entry in "${XDG_CONFIG_HOME:-$HOME/.config}"/autostart/hivelet*.desktop; do
        if grep -qsF "$app/hivelet" "$entry"; then rm -f "$entry"; fi
    done
    if [ "$(readlink "$HOME/.local/bin/hivelet")" = "$app/hivelet" ]; then rm -f "$HOME/.local/bin/hivelet"; fi
    if grep -qsF "$app/hivelet" "$data/applications/hivelet.desktop"; then
        rm -f "$data/applications/hivelet.desktop"
        (cd "$app/share/icons" && find . -type f) | while read -r icon; do rm -f "$data/icons/hicolor/$icon"; done
        if [ -e "$data/applications/mimeinfo.cache" ]; then
            update-desktop-database "$data/applications" >/dev/null 2>&1 || :
            # A list without a line is what is left where ours was the only program.
            if ! grep -q = "$data/applications/mimeinfo.cache"; then rm -f "$data/applications/mimeinfo.cache"; fi
        fi
    fi
    created=$(sort -r "$app/created" 2>/dev/null)
    rm -rf "$app"
    printf '%s\n' "$created" | while read -r folder; do
        if [ -n "$folder" ]; then rmdir "$folder" 2>/dev/null || :; fi
    done
    echo "Hivelet is removed."
    exit 0
}

main "$@"
