/** With ENOENT, Node also fails where it is to make folders within folders of a read-only file system, and at a link to nothing. */
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

/** The system's code if it did not let a folder be made or written to; undefined for any other failure. */
export function whyUnwritable(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return codes.has(code) ? code : undefined;
}
