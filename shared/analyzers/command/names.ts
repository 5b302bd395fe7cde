/**
 * The last part of a path in either slash, without a login shell's leading dash and a Windows `.exe`:
 * `/usr/bin/bash` and `-bash` give `bash`. Case is kept.
 */
export function baseName(path: string): string {
  const cut = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  const last = path.slice(cut + 1).replace(/ \(deleted\)$/, '');
  const bare = cut < 0 && last.length > 1 && last.startsWith('-') ? last.slice(1) : last;
  return bare.length > 4 && bare.slice(-4).toLowerCase() === '.exe' ? bare.slice(0, -4) : bare;
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/** Shells that take `-c STRING` and run a script named as their first operand. */
const SHELLS: ReadonlySet<string> = new Set(words('sh bash dash ash zsh ksh mksh ksh93 rbash fish csh tcsh'));

/** Multi-call programs: what they do is named by argv[0], or by their first operand. */
export const MULTI_CALL: ReadonlySet<string> = new Set(words('busybox toybox coreutils'));

/** Executables that do another program's work under that program's name, but take no such name as first operand. */
export const NAMED_BY_CALLER: ReadonlySet<string> = new Set(
  words('kmod xtables-nft-multi xtables-legacy-multi lvm dropbearmulti systemd systemctl uutils nft'),
);

/**
 * Programs that merely speak about what their arguments name: they search, read, list, stop, fetch, install, compare
 * or scan it. A miner's name or option in their arguments is no miner. Lower case base names.
 */
const NAMES_ONLY: ReadonlySet<string> = new Set(
  words(`
  grep egrep fgrep zgrep zegrep zfgrep rgrep pgrep rg ag ack awk gawk mawk nawk sed cut tr sort uniq head tail wc tee diff cmp
  comm sdiff jq yq xmllint column fold paste split csplit nl tac rev strings xxd hexdump od file stat readelf objdump nm
  cat zcat bat less more most view vi vim vim.basic vim.tiny nvim nano pico emacs ed ex joe micro code subl gedit kate
  ls dir find fd locate mlocate plocate updatedb which whereis type tree du df realpath readlink basename dirname
  rm rmdir unlink shred mv cp ln install mkdir touch chmod chown chgrp chattr lsattr setfacl getfacl truncate
  tar zip unzip gzip gunzip bzip2 xz zstd 7z rsync scp sftp dd
  md5sum sha1sum sha256sum sha512sum b2sum cksum base64 basenc gpg openssl
  pkill killall kill skill xkill fuser lsof pidof pstree ps top htop atop ss netstat
  apt apt-get apt-mark apt-key apt-cache aptitude dpkg dpkg-query dpkg-deb rpm rpmbuild yum dnf dnf-3 dnf5 microdnf zypper apk pacman snap flatpak brew port
  pip pip2 pip3 pipx uv poetry npm npx yarn pnpm gem bundle cargo go rustup conda mamba emerge nix nix-env
  git svn hg gh glab make cmake ninja gcc g++ cc clang ld docker-compose
  yara yarac yara64 clamscan clamdscan freshclam trivy grype syft snyk chkrootkit rkhunter lynis semgrep sigma chainsaw
  zircolite hayabusa loki thor suricata snort zeek tcpdump tshark wireshark tcpflow ngrep dumpcap nmap masscan
  curl wget aria2c axel lynx links http https httpie
  dig host nslookup drill kdig resolvectl whois ping ping6 traceroute tracepath mtr getent
  command builtin hash compgen sudo sudoedit
  man info apropos whatis tldr help echo printf true false test [ expr read export declare local readonly typeset unset alias set cd pushd popd
  logger mail mailx sendmail wall write journalctl dmesg last lastlog ausearch aureport auditctl augenrules
  systemctl service chkconfig update-rc.d crontab at atq
  iptables ip6tables nft ufw firewall-cmd useradd userdel usermod groupadd passwd chpasswd
  mysql mysqladmin mysqldump psql pg_dump pg_restore redis-cli mongo mongosh sqlite3 cqlsh
  docker podman nerdctl ctr crictl kubectl oc k9s skopeo buildah dive helm terraform tofu ansible ansible-playbook ansible-lint packer aws gcloud az
  pytest jest mocha tox shellcheck
`),
);

/** Whether this base name is in `NAMES_ONLY`, in any case. */
export function onlyNames(base: string): boolean {
  return NAMES_ONLY.has(base.toLowerCase());
}

const INTERPRETER = /^(?:python|perl|ruby|node|nodejs|php|lua|java|pwsh|deno|bun|tclsh|expect)[0-9.]*$/;

/** Whether a base name is an interpreter that takes program text or a script. */
export function isInterpreter(base: string): boolean {
  return base.length < 32 && INTERPRETER.test(base.toLowerCase());
}

/** Whether a base name is an awk, whose program text may start commands. */
export function isAwk(base: string): boolean {
  return /^(?:[gmn]|original-|busybox-)?awk$/.test(base.toLowerCase());
}

/** Whether a base name is a shell. */
export function isShell(base: string): boolean {
  return SHELLS.has(base.toLowerCase());
}

/** Built-in commands that read a file's commands into the running shell. */
export const SOURCING: ReadonlySet<string> = new Set(['source', '.']);
/** Those that set variables of the shell. */
export const ASSIGNERS: ReadonlySet<string> = new Set(['export', 'declare', 'local', 'readonly', 'typeset', 'set']);
/** Those of them that may export names without a value. */
export const EXPORTERS: ReadonlySet<string> = new Set(['export', 'declare', 'typeset']);
