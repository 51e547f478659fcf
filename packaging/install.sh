#!/bin/sh
# Installs camcat for this user: fetches the release for this machine, checks
# its SHA-256, and puts sender, receiver and call into ~/.local/bin. Needs no root.
#
#   PREFIX=/opt/camcat sh install.sh     installs elsewhere
set -eu

version=@VERSION@
url=${CAMCAT_URL:-@URL@}
prefix=${PREFIX:-$HOME/.local}

# The SHA-256 of each archive, as in SHA256SUMS.
sums='
@SUMS@
'

fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

case $(uname -s)-$(uname -m) in
  Linux-x86_64) target=x86_64-unknown-linux-gnu ;;
  Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-gnu ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  *) fail "Cannot install on $(uname -s) $(uname -m): there is no release for it" ;;
esac
archive=camcat-$version-$target.tar.xz
sum=$(printf '%s' "$sums" | sed -n "s/^\([0-9a-f]*\)  $archive\$/\1/p")
[ -n "$sum" ] || fail "Cannot install $archive: this release has no such file"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM

if command -v curl >/dev/null; then
  curl --fail --location --silent --show-error --output "$folder/$archive" "$url/$archive"
elif command -v wget >/dev/null; then
  wget -q -O "$folder/$archive" "$url/$archive"
else
  fail 'Cannot fetch the release: install curl or wget'
fi || fail "Cannot fetch $url/$archive"

if command -v sha256sum >/dev/null; then
  got=$(sha256sum "$folder/$archive")
else
  got=$(shasum -a 256 "$folder/$archive")
fi
[ "${got%% *}" = "$sum" ] ||
  fail "Cannot install $archive: its SHA-256 must be $sum, received ${got%% *}. Nothing was installed"

tar -xJf "$folder/$archive" -C "$folder" || fail 'Cannot unpack the release: install xz'
mkdir -p "$prefix"
cp -R "$folder/camcat-$version-$target/." "$prefix/"

echo "Installed sender, receiver and call $version in $prefix/bin"
case :$PATH: in
  *":$prefix/bin:"*) ;;
  *) echo "Add $prefix/bin to PATH to start them by name" ;;
esac
command -v ffmpeg >/dev/null || echo 'They need ffmpeg: install it with the package manager of your system'
