import type { ImportMapping } from '../import.types.js';

/** Mappings of well-known public files. */
export const presets = {
  /** CDNOW, master or sample: one row a purchase; orders without lines and without ids of their own. */
  cdnow: {
    kind: 'orders',
    layout: 'cdnow',
    columns: {
      'customer.externalId': 'customer_id',
      'order.placedAt': 'date',
      'order.itemCount': 'number_of_cds',
      'order.total': 'dollar_value',
    },
    currency: 'USD',
  },
  /** UCI Online Retail II as CSV: one row an invoice line; invoices that start with C are cancellations. */
  'online-retail': {
    kind: 'order-lines',
    columns: {
      'order.externalId': 'Invoice',
      'order.placedAt': 'InvoiceDate',
      'customer.externalId': 'Customer ID',
      'customer.country': 'Country',
      'product.externalId': 'StockCode',
      'product.name': 'Description',
      'line.quantity': 'Quantity',
      'line.unitPrice': 'Price',
    },
    currency: 'GBP',
    // Postage, carriage, manual entries, discounts, samples, bank and marketplace fees, adjustments, bad debt,
    // donations, a give-away price of 0.001, test entries and gift vouchers.
    nonMerchandise: [
      'POST',
      'DOT',
      'C2',
      'C3',
      'M',
      'D',
      'S',
      'B',
      'BANK CHARGES',
      'AMAZONFEE',
      'ADJUST*',
      'CRUK',
      'PADS',
      'TEST*',
      'GIFT',
      'GIFT_*',
    ],
  },
} as const satisfies Record<string, ImportMapping>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as PresetName[];
