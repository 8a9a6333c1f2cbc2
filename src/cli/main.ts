#!/usr/bin/env node
import 'reflect-metadata';
import { Command } from 'commander';
import { unknownSettings } from '../config.js';
import { goOnWithoutOutputs } from '../outputs.js';
import { packageVersion } from '../package-root.js';
import { configCommand } from './config.command.js';
import { demoCommand } from './demo.command.js';
import { describeCommand } from './describe.command.js';
import { doctorCommand } from './doctor.command.js';
import { evaluateCommand } from './evaluate.command.js';
import { exportCommand } from './export.command.js';
import { fineTuneCommand } from './fine-tune.command.js';
import { importCommand } from './import.command.js';
import { preprocessCommand } from './preprocess.command.js';
import { promoteCommand } from './promote.command.js';
import { reported } from './reported.js';
import { scoreCommand } from './score.command.js';
import { startCommand } from './start.command.js';
import { workerCommand } from './worker.command.js';

const program = new Command('clvgraph')
  .description('Customer lifetime value for CRMs: what each customer is worth, why, and how sure it is.')
  .version(packageVersion())
  .addCommand(startCommand())
  .addCommand(workerCommand())
  .addCommand(importCommand())
  .addCommand(describeCommand())
  .addCommand(exportCommand())
  .addCommand(preprocessCommand())
  .addCommand(fineTuneCommand())
  .addCommand(evaluateCommand())
  .addCommand(promoteCommand())
  .addCommand(scoreCommand())
  .addCommand(demoCommand())
  .addCommand(configCommand())
  .addCommand(doctorCommand());

goOnWithoutOutputs();
await reported(() => {
  for (const name of misspelt()) console.error(`Unknown setting ${name}; clvgraph config shows those there are.`);
  return program.parseAsync();
});

function misspelt(): string[] {
  try {
    return unknownSettings();
  } catch {
    // The command itself says why settings cannot be read, if it needs any; so does doctor.
    return [];
  }
}
