import { parseEndpoint } from '../model/endpoint.ts';
import type { Intel } from '../model/intel.ts';
import { type Artifact, artifactKind, artifactValue } from '../model/place.ts';

/** Programs that everybody runs: sharing one shows nothing. */
const COMMON_PROGRAMS: ReadonlySet<string> = new Set([
  ...['sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'busybox', 'python', 'python3', 'perl', 'ruby', 'node', 'php', 'java'],
  ...[
    'env',
    'nohup',
    'sudo',
    'su',
    'setsid',
    'nice',
    'timeout',
    'systemd-run',
    'docker',
    'dockerd',
    'containerd',
    'runc',
  ],
  ...[
    'kubectl',
    'podman',
    'crictl',
    'curl',
    'wget',
    'fetch',
    'tar',
    'gzip',
    'unzip',
    'base64',
    'chmod',
    'chattr',
    'crontab',
  ],
]);

/** Folders whose files packages own, and files that every setup touches. */
const PACKAGE_OWNED =
  /^\/(?:usr\/(?:bin|sbin|lib|lib64|libexec|share)|s?bin|lib(?:64)?|proc|sys|dev(?!\/shm)|run\/systemd|snap)\/|^\/etc\/(?:crontab|passwd|shadow|profile|environment|ld\.so\.preload|rc\.local|sysctl\.conf|hosts|resolv\.conf)$|\/(?:authorized_keys2?|\.bashrc|\.profile|\.bash_profile|\.zshrc)$|\/spool\/cron(?:\/|$)/;

/** Hosts that serve everybody's files: sharing one shows nothing. */
const PUBLIC_HOSTS: ReadonlySet<string> = new Set([
  ...[
    'github.com',
    'raw.githubusercontent.com',
    'objects.githubusercontent.com',
    'codeload.github.com',
    'gist.github.com',
  ],
  ...['gitlab.com', 'bitbucket.org', 'sourceforge.net', 'pypi.org', 'files.pythonhosted.org', 'registry.npmjs.org'],
  ...['archive.ubuntu.com', 'security.ubuntu.com', 'deb.debian.org', 'dl-cdn.alpinelinux.org', 'download.docker.com'],
  ...['s3.amazonaws.com', 'storage.googleapis.com', 'ifconfig.me', 'api.ipify.org', 'checkip.amazonaws.com'],
]);

/**
 * Tells which artifacts, shared by two acts, show that they belong together: binaries, wallets, private pools, download
 * URLs and commands do; shells, package-owned paths, public pools and public hosts never do (design).
 */
export function linkableBy(intel: Pick<Intel, 'name' | 'address'>): (artifact: Artifact) => boolean {
  return (artifact) => {
    const value = artifactValue(artifact);
    switch (artifactKind(artifact)) {
      case 'wallet':
      case 'cmd':
        return true;
      case 'path':
        return !COMMON_PROGRAMS.has(value.slice(value.lastIndexOf('/') + 1)) && !PACKAGE_OWNED.test(value);
      case 'pool': {
        const { host } = parseEndpoint(value);
        return intel.name(host) === undefined && intel.address(host) === undefined;
      }
      case 'url':
        return URL.canParse(value) && !PUBLIC_HOSTS.has(new URL(value).hostname);
      default:
        return false;
    }
  };
}
