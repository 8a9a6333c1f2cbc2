/** ENOENT is what Node makes of a read-only file system where it makes folders within folders, and of a link to nothing. */
const codes: ReadonlySet<string> = new Set([
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/** The code by which the system did not let a folder be made or written to; undefined for any other failure. */
export function whyUnwritable(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return codes.has(code) ? code : undefined;
}
