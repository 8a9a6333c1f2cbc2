/** A picture or recording that cannot be described; the message says why, for the list of rejected rows. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}
