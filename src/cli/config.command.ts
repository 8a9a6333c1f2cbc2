import { Command } from 'commander';
import { loadConfig, shownValue } from '../config.js';
import { type SettingName, settings } from '../settings.js';

/** `clvgraph config`: every setting, its value and where that came from. */
export function configCommand(): Command {
  return new Command('config').description('print all settings and where they come from').action(() => {
    const { config, sources } = loadConfig();
    const names = Object.keys(settings) as SettingName[];
    const rows = names.map((name) => [settings[name].env, shownValue(name, config), sources[name]] as const);
    const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
    for (const [index, [variable, value, source]] of rows.entries()) {
      const description = settings[names[index]!].description;
      console.log(`${variable.padEnd(width(0))}  ${value.padEnd(width(1))}  ${source.padEnd(11)}  ${description}`);
    }
  });
}
