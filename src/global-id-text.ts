/** An id as the API shows it, opaque to callers and unique over all types: base64url of `Type:id`. */
export function globalIdText(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url');
}
