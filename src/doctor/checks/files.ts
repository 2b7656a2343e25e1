import { statSync } from 'node:fs';
import { failed, type Finding, ok, said, together, warning } from '../finding.ts';

export interface FileFacts {
  readonly path: string;
  /** Permission bits, as `stat` gives them. */
  readonly mode: number;
  /** `config` may be read by others when it holds no secret. */
  readonly kind: 'config' | 'secret' | 'store';
}

export function judgeFile({ path, mode, kind }: FileFacts): Finding {
  const bits = (mode & 0o777).toString(8).padStart(3, '0');
  const narrow = said(
    `chmod ${kind === 'config' ? '640' : '600'} ${path}`,
    `chmod ${kind === 'config' ? '640' : '600'} ${path}`,
  );
  if ((mode & 0o022) !== 0) {
    return failed(said(`${path} can be changed by others (${bits})`, `${path} 可被他人修改（${bits}）`), narrow);
  }
  if (kind !== 'config' && (mode & 0o077) !== 0) {
    return warning(said(`${path} can be read by others (${bits})`, `${path} 可被他人读取（${bits}）`), narrow);
  }
  return ok(`${path} ${bits}`, `${path} ${bits}`);
}

export async function checkFiles(files: readonly Omit<FileFacts, 'mode'>[]): Promise<Finding> {
  const found = files.flatMap((file): Finding[] => {
    const stat = statSync(file.path, { throwIfNoEntry: false });
    return stat?.isFile() ? [judgeFile({ ...file, mode: stat.mode })] : [];
  });
  const bad = found.filter(({ verdict }) => verdict !== 'ok');
  return bad.length > 0 ? together(bad) : ok(`${found.length} files`, `${found.length} 个文件`);
}
