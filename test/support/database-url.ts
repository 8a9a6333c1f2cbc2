/** URL of a database on the server of another one's URL, which may have no host, as that of a socket. */
export function databaseUrlOn(serverUrl: string, database: string): string {
  return serverUrl.replace(/\/[^/?]*(\?|$)/, `/${database}$1`);
}
