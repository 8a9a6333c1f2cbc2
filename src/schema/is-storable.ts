import { ValidateBy } from 'class-validator';
import { isStorable, unstorable } from '../storable-text.js';

/** Texts that Postgres can store as they were sent. */
export const IsStorable = (): PropertyDecorator =>
  ValidateBy(
    { name: 'isStorable', validator: { validate: (value) => typeof value === 'string' && isStorable(value) } },
    { message: unstorable },
  );
