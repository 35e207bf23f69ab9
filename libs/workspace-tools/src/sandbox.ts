import { constants } from 'node:fs';
import { access, lstat, readlink } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/contracts';
import { ToolError } from '@holdfast/tool-sdk';
import { runChild, type ChildResult } from './children.js';

/** Bounds of one command. */
export interface CommandLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly processes: number;
  readonly fileBytes: number;
  readonly outputBytes: number;
}

export interface SandboxSettings {
  readonly limits: CommandLimits;
  /** Further folders that commands may read, such as a language's installation outside /usr. */
  readonly readable: readonly string[];
  /** The user that commands run as where we are root; the tree must belong to it. */
  readonly user: number | undefined;
}

const PROGRAMS = ['/usr/bin/unshare', '/usr/bin/prlimit', '/usr/bin/setpriv', '/sbin/pivot_root', '/bin/sh'] as const;
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'] as const;

/**
 * Builds a root of its own and enters it: /usr and what is named are there to be read, the work tree is /work, /tmp is private
 * and small, /proc shows only the command's own processes, and there is nothing else. $1 is the tree, $2 the folders, $3
 * the limits; the command follows. It runs in new namespaces of users, mounts, processes, network, IPC and host name.
 */
const SCRIPT = `
set -e
tree=$1; folders=$2; limits=$3; path=$PATH; shift 3
new=/tmp
PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount --make-rprivate /
mount --bind "$tree" "$tree"
exec 3<"$tree"
mount -t tmpfs -o size=64m,mode=0755 tmpfs $new
mkdir $new/usr $new/proc $new/dev $new/tmp $new/work $new/etc $new/old
mount --rbind /usr $new/usr; mount -o remount,bind,ro,nosuid,nodev $new/usr
for link in bin sbin lib lib32 lib64; do
  if [ -L /$link ]; then ln -s "$(readlink /$link)" $new/$link; elif [ -d /$link ]; then mkdir $new/$link; mount --rbind /$link $new/$link; mount -o remount,bind,ro,nosuid,nodev $new/$link; fi
done
for folder in $folders; do mkdir -p "$new$folder"; mount --rbind "$folder" "$new$folder"; mount -o remount,bind,ro,nosuid,nodev "$new$folder"; done
[ -d /etc/alternatives ] && mkdir $new/etc/alternatives && mount --bind /etc/alternatives $new/etc/alternatives && mount -o remount,bind,ro,nosuid,nodev $new/etc/alternatives
for file in ld.so.cache; do [ -f /etc/$file ] && cp /etc/$file $new/etc/$file; done
for device in ${DEVICES.join(' ')}; do : > $new/dev/$device; mount --bind /dev/$device $new/dev/$device; done
mount --bind /proc/self/fd/3 $new/work; exec 3<&-
mount -o remount,bind,nosuid,nodev $new/work
mount -t tmpfs -o size=64m,mode=1777,nosuid,nodev tmpfs $new/tmp
mount -t proc -o nosuid,nodev,noexec proc $new/proc
cd $new; /sbin/pivot_root . old; umount -l /old; rmdir /old
mount -o remount,bind,ro,nosuid,nodev / /
cd /work
PATH=$path exec /usr/bin/prlimit $limits /usr/bin/setpriv --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"
`;

/**
 * Makes sure that commands can be confined here. Throws `workspace.no-sandbox`, which says what is missing: nothing is ever run unconfined
 * instead.
 */
export async function requireSandbox(settings: SandboxSettings, tree: string): Promise<void> {
  const unusable = (reason: string): HoldfastError => new HoldfastError({ code: 'workspace.no-sandbox', message: `Commands cannot be confined on this machine: ${reason}.`, retryable: false, remedy: 'Allow unprivileged user namespaces, install util-linux, or leave run_command out.' });
  if (process.platform !== 'linux') throw unusable('it is no Linux');
  for (const program of PROGRAMS) await access(program, constants.X_OK).catch(() => { throw unusable(`${program} is missing`); });
  const tried = await runConfined(settings, tree, ['/bin/true'], AbortSignal.timeout(10_000)).catch((error: unknown) => { throw unusable(String(error)); });
  if (tried.exitCode !== 0) throw unusable(tried.stderr.text.trim() || `the trial ended with ${tried.exitCode}`);
}

/** Runs a command confined to a work tree. Throws `workspace.command-refused` where it cannot be passed on. */
export async function runConfined({ limits, readable, user }: SandboxSettings, tree: string, argv: readonly string[], signal: AbortSignal): Promise<ChildResult> {
  if (argv.length === 0 || argv.some((part) => part.includes('\0'))) throw ToolError.refused({ code: 'workspace.command-refused', message: 'The command is empty or has a NUL character.' });
  const bounds = `--as=${limits.memoryBytes} --nproc=${limits.processes} --fsize=${limits.fileBytes} --core=0 --nofile=256`;
  // Where we are root, the command's user is another: the kernel counts no processes of root's.
  const other = user === undefined ? [] : ['/usr/bin/setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--'];
  const confined = [...other, '/usr/bin/unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child', '--net', '--ipc', '--uts', '--', '/bin/sh', '-c', SCRIPT, 'sandbox', tree, readable.join(' '), bounds, ...argv];
  const [command, ...args] = confined;
  return runChild(command as string, args, {
    cwd: '/', signal, timeoutMs: limits.timeoutMs, outputBytes: limits.outputBytes,
    // Nothing of ours: what commands need beyond this, they find in the tree.
    env: { PATH: ['/usr/local/bin', '/usr/bin', '/bin', ...readable.map((folder) => `${folder}/bin`)].join(':'), HOME: '/tmp', LANG: 'C.UTF-8', TMPDIR: '/tmp' },
  });
}

/** Folders for {@link SandboxSettings.readable} must be plain paths: they stand in a list with spaces, and links would lead elsewhere. */
export async function requireFolder(folder: string): Promise<void> {
  const isPlain = /^(\/[A-Za-z0-9._-]+)+$/.test(folder) && (await lstat(folder)).isDirectory() && (await readlink(folder).catch(() => undefined)) === undefined;
  if (!isPlain) throw new HoldfastError({ code: 'workspace.folder-invalid', message: `"${folder}" cannot be made readable to commands.`, retryable: false, remedy: 'Name a directory by its absolute path, of letters, digits, dots, underscores and hyphens, that is no link.' });
}
