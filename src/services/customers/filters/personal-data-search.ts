import { isStorable } from '../../../storable-text.js';
import { ClvError } from '../../../errors.js';
import { maximumNameLength } from '../../ingestion/values.js';
import type { SqlParameters } from '../../sql-parameters.js';
import { anyLanguage } from './customer-filter-conditions.js';
import type { PersonSearch } from '../customer-filter.types.js';

/** Full width, as in Japan; Arabic; Persian; Devanagari. */
const otherDigits = '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९';
const hasDigit = new RegExp(`[1-9${otherDigits.replaceAll(/[０٠۰०]/g, '')}]`);

/**
 * SQL of what is compared of a value. The migrations `NamesWithoutAccents`, `PhonesInAnyDigits` and `ComposedEmails` have indexes on hashes of
 * exactly these expressions.
 */
const keys: Readonly<Record<keyof PersonSearch, (value: string) => string>> = {
  // An é is one letter for some programs, and an e with an accent for others.
  email: (value) => `lower(normalize(${value}, NFC) ${anyLanguage})`,
  // Digits only: +44 (0)20 7946 0958 equals 0044 20 79460958.
  phone: (value) =>
    `ltrim(regexp_replace(translate(${value}, '${otherDigits}（）', '${'0123456789'.repeat(4)}()'), '\\(0\\)|[^0-9]', '', 'g'), '0')`,
  // As people type it: José and Łukasz without accents, O’Brien with a plain apostrophe, spaces once.
  name: (value) =>
    `regexp_replace(regexp_replace(translate(lower(normalize(${value}, NFKD) ${anyLanguage}), 'łøđħı’‘', 'lodhi'''''), ` +
    `'[\\u0300-\\u036f]', '', 'g'), '\\s+', ' ', 'g')`,
};

/**
 * Query for the ids of customers who match all given fields.
 * @throws ClvError BAD_USER_INPUT where nothing is given, or a value cannot be personal data; the message does not repeat the value
 */
export function customersNamed(search: PersonSearch, parameters: SqlParameters): string {
  const conditions = (['email', 'phone', 'name'] as const).flatMap((field) => {
    const given = search[field] ?? undefined;
    if (given === undefined) return [];
    const own = keys[field](`d.${field}`);
    const wanted = keys[field](parameters.add(requireSearchable(field, given), 'text'));
    return [`hashtextextended(${own}, 0) = hashtextextended(${wanted}, 0)`, `${own} = ${wanted}`];
  });
  if (conditions.length === 0) {
    throw new ClvError('BAD_USER_INPUT', 'Give an email, a phone or a name to look for.');
  }
  return `select d.customer_id from customer_personal_data d where ${conditions.join(' and ')}`;
}

function requireSearchable(field: keyof PersonSearch, given: string): string {
  const text = given.trim();
  const wrong = (problem: string) =>
    new ClvError('BAD_USER_INPUT', `A person cannot be looked for by this: "${field}" ${problem}.`);
  if (text === '') throw wrong('is empty');
  if (text.length > maximumNameLength) throw wrong(`is longer than ${maximumNameLength} characters`);
  if (!isStorable(text)) throw wrong('has characters that no text may have');
  if (field === 'phone' && !hasDigit.test(text)) throw wrong('has no digits but zeros');
  return text;
}
