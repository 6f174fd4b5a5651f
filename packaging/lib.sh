# What setup, check and try share; sourced by them, never run.
# Sets root (the checkout, also the working directory) and a PATH without shims of
# version managers: /usr/bin/python3 is the only Python that is meant anywhere.
# shellcheck shell=sh

name=${0##*/}
root=$(dirname "$(dirname "$(readlink -f "$0")")")
PATH=/usr/sbin:/usr/bin:/sbin:/bin
# sudo would otherwise start in a directory that may not be ours.
cd "$root" || exit
umask 022
unset PYTHONPATH PYTHONHOME CDPATH

die() {
	echo "$name: $*" >&2
	exit 1
}

# as_root "$@": go on as root, by sudo where necessary. pip's settings and the
# proxies go along, since sudo forgets them.
as_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	command -v sudo >/dev/null ||
		die "needs root and there is no sudo here; nothing was changed. Run it as root."
	keep=$(env | sed -nE \
		's/^(PIP_[A-Z_]+|CI|(https?|no)_proxy|(HTTPS?|NO)_PROXY)=.*/\1/p' |
		paste -sd, -)
	exec sudo ${keep:+"--preserve-env=$keep"} -- "$root/packaging/$name" "$@"
}
