import { Matches } from 'class-validator';
import { storable, unstorable } from '../storable-text.js';

/** Texts that Postgres keeps as they were sent. */
export const IsStorable = (): PropertyDecorator => Matches(storable, { message: `$property ${unstorable}` });
