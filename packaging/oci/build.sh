#!/bin/sh
# Makes an OCI image of the sender, for relays and brokers' edges:
#
#   sudo packaging/oci/build.sh camcat_0.1.0_amd64.deb camcat-0.1.0-oci.tar
#
# The image is Debian's smallest system with ffmpeg and the package. Needs root,
# debootstrap and umoci; MIRROR is another mirror than that of debootstrap.
set -eu
deb=$(realpath "$1")
output=$(realpath -m "$2")
version=$(dpkg-deb -f "$deb" Version)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
image=$work/image:$version

umoci init --layout "$work/image"
umoci new --image "$image"
umoci unpack --image "$image" "$work/bundle"
root=$work/bundle/rootfs

debootstrap --variant=minbase bookworm "$root" ${MIRROR:+"$MIRROR"}
cp "$deb" "$root/tmp/camcat.deb"
chroot "$root" sh -c '
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends /tmp/camcat.deb
  apt-get clean
  rm -rf /tmp/* /var/lib/apt/lists/* /var/cache/* /var/log/*'
# The key lives here; 65534 is "nobody", whom the image runs as.
install -d -o 65534 -g 65534 -m 700 "$root/var/lib/camcat"

umoci repack --image "$image" "$work/bundle"
umoci config --image "$image" \
  --config.user 65534:65534 \
  --config.entrypoint sender \
  --config.env XDG_CONFIG_HOME=/var/lib \
  --config.volume /var/lib/camcat \
  --config.exposedports 9000/tcp \
  --config.label org.opencontainers.image.title=camcat \
  --config.label "org.opencontainers.image.version=$version"
umoci gc --layout "$work/image"
tar -C "$work/image" -cf "$output" .
echo "$output"
