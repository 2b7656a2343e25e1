import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where an Asterisk is: on this system, or in an unpacked Debian tree that is entered by chroot. */
export type AsteriskHome =
  | { readonly kind: 'system'; readonly binary: string; readonly modulesDir: string; readonly dataDir: string }
  | {
      readonly kind: 'tree';
      readonly root: string;
      readonly binary: string;
      readonly modulesDir: string;
      readonly dataDir: string;
    };

/** The command that starts `binary` with these arguments where it lives, and sees `runDir` under the same path. */
export function startCommand(home: AsteriskHome, runDir: string, args: readonly string[]): [string, string[]] {
  if (home.kind === 'system') return ['sh', ['-c', `${RAISE_LIMIT}; exec "$0" "$@"`, home.binary, ...args]];
  return [
    'unshare',
    ['--mount', '--propagation', 'unchanged', 'sh', '-ec', ENTER_TREE, 'sh', home.root, runDir, home.binary, ...args],
  ];
}

const RAISE_LIMIT = 'ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)" 2>/dev/null || true';

/**
 * The mounts live in a mount namespace of their own, so they vanish with the process however it ends. Every step execs:
 * the process id stays Asterisk's. Inside a chroot
 * `/` is no mount and cannot be made private; nothing there is shared either. The hosts file spares each call two fruitless look-ups of this machine's name.
 */
const ENTER_TREE = `
root=$1; run=$2; shift 2
mount --make-rprivate / 2>/dev/null || true
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root$run"
printf '127.0.0.1 localhost %s\\n' "$(uname -n)" > "$run/hosts"
touch "$root/etc/hosts"
mount --bind "$run/hosts" "$root/etc/hosts"
mount --bind "$run" "$root$run"
${RAISE_LIMIT}
exec chroot "$root" "$@"
`;

const multiarchDirs = [
  'x86_64-linux-gnu',
  'aarch64-linux-gnu',
  'arm-linux-gnueabihf',
  'i386-linux-gnu',
  'riscv64-linux-gnu',
];
const modulesDirs = [
  ...multiarchDirs.map((triple) => `/usr/lib/${triple}/asterisk/modules`),
  '/usr/lib/asterisk/modules',
  '/usr/lib64/asterisk/modules',
  '/usr/local/lib/asterisk/modules',
];
const dataDirs = [
  '/usr/share/asterisk',
  '/var/lib/asterisk',
  '/usr/local/share/asterisk',
  '/usr/local/var/lib/asterisk',
];

/** Describes the Asterisk under `root` (`/` = this system); undefined when it is not complete there. */
export function describeAsterisk(root: string, binary: string): AsteriskHome | undefined {
  if (!existsSync(join(root, binary))) return undefined;
  const modulesDir = modulesDirs.find((dir) => existsSync(join(root, dir, 'res_ari.so')));
  const dataDir = dataDirs.find((dir) => existsSync(join(root, dir, 'documentation')));
  if (!modulesDir || !dataDir) return undefined;
  return root === '/'
    ? { kind: 'system', binary, modulesDir, dataDir }
    : { kind: 'tree', root, binary, modulesDir, dataDir };
}

export const hasModule = (home: AsteriskHome, module: string): boolean =>
  existsSync(join(home.kind === 'tree' ? home.root : '/', home.modulesDir, `${module}.so`));
