import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { z } from 'zod';
import { ClvError } from './errors.js';
import { type SettingName, settings } from './settings.js';

export type Config = { readonly [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> };

type SettingSource = 'environment' | '.env' | 'default';

interface LoadedConfig {
  readonly config: Config;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
}

/**
 * Reads and validates all settings.
 * @throws ClvError CONFIG_INVALID naming every wrong variable, its value and what it may be
 */
export function loadConfig(
  environment: NodeJS.ProcessEnv = process.env,
  dotEnvFile: string = resolve('.env'),
): LoadedConfig {
  const fromFile = readDotEnv(dotEnvFile);
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  const sources: Record<string, SettingSource> = {};
  for (const [name, { env, schema, secret }] of Object.entries(settings)) {
    // An empty or blank variable counts as not set, as in most shells' `VAR= command`.
    const [given, filed] = [environment[env]?.trim(), fromFile[env]?.trim()];
    const raw = given || filed || undefined;
    sources[name] = sourceOf(given, filed);
    const parsed = (schema as z.ZodType).safeParse(raw);
    if (parsed.success) values[name] = parsed.data;
    else
      problems.push(
        `${env}=${secret ? '***' : withoutUser(raw)}: ${parsed.error.issues.map((i) => i.message).join('; ')}`,
      );
  }
  if (problems.length > 0) {
    throw new ClvError(
      'CONFIG_INVALID',
      `Wrong settings; correct them in the environment or .env:\n${problems.join('\n')}`,
    );
  }
  return { config: values as Config, sources: sources as Record<SettingName, SettingSource> };
}

function sourceOf(given: string | undefined, filed: string | undefined): SettingSource {
  if (given) return 'environment';
  return filed ? '.env' : 'default';
}

/**
 * Variables that begin like settings but are none, most likely since they are misspelt.
 * @throws ClvError CONFIG_INVALID where `.env` may not be read
 */
export function unknownSettings(
  environment: NodeJS.ProcessEnv = process.env,
  dotEnvFile: string = resolve('.env'),
): string[] {
  const known = new Set<string>(Object.values(settings).map(({ env }) => env));
  const given = Object.keys({ ...readDotEnv(dotEnvFile), ...environment });
  return given.filter((name) => name.startsWith('CLVGRAPH_') && !name.startsWith('CLVGRAPH_TEST_') && !known.has(name));
}

/** Reads `.env`; nothing where there is none. @throws ClvError CONFIG_INVALID where it may not be read */
function readDotEnv(file: string): NodeJS.Dict<string> {
  try {
    // An editor's byte order mark would make the first variable one of another name.
    return parseEnv(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    // A folder of this name belongs to another program, such as Python's virtual environments.
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(code)) return {};
    throw new ClvError('CONFIG_INVALID', `The settings in ${file} cannot be read (${code}).`, { cause });
  }
}

const withoutUser = (address = ''): string => address.replace(/\/\/[^/]*@/, '//***@');

/** A setting's value as it may be shown to people. */
export function shownValue(name: SettingName, config: Config): string {
  const value = config[name];
  if (value === undefined) return '(not set)';
  if (name === 'databaseUrl') {
    // User and password reach up to the last @, since a password may contain one.
    return String(value)
      .replace(/\/\/([^:@/]*)(:.*)?@/, '//$1:***@')
      .replaceAll(/([?&][^=&]*password=)[^&]*/gi, '$1***');
  }
  if (settings[name].secret) return '***';
  return String(value);
}
