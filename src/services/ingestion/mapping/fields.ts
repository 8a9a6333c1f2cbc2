import { behaviorEventTypes } from '../../../entities/index.js';
import type { ImportKind, ImportMapping } from '../import.types.js';
import { instant } from '../dates.js';
import { boolean, currency, decimal, id, name, oneOf, text, type ValueParser, wholeNumber } from '../values.js';

/** A field that a file's column can be mapped to, and the staging column that holds it. */
export interface Field {
  readonly column: string;
  readonly type: 'text' | 'numeric(18,4)' | 'integer' | 'timestamptz' | 'boolean' | 'jsonb';
  readonly parser: (mapping: ImportMapping) => ValueParser;
}

const money = (mapping: ImportMapping) => decimal(mapping.decimalComma ?? false);
const pieces = (mapping: ImportMapping) => wholeNumber(mapping.decimalComma ?? false);
const date = (mapping: ImportMapping) => instant(mapping.dateFormat ?? 'iso');

const eventType = oneOf(
  behaviorEventTypes,
  ' (values in a --mapping file say what other names stand for, --only leaves rows out)',
);

const textField = (column: string): Field => ({ column, type: 'text', parser: () => text });
const nameField = (column: string): Field => ({ column, type: 'text', parser: () => name });
const idField = (column: string): Field => ({ column, type: 'text', parser: () => id });
const moneyField = (column: string): Field => ({ column, type: 'numeric(18,4)', parser: money });
const dateField = (column: string): Field => ({ column, type: 'timestamptz', parser: date });
const wholeField = (column: string): Field => ({ column, type: 'integer', parser: pieces });

export const fields: Readonly<Record<string, Field>> = {
  'customer.externalId': idField('customer'),
  'customer.country': nameField('country'),
  'customer.name': nameField('name'),
  'customer.email': nameField('email'),
  'customer.phone': nameField('phone'),
  'product.externalId': idField('product'),
  'product.name': nameField('product_name'),
  'product.description': textField('description'),
  'product.category': idField('category'),
  'product.pictureCaption': textField('picture_caption'),
  'product.price': moneyField('price'),
  'product.merchandise': { column: 'merchandise', type: 'boolean', parser: () => boolean },
  'order.externalId': idField('order_id'),
  'order.placedAt': dateField('placed_at'),
  'order.currency': { column: 'currency', type: 'text', parser: () => currency },
  'order.total': moneyField('total'),
  'order.refunded': moneyField('refunded'),
  'order.itemCount': wholeField('item_count'),
  'line.quantity': wholeField('quantity'),
  'line.unitPrice': moneyField('unit_price'),
  'event.externalId': idField('event_id'),
  'event.type': { column: 'event_type', type: 'text', parser: () => eventType },
  'event.occurredAt': dateField('occurred_at'),
  'event.text': textField('event_text'),
};

/** Whether a field names a record. */
export const isId = (field: string): boolean => field.endsWith('.externalId');

/** `customer.attributes.<name>` and `event.attributes.<name>` go into one jsonb column. */
export const attributesColumn = 'attributes';

interface KindFields {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** The id of the row itself. It may be unmapped (an id is then made from the row), but not empty. */
  readonly identity?: string;
  /** The required field that may be empty in a row if another row of the same order has it. */
  readonly onceAnOrder?: string;
  /** Prefix of free fields, e.g. `customer.attributes.`. */
  readonly attributes?: string;
}

export const kindFields: Readonly<Record<ImportKind, KindFields>> = {
  customers: {
    required: ['customer.externalId'],
    optional: ['customer.country', 'customer.name', 'customer.email', 'customer.phone'],
    attributes: 'customer.attributes.',
  },
  products: {
    required: ['product.externalId'],
    optional: [
      'product.name',
      'product.description',
      'product.category',
      'product.pictureCaption',
      'product.price',
      'product.merchandise',
    ],
  },
  orders: {
    required: ['order.placedAt', 'order.total'],
    identity: 'order.externalId',
    optional: [
      'order.externalId',
      'order.refunded',
      'order.itemCount',
      'order.currency',
      'customer.externalId',
      'customer.country',
    ],
  },
  'order-lines': {
    required: ['order.externalId', 'order.placedAt', 'line.quantity', 'line.unitPrice'],
    onceAnOrder: 'order.placedAt',
    optional: [
      'order.currency',
      'customer.externalId',
      'customer.country',
      'product.externalId',
      'product.name',
      'product.category',
      'product.merchandise',
    ],
  },
  events: {
    required: ['customer.externalId', 'event.type', 'event.occurredAt'],
    identity: 'event.externalId',
    optional: ['event.externalId', 'event.text', 'product.externalId'],
    attributes: 'event.attributes.',
  },
};
