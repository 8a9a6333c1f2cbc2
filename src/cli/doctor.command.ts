import { Command } from 'commander';
import { canStart, diagnose, type Section } from './doctor/diagnose.js';

/** `clvgraph doctor`: what is there, what is missing, and how to mend it. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check what clvgraph needs and could use; fails only where the service could not start')
    .option('--json', 'print the findings as JSON', false)
    .action(async ({ json }: { json: boolean }) => {
      const sections = await diagnose();
      const starts = canStart(sections);
      console.log(json ? JSON.stringify({ canStart: starts, sections }, null, 2) : report(sections, starts));
      process.exitCode = starts ? 0 : 1;
    });
}

function report(sections: readonly Section[], starts: boolean): string {
  const lines = sections.flatMap(({ title, findings }) => [
    title,
    ...findings.flatMap(({ name, status, found, remedy }) => [
      `  ${status.padEnd(7)}  ${name}: ${found}`,
      ...(remedy === undefined ? [] : [`           ${remedy}`]),
    ]),
    '',
  ]);
  return [...lines, starts ? 'The service can start.' : 'The service cannot start: see MISSING under Service.'].join(
    '\n',
  );
}
