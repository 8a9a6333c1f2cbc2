import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import type { Random } from '../../../src/random.js';

/** Queries at random, most of which a schema allows. */
export class RandomQueries {
  constructor(
    private readonly schema: GraphQLSchema,
    private readonly random: Random,
  ) {}

  query(): string {
    return `{ ${this.selections(this.schema.getQueryType()!, 0)} }`;
  }

  private chance(probability: number): boolean {
    return this.random.uniform() < probability;
  }

  private pick<T>(from: readonly T[]): T {
    return from[this.random.integer(from.length)]!;
  }

  private selections(type: GraphQLNamedOutputType, depth: number): string {
    const parts = Array.from({ length: 1 + this.random.integer(4) }, () => this.selection(type, depth));
    return parts.join(' ');
  }

  private selection(type: GraphQLNamedOutputType, depth: number): string {
    if (this.chance(0.1)) return '__typename';
    if (isAbstractType(type) || this.chance(0.15)) {
      const of = isAbstractType(type) ? this.pick(this.schema.getPossibleTypes(type)) : type;
      return `... on ${of.name} { ${this.selections(of, depth + 1)} }`;
    }
    if (!isObjectType(type)) return '__typename';
    const fields = Object.values(type.getFields()).filter(
      (field) => depth < 4 || !isCompositeType(getNamedType(field.type)),
    );
    if (fields.length === 0) return '__typename';
    const field = this.pick(fields);
    const named = getNamedType(field.type);
    const inner = isCompositeType(named) ? ` { ${this.selections(named, depth + 1)} }` : '';
    return `${this.alias(field.name)}${field.name}${this.args(field.args)}${inner}`;
  }

  /** Also such as read like a path to a field. */
  private alias(name: string): string {
    if (this.chance(0.6)) return '';
    const names = ['a', 'b', 'node', 'edges', 'clv', 'Query', 'idx0', name];
    return `${Array.from({ length: this.chance(0.15) ? 2 : 1 }, () => this.pick(names)).join('_')}: `;
  }

  private args(all: readonly GraphQLArgument[]): string {
    const given = all.filter((argument) => isRequiredArgument(argument) || this.chance(0.3));
    return given.length === 0 ? '' : `(${given.map(({ name, type }) => `${name}: ${this.input(type, 0)}`).join(', ')})`;
  }

  private input(type: GraphQLInputType, depth: number): string {
    const of = getNullableType(type);
    if (!isNonNullType(type) && this.chance(0.1)) return 'null';
    if (isListType(of)) {
      return `[${Array.from({ length: this.random.integer(3) }, () => this.input(of.ofType, depth)).join(', ')}]`;
    }
    if (isEnumType(of)) return this.pick(of.getValues()).name;
    if (isInputObjectType(of)) {
      const fields = Object.values(of.getFields()).filter(
        (field) => isRequiredInputField(field) || (depth < 2 && this.chance(0.2)),
      );
      return `{ ${fields.map((field) => `${field.name}: ${this.input(field.type, depth + 1)}`).join(', ')} }`;
    }
    const name = getNamedType(of).name;
    if (name === 'Boolean') return this.pick(['true', 'false']);
    if (name === 'Int' || name === 'Float') return String(this.random.integer(50));
    return name === 'JSONObject' ? '{ a: 1 }' : '"2026-01-01"';
  }
}
