import { z } from 'zod';
import { currencyPattern } from '../../../currency.js';
import { isStorable, unstorable } from '../../../storable-text.js';
import { behaviorEventTypes } from '../../../entities/index.js';
import { isJsonObject } from '../../../json-object.js';
import { endsInTimeZone, instant as instantIn, instantProblem } from '../dates.js';
import {
  amountOutOfRange,
  Invalid,
  makesAmountOutOfRange,
  maximumAmount,
  maximumAttributesLength,
  maximumIdLength,
  maximumNameLength,
  maximumQuantity,
  maximumTextLength,
  noneOf,
  notBoolean,
  notWhole,
  quantityOutOfRange,
} from '../values.js';

const allStorable = (value: unknown): boolean => {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && allStorable(inner));
};

/** JSON has no infinity: a number such as 1e400 would become null, which removes an attribute. */
const allFinite = (value: unknown): boolean =>
  typeof value === 'object' && value !== null
    ? Object.values(value).every(allFinite)
    : typeof value !== 'number' || Number.isFinite(value);

const text = z.string().refine(isStorable, unstorable);
const short = text.trim().max(maximumIdLength, `is longer than ${maximumIdLength} characters`);
/** An external id. */
export const id = short.min(1, 'is empty');
/** Null clears the text: it becomes the empty text, which means that to the merge. */
const clearedByNull = (given: z.ZodString) => given.nullish().transform((value) => (value === null ? '' : value));
const clearable = clearedByNull(text.trim().max(maximumTextLength, `is longer than ${maximumTextLength} characters`));
const name = clearedByNull(text.trim().max(maximumNameLength, `is longer than ${maximumNameLength} characters`));
/** Levels of nesting: more than attributes need, and few enough for the stack. */
const deepestAttributes = 100;
const isShallow = (value: unknown, levels = deepestAttributes): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1)));

/** Not `z.record`, which leaves out an attribute named `__proto__`. */
const attributes = z
  .custom<Record<string, unknown>>(isJsonObject, 'must be an object')
  .refine((value) => isShallow(value), { error: `is nested more than ${deepestAttributes} levels deep`, abort: true })
  .refine(allStorable, unstorable)
  .refine(allFinite, 'holds a number that is too large: send it as a text')
  .refine(
    (value) => JSON.stringify(value).length <= maximumAttributesLength,
    `is longer than ${maximumAttributesLength} characters`,
  )
  .nullish();

/** The value that a check returns; for an `Invalid`, the item is rejected with its reason. */
const checked =
  <Given, Value>(check: (given: Given) => Value | Invalid) =>
  (given: Given, context: z.RefinementCtx<Given>): Value => {
    const value = check(given);
    if (!(value instanceof Invalid)) return value;
    context.addIssue({ code: 'custom', message: value.reason });
    return z.NEVER;
  };

const tooLong = new Invalid('is too long');
const notDecimal = new Invalid(
  'is not a decimal number such as 1234.50, with a decimal point and nothing between thousands',
);

const amount = z.union([z.number(), z.string()], notDecimal.reason).transform(
  checked((value) => {
    const text = String(value);
    if (text.length > 50) return tooLong;
    if (typeof value === 'string' && !/^[+-]?\d+(\.\d+)?$/.test(value)) return notDecimal;
    return Math.abs(Number(value)) < maximumAmount ? text : amountOutOfRange;
  }),
);
const quantity = z
  .number(notWhole.reason)
  .int(notWhole.reason)
  .min(-maximumQuantity, quantityOutOfRange.reason)
  .max(maximumQuantity, quantityOutOfRange.reason);
const currency = z.string().regex(currencyPattern, 'is not a currency code of three capital letters').nullish();

const notIso = new Invalid('is not an ISO 8601 date such as 2026-03-31T08:15:00Z');
const noTimeZone = new Invalid('names no time zone, as 2026-03-31T08:15:00Z and 2026-03-31T10:15:00+02:00 do');

/** In files, a time without a zone is UTC; here a zone is required, since the sender knows it. A date alone is its midnight in UTC. */
const instant = z.union([z.date(), z.string()], notIso.reason).transform(
  checked((value) => {
    if (value instanceof Date) return instantProblem(value.getTime()) ?? value;
    const at = instantIn('iso', notIso)(value);
    if (at instanceof Invalid) return at;
    return value.includes(':') && !endsInTimeZone.test(value) ? noTimeZone : new Date(at);
  }),
);

// In all schemas, an absent field leaves what is stored; null or an empty text clears a text.

/** Stored apart from everything that a model reads. */
const personalDataSchema = z.object({ name, email: name, phone: name });

export const customerSchema = z.object({
  externalId: id,
  country: name,
  /** Added to the stored ones. A null attribute is removed; null in place of the object changes nothing. Never personal data. */
  attributes,
  /** A null field is cleared; null in place of the object changes nothing. */
  personalData: personalDataSchema.nullish(),
});

export const productSchema = z.object({
  externalId: id,
  name,
  description: clearable,
  category: clearedByNull(short),
  /** What the product's picture shows. */
  pictureCaption: clearable,
  /** A decimal; null changes nothing. */
  price: amount.nullish(),
  /** False for postage, fees, vouchers; null changes nothing. */
  merchandise: z.boolean(notBoolean.reason).nullish(),
});

/** Lines of one order. */
const maximumLines = 2_000;
const orderLineSchema = z
  .object({
    /** Created if unknown. */
    productExternalId: id.nullish(),
    /** Negative for returns. */
    quantity,
    unitPrice: amount,
  })
  .refine((line) => Math.abs(line.quantity * Number(line.unitPrice)) <= maximumAmount, makesAmountOutOfRange);

/** For a stored order, the given fields are replaced, its lines as a whole. */
export const orderSchema = z.object({
  externalId: id,
  /** Created if unknown. Absent or null for an anonymous sale; a stored order then keeps its customer. */
  customerExternalId: id.nullish(),
  placedAt: instant,
  currency,
  /** Sum of the lines where not given; a new order needs one of the two. */
  total: amount.nullish(),
  /** Sum of the lines' quantities where not given. */
  itemCount: quantity.nullish(),
  /** Absent or null leaves the stored lines. */
  lines: z.array(orderLineSchema).max(maximumLines, `holds more than ${maximumLines} lines`).nullish(),
});

export const eventSchema = z.object({
  externalId: id,
  /** Created if unknown. */
  customerExternalId: id,
  type: z.enum(behaviorEventTypes, noneOf(behaviorEventTypes).reason),
  occurredAt: instant,
  /** Created if unknown. */
  productExternalId: id.nullish(),
  text: clearable,
  attributes,
});

export const orderKeySchema = orderSchema.pick({ externalId: true });
/** External id and instant identify an event. */
export const eventKeySchema = eventSchema.pick({ externalId: true, occurredAt: true });

export type CustomerInput = z.input<typeof customerSchema>;
export type PersonalDataInput = z.input<typeof personalDataSchema>;
export type ProductInput = z.input<typeof productSchema>;
export type OrderInput = z.input<typeof orderSchema>;
export type OrderLineInput = z.input<typeof orderLineSchema>;
export type EventInput = z.input<typeof eventSchema>;
export type EventKey = z.input<typeof eventKeySchema>;
