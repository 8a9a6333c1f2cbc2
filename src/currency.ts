/** The form of a currency's code in ISO 4217. */
export const currencyPattern = /^[A-Z]{3}$/;
