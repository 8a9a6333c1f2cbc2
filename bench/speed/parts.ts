import { existsSync } from 'node:fs';
import type { Command } from 'commander';

/** The parts of the speed benchmark, in the order of the report; each is a folder beside this file. */
export const partNames = ['engine', 'serving', 'scale'] as const;
export type PartName = (typeof partNames)[number];

interface Part {
  /** Runs the part (`--quick`: a small subset) and writes its raw results to `resultsFile(name)`. */
  readonly command: () => Command;
  /** Markdown made from the raw results; says so where there are none. */
  readonly section: () => Promise<string>;
}

/** Parts whose folder holds a `command` and a `section`. */
export async function loadParts(): Promise<Part[]> {
  const present = partNames.filter((name) => ['command', 'section'].every((file) => existsSync(moduleOf(name, file))));
  return Promise.all(
    present.map(async (name) => ({
      ...((await import(moduleOf(name, 'command').href)) as Pick<Part, 'command'>),
      ...((await import(moduleOf(name, 'section').href)) as Pick<Part, 'section'>),
    })),
  );
}

function moduleOf(name: PartName, file: string): URL {
  return new URL(`./${name}/${file}.js`, import.meta.url);
}
