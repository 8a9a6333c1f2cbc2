import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSchema, type DocumentNode, Kind, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { fields } from '../src/services/ingestion/mapping/fields.js';
import { settings } from '../src/settings.js';

const markdownBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));
const documents = [
  'README.md',
  'CHANGELOG.md',
  ...markdownBelow('docs'),
  'models/README.md',
  'bench/speed/README.md',
  'bench/quality/peers/README.md',
];
const texts = new Map(documents.map((file) => [file, readFileSync(file, 'utf8')]));
const schema = buildSchema(readFileSync('src/schema/schema.graphql', 'utf8'));

/** What the schema does not have of a block of operations, each looked at by itself: several may be without a name. */
function mistakesOf(block: string): string[] {
  return parse(block).definitions.flatMap((definition) => {
    const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [definition] };
    return validate(schema, document).map(({ message }) => message);
  });
}

/** The ids that GitHub gives to headings, and those of `<a id="...">`. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
  return new Set([...headings, ...[...markdown.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id!)]);
}

/** `a/{b,c}.ts` stands for two paths. */
function pathsOf(code: string): string[] {
  const [, before = '', names, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(code) ?? [];
  return names === undefined ? [code] : names.split(',').map((name) => `${before}${name}${after}`);
}

describe('documents', () => {
  it("have the README's first query as one that can be copied: its body is JSON, and the schema has what it asks for", () => {
    const [, body] = /^curl [^\n]*? -d ('[\s\S]*?')\n```/m.exec(texts.get('README.md')!) ?? [];
    // As a shell joins quoted parts over several lines.
    const { query } = JSON.parse(body!.replaceAll("'\\\n'", '').slice(1, -1)) as { query: string };
    expect(mistakesOf(query)).toEqual([]);
  });

  it('map fields that an import has', () => {
    const mapped = [...texts.get('docs/importing.md')!.matchAll(/[ ",]((?:customer|product|order|line|event)\.\w+)=/g)];
    expect(mapped.length).toBeGreaterThan(50);
    expect(mapped.map(([, field]) => field!).filter((field) => !Object.hasOwn(fields, field))).toEqual([]);
  });

  it('ask for what the schema has', () => {
    const blocks = [
      /^```graphql\n([\s\S]*?)^```/gm,
      /^const query = `([\s\S]*?)`/gm,
      /`((?:mutation )?\{ \w+\([^`]+)`/g,
    ];
    const mistakes = [...texts].flatMap(([file, text]) =>
      blocks
        .flatMap((block) => [...text.matchAll(block)])
        .flatMap(([, block]) => mistakesOf(block!).map((mistake) => `${file}: ${mistake}`)),
    );
    expect(mistakes).toEqual([]);
  });

  it('link to files and headings that are there', () => {
    const isThere = (file: string, link: string): boolean => {
      const [path, anchor] = link.split('#');
      const target = path ? join(dirname(file), path) : file;
      return existsSync(target) && (!anchor || anchorsOf(texts.get(target)!).has(anchor));
    };
    const dead = [...texts].flatMap(([file, text]) =>
      [...text.matchAll(/\]\((?!\w+:)([^)\s]+)\)/g)].flatMap(([, link]) =>
        isThere(file, link!) ? [] : `${file}: ${link}`,
      ),
    );
    expect(dead).toEqual([]);
  });

  it('count the figures that are better, level and worse as the reports do', () => {
    const countsOf = (report: string): { cells: string; better: string; level: string; worse: string } => {
      const counted =
        /Of (\d+) cells ours is better in (\d+), significantly in (\d+), not significantly worse in (\d+), and worse in (\d+)\./;
      const [, cells, ahead, better, behind, worse] = counted.exec(readFileSync(`docs/benchmarks/${report}`, 'utf8'))!;
      return {
        cells: cells!,
        better: better!,
        level: String(Number(ahead) - Number(better) + Number(behind)),
        worse: worse!,
      };
    };
    const simulated = countsOf('simulated.md');
    const quality = countsOf('quality.md');
    const found = (file: string, said: RegExp): string[] =>
      said.exec(texts.get(file)!.replaceAll(/\s+/g, ' '))?.slice(1) ?? [];
    expect(found('README.md', /seven methods in (\d+) of (\d+) figures, and significantly worse in (\d+)/)).toEqual([
      simulated.better,
      simulated.cells,
      simulated.worse,
    ]);
    expect(
      found('README.md', /seven peers in (\d+) of (\d+) figures, level in (\d+) and significantly worse in (\d+)/),
    ).toEqual([simulated.better, simulated.cells, simulated.level, simulated.worse]);
    expect(
      found(
        'README.md',
        /Of (\d+) such cells .*?significantly better in (\d+), level in (\d+) and significantly worse in (\d+)/,
      ),
    ).toEqual([quality.cells, quality.better, quality.level, quality.worse]);
    expect(
      found(
        'docs/limits.md',
        /other methods in (\d+) of (\d+) figures, on fifteen simulated shops than the best of seven in (\d+) of (\d+)/,
      ),
    ).toEqual([quality.worse, quality.cells, simulated.worse, simulated.cells]);
  });

  it('name settings that there are', () => {
    const known = new Set<string>(Object.values(settings).map(({ env }) => env));
    const named = [...texts.values()].flatMap((text) => text.match(/\bCLVGRAPH_(?!TEST_)\w+/g) ?? []);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  it('know the tree: what the architecture names is there', () => {
    const named = texts.get('docs/architecture.md')!.matchAll(/`((?:src|bench|scripts|models)\/[^`*]*)`/g);
    const paths = [...named].flatMap(([, code]) => pathsOf(code!));
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });
});
