/** Fewer do not tell how they buy and leave. */
export const fewestCustomers = 100;

/** To the cent, in currency. */
export const amountText = (firstValue: number): string => firstValue.toFixed(2);

/** Rows of customers by the text of their first amount, each ascending. */
export function rowsByAmount(firstValue: Float64Array): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const [row, value] of firstValue.entries()) {
    const text = amountText(value);
    const known = rows.get(text);
    if (known) known.push(row);
    else rows.set(text, [row]);
  }
  return rows;
}
