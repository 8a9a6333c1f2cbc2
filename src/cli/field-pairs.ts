import { InvalidArgumentError } from 'commander';

export type Pairs = Readonly<Record<string, string>>;

/**
 * Reads pairs such as `a.b=X,c.d=Y`, with or without spaces around them, and adds them to those of earlier occurrences of the option. A
 * comma or a line break within a column's name stays.
 */
export function pairs(text: string, earlier: Pairs = {}): Pairs {
  const entries = text.split(/,(?=\s*[a-z]+\.[\w.]+\s*=)/i).map((pair) => {
    const [, field, value] = /^\s*([a-z]+\.[^=]+?)\s*=\s*(.*\S)/is.exec(pair) ?? [];
    if (!field || !value)
      throw new InvalidArgumentError(`"${pair}" is not of the form field=column, such as order.placedAt=Date.`);
    return [field, value];
  });
  const twice = entries.find(([field], i) => entries.findIndex(([other]) => other === field) < i);
  if (twice) throw new InvalidArgumentError(`It says twice what "${twice[0]}" is.`);
  return { ...earlier, ...Object.fromEntries(entries) };
}
