interface Start {
  /** Address of the API. */
  readonly url: string;
  /** The first administrator's key; null where it was shown before. */
  readonly adminKey: string | null;
  readonly isModelActive: boolean;
  /** A warning about the active model; null where there is none. */
  readonly warning: string | null;
}

const nextSteps = [
  'No model is active yet. What comes next (--help lists the options of each; docs/importing.md tells about files):',
  '  npm run clvgraph -- import <file>       customers, products, orders and events, as CSV',
  '  npm run clvgraph -- preprocess          makes a snapshot to train on',
  '  npm run clvgraph -- fine-tune           trains a model, and prints its id',
  '  npm run clvgraph -- promote <model>     makes it the one that serves',
  '  npm run clvgraph -- score               predicts all customers with it',
];

/** What `clvgraph start` prints once it serves. */
export function greeting({ url, adminKey, isModelActive, warning }: Start): string {
  const ready = `clvgraph is ready at ${url} (in a browser: GraphiQL).`;
  if (!isModelActive) return [ready, ...nextSteps].join('\n');
  if (warning !== null) return `${ready}\nWarning: ${warning}`;
  if (!adminKey) return ready;
  return [
    ready,
    'A first query:',
    `  curl -s ${url} -H 'content-type: application/json' -H 'authorization: Bearer ${adminKey}' \\`,
    `    -d '{"query":"{ customers(first: 3, orderBy: {field: CLV, direction: DESC}) { edges { node { externalId clv { predicted explanation { summary } } } } } }"}'`,
  ].join('\n');
}
