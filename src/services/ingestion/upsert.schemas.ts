import { z } from 'zod';
import { isStorable } from '../../database/storable-text.js';
import { behaviorEventTypes } from '../../entities/index.js';
import { instantProblem, maximumAmount, maximumIdLength, maximumNameLength, maximumQuantity } from './values.js';

const allStorable = (value: unknown): boolean => {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isStorable(key) && allStorable(inner));
};

const text = z.string().refine(isStorable, 'holds a NUL character or half a surrogate pair');
const short = text.trim().max(maximumIdLength, `is longer than ${maximumIdLength} characters`);
/** An external id. */
export const id = short.min(1, 'is empty');
/** Null clears: the merge takes the empty text for that. */
const clearedByNull = (given: z.ZodString) => given.nullish().transform((value) => (value === null ? '' : value));
const clearable = clearedByNull(text.trim());
const name = clearedByNull(text.trim().max(maximumNameLength, `is longer than ${maximumNameLength} characters`));
/** More than anybody's fields need, and far from what a stack bears. */
const deepestAttributes = 100;
const isShallow = (value: unknown, levels = deepestAttributes): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1)));

const attributes = z
  .record(z.string(), z.unknown())
  .refine((value) => isShallow(value), { error: `is nested more than ${deepestAttributes} levels deep`, abort: true })
  .refine(allStorable, 'holds a NUL character or half a surrogate pair')
  .nullish();

const amount = z
  .union([
    z.number(),
    z
      .string()
      .max(50, 'is too long')
      .regex(/^[+-]?\d+(\.\d+)?$/, 'is not a decimal number'),
  ])
  .refine((value) => Math.abs(Number(value)) < maximumAmount, 'is out of range')
  .transform(String);
const quantity = z.number().int('is not a whole number').min(-maximumQuantity).max(maximumQuantity);
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'is not a currency code of three capital letters')
  .nullish();

const instant = z
  .union([z.date(), z.iso.datetime({ offset: true }), z.iso.date()], 'is not an ISO 8601 date')
  .transform((value) => new Date(value))
  .superRefine((value, context) => {
    const problem = instantProblem(value.getTime());
    if (problem) context.addIssue({ code: 'custom', message: problem.reason });
  });

export const customerSchema = z.object({
  externalId: id,
  country: name,
  attributes,
  personalData: z.object({ name, email: name, phone: name }).nullish(),
});

export const productSchema = z.object({
  externalId: id,
  name: clearable,
  description: clearable,
  category: clearedByNull(short),
  price: amount.nullish(),
  merchandise: z.boolean().nullish(),
});

const orderLineSchema = z
  .object({ productExternalId: id.nullish(), quantity, unitPrice: amount })
  .refine((line) => Math.abs(line.quantity * Number(line.unitPrice)) <= maximumAmount, 'makes an amount out of range');

export const orderSchema = z
  .object({
    externalId: id,
    customerExternalId: id.nullish(),
    placedAt: instant,
    currency,
    total: amount.nullish(),
    itemCount: quantity.nullish(),
    lines: z.array(orderLineSchema).max(2_000).nullish(),
  })
  .refine((order) => (order.total ?? undefined) !== undefined || (order.lines?.length ?? 0) > 0, {
    path: ['total'],
    message: 'is missing, and there are no lines to add up',
  });

export const eventSchema = z.object({
  externalId: id,
  customerExternalId: id,
  type: z.enum(behaviorEventTypes),
  occurredAt: instant,
  productExternalId: id.nullish(),
  text: clearable,
  attributes,
});
