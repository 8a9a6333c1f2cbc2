/** What the doctor says of one thing. */
export interface Finding {
  readonly name: string;
  readonly status: 'OK' | 'WARN' | 'MISSING';
  /** What is there, or what is wrong. */
  readonly found: string;
  /** How to mend it; given with every finding that is not OK. */
  readonly remedy?: string;
  /** Whether the service cannot start like this. */
  readonly blocks: boolean;
}

export const ok = (name: string, found: string): Finding => ({ name, status: 'OK', found, blocks: false });

export const warn = (name: string, found: string, remedy: string): Finding => ({
  name,
  status: 'WARN',
  found,
  remedy,
  blocks: false,
});

/** Something that only some uses need. */
export const missing = (name: string, found: string, remedy: string): Finding => ({
  ...warn(name, found, remedy),
  status: 'MISSING',
});

/** Something that the service cannot start without. */
export const blocking = (name: string, found: string, remedy: string): Finding => ({
  ...missing(name, found, remedy),
  blocks: true,
});
